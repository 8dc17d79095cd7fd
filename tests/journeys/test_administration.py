"""What a post supervisor does: people, quotas, credits, and the trail of it."""

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.journeys.books import assert_books_balance
from tests.journeys.conftest import Newcomer
from tests.journeys.people import Person, a_draft, slug
from tests.journeys.stack import Stack, until


def test_sixty_four_submits_against_a_quota_of_five_accept_exactly_five(
    stack: Stack, operator: Person, newcomer: Newcomer
) -> None:
    editor = newcomer()
    path = f"/v1/admin/users/{editor.id}/quota"
    changed = operator.ok("PATCH", path, {"draft_limit_per_day": 5, "reason": "a trial"})
    assert (changed["draft"]["limit_per_day"], changed["draft"]["override"]) == (5, 5)

    with ThreadPoolExecutor(64) as crowd:
        answers = list(
            crowd.map(lambda n: editor.send("POST", "/v1/generations", a_draft(label=f"{n}")), range(64))
        )

    assert [answer.status_code for answer in answers].count(202) == 5
    refused = [answer for answer in answers if answer.status_code != 202]
    assert {slug(answer) for answer in refused} == {"draft-quota-exhausted"}
    assert all(int(answer.headers["Retry-After"]) > 0 and answer.json()["resets_at"] for answer in refused)
    assert editor.get("/v1/me")["draft_quota"]["remaining"] == 0
    assert len(editor.get("/v1/generations")["items"]) == 5
    ids = [answer.json()["id"] for answer in answers if answer.status_code == 202]
    editor.ok("POST", "/v1/generations/cancel", {"ids": ids})
    ended = [editor.generation(identifier) for identifier in ids]
    used = sum(each["cost"]["draft_units_used"] for each in ended)
    assert operator.get(path)["draft"]["used"] == used
    back = operator.ok("PATCH", path, {"draft_limit_per_day": None})
    assert (back["draft"]["override"], back["draft"]["limit_per_day"]) == (None, 100)
    assert_books_balance(stack)


def test_credits_are_granted_and_taken_back_but_never_below_nothing(
    operator: Person, newcomer: Newcomer
) -> None:
    editor = newcomer(credit=0)
    path = f"/v1/admin/users/{editor.id}/credits"
    once = {"Idempotency-Key": secrets.token_hex(8)}

    granted = operator.ok("POST", path, {"amount": 500, "reason": "Season 2"}, headers=once)
    again = operator.ok("POST", path, {"amount": 500, "reason": "Season 2"}, headers=once)
    taken = operator.ok("POST", path, {"amount": -200, "reason": "A mistake"})

    assert (granted["kind"], granted["available_after"]) == ("grant", 500)
    assert again["id"] == granted["id"]
    assert (taken["kind"], taken["available_delta"], taken["available_after"]) == ("adjust", -200, 300)
    too_much = operator.send("POST", path, {"amount": -301, "reason": "Too much"})
    assert too_much.status_code in (402, 409, 422)
    nothing = operator.send("POST", path, {"amount": 0, "reason": "Nothing"})
    assert (nothing.status_code, slug(nothing)) == (422, "validation")
    assert editor.purse()[:2] == (300, 0)
    mine = [entry["id"] for entry in editor.get("/v1/me/ledger")["items"]]
    theirs = [entry["id"] for entry in operator.get(f"/v1/admin/users/{editor.id}/ledger")["items"]]
    assert mine == theirs == [taken["id"], granted["id"]]
    table = operator.send("GET", f"/v1/admin/users/{editor.id}/ledger", headers={"Accept": "text/csv"})
    assert table.headers["Content-Type"].startswith("text/csv")
    assert len(table.text.splitlines()) == 3
    audit = operator.get("/v1/admin/audit", params={"subject_id": editor.id})["items"]
    assert [entry["reason"] for entry in audit][:2] == ["A mistake", "Season 2"]


def test_a_disabled_person_is_out_at_once_and_back_when_enabled(operator: Person, newcomer: Newcomer) -> None:
    editor = newcomer()

    operator.ok("PATCH", f"/v1/admin/users/{editor.id}", {"disabled": True})
    refused = editor.send("GET", "/v1/me")
    operator.ok("PATCH", f"/v1/admin/users/{editor.id}", {"disabled": False})

    assert (refused.status_code, slug(refused)) == (401, "unauthenticated")
    assert editor.send("GET", "/v1/me").status_code == 200


def test_a_revoked_key_is_dead_at_once(operator: Person, newcomer: Newcomer) -> None:
    editor = newcomer()
    (key,) = operator.get("/v1/api-keys", params={"user_id": editor.id})["items"]

    used = _knocks(editor)  # by now every web process has seen the key
    assert operator.send("DELETE", f"/v1/api-keys/{key['id']}").status_code == 204

    assert used == {200}
    assert _knocks(editor) == {401}


@pytest.mark.slow
def test_what_runs_at_once_is_bounded_and_the_rest_waits_its_turn(
    newcomer: Newcomer,
) -> None:
    editor = newcomer(plan="free")
    ids = [editor.draft()["id"] for _ in range(3)]
    seen: list[int] = []

    def done() -> bool:
        seen.append(editor.get("/v1/me")["concurrency"]["used"])
        shown = editor.get("/v1/generations", params={"state": "unfinished"})
        return not shown["items"]

    until(done)

    assert max(seen) == 1
    assert [editor.get(f"/v1/generations/{each}")["state"] for each in ids] == ["ready"] * 3


def test_an_admin_gives_a_stuck_generation_up_and_everything_returns(
    stack: Stack, operator: Person, newcomer: Newcomer
) -> None:
    editor = newcomer(plan="free")
    blocking = editor.draft(takes=2, brief={"duration_seconds": 5})
    master = {**a_draft(), "kind": "master"}
    stuck = editor.ok("POST", "/v1/generations", master)
    assert editor.purse()[1] == stuck["cost"]["credits_held"] > 0

    failed = operator.ok(
        "POST", f"/v1/admin/generations/{stuck['id']}/fail", {"reason": "Nobody waits for it"}
    )

    assert (failed["state"], failed["failure"]["slug"]) == ("failed", "internal")
    receipt = editor.receipt(stuck["id"])
    assert receipt["credits"]["returned"] == stuck["cost"]["credits_held"]
    assert editor.purse()[:2] == (1_000, 0)
    again = editor.ok("POST", f"/v1/generations/{stuck['id']}/retry")
    assert again["retried_from"] == stuck["id"]
    not_failed = editor.send("POST", f"/v1/generations/{again['id']}/retry")
    assert (not_failed.status_code, slug(not_failed)) == (409, "illegal-transition")
    editor.ok("POST", "/v1/generations/cancel", {"ids": [blocking["id"], again["id"]]})
    for identifier in (blocking["id"], again["id"]):
        editor.generation(identifier)
    assert_books_balance(stack)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/v1/doctor", "/v1/admin/queues", "/v1/admin/usage"])
def test_the_operators_pages_answer(operator: Person, path: str) -> None:
    assert operator.send("GET", path).status_code == 200


def _knocks(person: Person) -> set[int]:
    """The statuses of many requests, each on a connection of its own: some reach every web process."""
    fresh = {"Connection": "close"}
    return {person.send("GET", "/v1/me", headers=fresh).status_code for _ in range(16)}
