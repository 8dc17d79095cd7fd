"""A delivery that waits for its frame ranges."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from plugin_backend.domain.callers import Caller
from plugin_backend.domain.delivering.delivery import DeliveryRequest
from plugin_backend.domain.delivering.plan_version import PLAN_VERSION
from plugin_backend.domain.lifecycle import DeliveryState
from plugin_backend.domain.work import Claim, LeaseLostError
from plugin_backend.services import deliveries, stepping
from plugin_backend.services.delivering import chunks, conforming
from plugin_backend.services.delivering.chunks import ChunkInHand
from plugin_backend.services.delivering.conforming import DeliveryInHand
from tests.domain.requests import SEQUENCE, asked
from tests.services.studio import Studio
from worker.media.process import MediaProcess


def _begun(studio: Studio) -> tuple[Caller, str, list[str]]:
    """Somebody's delivery, and its ranges, which are due."""
    caller = studio.person()
    take_id = studio.finish(studio.ask(caller, asked())).takes[0].id
    row = deliveries.request(studio.house, caller, take_id, DeliveryRequest(sequence=SEQUENCE))[0].delivery
    studio.step(row.id)
    found = studio.rows("SELECT id FROM chunks WHERE delivery_id = :id ORDER BY number", id=row.id)
    return caller, row.id, [chunk_id for (chunk_id,) in found]


def _taken_up(studio: Studio, chunk_id: str) -> tuple[Claim, ChunkInHand]:
    claim = stepping.claim(studio.house, chunk_id)
    assert claim is not None
    hand = chunks.look(studio.house, claim)
    assert hand is not None
    return claim, hand


def _looked_after(studio: Studio, delivery_id: str) -> tuple[Claim, DeliveryInHand]:
    claim = stepping.claim(studio.house, delivery_id)
    assert claim is not None
    hand = conforming.look(studio.house, claim)
    assert hand is not None
    return claim, hand


def _make(studio: Studio, chunk_id: str) -> None:
    claim, hand = _taken_up(studio, chunk_id)
    chunks.made(studio.house, claim, hand.chunk, {"chunk": hand.chunk.number})


def test_what_the_ranges_gave_is_read_once_every_one_is_made(studio: Studio) -> None:
    _, delivery_id, ranges = _begun(studio)
    assert len(ranges) > 1

    told = []
    for chunk_id in ranges:
        _make(studio, chunk_id)
        studio.clock.turn(timedelta(seconds=10))
        claim, hand = _looked_after(studio, delivery_id)
        told.append([chunk.result for chunk in hand.chunks])
        conforming.wait(studio.house, claim, hand)

    nothing = [None] * len(ranges)
    assert told[:-1] == [nothing] * (len(ranges) - 1)
    assert told[-1] == [{"chunk": number} for number in range(len(ranges))]


def test_readers_hear_of_every_frame_of_every_range_and_never_of_fewer(studio: Studio) -> None:
    caller, delivery_id, ranges = _begun(studio)
    told = [0.0]
    for chunk_id in ranges:
        claim, hand = _taken_up(studio, chunk_id)
        for frame in range(1, hand.chunk.frame_count + 1):
            studio.clock.turn(timedelta(seconds=1))
            chunks.advanced(studio.house, claim, hand.chunk, frames_done=frame)
            told.append(deliveries.get(studio.house, caller, delivery_id).delivery.progress or 0.0)
        chunks.made(studio.house, claim, hand.chunk, {})

    frames = len(told) - 1
    assert frames == studio.one("SELECT sum(frame_count) FROM chunks WHERE delivery_id = :id", id=delivery_id)
    assert told == pytest.approx([frame / frames for frame in range(frames + 1)])


def test_a_range_that_is_made_anew_shows_nothing_until_it_is_further_than_before(studio: Studio) -> None:
    caller, delivery_id, ranges = _begun(studio)
    first, hand = _taken_up(studio, ranges[0])
    studio.clock.turn(timedelta(seconds=1))
    chunks.advanced(studio.house, first, hand.chunk, frames_done=5)
    reached = deliveries.get(studio.house, caller, delivery_id).delivery.progress

    studio.clock.turn(timedelta(minutes=1))  # its worker was killed
    again, hand = _taken_up(studio, ranges[0])
    told = []
    for frame in (1, 5, 6):
        studio.clock.turn(timedelta(seconds=1))
        chunks.advanced(studio.house, again, hand.chunk, frames_done=frame)
        told.append(deliveries.get(studio.house, caller, delivery_id).delivery.progress)

    assert reached
    assert told == pytest.approx([reached, reached, reached * 6 / 5])


def test_frames_that_come_faster_bump_the_version_once_a_second(studio: Studio) -> None:
    caller, delivery_id, ranges = _begun(studio)
    claim, hand = _taken_up(studio, ranges[0])
    before = deliveries.get(studio.house, caller, delivery_id).delivery.version
    for frame in range(1, 11):
        studio.clock.turn(timedelta(seconds=0.25))
        chunks.advanced(studio.house, claim, hand.chunk, frames_done=frame)

    assert deliveries.get(studio.house, caller, delivery_id).delivery.version == before + 2


