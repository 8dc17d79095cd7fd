"""A delivery whose finished files are not what was asked for: it fails, and its reports are kept."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plugin_backend.domain.callers import Caller
from plugin_backend.domain.delivering.delivery import DeliveryRequest
from plugin_backend.domain.errors import ConflictError, IllegalTransitionError
from plugin_backend.domain.lifecycle import DeliveryState
from plugin_backend.services import deliveries, endings, stepping
from plugin_backend.services.deliveries import DeliveryView
from plugin_backend.services.delivering import chunks
from plugin_backend.services.keeping import storage_walk
from plugin_backend.services.keeping.storage_walk import Manner
from tests.domain.requests import SEQUENCE, asked
from tests.services.storing import used
from tests.services.studio import Studio
from worker.media.process import MediaProcess

REPORTS = len(b"{}") + len(b"<!doctype html>")


@pytest.fixture
def wrong(studio: Studio, tmp_path: Path) -> Iterator[Studio]:
    """A studio whose media child finishes nothing as it was asked to, on a clock that is its disk's."""
    studio.clock.moment = datetime.fromtimestamp(time.time(), UTC)
    operations, url = "tests.services.wrong_operations", (tmp_path / "storage").as_uri()
    with MediaProcess(4096, tmp_path / "wrong", operations=operations, storage_url=url) as media:
        yield replace(studio, runtime=replace(studio.runtime, media=media))


def _failed(studio: Studio) -> tuple[Caller, DeliveryView]:
    """A delivery that was made to its end; nothing of it is removed yet."""
    caller = studio.person(credits_granted=100)
    take_id = studio.finish(studio.ask(caller, asked())).takes[0].id
    row = deliveries.request(studio.house, caller, take_id, DeliveryRequest(sequence=SEQUENCE))[0].delivery
    assert studio.step(row.id)
    for (chunk_id,) in studio.rows("SELECT id FROM chunks WHERE delivery_id = :id", id=row.id):
        claim = stepping.claim(studio.house, chunk_id)
        assert claim is not None
        hand = chunks.look(studio.house, claim)
        assert hand is not None
        chunks.made(studio.house, claim, hand.chunk, {"chunk": hand.chunk.number})
    for _ in range(2):  # to a media process; put together there
        assert studio.step(row.id)
    return caller, deliveries.get(studio.house, caller, row.id)


def _stored(studio: Studio, view: DeliveryView) -> set[str]:
    return {Path(file.key).name for file in studio.house.storage.list(f"deliveries/{view.delivery.id}")}


def _cleared(studio: Studio, view: DeliveryView) -> None:
    """Whatever is to be removed of it is, and strays no longer write."""
    while studio.one("SELECT count(*) FROM work WHERE subject_id = :id", id=view.delivery.id):
        studio.step(view.delivery.id)
        studio.clock.turn(timedelta(minutes=1))


def test_it_fails_with_every_check_told_and_only_its_reports_to_read(wrong: Studio) -> None:
    caller, found = _failed(wrong)
    failure = found.delivery.failure
    assert found.delivery.state is DeliveryState.FAILED
    assert failure is not None
    assert failure["detail"].startswith("The finished files are not what was asked for: check 0 of shot.mov")
    assert len(failure["checks"]) == 50  # the report has all sixty
    assert failure["checks"][0] == {
        "file": "shot.mov",
        "check": "check 0",
        "asked": "right",
        "found": "wrong",
    }
    assert [(file.role, file.name) for file in found.files] == [
        ("report", "report.json"),
        ("report", "report.html"),
    ]
    assert (found.delivery.clips, wrong.balance(caller)) == (None, (100, 0))
    with pytest.raises(IllegalTransitionError):
        deliveries.applied(wrong.house, caller, found.delivery.id)
    with pytest.raises(ConflictError):
        deliveries.request_archive(wrong.house, caller, found.delivery.id)
    again = deliveries.retry(wrong.house, caller, found.delivery.id)
    assert (again.delivery.state, again.files) == (DeliveryState.QUEUED, ())


def test_its_media_goes_at_once_and_its_reports_stay_until_the_take_does(wrong: Studio) -> None:
    caller, found = _failed(wrong)
    assert _stored(wrong, found) == {"shot.mov", "report.json", "report.html"}
    assert wrong.step(found.delivery.id)
    assert _stored(wrong, found) == {"report.json", "report.html"}
    assert used(wrong, caller)["delivery"] == REPORTS
    _cleared(wrong, found)

    wrong.house.storage.put_bytes(f"deliveries/{found.delivery.id}/stray.mov", b"late")
    wrong.clock.turn(timedelta(days=2))
    walked = [*storage_walk.whole_round(wrong.house, Manner())]
    assert [Path(file.key).name for each in walked for file in each.orphans] == ["stray.mov"]
    assert not [key for each in walked for key in each.missing if key.startswith("deliveries/")]
    assert _stored(wrong, found) == {"report.json", "report.html"}
    assert used(wrong, caller)["delivery"] == REPORTS

    ((generation_id,),) = wrong.rows("SELECT id FROM generations")
    endings.delete(wrong.house, caller, generation_id)
    assert wrong.step(generation_id)
    assert _stored(wrong, found) == set()
    assert used(wrong, caller) == {}
