"""A delivery that waits for its frame ranges."""

from datetime import timedelta

from plugin_backend.domain.delivery import DeliveryRequest
from plugin_backend.services import chunks, conforming, deliveries, stepping
from tests.domain.requests import SEQUENCE, asked
from tests.services.studio import Studio


def _make(studio: Studio, chunk_id: str) -> None:
    claim = stepping.claim(studio.house, chunk_id)
    assert claim is not None
    hand = chunks.look(studio.house, claim)
    assert hand is not None
    chunks.made(studio.house, claim, hand.chunk, {"chunk": hand.chunk.number})


def test_what_the_ranges_gave_is_read_once_every_one_is_made(studio: Studio) -> None:
    caller = studio.person()
    take_id = studio.finish(studio.ask(caller, asked())).takes[0].id
    row = deliveries.request(studio.house, caller, take_id, DeliveryRequest(sequence=SEQUENCE))[0].delivery
    studio.step(row.id)
    found = studio.rows("SELECT id FROM chunks WHERE delivery_id = :id ORDER BY number", id=row.id)
    ranges = [chunk_id for (chunk_id,) in found]
    assert len(ranges) > 1

    told = []
    for chunk_id in ranges:
        _make(studio, chunk_id)
        studio.clock.turn(timedelta(seconds=10))
        claim = stepping.claim(studio.house, row.id)
        assert claim is not None
        hand = conforming.look(studio.house, claim)
        assert hand is not None
        told.append([chunk.result for chunk in hand.chunks])
        conforming.wait(studio.house, claim, hand)

    nothing = [None] * len(ranges)
    assert told[:-1] == [nothing] * (len(ranges) - 1)
    assert told[-1] == [{"chunk": number} for number in range(len(ranges))]
