"""The queues, the workers that listen to them and the clock that fills them: RQ's part, without Redis.

Hints may be dropped, doubled, delayed or flushed, and the whole of Redis may be away for a while.
"""

from collections import deque
from collections.abc import Sequence
from operator import attrgetter
from typing import Final

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from plugin_backend.domain.work import Hint, Lane, Room
from plugin_backend.services.dispatching import sweep
from plugin_backend.services.house import House
from plugin_backend.services.keeping.tidying import tidy
from tests.simulation.processes import Crashed, Process, RuleBrokenError, ThreadedProcess
from tests.simulation.weather import Weather
from tests.simulation.world import World
from worker import steps
from worker.runtime import Runtime

_AT_ONCE: Final = 100  # a request leaves the rest to the dispatcher
_PER_LISTENER: Final = 20
_STALE_SECONDS: Final = 5.0
_SWEEP_SECONDS: Final = 2.0
_TIDY_EVERY: Final = 60  # sweeps
_LEAPS: Final = (-600.0, 3 * 3600.0)  # seconds: back over every grace and lease, ahead over a deadline
_BUSY_SECONDS: Final = 30.0  # between two sweeps, with nothing due before
_QUIET_SECONDS: Final = 3600.0  # the same, once the clients are done

_IS_HELD: Final = text("SELECT lease_until >= :now FROM work WHERE subject_id = :subject")
_NEXT_DUE: Final = text(
    "SELECT extract(epoch FROM min(greatest(next_at, coalesce(lease_until, next_at))) - :now) FROM work"
)


class Worker:
    """One worker process and the queue it listens to."""

    def __init__(self, process: ThreadedProcess, runtime: Runtime, *, queue: "Queue") -> None:
        self.process = process
        self.runtime = runtime
        self.queue = queue


class Queue:
    """Hints in order, each with the moment it was put here."""

    def __init__(self) -> None:
        self.hints: deque[tuple[str, float]] = deque()
        self.workers: list[Worker] = []

    @property
    def listeners(self) -> int:
        """How many processes are there to take a hint."""
        return sum(not worker.process.is_dead for worker in self.workers)


