"""Credits that expire, credits passed on, and alerts, as administrators ask for them over HTTP."""

from datetime import UTC, datetime

import pytest

from plugin_backend.services.house import House
from plugin_backend.services.money import alerting
from tests.api.people import Person, draft, problem


def test_a_grant_with_an_end_is_seen_until_it_is_over(admin: Person, editor: Person) -> None:
    ends = datetime(2999, 1, 1, tzinfo=UTC)
    path = f"/v1/admin/users/{editor.id}/credits"

    made = admin.post(path, {"amount": 40, "reason": "A trial", "expires_at": ends.isoformat()})
    past = admin.post(path, {"amount": 40, "reason": "A trial", "expires_at": "2020-01-01T00:00:00Z"})

    assert made.status_code == 201
    assert problem(past) == "validation"
    mine = editor.get("/v1/me/grants").json["items"]
    assert [(each["ledger_id"], each["left"], each["spent"]) for each in mine] == [(made.json["id"], 40, 0)]
    assert datetime.fromisoformat(mine[0]["expires_at"]) == ends
    assert admin.get(f"/v1/admin/users/{editor.id}/grants").json["items"] == mine
    assert problem(editor.get(f"/v1/admin/users/{admin.id}/grants")) == "forbidden"

    pool = f"/v1/admin/workspaces/{admin.workspace_id}"
    assert admin.get(f"{pool}/grants").json["items"] == []
    admin.post(f"{pool}/credits", {"amount": 7, "reason": "A trial", "expires_at": ends.isoformat()})
    assert [each["left"] for each in admin.get(f"{pool}/grants").json["items"]] == [7]


def test_a_transfer_is_one_request_however_often_it_is_sent(
    admin: Person, editor: Person, stranger: Person
) -> None:
    body = {"from": editor.id, "to": admin.id, "amount": 300, "reason": "The other shot"}

    first = admin.post("/v1/admin/credits/transfer", body, headers={"Idempotency-Key": "one"})
    again = admin.post("/v1/admin/credits/transfer", body, headers={"Idempotency-Key": "one"})

    assert (first.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert again.json == first.json
    assert first.json["from"]["counterpart_id"] == first.json["to"]["id"]
    assert (first.json["from"]["available_after"], first.json["to"]["available_after"]) == (9_700, 300)
    assert editor.get("/v1/me").json["credits"]["available"] == 9_700
    assert editor.get("/v1/me/ledger").json["items"][0]["reason"] == "The other shot"
    assert problem(admin.post("/v1/admin/credits/transfer", {**body, "amount": 9_701})) == "conflict"
    assert problem(admin.post("/v1/admin/credits/transfer", {**body, "to": stranger.id})) == "validation"
    assert problem(admin.post("/v1/admin/credits/transfer", {**body, "reason": ""})) == "validation"
    assert problem(editor.post("/v1/admin/credits/transfer", body)) == "forbidden"


def test_alert_rules_are_read_replaced_and_shown_with_what_they_led_to(
    admin: Person, editor: Person, operator: Person, house: House
) -> None:
    usual = admin.get("/v1/admin/alerts").json
    assert usual["is_usual"] is True
    rule = {"measure": "drafts", "threshold": 1, "action": "tell"}

    said = admin.send("PUT", "/v1/admin/alerts", json={"rules": [rule], "reason": "Closer"})
    editor.post("/v1/generations", draft(takes=2))
    alerting.sweep(house)

    assert said.json["rules"] == [rule]
    (alert,) = operator.get(f"/v1/admin/alerts?workspace_id={admin.workspace_id}").json["recent"]
    assert (alert["subject_id"], alert["used"], alert["allowed"]) == (editor.id, 2, 100)
    assert problem(editor.get("/v1/admin/alerts")) == "forbidden"
    assert problem(admin.get(f"/v1/admin/alerts?workspace_id={operator.workspace_id}")) == "not-found"


@pytest.mark.parametrize(
    "rule",
    [
        {"measure": "drafts", "threshold": 101, "action": "tell"},
        {"measure": "moon", "threshold": 1, "action": "tell"},
        {"measure": "spend", "threshold": 0, "action": "freeze"},
        {"measure": "spend", "threshold": 1},
    ],
)
def test_alert_rules_are_checked(admin: Person, rule: dict[str, object]) -> None:
    answer = admin.send("PUT", "/v1/admin/alerts", json={"rules": [rule], "reason": "x"})
    assert problem(answer) == "validation"
