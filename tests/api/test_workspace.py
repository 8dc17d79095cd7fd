"""A workspace of several: its settings, who is in it as what, and who leaves."""

from typing import Any

import pytest

from plugin_backend.domain.callers import Role, Scope
from tests.api.people import Person, Town, at_once, draft, master, problem

LEAST = "/v1/me"
"""What is one's own may be changed by a viewer too."""


@pytest.fixture
def owner(town: Town, editor: Person) -> Person:
    everything = frozenset(Scope)
    return town.settle(
        "owner@example.com", role=Role.OWNER, scopes=everything, workspace_id=editor.workspace_id
    )


@pytest.fixture
def viewer(town: Town, owner: Person) -> Person:
    """Somebody whose token was made when they still administered."""
    everything = frozenset(Scope)
    made = town.settle(
        "viewer@example.com", role=Role.ADMIN, scopes=everything, workspace_id=owner.workspace_id
    )
    assert owner.patch(f"/v1/workspace/members/{made.id}", {"role": "viewer"}).status_code == 200
    return made


def _member(person: Person, of: Person) -> dict[str, Any]:
    (found,) = [each for each in person.get("/v1/workspace/members").json["items"] if each["id"] == of.id]
    return dict(found)


def test_its_settings_are_seen_by_all_and_changed_by_administrators(owner: Person, editor: Person) -> None:
    wanted = {"name": "Night Shift", "default_model": "auto", "spend_from": "pool", "member_cap": 50}

    changed = owner.patch("/v1/workspace", wanted)

    assert changed.status_code == 200
    seen = editor.get("/v1/workspace").json
    assert {name: seen[name] for name in wanted} == wanted
    assert (seen["members"], seen["pool"]) == (2, {"available": 0, "held": 0})
    assert problem(editor.patch("/v1/workspace", {"name": "Mine"})) == "forbidden"
    assert owner.patch("/v1/workspace", {"member_cap": None}).json["member_cap"] is None
    trail = owner.get(f"/v1/admin/audit?subject_id={editor.workspace_id}").json["items"]
    assert [each["action"] for each in trail] == ["workspace.changed"] * 2
    assert "Night Shift" not in str(trail)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"name": ""}, "/name"),
        ({"default_model": "nothing-1"}, "/default_model"),
        ({"spend_from": "a loan"}, "/spend_from"),
        ({"member_cap": -1}, "/member_cap"),
        ({"id": "wsp_mine"}, "/id"),
    ],
)
def test_its_settings_are_checked(owner: Person, body: dict[str, Any], pointer: str) -> None:
    answer = owner.patch("/v1/workspace", body)

    assert (answer.status_code, problem(answer)) == (422, "validation")
    assert pointer in {error["pointer"] for error in answer.json["errors"]}


def test_the_pool_is_filled_spent_and_shown_to_whom_it_concerns(
    owner: Person, editor: Person, viewer: Person, stranger: Person
) -> None:
    path = f"/v1/admin/workspaces/{editor.workspace_id}/credits"
    grant = {"amount": 100, "reason": "March"}
    key = {"Idempotency-Key": "march"}
    first, again = (owner.post(path, grant, headers=key) for _ in range(2))
    assert (first.status_code, again.json["id"]) == (201, first.json["id"])
    assert problem(stranger.post(path, grant)) == "forbidden"
    owner.patch("/v1/workspace", {"spend_from": "pool", "member_cap": 15})

    made = editor.post("/v1/generations", {**master(), "label": "SH010"})
    refused = editor.post("/v1/generations", master())

    assert made.status_code == 202
    assert (refused.status_code, problem(refused)) == (402, "insufficient-credits")
    assert (refused.json["available"], refused.json["limit"], refused.json["required"]) == (5, 15, 10)
    me = editor.get("/v1/me").json
    assert me["credits"] == {"available": 5, "held": 10}
    assert me["purse"]["personal"] == {"available": 10_000, "held": 0}
    assert me["purse"]["pool"]["taken"] == 10
    assert editor.post("/v1/quotes", master()).json["credits_available"] == 5
    assert [_member(each, editor)["pool"] is not None for each in (owner, editor, viewer)] == [
        True,
        True,
        False,
    ]
    (hold, start) = owner.get("/v1/workspace/ledger").json["items"]
    assert (hold["owner_id"], hold["label"], hold["held_delta"]) == (editor.id, "SH010", 10)
    assert (start["kind"], start["reason"]) == ("grant", "March")
    assert "SH010" in owner.get("/v1/workspace/ledger", headers={"Accept": "text/csv"}).text
    assert problem(editor.get("/v1/workspace/ledger")) == "forbidden"


def test_a_pool_elsewhere_is_out_of_reach(owner: Person, operator: Person, stranger: Person) -> None:
    path = f"/v1/admin/workspaces/{stranger.workspace_id}"
    grant = {"amount": 10, "reason": "x"}

    assert problem(owner.post(f"{path}/credits", grant)) == "not-found"
    assert problem(owner.get(f"{path}/ledger")) == "not-found"
    assert problem(owner.get(path)) == problem(owner.patch(path, {"name": "Ours"})) == "not-found"
    assert operator.post(f"{path}/credits", grant).status_code == 201
    assert problem(operator.post("/v1/admin/workspaces/wsp_none/credits", grant)) == "not-found"
    assert operator.patch(path, {"member_cap": 5}).json["pool"] == {"available": 10, "held": 0}
    assert operator.get(path).json["member_cap"] == 5
    reached = {
        each["id"]: [found["id"] for found in person.get("/v1/admin/workspaces").json["items"]]
        for person in (owner, operator)
        for each in [person.get("/v1/workspace").json]
    }
    assert reached[owner.workspace_id] == [owner.workspace_id]
    assert {owner.workspace_id, stranger.workspace_id} < {*reached[operator.workspace_id]}


