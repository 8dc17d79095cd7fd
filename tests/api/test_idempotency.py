"""The same key asked twice is one request."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import text

from plugin_backend.services import idempotency
from plugin_backend.services.house import House
from tests.api.people import Person, Town, at_once, draft, master, problem

KEY = {"Idempotency-Key": "one"}


def _count(house: House) -> int:
    with house.engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM generations")).scalar_one())


def test_the_second_answer_is_the_first_one_again(editor: Person, house: House) -> None:
    first = editor.post("/v1/generations", draft(), headers=KEY)
    again = editor.post("/v1/generations", draft(), headers=KEY)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (again.status_code, again.json["id"]) == (202, first.json["id"])
    assert again.headers["Location"] == first.headers["Location"]
    assert _count(house) == 1
    assert editor.get("/v1/me").json["draft_quota"]["used"] == 1


def test_a_replay_shows_the_thing_as_it_stands_now(editor: Person) -> None:
    made = editor.post("/v1/generations", draft(), headers=KEY).json
    editor.post(f"/v1/generations/{made['id']}/cancel")
    assert editor.post("/v1/generations", draft(), headers=KEY).json["state"] == "cancelled"


def test_the_order_of_members_does_not_matter_but_the_content_does(editor: Person) -> None:
    editor.post("/v1/generations", draft(), headers=KEY)
    turned = dict(reversed(draft().items()))
    assert editor.post("/v1/generations", turned, headers=KEY).status_code == 202
    other = editor.post("/v1/generations", draft(takes=2), headers=KEY)
    assert (other.status_code, problem(other)) == (422, "idempotency-key-reused")


def test_thirty_at_once_make_one_generation(editor: Person, house: House) -> None:
    def ask(_: int) -> tuple[int, str]:
        answer = editor.at_another_door().post("/v1/generations", draft(), headers=KEY)
        return answer.status_code, answer.json["id"]

    answers = at_once(30, ask)
    assert Counter(answers) == {(202, answers[0][1]): 30}
    assert _count(house) == 1
    assert editor.get("/v1/me").json["draft_quota"]["used"] == 1


def test_a_refusal_is_not_kept(town: Town, operator: Person, house: House) -> None:
    poor = town.settle("poor@example.com")
    assert problem(poor.post("/v1/generations", master(), headers=KEY)) == "insufficient-credits"
    operator.post(f"/v1/admin/users/{poor.id}/credits", {"amount": 50, "reason": "top up"})
    assert poor.post("/v1/generations", master(), headers=KEY).status_code == 202
    assert _count(house) == 1


def test_a_refused_body_leaves_no_key_behind(editor: Person) -> None:
    assert problem(editor.post("/v1/generations", draft(takes=0), headers=KEY)) == "validation"
    assert editor.post("/v1/generations", draft(), headers=KEY).status_code == 202


def test_a_key_belongs_to_its_caller_and_its_route(editor: Person, stranger: Person) -> None:
    mine = editor.post("/v1/generations", draft(), headers=KEY).json["id"]
    theirs = stranger.post("/v1/generations", draft(), headers=KEY).json["id"]
    assert mine != theirs
    assert editor.post("/v1/projects", {"name": "Reel"}, headers=KEY).status_code == 201


def test_the_same_key_on_another_take_is_another_request(editor: Person) -> None:
    """The route is the same, the path is not."""
    first = editor.post("/v1/takes/take_a/master", {}, headers=KEY)
    assert problem(first) == "not-found"


def test_credits_are_granted_once(editor: Person, operator: Person, town: Town) -> None:
    path = f"/v1/admin/users/{editor.id}/credits"
    body = {"amount": 500, "reason": "bonus"}
    first = operator.post(path, body, headers=KEY)
    again = operator.post(path, body, headers=KEY)
    assert first.json["id"] == again.json["id"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert town.credits_of(editor) == (10_500, 0)


def test_a_batch_is_replayed_in_its_order(editor: Person) -> None:
    body = {"generations": [draft(), draft(takes=2), draft(takes=3)]}
    first = [each["id"] for each in editor.post("/v1/batches", body, headers=KEY).json["items"]]
    again = [each["id"] for each in editor.post("/v1/batches", body, headers=KEY).json["items"]]
    assert first == again


def test_a_secret_is_never_shown_twice(admin: Person) -> None:
    body = {"name": "script", "scopes": ["read"]}
    made = admin.post("/v1/api-keys", body, headers=KEY)
    again = admin.post("/v1/api-keys", body, headers=KEY)
    assert (again.status_code, problem(again)) == (409, "idempotency-in-progress")
    assert again.json["resource_id"] == made.json["id"]
    assert made.json["key"] not in again.text


@pytest.mark.parametrize("key", ["", "x" * 256, "caf\xe9"])
def test_a_key_that_cannot_be_kept_is_refused(editor: Person, key: str) -> None:
    answer = editor.post("/v1/generations", draft(), headers={"Idempotency-Key": key})
    assert (answer.status_code, problem(answer)) == (422, "validation")


def test_after_a_week_a_key_is_free_again(editor: Person, house: House) -> None:
    first = editor.post("/v1/generations", draft(), headers=KEY).json["id"]
    with house.engine.begin() as connection:
        connection.execute(text("UPDATE idempotency_keys SET created_at = created_at - interval '8 days'"))
    second = editor.post("/v1/generations", draft(takes=2), headers=KEY)
    assert second.status_code == 202
    assert second.json["id"] != first


def test_old_keys_are_swept(editor: Person, house: House) -> None:
    editor.post("/v1/generations", draft(), headers=KEY)
    with house.begin() as work:
        assert idempotency.forget_old(work) == 0
        work.now += timedelta(days=8)
        assert idempotency.forget_old(work) == 1
