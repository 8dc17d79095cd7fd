"""A worker process of the simulation: a thread with a baton, so that it can crash or pause anywhere.

Only the holder of the baton runs. Between transactions a process may pause for longer than its lease, and
others overtake it; within one it may pause for a while, and others run into its locks: they wait for a moment
of real time and give up, which is always the same, as whoever holds a lock stands still. A crash unwinds a
process: its open transaction rolls back and nothing of it writes afterwards.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event, text
from sqlalchemy.exc import OperationalError

from tests.simulation.weather import LONGEST_IN_FLIGHT, LONGEST_INSIDE, Act, Weather
from tests.simulation.world import World

_BREATH_SECONDS: Final = 0.5
_HAS_WRITTEN: Final = text("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
_TAKES_OFF, _LANDS = "take:before-post", "take:after-post"


class Crashed(BaseException):
    """The process is gone; only the simulation sees this."""


class Broken(RuntimeError):  # noqa: N818 - named after what happened to the step
    """An error nobody thought of."""


class RuleBrokenError(BaseException):
    """A process did what the design forbids: its step is ended on the spot."""


def live_virtually() -> None:
    """Let `time.sleep` and `time.monotonic` know virtual time only; for a process that does but simulate."""
    vars(time).update({"sleep": _sleep, "monotonic": _monotonic})


def _sleep(seconds: float) -> None:
    process = getattr(_LOCAL, "process", None)
    if process is not None:  # what has no thread of its own cannot wait
        process.work_for(seconds)


def _monotonic() -> float:
    process = getattr(_LOCAL, "process", None)
    return _REALLY() if process is None else process.seconds


_REALLY: Final = time.monotonic
_LOCAL: Final = threading.local()


def database_away() -> OperationalError:
    """What SQLAlchemy raises when the server has gone."""
    return OperationalError("any statement", {}, ConnectionError("the server closed the connection"))


class LastingPool(QueuePool):
    """Keeps its connections when a process crashes: here that has rolled them back, and they are sound."""

    def dispose(self) -> None:
        pass

    def recreate(self) -> "LastingPool":
        return self


_ALL_TABLES: Final = text("SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public'")


def open_engine(url: str) -> Engine:
    """One pool for all: hardly ever is more than one connection in use, and its statements stay prepared."""
    options = {"options": "-c timezone=UTC -c lock_timeout=2"}
    engine = create_engine(
        url, poolclass=LastingPool, pool_use_lifo=True, max_overflow=-1, connect_args=options
    )
    _keep_vacuum_from_locking(engine)
    return engine


def _keep_vacuum_from_locking(engine: Engine) -> None:
    """Autovacuum locks a whole table to cut off its empty end, whenever it likes: no seed knows of that."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        for table in connection.scalars(_ALL_TABLES).all():
            off = f"ALTER TABLE {table} SET (vacuum_truncate = off, toast.vacuum_truncate = off)"
            connection.execute(text(off))


def close_engine(engine: Engine) -> None:
    """Now the connections go, too."""
    assert isinstance(engine.pool, QueuePool)
    QueuePool.dispose(engine.pool)


