"""One transaction, its moment, and the hints that go out after it commits."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, Engine

from plugin_backend.db.driver import begin
from plugin_backend.domain.work import Hint, Hints, Lane


class Clock(Protocol):
    """Where `now` comes from."""

    def now(self, connection: Connection) -> datetime:
        """The present moment, aware and in UTC; the first thing that is asked in a transaction."""


class DatabaseClock:
    """The database's clock: one for all processes, whatever their own clocks say."""

    def now(self, connection: Connection) -> datetime:
        return begin(connection)


class UnitOfWork:
    """An open transaction. Leave the block and it commits; raise and nothing happened."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self.connection = connection
        self.now = now
        self._hints: dict[str, Hint] = {}

    def hint(self, subject_id: str, lane: Lane) -> None:
        """Tell the workers after the commit; a lost hint is found by the dispatcher."""
        self._hints[subject_id] = Hint(subject_id, lane)

    @property
    def hints(self) -> Sequence[Hint]:
        """What to send once the commit is durable."""
        return tuple(self._hints.values())


@contextmanager
def unit_of_work(engine: Engine, *, clock: Clock, hints: Hints) -> Iterator[UnitOfWork]:
    """Commit, then enqueue: hints leave only after the transaction is durable."""
    with engine.begin() as connection:
        work = UnitOfWork(connection, clock.now(connection))
        yield work
    if work.hints:
        hints.send(work.hints)