def test_cancelled_while_it_is_put_together_its_step_loses_the_row_and_another_removes_the_files(
    studio: Studio,
) -> None:
    caller, delivery_id, ranges = _begun(studio)
    for chunk_id in ranges:
        _make(studio, chunk_id)
    claim, _ = _looked_after(studio, delivery_id)
    stepping.look(studio.house, claim)
    studio.house.storage.put_bytes(f"deliveries/{delivery_id}/shot.mov", b"half")

    deliveries.cancel(studio.house, caller, delivery_id)

    with pytest.raises(LeaseLostError):
        stepping.look(studio.house, claim)
    with pytest.raises(LeaseLostError):
        stepping.renew(studio.house, claim)
    assert studio.step(delivery_id)
    assert not studio.house.storage.list(f"deliveries/{delivery_id}")
    assert deliveries.get(studio.house, caller, delivery_id).delivery.state is DeliveryState.CANCELLED


def test_a_plan_of_a_later_version_is_left_to_later_workers_and_costs_no_try(studio: Studio) -> None:
    caller, delivery_id, ranges = _begun(studio)
    later, ours = PLAN_VERSION + 1, PLAN_VERSION
    _say_version(studio, delivery_id, later)
    for subject_id in (ranges[0], delivery_id):
        for _ in range(12):  # more often than any row is tried
            studio.clock.turn(timedelta(seconds=10))
            assert studio.step(subject_id)
    lease = "SELECT lease, tries FROM work WHERE subject_id = ANY(:ids)"
    assert set(studio.rows(lease, ids=[ranges[0], delivery_id])) == {(None, 0)}
    assert deliveries.get(studio.house, caller, delivery_id).delivery.state is DeliveryState.CONFORMING

    _say_version(studio, delivery_id, ours)
    studio.clock.turn(timedelta(seconds=10))
    for chunk_id in ranges:
        _make(studio, chunk_id)
    assert _looked_after(studio, delivery_id)[1].is_made


def test_a_queued_delivery_of_a_later_version_stays_in_the_queue_and_can_be_cancelled(
    studio: Studio,
) -> None:
    caller = studio.person()
    take_id = studio.finish(studio.ask(caller, asked())).takes[0].id
    row = deliveries.request(studio.house, caller, take_id, DeliveryRequest(sequence=SEQUENCE))[0].delivery
    _say_version(studio, row.id, PLAN_VERSION + 1)
    assert studio.step(row.id)
    assert deliveries.get(studio.house, caller, row.id).delivery.state is DeliveryState.QUEUED

    deliveries.cancel(studio.house, caller, row.id)
    assert studio.step(row.id)
    assert deliveries.get(studio.house, caller, row.id).delivery.state is DeliveryState.CANCELLED


def _say_version(studio: Studio, delivery_id: str, version: int) -> None:
    with studio.house.engine.begin() as connection:
        rewrite = "UPDATE deliveries SET plan = jsonb_set(plan, '{version}', :version) WHERE id = :id"
        connection.execute(text(rewrite), {"version": str(version), "id": delivery_id})


@pytest.fixture
def refusing(studio: Studio, tmp_path: Path) -> Iterator[Studio]:
    """A studio with a media child that refuses everything."""
    operations = "tests.services.refusing_operations"
    with MediaProcess(512, tmp_path / "refusing", operations=operations) as media:
        yield replace(studio, runtime=replace(studio.runtime, media=media))


def test_what_is_not_as_asked_fails_at_once_for_the_same_files_say_the_same(refusing: Studio) -> None:
    caller, delivery_id, ranges = _begun(refusing)
    assert refusing.step(ranges[0])
    assert refusing.step(delivery_id)

    found = deliveries.get(refusing.house, caller, delivery_id).delivery
    assert found.failure == {
        "slug": "internal",
        "detail": "The size of shot.mov is 160 x 90, asked 320 x 180.",
        "retryable": True,
    }


def test_what_may_pass_is_tried_three_times(refusing: Studio) -> None:
    caller, delivery_id, ranges = _begun(refusing)
    for chunk_id in ranges:
        _make(refusing, chunk_id)
    assert refusing.step(delivery_id)  # to a media process
    tried = 0
    while deliveries.get(refusing.house, caller, delivery_id).delivery.state is DeliveryState.CONFORMING:
        refusing.clock.turn(timedelta(minutes=2))
        tried += refusing.step(delivery_id)

    assert tried == 3
    failure = deliveries.get(refusing.house, caller, delivery_id).delivery.failure
    assert failure is not None
    assert failure["detail"] == "There is no room left."


def test_what_takes_long_on_the_side_holds_the_row_and_is_let_go_of_when_it_is_lost(studio: Studio) -> None:
    caller, delivery_id, ranges = _begun(studio)
    for chunk_id in ranges:
        _make(studio, chunk_id)
    claim, _ = _looked_after(studio, delivery_id)
    runtime = replace(studio.runtime, monotonic=time.monotonic)
    assert runtime.held(claim, lambda: b"a timeline") == b"a timeline"
    with pytest.raises(ZeroDivisionError):
        runtime.held(claim, lambda: bytes(1 // 0))

    begun, enough = threading.Event(), threading.Event()

    def write() -> bool:
        begun.set()
        return enough.wait(60)

    def cancel() -> None:
        assert begun.wait(60)
        deliveries.cancel(studio.house, caller, delivery_id)

    canceller = threading.Thread(target=cancel)
    canceller.start()
    with pytest.raises(LeaseLostError):
        runtime.held(claim, write)
    canceller.join(60)
    enough.set()