def test_roles_change_within_ones_rank_and_an_owner_stays(
    owner: Person, admin: Person, editor: Person, stranger: Person
) -> None:
    path = "/v1/workspace/members/"
    assert admin.patch(path + editor.id, {"role": "viewer", "pool_cap": 3}).json["role"] == "viewer"
    assert problem(editor.post("/v1/generations", draft())) == "forbidden"
    assert problem(admin.patch(path + editor.id, {"role": "owner"})) == "forbidden"
    assert problem(admin.patch(path + owner.id, {"role": "editor"})) == "forbidden"
    assert problem(admin.delete(path + owner.id)) == "forbidden"
    for ending in (
        owner.patch(path + owner.id, {"role": "admin"}),
        owner.delete(path + owner.id),
        owner.patch(f"/v1/admin/users/{owner.id}", {"role": "admin"}),
    ):
        assert problem(ending) == "conflict"
    assert owner.patch(path + admin.id, {"role": "owner"}).json["role"] == "owner"
    assert owner.patch(path + owner.id, {"role": "editor"}).status_code == 200
    assert problem(admin.patch(path + stranger.id, {"role": "viewer"})) == "not-found"
    assert problem(admin.patch(path + editor.id, {})) == "validation"


def test_two_owners_who_demote_each_other_leave_one(town: Town, owner: Person) -> None:
    everything = frozenset(Scope)
    other = town.settle(
        "other@example.com", role=Role.OWNER, scopes=everything, workspace_id=owner.workspace_id
    )
    pairs = ((owner.at_another_door(), other), (other.at_another_door(), owner))

    at_once(
        2, lambda turn: pairs[turn][0].patch(f"/v1/workspace/members/{pairs[turn][1].id}", {"role": "admin"})
    )

    roles = {each["id"]: each["role"] for each in owner.get("/v1/workspace/members").json["items"]}
    assert "owner" in (roles[owner.id], roles[other.id])


def test_who_is_removed_is_out_at_once_and_what_they_made_stays(
    owner: Person, editor: Person, town: Town
) -> None:
    made = editor.post("/v1/generations", draft()).json
    editor.post("/v1/generations", master())

    removed = owner.delete(f"/v1/workspace/members/{editor.id}")

    assert removed.status_code == 204
    assert editor.get("/v1/me").status_code == 401
    assert owner.get(f"/v1/generations/{made['id']}").json["state"] == "queued"
    assert town.credits_of(editor) == (0, 10)
    assert owner.get("/v1/workspace").json["pool"]["available"] == 10_000 - 10
    assert {each["id"] for each in owner.get("/v1/workspace/members").json["items"]} == {owner.id}
    assert problem(owner.delete(f"/v1/workspace/members/{editor.id}")) == "not-found"
    assert problem(owner.patch(f"/v1/admin/users/{editor.id}", {"disabled": False})) == "conflict"


def test_a_history_is_the_whole_workspaces_and_is_seen_by_person(
    owner: Person, editor: Person, viewer: Person, stranger: Person
) -> None:
    theirs, ours = editor.post("/v1/generations", draft()).json, owner.post("/v1/generations", draft()).json

    for person in (owner, editor, viewer):
        found = person.get("/v1/generations").json["items"]
        assert [each["id"] for each in found] == [ours["id"], theirs["id"]]
        assert [each["owner_id"] for each in found] == [owner.id, editor.id]
        only = person.get(f"/v1/generations?owner_id={editor.id}").json["items"]
        assert [each["id"] for each in only] == [theirs["id"]]
    assert stranger.get(f"/v1/generations?owner_id={editor.id}").json["items"] == []
    assert editor.post(f"/v1/generations/{ours['id']}/cancel").status_code == 200
    assert problem(viewer.post(f"/v1/generations/{theirs['id']}/cancel")) == "forbidden"


def test_a_viewer_changes_nothing_but_what_is_their_own(viewer: Person) -> None:
    """Every operation of the contract that is not a GET, whatever it is asked with."""
    paths = viewer.get("/openapi.json").json["paths"]
    doors = [
        (method.upper(), path.format_map(_Anything()), operation["security"][0]["bearer"])
        for path, methods in paths.items()
        for method, operation in methods.items()
        if method in ("post", "put", "patch", "delete") and operation.get("security")
    ]
    assert len(doors) > 40
    free = {(method, path) for method, path, scopes in doors if scopes == ["read"]}
    assert {path for _, path in free if not path.startswith(LEAST)} <= FREE

    for method, path, _ in doors:
        if (method, path) not in free:
            answer = viewer.send(method, path, json={})
            assert (answer.status_code, problem(answer)) == (403, "forbidden"), (method, path)


class _Anything(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "any_0"


FREE = {
    *("/v1/quotes", "/v1/plans", "/v1/takes/any_0/master/quote", "/v1/verify"),
    *("/v1/takes/any_0/review", "/v1/takes/any_0/approval", "/v1/takes/any_0/comments", "/v1/comments/any_0"),
}
"""What changes nothing, and what a reviewer says about a take: words, for nothing."""
