"""People, quotas, credits and keys, as administrators handle them."""

import csv
import io

import pytest
from sqlalchemy import text

from plugin_backend.domain.callers import Role, Scope
from plugin_backend.services.house import House
from tests.api.people import Person, Town, at_once, draft, master, problem


def test_an_operators_new_user_has_a_workspace_and_an_account_of_their_own(operator: Person) -> None:
    answer = operator.post("/v1/admin/users", {"email": "new@example.com", "role": "admin", "plan": "pro"})
    assert answer.status_code == 201
    assert answer.json["plan"]["drafts_per_day"] == 100
    assert answer.json["credits"] == {"available": 0, "held": 0}
    assert answer.json["workspace"]["id"] != operator.workspace_id
    assert operator.get(answer.headers["Location"]).json["email"] == "new@example.com"


def test_a_workspace_admins_new_user_joins_theirs(admin: Person, stranger: Person) -> None:
    made = admin.post("/v1/admin/users", {"email": "new@example.com"})
    assert made.json["workspace"]["id"] == admin.workspace_id
    elsewhere = {"email": "x@example.com", "workspace_id": stranger.workspace_id}
    assert problem(admin.post("/v1/admin/users", elsewhere)) == "validation"


def test_an_email_is_taken_once_however_it_is_written(operator: Person) -> None:
    operator.post("/v1/admin/users", {"email": "Same@example.com"})
    answer = operator.post("/v1/admin/users", {"email": "sAME@example.com"})
    assert (answer.status_code, problem(answer)) == (409, "conflict")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"email": "nobody"}, "/email"),
        ({"email": "a@b.example", "plan": "gold"}, "/plan"),
        ({"email": "a@b.example", "role": "king"}, "/role"),
        ({"email": "a@b.example", "workspace_id": "wsp_none"}, "/workspace_id"),
        ({}, "/email"),
    ],
)
def test_a_new_user_is_checked(operator: Person, body: dict[str, str], pointer: str) -> None:
    answer = operator.post("/v1/admin/users", body)
    assert problem(answer) == "validation"
    assert pointer in [error["pointer"] for error in answer.json["errors"]]


def test_people_are_found_by_part_of_their_address(operator: Person, editor: Person, admin: Person) -> None:
    found = operator.get("/v1/admin/users?q=EDITOR@").json["items"]
    assert [each["id"] for each in found] == [editor.id]
    for everybody in ("/v1/admin/users", "/v1/admin/users?q="):  # an empty search box hides nobody
        ours = {each["id"] for each in admin.get(everybody).json["items"]}
        assert ours == {editor.id, admin.id}


def test_a_role_and_a_plan_are_changed_and_written_down(admin: Person, editor: Person) -> None:
    changed = admin.patch(f"/v1/admin/users/{editor.id}", {"role": "viewer", "plan": "studio"}).json
    assert (changed["role"], changed["plan"]["id"]) == ("viewer", "studio")
    trail = admin.get(f"/v1/admin/audit?subject_id={editor.id}").json["items"]
    assert trail[0]["action"] == "user.changed"
    assert trail[0]["before"] == {"role": "editor", "plan": "pro"}
    assert trail[0]["actor_id"] == admin.id


def test_nobody_acts_above_their_rank(town: Town, admin: Person, editor: Person, operator: Person) -> None:
    owner = town.settle("owner@example.com", role=Role.OWNER, workspace_id=editor.workspace_id)
    chief = town.settle(
        "chief@example.com", role=Role.EDITOR, workspace_id=editor.workspace_id, is_operator=True
    )
    for above in (owner, chief):
        assert problem(admin.patch(f"/v1/admin/users/{above.id}", {"disabled": True})) == "forbidden"
        key = {"name": "mine now", "scopes": ["read"], "user_id": above.id}
        assert problem(admin.post("/v1/api-keys", key)) == "forbidden"
        their_key = "key_" + above.token.split("_")[1]
        assert problem(admin.delete(f"/v1/api-keys/{their_key}")) == "forbidden"
    assert problem(admin.patch(f"/v1/admin/users/{editor.id}", {"role": "owner"})) == "forbidden"
    assert problem(admin.post("/v1/admin/users", {"email": "o@example.com", "role": "owner"})) == "forbidden"
    assert problem(admin.patch(f"/v1/admin/users/{admin.id}", {"disabled": True})) == "conflict"
    assert operator.patch(f"/v1/admin/users/{owner.id}", {"disabled": True}).json["disabled"] is True


def test_another_workspace_is_out_of_reach(admin: Person, stranger: Person) -> None:
    base = f"/v1/admin/users/{stranger.id}"
    credit = {"amount": 1, "reason": "x"}
    answers = [
        admin.get(base),
        admin.get(f"{base}/quota"),
        admin.get(f"{base}/ledger"),
        admin.patch(base, {"role": "viewer"}),
        admin.patch(f"{base}/quota", {"max_concurrent": 9}),
        admin.post(f"{base}/credits", credit),
        admin.post("/v1/api-keys", {"name": "x", "scopes": ["read"], "user_id": stranger.id}),
    ]
    assert {(answer.status_code, problem(answer)) for answer in answers} == {(404, "not-found")}


