"""Deliveries: asked for of a stored take, stopped, retried, applied and archived."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from plugin_backend.domain.callers import Caller, Role
from plugin_backend.domain.delivering.conform_plan import ConformPlan
from plugin_backend.domain.delivering.delivery import DeliveryRequest, Host, TimelineFile
from plugin_backend.domain.delivering.placing import Fit, Position
from plugin_backend.domain.errors import (
    ConflictError,
    ForbiddenError,
    GoneError,
    IllegalTransitionError,
    NotFoundError,
    ValidationFailedError,
)
from plugin_backend.domain.lifecycle import DeliveryState
from plugin_backend.domain.sequence import Sequence
from plugin_backend.domain.work import Lane
from plugin_backend.services import deliveries, endings, stepping
from plugin_backend.services.deliveries import DeliveryView
from plugin_backend.services.delivering import conforming
from tests.domain.requests import SEQUENCE, asked
from tests.services.studio import Studio, keyed

DOWNLOAD = DeliveryRequest(sequence=SEQUENCE)


def _stored_take(studio: Studio, caller: Caller) -> str:
    return studio.finish(studio.ask(caller, asked())).takes[0].id


def _asked(studio: Studio, caller: Caller) -> DeliveryView:
    return deliveries.request(studio.house, caller, _stored_take(studio, caller), DOWNLOAD)[0]


def _put(studio: Studio, view: DeliveryView, state: DeliveryState) -> None:
    """The delivery as its steps would have left it."""
    query = "UPDATE deliveries SET state = :state, finished_at = created_at WHERE id = :id"
    with studio.house.engine.begin() as connection:
        connection.execute(text(query), {"state": state, "id": view.delivery.id})
        connection.execute(text("DELETE FROM work WHERE subject_id = :id"), {"id": view.delivery.id})


def test_a_delivery_is_written_with_its_sequence_and_plan_and_is_due(studio: Studio) -> None:
    caller = studio.person()
    view = _asked(studio, caller)

    row = view.delivery
    assert row.state is DeliveryState.QUEUED
    assert row.request["sequence"]["frame_rate"] == "24000/1001"
    assert row.plan is not None
    assert row.id in studio.due()
    assert studio.overheard.hints[-1].subject_id == row.id
    told = studio.told(caller)[-1]
    assert (told.type, told.subject_id, told.data["take_id"]) == ("delivery.queued", row.id, row.take_id)


def test_without_a_sequence_it_has_the_takes_own_shape(studio: Studio) -> None:
    caller = studio.person()
    view, _ = deliveries.request(
        studio.house, caller, _stored_take(studio, caller), DeliveryRequest(host=Host.NUKE)
    )

    sequence = view.delivery.request["sequence"]
    assert (sequence["frame_rate"], sequence["width"], sequence["height"]) == ("24", 960, 540)


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        (replace(DOWNLOAD, in_frame=5, out_frame=4), "/out_frame"),
        (replace(DOWNLOAD, position=Position(0, 0)), "/position"),
        (replace(DOWNLOAD, fit=Fit.CROP), "/fit"),
        (
            replace(
                DOWNLOAD, timeline=(TimelineFile.EDL,), sequence=Sequence.from_json({"frame_rate": "120"})
            ),
            "/timeline/0",
        ),
        (
            replace(DOWNLOAD, sequence=replace(SEQUENCE, handles_frames=60)),
            "/sequence/handles_frames",
        ),
    ],
)
def test_what_cannot_be_delivered_is_refused_by_field_and_leaves_nothing(
    studio: Studio, wanted: DeliveryRequest, pointer: str
) -> None:
    caller = studio.person()
    take_id = _stored_take(studio, caller)
    key = keyed(caller)
    before = studio.everything()

    with pytest.raises(ValidationFailedError) as refusal:
        deliveries.request(studio.house, caller, take_id, wanted, idempotency=key)

    assert [problem.pointer for problem in refusal.value.problems] == [pointer]
    assert studio.everything() == before


def test_the_same_key_asks_for_one_delivery(studio: Studio) -> None:
    caller = studio.person()
    take_id = _stored_take(studio, caller)
    keys = [keyed(caller) for _ in range(2)]

    found = [deliveries.request(studio.house, caller, take_id, DOWNLOAD, idempotency=key) for key in keys]

    assert [replayed for _, replayed in found] == [False, True]
    assert len({view.delivery.id for view, _ in found}) == studio.count("deliveries") == 1


def test_a_take_that_is_not_stored_is_not_delivered(studio: Studio) -> None:
    caller = studio.person()
    take_id = studio.ask(caller, asked()).takes[0].id

    with pytest.raises(ConflictError):
        deliveries.request(studio.house, caller, take_id, DOWNLOAD)


Act = Callable[[Studio, Caller, str], object]
BY_ID: dict[str, Act] = {
    "get": lambda s, c, d: deliveries.get(s.house, c, d),
    "frames": lambda s, c, d: deliveries.frames(s.house, c, d, after=None, limit=10),
    "applied": lambda s, c, d: deliveries.applied(s.house, c, d),
    "cancel": lambda s, c, d: deliveries.cancel(s.house, c, d),
    "retry": lambda s, c, d: deliveries.retry(s.house, c, d),
    "archive": lambda s, c, d: deliveries.request_archive(s.house, c, d),
}


@pytest.mark.parametrize("act", BY_ID)
def test_outside_its_workspace_a_delivery_does_not_exist(studio: Studio, act: str) -> None:
    stranger = studio.person(role=Role.OWNER)
    view = _asked(studio, studio.person())
    before = studio.everything()

    for identifier in (view.delivery.id, "dlv_00000000000000000000000000"):
        with pytest.raises(NotFoundError, match=r"^No such delivery\.$"):
            BY_ID[act](studio, stranger, identifier)
    with pytest.raises(NotFoundError, match=r"^No such take\.$"):
        deliveries.request(studio.house, stranger, str(view.delivery.take_id), DOWNLOAD)

    assert studio.everything() == before


@pytest.mark.parametrize("act", [name for name in BY_ID if name not in ("get", "frames")])
def test_a_viewer_looks_and_changes_nothing(studio: Studio, act: str) -> None:
    caller = studio.person()
    viewer = studio.person(role=Role.VIEWER, colleague_of=caller)
    view = _asked(studio, caller)

    assert deliveries.get(studio.house, viewer, view.delivery.id) == view
    with pytest.raises(ForbiddenError):
        BY_ID[act](studio, viewer, view.delivery.id)


@pytest.mark.parametrize("state", DeliveryState)
def test_only_what_is_unfinished_is_cancelled_and_twice_is_once(studio: Studio, state: DeliveryState) -> None:
    caller = studio.person()
    view = _asked(studio, caller)
    if state is not DeliveryState.QUEUED:
        _put(studio, view, state)

    if state in (DeliveryState.READY, DeliveryState.FAILED):
        with pytest.raises(IllegalTransitionError):
            deliveries.cancel(studio.house, caller, view.delivery.id)
        return
    for _ in range(2):
        found = deliveries.cancel(studio.house, caller, view.delivery.id)
        assert found.delivery.state is DeliveryState.CANCELLED


def test_the_step_of_a_cancelled_delivery_ends(studio: Studio) -> None:
    caller = studio.person()
    view = _asked(studio, caller)
    deliveries.cancel(studio.house, caller, view.delivery.id)

    studio.house.storage.put_bytes(f"deliveries/{view.delivery.id}/part.mov", b"part")
    while studio.count("work"):
        studio.step(view.delivery.id)
        studio.clock.turn(timedelta(minutes=1))

    assert studio.house.storage.list(f"deliveries/{view.delivery.id}") == ()


def test_files_that_cannot_be_removed_now_are_removed_when_they_can(studio: Studio) -> None:
    caller = studio.person()
    view = _asked(studio, caller)
    deliveries.cancel(studio.house, caller, view.delivery.id)
    key = f"deliveries/{view.delivery.id}/part.mov"
    studio.house.storage.put_bytes(key, b"part")
    claim = stepping.claim(studio.house, view.delivery.id)
    assert claim is not None
    hand = conforming.look(studio.house, claim)
    assert hand is not None

    conforming.given_up(studio.house, claim, hand, slug="internal", detail="The storage was away.")

    while studio.count("work"):
        studio.clock.turn(timedelta(minutes=1))
        studio.step(view.delivery.id)
    assert not studio.house.storage.exists(key)


def test_a_part_that_is_retried_is_the_same_part(studio: Studio) -> None:
    caller = studio.person()
    wanted = replace(DOWNLOAD, in_frame=5, out_frame=9)
    first, _ = deliveries.request(studio.house, caller, _stored_take(studio, caller), wanted)
    deliveries.cancel(studio.house, caller, first.delivery.id)
    second = deliveries.retry(studio.house, caller, first.delivery.id)

    assert first.delivery.request["sequence"] == SEQUENCE.to_json()
    assert second.delivery.request == first.delivery.request
    assert second.delivery.plan is not None
    assert first.delivery.plan is not None
    assert second.delivery.plan["plan"] == first.delivery.plan["plan"]


def test_a_picture_of_a_clip_with_handles_has_its_own_timecode(studio: Studio) -> None:
    caller = studio.person()
    sequence = replace(SEQUENCE, handles_frames=12)
    wanted = DeliveryRequest(host=Host.PHOTOSHOP, sequence=sequence)
    view, _ = deliveries.request(studio.house, caller, _stored_take(studio, caller), wanted)

    assert view.delivery.plan is not None
    plan = ConformPlan.from_json(view.delivery.plan["plan"])
    assert plan.frame_count == 1
    assert plan.start_timecode == sequence.clip_start + plan.offset


@pytest.mark.parametrize("state", DeliveryState)
def test_only_what_failed_or_was_cancelled_is_retried_as_a_new_one(
    studio: Studio, state: DeliveryState
) -> None:
    caller = studio.person()
    view = _asked(studio, caller)
    _put(studio, view, state)

    if state not in (DeliveryState.FAILED, DeliveryState.CANCELLED):
        with pytest.raises(IllegalTransitionError):
            deliveries.retry(studio.house, caller, view.delivery.id)
        return
    again = deliveries.retry(studio.house, caller, view.delivery.id).delivery

    assert again.id != view.delivery.id
    assert (again.state, again.request) == (DeliveryState.QUEUED, view.delivery.request)


def test_applied_is_marked_once_and_only_when_ready(studio: Studio) -> None:
    caller = studio.person()
    view = _asked(studio, caller)
    with pytest.raises(IllegalTransitionError):
        deliveries.applied(studio.house, caller, view.delivery.id)
    _put(studio, view, DeliveryState.READY)

    first = deliveries.applied(studio.house, caller, view.delivery.id)
    before = studio.everything()
    again = deliveries.applied(studio.house, caller, view.delivery.id)

    assert again.delivery.applied_at == first.delivery.applied_at == studio.clock.moment
    assert studio.everything() == before


def test_an_archive_is_built_once_by_a_media_step(studio: Studio) -> None:
    caller = studio.person()
    view = _asked(studio, caller)
    with pytest.raises(ConflictError):
        deliveries.request_archive(studio.house, caller, view.delivery.id)
    _put(studio, view, DeliveryState.READY)

    for _ in range(2):
        found = deliveries.request_archive(studio.house, caller, view.delivery.id)
        assert found.delivery.archive == {"state": "building"}

    lanes = studio.rows("SELECT lane FROM work WHERE subject_id = :id", id=view.delivery.id)
    assert lanes == [(Lane.MEDIA_MASTER,)]


@pytest.mark.parametrize("act", ["retry", "archive"])
def test_of_a_deleted_generation_nothing_more_is_made(studio: Studio, act: str) -> None:
    caller = studio.person()
    draft = studio.finish(studio.ask(caller, asked()))
    view, _ = deliveries.request(studio.house, caller, draft.takes[0].id, DOWNLOAD)
    _put(studio, view, DeliveryState.FAILED if act == "retry" else DeliveryState.READY)
    endings.delete(studio.house, caller, draft.generation.id)

    with pytest.raises(GoneError):
        BY_ID[act](studio, caller, view.delivery.id)
