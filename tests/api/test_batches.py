"""Asking for several at once: all or none, one sum, found again together."""

from dataclasses import replace
from typing import Any

import pytest

from plugin_backend.app import create_app
from plugin_backend.config import Settings
from plugin_backend.services.house import House
from tests.api.people import Person, Town, draft, problem


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
