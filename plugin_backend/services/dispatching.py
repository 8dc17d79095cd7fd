"""The sweep: due rows become hints on short queues, drafts first, everybody in turn.

Rows about a provider are counted by provider, so that one that hangs holds up no other. A provider's watcher
is called once, however many of its takes are due.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final, Protocol

from plugin_backend.db import work as work_rows
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.work import Load
from plugin_backend.domain.work import MOST_WEBHOOKS, Hint, Lane, Room, watch_hint
from plugin_backend.services.house import House
from plugin_backend.services.making import manners

LANES: Final = (
    (Lane.STEP_DRAFT, Lane.STEP_MASTER),
    (Lane.PROVIDER_DRAFT, Lane.PROVIDER_MASTER),
    (Lane.WAITING_DRAFT, Lane.WAITING_MASTER),
    (Lane.WATCH,),
    (Lane.WEBHOOK,),
    (Lane.MEDIA_DRAFT, Lane.MEDIA_MASTER),
)
"""Lanes that share workers; of those together the first goes first."""

_STEPS, _PROVIDERS, _IN_LINE, _, _, _MEDIA = LANES

_LOOK_IN: Final = timedelta(minutes=1)
"""How long a take waits in line before it is looked at all the same: it may have waited long enough."""


class Queues(Protocol):
    """The workers' queues, as the dispatcher sees them."""

    def room(self) -> Room:
        """How many more hints each lane's queue takes before it is no longer short."""

    def waiting(self) -> frozenset[str]:
        """The rows that have a hint on some queue already."""

    def send(self, hints: Sequence[Hint]) -> None:
        """Put hints on their queues; never raises."""


def sweep(house: House, queues: Queues) -> int:
    """One round: returns how many hints were sent to where something is to be done."""
    room, waiting = queues.room(), queues.waiting()
    with house.begin() as work:
        chosen = _Choice(work, room, waiting, work_rows.loads(work.connection, now=work.now))
        chosen.watchers()
        for lane in (*_STEPS, *_MEDIA):
            if any(load.due for load in chosen.loads if load.lane is lane):
                chosen.rows(lane, chosen.room.free[lane])
        looked_in = _of_providers(house, chosen)
        called = _webhooks(chosen)
        if chosen.hints:
            work_rows.served(work.connection, [hint.subject_id for hint in chosen.hints], now=work.now)
    queues.send([*chosen.hints, *called, *looked_in])
    return len(chosen.hints) + len(called)


class _Choice:
    """What one round has chosen so far."""

    def __init__(self, work: UnitOfWork, room: Room, waiting: frozenset[str], loads: Sequence[Load]) -> None:
        self.work = work
        self.loads = loads
        self.room = room
        self.hints: list[Hint] = []
        self._waiting = waiting

    def watchers(self) -> None:
        """Call the watcher of every provider that has a take due."""
        watched = (load for load in self.loads if load.lane is Lane.WATCH and load.due)
        hints = [watch_hint(load.topic) for load in watched if load.topic is not None]
        self.hints += [hint for hint in hints if hint.subject_id not in self._waiting]

    def rows(self, lane: Lane, most: int, *, topic: str | None = None) -> int:
        """Choose up to so many rows of a lane; returns how many there were."""
        fresh = self.fresh(lane, most, topic=topic)
        self.hints += fresh
        return len(fresh)

    def fresh(
        self, lane: Lane, most: int, *, topic: str | None = None, waited: timedelta = timedelta(0)
    ) -> Sequence[Hint]:
        """The next rows of a lane that have no hint yet."""
        if most <= 0:
            return []
        due = work_rows.due(
            self.work.connection,
            [lane],
            now=self.work.now,
            limit=most + len(self._waiting),
            topic=topic,
            waited=waited,
        )
        return [hint for hint in due if hint.subject_id not in self._waiting][:most]


def _of_providers(house: House, chosen: _Choice) -> Sequence[Hint]:
    """Rows about providers, as many of each as processes have places for it; returns those only looked at."""
    due = [load for load in chosen.loads if load.due and load.topic is not None]
    for load in due:
        if load.lane in _PROVIDERS:
            chosen.rows(load.lane, _places(chosen, load), topic=load.topic)
    in_line = [load for load in due if load.lane in _IN_LINE]
    providers = {load.topic for load in in_line if load.topic is not None}
    room = dict(manners.room(chosen.work, house, providers)) if in_line else {}
    looked_in: list[Hint] = []
    for load in in_line:  # drafts before masters: the lanes come in that order
        assert load.topic is not None
        called = chosen.rows(load.lane, min(room[load.topic], _places(chosen, load)), topic=load.topic)
        room[load.topic] -= called
        if not called:
            looked_in += chosen.fresh(load.lane, 1, topic=load.topic, waited=_LOOK_IN)
    return looked_in


def _webhooks(chosen: _Choice) -> Sequence[Hint]:
    """Messages to endpoints, a few of each host, those with the least under way first.

    They take nobody's turn.
    """
    called: list[Hint] = []
    loads = [load for load in chosen.loads if load.lane is Lane.WEBHOOK]
    room = MOST_WEBHOOKS * chosen.room.steps_processes - sum(load.leased for load in loads)
    for load in sorted(loads, key=_busyness(chosen.work)):
        if room > 0 and load.due:
            fresh = chosen.fresh(load.lane, min(room, _places(chosen, load)), topic=load.topic)
            called += fresh
            room -= len(fresh)
    return called


def _busyness(work: UnitOfWork) -> Callable[[Load], tuple[int, str]]:
    """Among equals, chance decides, and again each second: nobody is always last."""
    second = int(work.now.timestamp())

    def busyness(load: Load) -> tuple[int, str]:
        return load.leased, hashlib.sha256(f"{second}:{load.topic}".encode()).hexdigest()

    return busyness


def _places(chosen: _Choice, load: Load) -> int:
    """How many more steps of this lane the processes can have under way with this provider."""
    lane = load.lane.begun
    together = (lane, lane.waiting)
    busy = sum(each.leased for each in chosen.loads if each.topic == load.topic and each.lane in together)
    return min(chosen.room.free[lane], lane.places * chosen.room.steps_processes - busy)