class Process:
    """Something that can crash or pause: what the points of its steps come to."""

    def __init__(self, name: str, engine: Engine, *, world: World, weather: Weather) -> None:
        self.name = name
        self.engine = engine.execution_options(process=name)  # the same pool, with events of its own
        self.is_dead = False
        self.flight_left: float | None = None
        self.claims_alone = True  # False: the row it goes for is held, and it has not waited since
        self.records_a_fact = False  # what a provider has accepted is written by whoever knows it
        self.subject_id: str | None = None
        self._has_claimed = False
        self._world = world
        self._weather = weather
        self._in_transaction = self._is_abroad = False
        event.listen(self.engine, "before_cursor_execute", self._executing)
        event.listen(self.engine, "commit", self._committing)
        event.listen(self.engine, "rollback", self._rolled_back)

    @property
    def seconds(self) -> float:
        """Since the world began."""
        return self._world.seconds

    def now(self, _connection: Connection) -> datetime:
        """The clock of its house, read as each transaction begins: the moment between two of them."""
        self._in_transaction = False
        self._check_alive()
        match self._weather.at_begin():
            case Act.CRASH:
                self.crash()
            case Act.PAUSE:
                self._pause(self._long())
            case Act.BREATHE:
                self._pause(self._weather.rng.uniform(0, _BREATH_SECONDS))
            case Act.DATABASE_AWAY:
                raise database_away()
        self._in_transaction = True
        self._world.note(self.name, "begins")
        return self._world.database_now()

    def point(self, name: str) -> None:
        """The failpoint of its house."""
        self._check_alive()
        self._world.note(self.name, name)
        if name == "step:claimed" and not self.claims_alone:
            raise RuleBrokenError("claimed a row while another process held it")
        if name == "step:claimed" and self.subject_id is not None:
            self._world.holders[self.subject_id] = self
            self._has_claimed = True
        if name in (_TAKES_OFF, "take:after-find"):
            self.records_a_fact = True
        if name in (_TAKES_OFF, _LANDS):
            self.flight_left = LONGEST_IN_FLIGHT if name == _TAKES_OFF else None
        match self._weather.at_point(name):
            case Act.CRASH:
                self.crash()
            case Act.PAUSE if self._in_transaction:
                self._pause_inside()
            case Act.PAUSE:
                self._pause(self._long())
            case Act.BREAK:
                raise Broken(name)

    def work_for(self, seconds: float) -> None:
        """Be busy for a while, outside any transaction."""
        self._pause(seconds)

    def crash(self) -> None:
        """End here; whatever runs on the way out writes nothing."""
        self.is_dead = True
        raise Crashed

    @contextmanager
    def abroad(self) -> Iterator[None]:
        """At a provider, whose books no lease of ours guards: any caller may be late there."""
        self._is_abroad = True
        try:
            yield
        finally:
            self._is_abroad = False

    def begin_step(self, subject_id: str, *, alone: bool) -> None:
        """It goes for a row, which nobody else holds if it is `alone`."""
        self._world.note(self.name, subject_id)
        self.subject_id, self.claims_alone = subject_id, alone
        self._has_claimed = self.records_a_fact = False

    def _is_overtaken(self) -> bool:
        """Whether somebody else has claimed its row since, and it has no acceptance to record."""
        if self.subject_id is None or not self._has_claimed or self.records_a_fact or self._is_abroad:
            return False
        return self._world.holders.get(self.subject_id, self) is not self

    def _long(self) -> float:
        """A pause over the lease; while a POST is under way all of them together are bounded."""
        seconds = self._weather.pause_seconds(in_flight=self.flight_left)
        if self.flight_left is not None:
            self.flight_left -= seconds
        return seconds

    def _pause_inside(self) -> None:
        self._pause(self._weather.rng.uniform(0, LONGEST_INSIDE))

    def _pause(self, seconds: float) -> None:
        """Only what has a thread of its own can stand still."""

    def _executing(self, *_: Any) -> None:
        if self._in_transaction and self._weather.at_statement() is Act.PAUSE_INSIDE:
            self._pause_inside()

    def _check_alive(self) -> None:
        if self.is_dead:
            raise Crashed

    def _committing(self, connection: Connection) -> None:
        self._check_alive()
        self._in_transaction = False
        if self._is_overtaken() and connection.execute(_HAS_WRITTEN).scalar_one():
            raise RuleBrokenError("wrote after another process had claimed its row")
        act = self._weather.at_commit()
        if act is Act.CRASH:
            self.crash()
        if act is Act.COMMIT_UNKNOWN:
            dbapi_connection = connection.connection.dbapi_connection
            assert dbapi_connection is not None
            dbapi_connection.commit()
            raise database_away()

    def _rolled_back(self, _connection: Connection) -> None:
        self._in_transaction = False


class ThreadedProcess(Process):
    """A process whose step runs in a thread, handed the baton by the scheduler and handing it back."""

    def __init__(self, name: str, engine: Engine, *, world: World, weather: Weather) -> None:
        super().__init__(name, engine, world=world, weather=weather)
        self.wakes_after: float | None = None
        self._job: Callable[[], None] | None = None
        self._go, self._back = threading.Lock(), threading.Lock()
        self._go.acquire()
        self._back.acquire()
        self._thread = threading.Thread(target=self._live, name=name, daemon=True)
        self._thread.start()

    @property
    def is_idle(self) -> bool:
        """Whether it could take a job."""
        return self._job is None and not self.is_dead

    def start(self, job: Callable[[], None]) -> None:
        """Run a job until it ends, crashes or pauses; `wakes_after` tells a pause."""
        assert self.is_idle
        self._job = job
        self.resume()

    def resume(self) -> None:
        """Go on after a pause."""
        self.wakes_after = None
        self._go.release()
        self._back.acquire()

    def revive(self) -> None:
        """The platform starts it again."""
        self.is_dead = False

    def close(self) -> None:
        """End the thread, wherever it stands."""
        self.is_dead = True
        while self._job is not None:
            self.resume()
        self._go.release()
        self._thread.join()

    def _pause(self, seconds: float) -> None:
        self.wakes_after = seconds
        self.claims_alone = True
        if self.subject_id is not None:
            self._world.when_one_stands_still(self.subject_id, seconds)
        self._back.release()
        self._go.acquire()
        self._check_alive()

    def _live(self) -> None:
        _LOCAL.process = self
        while True:
            self._go.acquire()
            if self._job is None:
                return
            try:
                self._job()
            except Crashed:
                pass
            finally:
                self._job = self.subject_id = None
                self.flight_left = None
                self._back.release()
