"""Review: what people say of takes, who may, what stands of it, and where it goes with a delivery."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from plugin_backend.config import Settings
from plugin_backend.domain.callers import Scope
from plugin_backend.domain.delivering.delivery import DeliveryRequest
from plugin_backend.services import deliveries, stepping
from plugin_backend.services.delivering import chunks, conforming
from plugin_backend.services.delivering.conforming import DeliveredTake
from plugin_backend.signing import development_credential
from tests.api.people import problem, told
from tests.api.review_room import Room, caller_of, room_of
from tests.domain.requests import SEQUENCE
from worker.bundles import _markers
from worker.provenance.telling import provenance_of

SAID = {"text": "The boat jumps", "frame": 12, "last_frame": 23, "point": [0.25, 0.5]}
YES = {"status": "approved", "as": "Director", "note": "Ship it."}


@pytest.fixture
def room(app: Flask, roomy: Settings, tmp_path: Path) -> Iterator[Room]:
    with room_of(app, roomy, tmp_path) as opened:
        yield opened


def test_a_pick_is_one_and_the_same_wherever_it_is_said(room: Room) -> None:
    assert (room.review()["mark"], room.review()["rating"]) == ("none", None)
    picked = told(room.editor.patch(room.path("review"), {"mark": "picked", "rating": 4}))
    assert (picked["mark"], picked["rating"]) == ("picked", 4)
    assert told(room.editor.get(f"/v1/generations/{room.generation}"))["takes"][0]["picked"]

    rejected = told(room.editor.patch(room.path("review"), {"mark": "rejected"}))
    assert (rejected["mark"], rejected["picked_at"], rejected["rating"]) == ("rejected", None, 4)
    assert not told(room.editor.get(f"/v1/generations/{room.generation}"))["takes"][0]["picked"]

    room.editor.patch(f"/v1/takes/{room.take}", {"picked": True})
    assert room.review()["mark"] == "picked"
    room.editor.patch(f"/v1/takes/{room.take}", {"picked": False})
    assert room.review()["mark"] == "none"
    cleared = told(room.editor.patch(room.path("review"), {"rating": None}))
    assert cleared["rating"] is None


def test_a_viewer_reviews_and_neither_picks_nor_spends(room: Room) -> None:
    assert told(room.viewer.patch(room.path("review"), {"rating": 5}))["updated_by"] == room.viewer.id
    assert room.viewer.post(room.path("comments"), SAID).status_code == 201
    assert room.viewer.post(room.path("approval"), {"status": "approved", "as": "Client"}).status_code == 201
    for mark in ("picked", "rejected", "none"):
        assert problem(room.viewer.patch(room.path("review"), {"mark": mark})) == "forbidden"
    assert problem(room.viewer.post(room.path("master"))) == "forbidden"
    kept = room.viewer.patch("/v1/me/panel", {"settings": {"language": "de"}}).json  # in a panel of their own
    assert room.viewer.get("/v1/me/panel").json == kept


def test_a_token_that_only_reads_says_nothing(room: Room) -> None:
    reader = room.stage.town.settle(
        "reads@example.com", scopes=frozenset((Scope.READ,)), workspace_id=room.editor.workspace_id
    )
    assert reader.get(room.path("review")).status_code == 200
    for answer in (
        reader.patch(room.path("review"), {"rating": 1}),
        reader.post(room.path("comments"), SAID),
        reader.post(room.path("approval"), YES),
        reader.delete(room.path("approval")),
        reader.patch("/v1/me/panel", {"settings": {}}),
    ):
        assert problem(answer) == "forbidden"


def test_nobody_outside_the_workspace_finds_any_of_it(room: Room) -> None:
    comment = told(room.editor.post(room.path("comments"), SAID))["id"]
    stranger = room.stage.town.settle("strange@example.com")
    for answer in (
        stranger.get(room.path("review")),
        stranger.patch(room.path("review"), {"rating": 1}),
        stranger.get(room.path("comments")),
        stranger.post(room.path("comments"), SAID),
        stranger.patch(f"/v1/comments/{comment}", {"resolved": True}),
        stranger.delete(f"/v1/comments/{comment}"),
        stranger.get(room.path("approvals")),
        stranger.post(room.path("approval"), YES),
        stranger.delete(room.path("approval")),
    ):
        assert problem(answer) == "not-found"


def test_comments_are_paged_and_their_writers_own(room: Room) -> None:
    key = {"Idempotency-Key": "one"}
    first = told(room.viewer.post(room.path("comments"), SAID, headers=key))
    assert told(room.viewer.post(room.path("comments"), SAID, headers=key))["id"] == first["id"]
    assert (first["frame"], first["last_frame"], first["point"], first["by"]) == (
        12,
        23,
        [0.25, 0.5],
        room.viewer.id,
    )
    room.stage.studio.clock.turn(timedelta(seconds=1))
    whole = told(room.editor.post(room.path("comments"), {"text": "Lovely light"}))
    assert (whole["frame"], whole["last_frame"], whole["point"]) == (None, None, None)

    page = told(room.editor.get(room.path("comments") + "?limit=1"))
    assert [each["id"] for each in page["items"]] == [whole["id"]]
    rest = told(room.editor.get(room.path("comments") + f"?limit=1&cursor={page['next_cursor']}"))
    assert [each["id"] for each in rest["items"]] == [first["id"]]

    path = f"/v1/comments/{first['id']}"
    assert problem(room.editor.patch(path, {"text": "No"})) == "forbidden"
    assert problem(room.editor.delete(path)) == "forbidden"
    resolved = told(room.editor.patch(path, {"resolved": True}))
    assert (resolved["resolved"], resolved["resolved_by"], resolved["text"]) == (
        True,
        room.editor.id,
        SAID["text"],
    )
    assert room.review()["comments"] == {"open": 1, "resolved": 1}
    changed = told(
        room.viewer.patch(path, {"text": "It jumps", "frame": 3, "point": None, "resolved": False})
    )
    assert (changed["text"], changed["frame"], changed["last_frame"], changed["point"]) == (
        "It jumps",
        3,
        3,
        None,
    )
    assert room.admin.delete(path).status_code == 204
    assert problem(room.viewer.delete(path)) == "not-found"


_WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"text": ""}, "/text"),
    ({"text": "x", "frame": -1}, "/frame"),
    ({"text": "x", "frame": 10_000}, "/frame"),
    ({"text": "x", "frame": 5, "last_frame": 4}, "/last_frame"),
    ({"text": "x", "last_frame": 4}, "/frame"),
    ({"text": "x", "point": [0.5]}, "/point"),
    ({"text": "x", "point": [0.5, 1.5]}, "/point/1"),
    ({"text": "x", "by": "usr_somebody"}, "/by"),
)


def test_what_is_wrong_with_a_comment_is_said(room: Room) -> None:
    for body, pointer in _WRONG:
        answer = room.editor.post(room.path("comments"), body)
        assert problem(answer) == "validation", body
        assert [each["pointer"] for each in told(answer)["errors"]] == [pointer]


def test_an_approval_is_named_and_its_history_stays(room: Room) -> None:
    first = told(room.editor.post(room.path("approval"), YES))
    assert (first["status"], first["as"], first["by"], first["stands"]) == (
        "approved",
        "Director",
        room.editor.id,
        True,
    )
    room.stage.studio.clock.turn(timedelta(seconds=1))
    second = told(
        room.viewer.post(room.path("approval"), {"status": "needs-changes", "as": "Client", "note": "Sky."})
    )
    assert room.review()["approval"]["id"] == second["id"]
    assert room.viewer.delete(room.path("approval")).status_code == 204
    assert room.review()["approval"] is None
    assert problem(room.viewer.delete(room.path("approval"))) == "conflict"

    history = told(room.editor.get(room.path("approvals")))["items"]

    assert [(each["id"], each["stands"], each["ended_by"]) for each in history] == [
        (second["id"], False, room.viewer.id),
        (first["id"], False, room.viewer.id),
    ]
    entries = room.stage.studio.rows(
        "SELECT actor_id, after->>'status' FROM audit_entries WHERE action = 'take.approval' ORDER BY id"
    )
    assert entries == [
        (room.editor.id, "approved"),
        (room.viewer.id, "needs-changes"),
        (room.viewer.id, None),
    ]
    kept = str(room.stage.studio.rows("SELECT t::text FROM audit_entries t"))
    kept += str(room.stage.studio.rows("SELECT t::text FROM events t"))
    assert "Director" not in kept
    assert "Sky." not in kept


def test_a_take_that_has_become_another_keeps_no_approval(room: Room) -> None:
    room.editor.post(room.path("approval"), YES)
    with room.stage.house.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE takes SET facts = facts || '{\"frame_count\": 7}'")
    assert room.review()["approval"] is None
    (entry,) = told(room.editor.get(room.path("approvals")))["items"]
    assert (entry["stands"], entry["ended_at"]) == (False, None)
    again = told(room.editor.post(room.path("approval"), YES))
    assert room.review()["approval"]["id"] == again["id"]


def test_what_is_not_there_yet_or_not_any_more_is_not_reviewed(room: Room) -> None:
    waiting = room.stage.ask("draft", "animatic")["takes"][0]["id"]
    assert problem(room.editor.post(f"/v1/takes/{waiting}/comments", SAID)) == "conflict"
    assert problem(room.editor.patch(f"/v1/takes/{waiting}/review", {"rating": 3})) == "conflict"
    room.editor.post(room.path("approval"), YES)
    assert room.editor.delete(f"/v1/generations/{room.generation}").status_code in (202, 204)
    assert problem(room.editor.post(room.path("comments"), SAID)) in ("gone", "not-found")


def test_generations_are_found_by_what_was_said_of_their_takes(room: Room) -> None:
    assert room.listed("rated=0") == room.listed("approval=approved") == []
    room.editor.patch(room.path("review"), {"rating": 3, "mark": "picked"})
    room.editor.post(room.path("approval"), YES)
    assert room.listed("rated=3") == room.listed("approval=approved") == [room.generation]
    assert room.listed("picked=true&rated=1&approval=approved") == [room.generation]
    assert room.listed("rated=4") == room.listed("approval=rejected") == []
    room.editor.delete(room.path("approval"))
    assert room.listed("approval=approved") == []


def test_panels_hear_of_a_review_and_an_etag_tells_of_it(room: Room) -> None:
    before = room.editor.get(room.path("review")).headers["ETag"]
    assert room.editor.get(room.path("review"), headers={"If-None-Match": before}).status_code == 304
    room.editor.patch(room.path("review"), {"rating": 2})
    room.editor.post(room.path("comments"), SAID)
    room.editor.post(room.path("approval"), YES)
    assert room.editor.get(room.path("review"), headers={"If-None-Match": before}).status_code == 200
    heard = [
        each.type for each in room.stage.studio.told(caller_of(room.editor)) if each.subject_id == room.take
    ]
    assert heard[-3:] == ["take.reviewed", "take.commented", "take.approval"]


def _delivered(room: Room) -> DeliveredTake:
    """The take in the hand of the step that puts its delivery together."""
    house, studio = room.stage.house, room.stage.studio
    wanted = DeliveryRequest(sequence=SEQUENCE)
    row = deliveries.request(house, caller_of(room.editor), room.take, wanted)[0].delivery
    studio.step(row.id)
    for (chunk_id,) in studio.rows("SELECT id FROM chunks WHERE delivery_id = :id", id=row.id):
        claim = stepping.claim(house, chunk_id)
        assert claim is not None
        hand = chunks.look(house, claim)
        assert hand is not None
        chunks.made(house, claim, hand.chunk, {})
    studio.clock.turn(timedelta(seconds=10))
    claim = stepping.claim(house, row.id)
    assert claim is not None
    found = conforming.look(house, claim)
    assert found is not None
    return found.parts[0]


def test_a_later_delivery_carries_open_comments_and_the_approval_but_nobodys_name(room: Room) -> None:
    room.editor.post(room.path("comments"), SAID)
    room.editor.post(room.path("comments"), {"text": "Lovely light"})
    done = told(room.editor.post(room.path("comments"), {"text": "Fixed", "frame": 1}))["id"]
    room.editor.patch(f"/v1/comments/{done}", {"resolved": True})
    given = told(room.editor.post(room.path("approval"), YES))

    part = _delivered(room)

    said = [
        (marker.note, marker.frame, marker.frame_count)
        for marker in _markers(part, part.plan.of_run(0), is_first=True)
        if marker.name == "comment"
    ]
    rate = part.plan.frame_rate.fraction / part.plan.source.frame_rate
    assert said == [
        ("Lovely light", part.plan.sequence.handles_frames, 1),
        ("The boat jumps (at 0.25, 0.50)", round(12 * rate) - part.plan.offset, round(12 * rate)),
    ]
    credential = development_credential("a secret of this test alone" * 2)
    provenance = provenance_of(room.stage.house, part, credential)
    assert provenance is not None
    claim = provenance["statement"]["lineage"][-1]
    assert claim["approval"] == {
        "status": "approved",
        "as": "Director",
        "at": f"{given['at'][:19]}Z",
        "by": room.editor.id,
    }
    assert "asks@example.com" not in str(provenance["statement"])
    room.editor.delete(room.path("approval"))
    later = provenance_of(room.stage.house, part, credential)
    assert later is not None
    assert later["statement"]["lineage"][-1]["approval"] is None