class Workforce:
    """Implements `Hints` for everybody and `Queues` for the dispatcher."""

    def __init__(self, engine: Engine, world: World, weather: Weather) -> None:
        self.seen = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self.world = world
        self.weather = weather
        self.steps = Queue()
        self.media = Queue()
        self.steps_done = 0
        self._away_until = 0.0

    def send(self, hints: Sequence[Hint]) -> None:
        """As a request or a step sends: what a short queue does not take is left to the dispatcher."""
        for hint in sorted(hints, key=attrgetter("subject_id")):  # a set to the database, an order to us
            if len(self._queue(hint.lane).hints) < _AT_ONCE and not self._is_away():
                self._post(hint)

    def dispatch(self, hints: Sequence[Hint]) -> None:
        """As the dispatcher sends."""
        for hint in hints:
            self._post(hint)

    def room(self) -> Room:
        """Room by lane."""
        free = {
            queue: max(0, _PER_LISTENER * max(1, queue.listeners) - len(queue.hints))
            for queue in (self.steps, self.media)
        }
        by_lane = {lane: free[self._queue(lane)] for lane in Lane}
        return Room(by_lane, steps_processes=max(1, self.steps.listeners))

    def waiting(self) -> frozenset[str]:
        """The rows with a fresh hint."""
        oldest = self.world.seconds - _STALE_SECONDS
        queues = (self.steps, self.media)
        return frozenset(subject for queue in queues for subject, at in queue.hints if at >= oldest)

    def is_away(self) -> bool:
        """Whether Redis does not answer; now and then it begins not to."""
        if self.weather.happens("hints-flushed"):
            self.steps.hints.clear()
            self.media.hints.clear()
        if not self._is_away() and self.weather.happens("redis-away"):
            self._away_until = self.world.seconds + self.weather.rng.uniform(1, 20)
        return self._is_away()

    @property
    def is_idle(self) -> bool:
        """Nobody works, nothing is queued."""
        queues = (self.steps, self.media)
        busy = any(not worker.process.is_idle for queue in queues for worker in queue.workers)
        return not busy and not any(queue.hints for queue in queues)

    def _is_away(self) -> bool:
        return not self.weather.calm and self.world.seconds < self._away_until

    def _post(self, hint: Hint) -> None:
        if self.weather.happens("hint-dropped"):
            return
        for _ in range(1 + self.weather.happens("hint-doubled")):
            late = self.weather.happens("hint-delayed")
            seconds = self.weather.rng.uniform(1, 60) if late else 0.0
            self.world.after(seconds, lambda: self._arrive(hint))

    def _arrive(self, hint: Hint) -> None:
        queue = self._queue(hint.lane)
        queue.hints.append((hint.subject_id, self.world.seconds))
        self._wake(queue)

    def _queue(self, lane: Lane) -> Queue:
        return self.media if lane.is_media else self.steps

    def _wake(self, queue: Queue) -> None:
        idle = [worker for worker in queue.workers if worker.process.is_idle]
        if idle and queue.hints:
            worker = self.weather.rng.choice(idle)
            self.world.after(self.weather.rng.uniform(0, 0.01), lambda: self._take(worker))

    def _take(self, worker: Worker) -> None:
        if worker.process.is_idle and worker.queue.hints:
            subject_id, _ = worker.queue.hints.popleft()
            worker.process.start(lambda: self._step(worker, subject_id))
            self._watch(worker)

    def _step(self, worker: Worker, subject_id: str) -> None:
        worker.process.begin_step(subject_id, alone=not self._is_held(worker, subject_id))
        try:
            worked = steps.advance(worker.runtime, subject_id)
            self.steps_done += worked  # read after the step: others may have run meanwhile
        except RuleBrokenError as broken:
            self.world.complaints.append(f"a step of {subject_id} {broken}")
        except OperationalError:
            pass  # the database went away again while the row was handed back: the lease runs out
        except Exception as error:  # noqa: BLE001 - a step that raises is a finding
            self.world.complaints.append(f"{subject_id.partition('_')[0]} step raised {error!r}"[:300])

    def _is_held(self, worker: Worker, subject_id: str) -> bool:
        """Whether somebody else is at work on a row and has its lease."""
        others = (each for queue in (self.steps, self.media) for each in queue.workers if each is not worker)
        if all(each.process.subject_id != subject_id for each in others):
            return False
        self.world.database_now()  # its looking takes a moment; the lease is judged by that of its claim
        found = {"subject": subject_id, "now": self.world.next_moment()}
        return bool(self.seen.execute(_IS_HELD, found).scalar_one_or_none())

    def _watch(self, worker: Worker) -> None:
        """What became of a step: it paused, the process died, or it ended."""
        process = worker.process
        if process.is_dead:
            self.world.after(self.weather.rng.uniform(0.5, 5), lambda: self._revive(worker))
        elif process.wakes_after is not None:
            self.world.after(process.wakes_after, lambda: self._resume(worker))
        self._wake(worker.queue)

    def _resume(self, worker: Worker) -> None:
        worker.process.resume()
        self._watch(worker)

    def _revive(self, worker: Worker) -> None:
        worker.process.revive()
        self._wake(worker.queue)


class _Dispatched:
    """The queues as the dispatcher sees them."""

    def __init__(self, workforce: Workforce) -> None:
        self.room = workforce.room
        self.waiting = workforce.waiting
        self.send = workforce.dispatch


class ClockProcess:
    """Sweeps every two seconds while there is work; looks ahead when there is none for a while."""

    def __init__(self, house: House, process: Process, workforce: Workforce) -> None:
        self._house = house
        self._process = process
        self._workforce = workforce
        self._sweeps = 0

    def start(self) -> None:
        """Sweep now, and again and again."""
        self._sweep()

    def _sweep(self) -> None:
        workforce, next_due = self._workforce, self.look_ahead()
        try:
            self._sweeps += 1
            if not workforce.is_away() and next_due is not None and next_due <= 0:
                sweep(self._house, _Dispatched(workforce))
            if self._sweeps % _TIDY_EVERY == 0:
                tidy(self._house)
        except Crashed:
            self._process.is_dead = False
        except OperationalError:
            pass
        if workforce.weather.happens("clock-jumped"):
            workforce.world.jump(workforce.weather.rng.uniform(*_LEAPS))
        quiet = workforce.is_idle and next_due is not None
        seconds = max(_SWEEP_SECONDS, next_due or 0.0) if quiet else _SWEEP_SECONDS
        longest = _QUIET_SECONDS if workforce.weather.calm else _BUSY_SECONDS
        workforce.world.after(min(seconds, longest), self._sweep)

    def look_ahead(self) -> float | None:
        """Not part of the service: seconds until a row is due; with none due now, a sweep finds nothing."""
        now = self._workforce.world.database_now()
        found = self._workforce.seen.execute(_NEXT_DUE, {"now": now}).scalar_one()
        return None if found is None else float(found)
