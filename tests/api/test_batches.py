"""Asking for several at once: all or none, one sum, found again together."""

from dataclasses import replace
from typing import Any

import pytest

from plugin_backend.app import create_app
from plugin_backend.config import Settings
from plugin_backend.services.house import House
from tests.api.people import Person, Town, draft, master, problem


def comparing(*models: str, **around: Any) -> dict[str, Any]:
    request = {"kind": "draft", "brief": {"prompt": "fog over a harbour"}, **around}
    return {"compare": {"request": request, "models": list(models)}}


@pytest.fixture
def connected(roomy: Settings, house: House) -> Person:
    """An ordinary user of a service that has Luma's keys."""
    opened = replace(house, configured_providers=frozenset({"luma", "luma-dream-machine"}))
    client = create_app(roomy, opened).test_client()
    return Town(opened, client).settle("connected@example.com", credit=10_000)


def test_a_batch_is_found_again_together_with_its_sum(editor: Person) -> None:
    answer = editor.post("/v1/batches", {"generations": [draft(), draft(takes=2)]})

    assert answer.status_code == 202
    batch_id = answer.json["batch_id"]
    assert answer.headers["Location"] == f"/v1/batches/{batch_id}"
    assert answer.json["draft_units"] == 3
    found = editor.get(f"/v1/batches/{batch_id}").json
    ids = [item["id"] for item in answer.json["items"]]
    assert [item["id"] for item in found["items"]] == ids
    assert (found["finished"], found["states"], found["draft_units"]) == (False, {"queued": 2}, 3)
    assert (found["total"], found["progress"], found["failures"], found["next_cursor"]) == (2, 0.0, [], None)
    listed = editor.get(f"/v1/generations?batch_id={batch_id}").json["items"]
    assert {item["id"] for item in listed} == set(ids)
    assert {item["batch_id"] for item in listed} == {batch_id}


def test_the_same_key_finds_the_same_batch(editor: Person) -> None:
    body, key = {"generations": [draft(), draft()]}, {"Idempotency-Key": "once"}

    first, second = (editor.post("/v1/batches", body, headers=key) for _ in range(2))

    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.json["batch_id"] == first.json["batch_id"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"generations": [draft()], **comparing("animatic", "ray-3.2")},
        comparing("animatic"),
        comparing(*["animatic"] * 2),
        comparing("animatic", "auto"),
        comparing(*[f"ray-{number}" for number in range(7)]),
    ],
)
def test_a_comparison_names_two_to_six_different_models(editor: Person, body: dict[str, Any]) -> None:
    assert problem(editor.post("/v1/batches", body)) == "validation"


def test_a_comparison_is_accepted_whole_or_not_at_all(editor: Person) -> None:
    answer = editor.post("/v1/batches", comparing("animatic", "ray-3.2"))

    assert problem(answer) == "provider-unavailable"
    assert editor.get("/v1/generations").json["items"] == []


def test_one_brief_on_several_models_is_shown_together(connected: Person) -> None:
    body = comparing("animatic", "ray-3.2", "ray-flash-2")
    quotes = connected.post("/v1/quotes", body["compare"]["request"]).json["quotes"]
    quoted = {quote["model"]: quote["credits"] for quote in quotes}

    answer = connected.post("/v1/batches", body)

    assert answer.status_code == 202, answer.text
    items = answer.json["items"]
    assert [item["model"] for item in items] == ["animatic", "ray-3.2", "ray-flash-2"]
    assert answer.json["credits_held"] == sum(quoted[item["model"]] for item in items) > 0


def test_nobody_elses_batch_is_found(editor: Person, stranger: Person) -> None:
    batch_id = editor.post("/v1/batches", {"generations": [draft()]}).json["batch_id"]

    assert problem(stranger.get(f"/v1/batches/{batch_id}")) == "not-found"


def test_a_batch_is_paged_and_its_sums_are_of_all_of_it(editor: Person) -> None:
    asked = editor.post("/v1/batches", {"generations": [draft(), master(duration_seconds=5), draft(takes=3)]})
    path, ids = f"/v1/batches/{asked.json['batch_id']}", [item["id"] for item in asked.json["items"]]
    editor.post(f"/v1/generations/{ids[0]}/cancel")

    first = editor.get(f"{path}?limit=2")
    second = editor.get(f"{path}?limit=2&cursor={first.json['next_cursor']}")

    assert [[each["id"] for each in page.json["items"]] for page in (first, second)] == [ids[:2], ids[2:]]
    assert second.json["next_cursor"] is None
    for page in (first, second):
        assert (page.json["total"], page.json["states"]) == (3, {"cancelled": 1, "queued": 2})
        credits = [page.json[f"credits_{each}"] for each in ("held", "open", "settled")]
        assert credits == [10, 10, 0]
        assert page.json["progress"] == round(1 / 3, 3)
        assert page.headers["Retry-After"] == "1"
    again = editor.get(f"{path}?limit=2", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_what_failed_of_a_batch_is_listed_with_why(editor: Person, operator: Person) -> None:
    asked = editor.post("/v1/batches", {"generations": [{**draft(), "label": "SH010"}, draft()]})
    failed = asked.json["items"][0]["id"]
    operator.post(f"/v1/admin/generations/{failed}/fail", {"reason": "a test"})

    found = editor.get(f"/v1/batches/{asked.json['batch_id']}").json

    assert [(each["id"], each["label"]) for each in found["failures"]] == [(failed, "SH010")]
    assert found["failures"][0]["detail"]
    assert not found["finished"]
