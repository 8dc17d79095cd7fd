"""What is written down when a take has become ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plugin_backend.domain.keeping import Kept
from plugin_backend.domain.lifecycle import TakeEvent
from plugin_backend.domain.work import Claim
from plugin_backend.services.director import evaluating
from plugin_backend.services.house import House
from plugin_backend.services.keeping import storage_room
from plugin_backend.services.making.hands import TakeInHand
from plugin_backend.services.making.taking import ended, say
from plugin_backend.services.moves import move_take


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What we hold of a take: its source, its light files, and what was measured."""

    source: Mapping[str, Any]
    files: Mapping[str, Any]
    facts: Mapping[str, Any]
    measures: Mapping[str, Any]
    score: float | None
    verdict: str | None


def stored(house: House, claim: Claim, hand: TakeInHand, made: Stored) -> None:
    """The take is ours and can be played; it counts when the hold ends."""
    size = house.storage.size(Kept.TAKE.prefix(hand.take.id))
    with house.begin() as work:
        move_take(
            work,
            hand.take,
            TakeEvent.STORED,
            source=dict(made.source),
            files=dict(made.files),
            facts=dict(made.facts),
            measures=dict(made.measures),
            score=made.score,
            verdict=made.verdict,
            charged=True,
        )
        storage_room.record(work, Kept.TAKE, hand.take.id, owned=hand.take.owned, bytes_=size)
        evaluating.open_for(work, hand.take, kind=hand.generation.kind)
        say(work, hand, "measure", made.verdict or "Stored and measured.", data=made.measures)
        ended(work, claim, hand)
