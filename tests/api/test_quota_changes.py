"""Previews, changes for many, and freezing, as administrators ask for them over HTTP."""

import pytest

from plugin_backend.domain.callers import Role, Scope
from tests.api.people import Person, Town, draft, problem


def test_a_preview_says_what_a_change_would_do_and_changes_nothing(admin: Person, editor: Person) -> None:
    editor.post("/v1/generations", draft(takes=4))
    before = admin.get(f"/v1/admin/users/{editor.id}/quota").json

    shown = admin.post(f"/v1/admin/users/{editor.id}/quota/preview", {"draft_limit_per_day": 3})

    assert shown.status_code == 200
    assert shown.json["draft"] == {
        "limit_per_day": {"before": 100, "after": 3},
        "remaining": {"before": 96, "after": 0},
        "used": 4,
    }
    assert shown.json["sentences"] == ["0 draft units are left today, not 96."]
    assert admin.get(f"/v1/admin/users/{editor.id}/quota").json == before
    done = admin.patch(f"/v1/admin/users/{editor.id}/quota", {"draft_limit_per_day": 3}).json["draft"]
    assert (done["limit_per_day"], done["remaining"]) == (3, 0)
    plan = admin.post(f"/v1/admin/users/{editor.id}/quota/preview", {"max_concurrent": None})
    assert plan.json["concurrency"]["limit"] == {"before": 4, "after": 4}


def test_the_limits_of_many_change_together(admin: Person, editor: Person, stranger: Person) -> None:
    body = {"user_ids": [editor.id, admin.id], "change": {"draft_limit_per_day": 7}, "reason": "Launch week"}

    tried = admin.post("/v1/admin/quota/bulk", {**body, "dry_run": True}).json
    assert (tried["changed"], len(tried["items"])) == (0, 2)
    assert editor.get("/v1/me").json["draft_quota"]["limit"] == 100

    done = admin.post("/v1/admin/quota/bulk", body).json
    assert done["changed"] == 2
    assert {item["effect"]["draft"]["limit_per_day"]["after"] for item in done["items"]} == {7}
    assert [each.get("/v1/me").json["draft_quota"]["limit"] for each in (editor, admin)] == [7, 7]
    audited = admin.get("/v1/admin/audit").json["items"][:2]
    assert {(entry["subject_id"], entry["reason"]) for entry in audited} == {
        (editor.id, "Launch week"),
        (admin.id, "Launch week"),
    }
    assert {entry["before"]["draft_limit_per_day"] for entry in audited} == {None}

    mixed = admin.post(
        "/v1/admin/quota/bulk",
        {**body, "user_ids": [editor.id, stranger.id], "change": {"max_concurrent": 1}},
    )
    assert problem(mixed) == "validation"
    assert [error["pointer"] for error in mixed.json["errors"]] == ["/user_ids/1"]
    assert editor.get("/v1/me").json["concurrency"]["limit"] == 4


def test_a_filter_chooses_within_reach_only(
    admin: Person, editor: Person, stranger: Person, operator: Person
) -> None:
    body = {"filter": {"plan": "pro"}, "change": {"max_concurrent": 2}, "reason": "Quiet hours"}

    mine = admin.post("/v1/admin/quota/bulk", {**body, "dry_run": True}).json["items"]
    everywhere = operator.post("/v1/admin/quota/bulk", {**body, "dry_run": True}).json["items"]
    theirs = admin.post(
        "/v1/admin/quota/bulk", {**body, "filter": {"workspace_id": stranger.workspace_id}}
    ).json["items"]

    assert {item["id"] for item in mine} == {admin.id, editor.id}
    assert {item["id"] for item in everywhere} == {admin.id, editor.id, stranger.id}
    assert theirs == []


@pytest.mark.parametrize(
    "changed",
    [{"filter": {"plan": "pro"}}, {"user_ids": []}, {"reason": ""}, {"change": {}}, {"more": 1}],
)
def test_a_bulk_change_is_checked(admin: Person, editor: Person, changed: dict[str, object]) -> None:
    body = {"user_ids": [editor.id], "change": {"max_concurrent": 2}, "reason": "why"}
    assert problem(admin.post("/v1/admin/quota/bulk", {**body, **changed})) == "validation"


def test_the_frozen_are_told_so_and_whom_to_ask(admin: Person, editor: Person, town: Town) -> None:
    frozen = admin.post(f"/v1/admin/users/{editor.id}/freeze", {"reason": "An audit"})
    assert frozen.json["frozen"]["whose"] == "person"

    refused = editor.post("/v1/generations", draft())
    assert (refused.status_code, problem(refused)) == (403, "forbidden")
    assert "owner or admin" in refused.json["detail"]
    assert editor.get("/v1/me").json["frozen"]["whose"] == "person"
    assert problem(admin.post(f"/v1/admin/users/{editor.id}/unfreeze", {})) == "validation"
    assert admin.post(f"/v1/admin/users/{editor.id}/unfreeze", {"reason": "Done"}).json["frozen"] is None
    assert editor.post("/v1/generations", draft()).status_code == 202

    here = f"/v1/admin/workspaces/{editor.workspace_id}"
    everything = frozenset(Scope)
    owner = town.settle(
        "owner@example.com", role=Role.OWNER, scopes=everything, workspace_id=editor.workspace_id
    )
    assert owner.post(f"{here}/freeze", {"reason": "Budget"}).json["frozen_at"] is not None
    assert editor.get("/v1/me").json["frozen"]["whose"] == "workspace"
    stopped = editor.post("/v1/generations", draft())
    assert (stopped.status_code, problem(stopped)) == (403, "forbidden")
    assert "your whole workspace" in stopped.json["detail"]
    assert owner.post(f"{here}/unfreeze", {"reason": "More budget"}).json["frozen_at"] is None
    assert problem(editor.post(f"{here}/freeze", {"reason": "me"})) == "forbidden"
    outsider = town.settle("boss@example.com", role=Role.OWNER, scopes=frozenset(Scope))
    assert problem(outsider.post(f"{here}/freeze", {"reason": "me"})) == "not-found"
