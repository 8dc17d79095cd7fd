"""What a panel keeps on the server: its own settings, which takes were picked, where deliveries lie."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from plugin_backend.config import Settings
from tests.api.people import Person, at_once, draft, problem
from tests.api.stage import Stage, asking, stage_of


@pytest.fixture
def stage(app: Flask, roomy: Settings, tmp_path: Path) -> Iterator[Stage]:
    with stage_of(app, roomy, tmp_path) as opened:
        yield opened


def made(stage: Stage, *, takes: int = 1, **brief: Any) -> dict[str, Any]:
    """A draft that is ready."""
    asked = stage.editor.post("/v1/generations", {**asking("draft", "animatic", **brief), "takes": takes})
    assert asked.status_code == 202, asked.text
    return stage.end(asked.json)


def picked(stage: Stage, take: dict[str, Any], *, picked: bool = True) -> Any:
    return stage.editor.patch(f"/v1/takes/{take['id']}", {"picked": picked})


def applied(stage: Stage, generation: dict[str, Any]) -> str:
    """A delivery of it, ready and on a timeline."""
    path = f"/v1/takes/{generation['takes'][0]['id']}/deliveries"
    delivery_id: str = stage.editor.post(path, {"master_format": "h264"}).json["id"]
    ready = "UPDATE deliveries SET state = 'ready', finished_at = updated_at, clips = '[]' WHERE id = :id"
    with stage.house.engine.begin() as connection:
        connection.execute(text(ready), {"id": delivery_id})
    assert stage.editor.post(f"/v1/deliveries/{delivery_id}/applied").status_code == 200
    return delivery_id


def test_settings_are_merged_member_by_member_and_null_removes_one(editor: Person, stranger: Person) -> None:
    empty = editor.get("/v1/me/panel")
    assert empty.json == {"settings": {}, "updated_at": None}
    templates = [{"name": "Rain 🌧", "prompt": "rain on <glass> & neon"}]
    editor.patch("/v1/me/panel", {"settings": {"templates": templates, "theme": "dark"}})
    changed = editor.patch("/v1/me/panel", {"settings": {"theme": None, "last_request": {"takes": 2}}})

    assert changed.json["settings"] == {"templates": templates, "last_request": {"takes": 2}}
    found = editor.get("/v1/me/panel")
    assert found.json == changed.json
    assert found.headers["ETag"] != empty.headers["ETag"]
    again = editor.get("/v1/me/panel", headers={"If-None-Match": found.headers["ETag"]})
    assert again.status_code == 304
    assert stranger.get("/v1/me/panel").json["settings"] == {}


def test_settings_have_a_size_and_a_shape(editor: Person) -> None:
    editor.patch("/v1/me/panel", {"settings": {"note": "x" * 60_000}})
    refused = editor.patch("/v1/me/panel", {"settings": {"more": "y" * 6_000}})
    assert (refused.status_code, problem(refused)) == (413, "payload-too-large")
    assert list(editor.get("/v1/me/panel").json["settings"]) == ["note"]
    swapped = editor.patch("/v1/me/panel", {"settings": {"more": "y" * 6_000, "note": None}})
    assert list(swapped.json["settings"]) == ["more"]
    bad: list[Any] = [{}, {"settings": []}, {"settings": {"": 1}}, {"theme": "dark"}]
    for wrong in bad:
        assert editor.patch("/v1/me/panel", wrong).status_code == 422


def test_a_number_beyond_any_float_is_kept_to_its_last_digit(editor: Person) -> None:
    huge = 10**400 + 7
    assert editor.patch("/v1/me/panel", {"settings": {"huge": huge}}).status_code == 200
    assert editor.get("/v1/me/panel").json["settings"]["huge"] == huge


def test_two_panels_at_once_lose_nothing_of_each_other(editor: Person) -> None:
    def change(number: int) -> int:
        panel = editor.at_another_door()
        return int(panel.patch("/v1/me/panel", {"settings": {f"panel-{number}": number}}).status_code)

    assert at_once(12, change) == [200] * 12
    assert editor.get("/v1/me/panel").json["settings"] == {f"panel-{n}": n for n in range(12)}


def test_any_takes_of_a_generation_are_picked_and_its_readers_hear_of_it_once(stage: Stage) -> None:
    generation = made(stage, takes=3)
    first, _, last = generation["takes"]
    path = f"/v1/generations/{generation['id']}"
    before = stage.editor.get(path).headers["ETag"]

    for take in (first, last, last):
        answer = picked(stage, take)
        assert (answer.status_code, answer.json["picked"]) == (200, True)
        assert answer.json["picked_at"]
    shown = stage.editor.get(path)
    assert [take["picked"] for take in shown.json["takes"]] == [True, False, True]
    assert shown.headers["ETag"] != before

    assert picked(stage, first, picked=False).json["picked_at"] is None
    told = "SELECT type, subject_id FROM events WHERE type LIKE 'take.%picked' ORDER BY id"
    events = stage.studio.rows(told)
    assert events == [
        ("take.picked", first["id"]),
        ("take.picked", last["id"]),
        ("take.unpicked", first["id"]),
    ]


def test_only_what_is_there_and_ones_own_is_picked(stage: Stage) -> None:
    waiting = stage.editor.post("/v1/generations", asking("draft", "animatic")).json
    assert problem(picked(stage, waiting["takes"][0])) == "conflict"
    generation = made(stage)
    stranger = stage.town.settle("other@example.com")
    theirs = stranger.patch(f"/v1/takes/{generation['takes'][0]['id']}", {"picked": True})
    assert problem(theirs) == "not-found"
    stage.editor.delete(f"/v1/generations/{generation['id']}")
    assert problem(picked(stage, generation["takes"][0])) == "gone"


def test_a_history_is_narrowed_by_model_marks_and_words_together(stage: Stage) -> None:
    shots = [made(stage, prompt=prompt) for prompt in ("a red boat", "a red kite", "a grey boat", "fog")]
    ids = [shot["id"] for shot in shots]
    picked(stage, shots[0]["takes"][0])
    picked(stage, shots[2]["takes"][0])
    delivery_id = applied(stage, shots[1])
    applied(stage, shots[2])
    stranger = stage.town.settle("other@example.com")

    def listed(query: str, person: Person = stage.editor) -> list[str]:
        answer = person.get(f"/v1/generations?{query}")
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in reversed(answer.json["items"])]

    assert listed("picked=true") == [ids[0], ids[2]]
    assert listed("picked=false") == [ids[1], ids[3]]
    assert listed("applied=true") == [ids[1], ids[2]]
    assert listed("applied=true&picked=true&q=boat&state=ready&kind=draft") == [ids[2]]
    assert listed("applied=true&q=red") == [ids[1]]
    assert listed("model=animatic&picked=true") == [ids[0], ids[2]]
    assert listed("model=ray-3.2") == []
    assert listed("picked=true", stranger) == []
    assert stage.editor.get("/v1/generations?picked=yes").status_code == 422
    (summary,) = stage.see(shots[1])["deliveries"]
    assert (summary["id"], summary["master_format"], summary["failure"]) == (delivery_id, "h264", None)
    assert summary["applied_at"]


def test_what_is_applied_twice_at_once_was_applied_once(stage: Stage) -> None:
    delivery_id = applied(stage, made(stage))
    first = stage.editor.get(f"/v1/deliveries/{delivery_id}").json["applied_at"]
    with stage.house.engine.begin() as connection:
        connection.execute(text("UPDATE deliveries SET applied_at = NULL"))
    before = stage.studio.one("SELECT max(id) FROM events")

    path = f"/v1/deliveries/{delivery_id}/applied"
    answers = at_once(8, lambda _: stage.editor.at_another_door().post(path))

    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json["applied_at"] for answer in answers} == {first}  # the clock stands still
    told = "SELECT count(*) FROM events WHERE type = 'delivery.applied' AND id > :before"
    assert stage.studio.one(told, before=before) == 1


def test_the_doctor_gives_a_link_that_shows_whether_files_can_be_reached(
    editor: Person, client: FlaskClient
) -> None:
    url = editor.get("/v1/doctor").json["storage_probe_url"]
    answer = client.get("/files/" + url.partition("/files/")[2], headers={"Origin": "null"})
    assert (answer.status_code, problem(answer)) == (404, "not-found")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_two_hundred_unfinished_ones_are_one_request_and_then_304(editor: Person, stranger: Person) -> None:
    body = {"generations": [draft()] * 50}
    for _ in range(2):
        assert editor.post("/v1/batches", body).status_code == 202
    path = "/v1/generations?state=unfinished&limit=200"
    whole = editor.get(path)
    assert len(whole.json["items"]) == 100
    assert whole.json["items"][-1]["queue_position"] == 1
    assert whole.json["items"][0]["queue_position"] == 100
    assert whole.headers["Retry-After"] == "1"
    assert editor.get("/v1/generations?limit=200").status_code == 422
    assert editor.get("/v1/generations?state=ready&limit=101").status_code == 422

    def fresh(etag: str) -> Any:
        return editor.get(path, headers={"If-None-Match": etag})

    same = fresh(whole.headers["ETag"])
    assert (same.status_code, same.headers["Retry-After"], same.data) == (304, "1", b"")
    stranger.post("/v1/generations", draft())
    assert fresh(whole.headers["ETag"]).status_code == 304
    last = whole.json["items"][-1]["id"]
    editor.post(f"/v1/generations/{last}/cancel")
    moved = fresh(whole.headers["ETag"])  # everybody behind it has moved up
    assert moved.status_code == 200
    assert moved.json["items"][0]["queue_position"] == 99
    assert fresh(moved.headers["ETag"]).status_code == 304


def test_somebody_elses_cancel_moves_the_queue_and_with_it_the_list(editor: Person, stranger: Person) -> None:
    first = stranger.post("/v1/generations", draft()).json["id"]
    editor.post("/v1/generations", draft())
    path = "/v1/generations?state=unfinished"
    before = editor.get(path)
    assert before.json["items"][0]["queue_position"] == 2
    stranger.post(f"/v1/generations/{first}/cancel")
    after = editor.get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status_code, after.json["items"][0]["queue_position"]) == (200, 1)


def test_a_delivery_moves_the_list_it_is_shown_in(stage: Stage) -> None:
    generation = made(stage)
    before = stage.editor.get("/v1/generations")
    applied(stage, generation)
    after = stage.editor.get("/v1/generations", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.json["items"][0]["deliveries"][0]["applied_at"]