def test_a_quota_is_overridden_and_given_back_to_the_plan(admin: Person, editor: Person) -> None:
    path = f"/v1/admin/users/{editor.id}/quota"
    assert admin.get(path).json["draft"] | {"resets_at": ""} == {
        "limit_per_day": 100,
        "override": None,
        "used": 0,
        "remaining": 100,
        "resets_at": "",
    }
    editor.post("/v1/generations", draft(takes=4))
    lowered = admin.patch(path, {"draft_limit_per_day": 2, "reason": "budget"}).json["draft"]
    assert (lowered["limit_per_day"], lowered["override"], lowered["used"], lowered["remaining"]) == (
        2,
        2,
        4,
        0,
    )
    assert problem(editor.post("/v1/generations", draft())) == "draft-quota-exhausted"
    both = admin.patch(path, {"draft_limit_per_day": None, "max_concurrent": 9}).json
    assert (both["draft"]["limit_per_day"], both["draft"]["override"]) == (100, None)
    assert both["concurrency"] == {"limit": 9, "override": 9, "used": 0}
    assert editor.get("/v1/me").json["concurrency"]["limit"] == 9
    trail = admin.get(f"/v1/admin/audit?subject_id={editor.id}").json["items"]
    assert [entry["action"] for entry in trail[:2]] == ["quota.changed", "quota.changed"]
    assert trail[1]["reason"] == "budget"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reason": "nothing"},
        {"draft_limit_per_day": -1},
        {"max_concurrent": 0},
        {"draft_limit_per_day": 1.5},
        {"draft_limit_per_day": "5"},
        {"used": 0},
    ],
)
def test_a_quota_is_changed_by_whole_sensible_numbers(
    admin: Person, editor: Person, body: dict[str, object]
) -> None:
    assert problem(admin.patch(f"/v1/admin/users/{editor.id}/quota", body)) == "validation"


def test_credits_are_granted_and_taken_back_but_never_below_nothing(
    admin: Person, editor: Person, town: Town
) -> None:
    path = f"/v1/admin/users/{editor.id}/credits"
    granted = admin.post(path, {"amount": 500, "reason": "bonus"})
    assert (granted.status_code, granted.json["kind"], granted.json["available_after"]) == (
        201,
        "grant",
        10_500,
    )
    taken = admin.post(path, {"amount": -10_400, "reason": "mistake"})
    assert (taken.json["kind"], taken.json["available_delta"]) == ("adjust", -10_400)
    refused = admin.post(path, {"amount": -101, "reason": "too much"})
    assert (refused.status_code, problem(refused)) == (409, "conflict")
    assert "100 are available" in refused.json["detail"]
    assert problem(admin.post(path, {"amount": 0, "reason": "x"})) == "validation"
    assert problem(admin.post(path, {"amount": 5})) == "validation"
    assert town.credits_of(editor) == (100, 0)


def test_what_is_held_cannot_be_taken_away(admin: Person, town: Town, editor: Person) -> None:
    editor.post("/v1/generations", master())
    answer = admin.post(f"/v1/admin/users/{editor.id}/credits", {"amount": -10_000, "reason": "all"})
    assert problem(answer) == "conflict"
    assert town.credits_of(editor) == (9_990, 10)


def test_parallel_grants_and_withdrawals_add_up(admin: Person, editor: Person, town: Town) -> None:
    path = f"/v1/admin/users/{editor.id}/credits"
    amounts = [7, -7] * 10
    answers = at_once(20, lambda n: admin.at_another_door().post(path, {"amount": amounts[n], "reason": "x"}))
    assert {answer.status_code for answer in answers} == {201}
    assert town.credits_of(editor) == (10_000, 0)
    entries = editor.get("/v1/me/ledger").json["items"]
    assert entries[0]["available_after"] == 10_000


def test_a_ledger_is_read_in_pages_and_as_csv(admin: Person, editor: Person) -> None:
    path = f"/v1/admin/users/{editor.id}"
    for number in range(3):
        admin.post(f"{path}/credits", {"amount": 1, "reason": f"=SUM({number})"})
    first = editor.get("/v1/me/ledger?limit=2").json
    second = editor.get(f"/v1/me/ledger?limit=2&cursor={first['next_cursor']}").json
    ids = [entry["id"] for entry in first["items"] + second["items"]]
    assert len(set(ids)) == 4
    assert second["next_cursor"] is None or editor.get(f"/v1/me/ledger?cursor={second['next_cursor']}").json
    table = admin.get(f"{path}/ledger", headers={"Accept": "text/csv"})
    assert table.content_type.startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["id"] for row in rows] == ids
    assert rows[0]["reason"] == "'=SUM(2)"


