"""The sweep: due rows become hints on short queues, drafts first, everybody in turn."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from plugin_backend.db import work as work_rows
from plugin_backend.domain.work import Hint, Lane
from plugin_backend.services.house import House

LANES: Final = (
    (Lane.STEP_DRAFT, Lane.STEP_MASTER),
    (Lane.MEDIA_DRAFT, Lane.MEDIA_MASTER),
)
"""Lanes that share workers; in each pair the first goes first."""


class Queues(Protocol):
    """The workers' queues, as the dispatcher sees them."""

    def room(self) -> Mapping[Lane, int]:
        """How many more hints each lane's queue takes before it is no longer short."""

    def waiting(self) -> frozenset[str]:
        """The rows that have a hint on some queue already."""

    def send(self, hints: Sequence[Hint]) -> None:
        """Put hints on their queues; never raises."""


def sweep(house: House, queues: Queues) -> int:
    """One round: returns how many hints were sent."""
    room, waiting = queues.room(), queues.waiting()
    chosen: list[Hint] = []
    with house.begin() as work:
        for lanes in LANES:
            for lane in lanes:
                free = room[lane]
                if free <= 0:
                    continue
                due = work_rows.due(work.connection, [lane], now=work.now, limit=free + len(waiting))
                fresh = [hint for hint in due if hint.subject_id not in waiting][:free]
                chosen.extend(fresh)
        if chosen:
            work_rows.served(work.connection, [hint.subject_id for hint in chosen], now=work.now)
    queues.send(chosen)
    return len(chosen)