def test_usage_is_added_up(admin: Person, editor: Person) -> None:
    editor.post("/v1/generations", draft(takes=3))
    kept = editor.post("/v1/generations", master()).headers["Location"]
    editor.post(f"{kept}/cancel")
    for group, key in (("user", editor.id), ("model", "animatic")):
        usage = admin.get(f"/v1/admin/usage?group_by={group}").json
        assert [item["key"] for item in usage["items"]] == [key]
        assert (usage["total"]["drafts"], usage["total"]["masters"], usage["total"]["draft_units"]) == (
            1,
            1,
            3,
        )
    assert admin.get("/v1/admin/usage?from=2020-01-01&to=2020-12-31").json["items"] == []
    assert admin.get(f"/v1/admin/usage?user_id={admin.id}").json["items"] == []
    assert problem(admin.get("/v1/admin/usage?from=2020-02-01&to=2020-01-01")) == "validation"
    assert problem(editor.get("/v1/me/usage?group_by=mood")) == "validation"
    table = admin.get("/v1/admin/usage?group_by=user", headers={"Accept": "text/csv"})
    assert table.text.splitlines()[0].startswith("key,generations")


def test_a_key_never_has_more_than_its_maker(town: Town, editor: Person, admin: Person) -> None:
    partial = town.settle(
        "partial@example.com",
        role=Role.ADMIN,
        scopes=frozenset((Scope.ADMIN, Scope.READ)),
        workspace_id=editor.workspace_id,
    )
    assert problem(partial.post("/v1/api-keys", {"name": "x", "scopes": ["generate"]})) == "forbidden"
    beyond = {"name": "x", "scopes": ["admin"], "user_id": editor.id}
    assert problem(admin.post("/v1/api-keys", beyond)) == "validation"
    past = {"name": "x", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"}
    assert problem(admin.post("/v1/api-keys", past)) == "validation"
    assert problem(admin.post("/v1/api-keys", {"name": "x", "scopes": []})) == "validation"


def test_a_key_for_somebody_else_works_as_them(admin: Person, editor: Person) -> None:
    made = admin.post("/v1/api-keys", {"name": "script", "scopes": ["read"], "user_id": editor.id})
    assert made.status_code == 201
    assert made.json["key"].startswith("pbk_")
    assert made.headers["Cache-Control"] == "no-store"
    them = Person(editor.id, editor.workspace_id, made.json["key"], editor.client)
    assert them.get("/v1/me").json["id"] == editor.id
    listed = admin.get(f"/v1/api-keys?user_id={editor.id}")
    assert made.json["id"] in [key["id"] for key in listed.json["items"]]
    assert made.json["key"] not in listed.text


def test_an_administrator_stops_and_fails_work_with_a_reason(admin: Person, editor: Person) -> None:
    first, second = (editor.post("/v1/generations", master()).json["id"] for _ in range(2))
    assert problem(admin.post(f"/v1/admin/generations/{first}/cancel", {})) == "validation"
    stopped = admin.post(f"/v1/admin/generations/{first}/cancel", {"reason": "wrong shot"}).json
    assert stopped["state"] == "cancelled"
    failed = admin.post(f"/v1/admin/generations/{second}/fail", {"reason": "stuck"}).json
    assert (failed["state"], failed["cost"]["credits_settled"]) == ("failed", 0)
    assert len(admin.get("/v1/admin/generations").json["items"]) == 2


def test_a_workspaces_administrator_sees_its_own_queues_only(
    admin: Person, editor: Person, town: Town, operator: Person
) -> None:
    elsewhere = town.settle("elsewhere@example.com", role=Role.OWNER, scopes=frozenset(Scope))
    editor.post("/v1/generations", draft())
    seen = {
        name: {lane["lane"]: lane["rows"] for lane in caller.get("/v1/admin/queues").json["items"]}[
            "step-draft"
        ]
        for name, caller in {"own": admin, "other": elsewhere, "all": operator}.items()
    }
    assert seen == {"own": 1, "other": 0, "all": 1}
    assert elsewhere.get("/v1/admin/queues").json["providers"] == []


def test_operators_see_everything_and_exposures_name_what_is_in_doubt(
    operator: Person, editor: Person, admin: Person, house: House
) -> None:
    made = editor.post("/v1/generations", draft()).json
    assert made["id"] in [each["id"] for each in operator.get("/v1/admin/generations").json["items"]]
    with house.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO attempts"
                " (id, workspace_id, owner_id, take_id, token, provider, state, created_at) VALUES"
                " ('att_1', :w, :o, :t, 'secret', 'luma', 'intent', now() - interval '1 hour')"
            ),
            {"w": editor.workspace_id, "o": editor.id, "t": made["takes"][0]["id"]},
        )
    for caller in (operator, admin):
        shown = caller.get("/v1/admin/exposures")
        assert [each["id"] for each in shown.json["items"]] == ["att_1"]
        assert "secret" not in shown.text
    lanes = {lane["lane"]: lane for lane in operator.get("/v1/admin/queues").json["items"]}
    assert lanes["step-draft"]["rows"] == 1
    assert "luma" in [each["provider"] for each in operator.get("/v1/admin/queues").json["providers"]]
    assert [plan["id"] for plan in admin.get("/v1/admin/plans").json["items"]] == ["free", "pro", "studio"]
