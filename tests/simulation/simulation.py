"""One run: a seed, a database, so many generations; then calm, and the audit."""

import secrets
import time
from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from dataclasses import asdict, dataclass, replace
from random import Random
from typing import Any, Final

import structlog
from obstore.store import MemoryStore
from sqlalchemy import text

from plugin_backend.domain.catalogue import Catalogue
from plugin_backend.files.storage import Storage
from plugin_backend.services import reconciliation
from plugin_backend.services.house import House
from plugin_backend.services.making import callbacks
from tests.simulation.audit import audit
from tests.simulation.clients import Clients
from tests.simulation.jobs import Upstream
from tests.simulation.media import SimulatedMedia
from tests.simulation.processes import Process, ThreadedProcess, close_engine, open_engine
from tests.simulation.storms import STORMS
from tests.simulation.upstream import UpstreamProvider
from tests.simulation.weather import Forecast, Weather
from tests.simulation.web import Desk, WebDoor
from tests.simulation.workforce import ClockProcess, Worker, Workforce
from tests.simulation.world import World
from worker.errands import InlineErrands
from worker.providers.animatic import AnimaticProvider
from worker.providers.protocol import Progress, Provider, Running, Stopped
from worker.runtime import Runtime

_STEP_WORKERS: Final = 16  # many stand still at any moment
_MEDIA_WORKERS: Final = 8
_WEB_PROCESSES: Final = 6
_CALM_AFTER: Final = 120.0  # virtual seconds after the last request: clients' second thoughts meet the faults
_SETTLED_BY: Final = 200 * 3600.0  # lost POSTs are asked after for two days
_STEPS_TO_SETTLE: Final = 400  # of each generation: what takes more goes round in circles
_LOOK_AGAIN: Final = 5.0
STORM: Final = "--storm="
_RECOVERED: Final = text("SELECT count(*) FROM generations WHERE recovered_from IS NOT NULL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a run came to; equal seeds have equal results but for `seconds`."""

    seed: int
    generations: int
    refused: int
    recovered: int
    """Takes that were found after they had ended, and delivered free."""
    steps: int
    events: int
    virtual_seconds: int
    fingerprint: int
    faults: dict[str, int]
    violations: list[str]
    seconds: float
    cpu_seconds: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def seed_ids(rng: Random) -> None:
    """Ids and tokens from the seed, so that a run can be run again; for a process that does nothing else."""
    seeded = {
        "randbits": rng.getrandbits,
        "token_bytes": lambda size=32: rng.randbytes(size),
        "token_urlsafe": lambda size=32: f"{rng.getrandbits(8 * size):x}",
    }
    vars(secrets).update(seeded)


_SIMULATED: Final = ("Broken", "UpstreamDownError", "OperationFailedError", "ChildDiedError", "StalledError")


def overhear(unexpected: list[str]) -> None:
    """Keep the log quiet, and note every step that broke on something nobody simulated."""

    def listen(_logger: Any, _method: str, said: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        error = str(said.get("error", ""))
        if said["event"] in ("step.broke", "watch.broke") and not error.startswith(_SIMULATED):
            unexpected.append(f"a step broke on {error[:300]}")
        if said["event"] == "ledger.unbalanced":
            unexpected.append(f"accounts were out of balance: {said['accounts']}")
        raise structlog.DropEvent

    structlog.configure(processors=[listen])


def _storm(options: Collection[str]) -> Forecast | None:
    asked = [option.removeprefix(STORM) for option in options if option.startswith(STORM)]
    return STORMS[asked[0]] if asked else None


class SeldomAsked(AnimaticProvider):
    """The engine, looked at less often than each second: the last range nudges, and looking fills the day.

    Its books are a provider's, though they lie in our database: to be told late to stop does no harm.
    """

    def __init__(self, house: House, process: Process) -> None:
        super().__init__(house)
        self._process = process

    def cancel(self, ref: str) -> Stopped | None:
        with self._process.abroad():
            return super().cancel(ref)

    def poll(self, refs: Sequence[str]) -> Mapping[str, Progress]:
        found = super().poll(refs)
        return {
            ref: replace(p, look_again_seconds=_LOOK_AGAIN) if isinstance(p, Running) else p
            for ref, p in found.items()
        }


class Simulation:
    """The service with its workers, people and providers, under one seed."""

    def __init__(self, url: str, *, seed: int, generations: int, options: Collection[str] = ()) -> None:
        self.seed = seed
        self.world = World()
        self.weather = Weather(Random(f"{seed}/weather"), _storm(options))
        self.engine = open_engine(url)
        self.workforce = Workforce(self.engine, self.world, self.weather)
        overhear(self.world.complaints)
        self.storage = Storage(MemoryStore())
        self.upstreams = [
            Upstream("luma", world=self.world, weather=self.weather, lists=True),
            Upstream(
                "luma-dream-machine", world=self.world, weather=self.weather, lists=True, calls_back=True
            ),
            Upstream("atlas", world=self.world, weather=self.weather, lists=False, calls_back=True),
        ]
        self._processes: list[ThreadedProcess] = []
        door = WebDoor([self._desk(f"web-{number}") for number in range(_WEB_PROCESSES)], world=self.world)
        self.world.when_one_calls_back = lambda name, token: door.call(
            lambda house: callbacks.hear(house, name, token)
        )
        office = self._house(self._process("office"))
        self.clients = Clients(office, door, world=self.world, weather=self.weather, wanted=generations)
        clock = self._process("clock")
        self.clock = ClockProcess(self._house(clock), clock, self.workforce)
        for number in range(_STEP_WORKERS):
            self._hire(f"steps-{number}", media=False)
        for number in range(_MEDIA_WORKERS):
            self._hire(f"media-{number}", media=True)

    def run(self) -> Result:
        """Everything, from the first request to the audit."""
        started, cpu = time.perf_counter(), time.process_time()
        self.weather.calm = True  # the world is built in good weather
        self.clients.move_in()
        self.weather.calm = False
        self.clock.start()
        self._go_on(until=lambda: self.clients.have_asked)
        self._go_on(until=self._later(_CALM_AFTER))
        self.weather.calm = True
        self._settle()
        violations = self.world.complaints or self._audit()  # nothing has settled where it stopped early
        recovered = self.workforce.seen.execute(_RECOVERED).scalar_one()
        for process in self._processes:
            process.close()
        self.workforce.seen.close()
        close_engine(self.engine)
        return Result(
            seed=self.seed,
            generations=self.clients.accepted,
            refused=self.clients.refused,
            recovered=recovered,
            steps=self.workforce.steps_done,
            events=self.world.events,
            virtual_seconds=round(self.world.seconds),
            fingerprint=self.world.fingerprint,
            faults=dict(sorted(self.weather.counts.items())),
            violations=violations,
            seconds=time.perf_counter() - started,
            cpu_seconds=time.process_time() - cpu,
        )

    def _settle(self) -> None:
        """Let everything end, and what is asked after later, until there is nothing left to ask after."""
        late, restless = self._later(_SETTLED_BY), self._after_steps(_STEPS_TO_SETTLE)
        while not (late() or restless() or self.world.complaints):
            self._go_on(until=lambda: self._is_settled() or late() or restless())
            if not reconciliation.sweep(self.clients.house):
                return

    def _go_on(self, *, until: Callable[[], bool]) -> None:
        self.world.run(until=lambda: bool(self.world.complaints) or until())

    def _audit(self) -> list[str]:
        return audit(
            self.clients.house,
            clients=self.clients,
            upstreams=self.upstreams,
            storage=self.storage,
            now=self.world.seconds,
        )

    def _is_settled(self) -> bool:
        return self.workforce.is_idle and self.clients.are_done and self.clock.look_ahead() is None

    def _later(self, seconds: float) -> Callable[[], bool]:
        end = self.world.seconds + seconds
        return lambda: self.world.seconds >= end

    def _after_steps(self, each: int) -> Callable[[], bool]:
        most = self.workforce.steps_done + each * self.clients.accepted
        return lambda: self.workforce.steps_done > most

    def _process(self, name: str) -> Process:
        return Process(name, self.engine, world=self.world, weather=self.weather)

    def _house(self, process: Process) -> House:
        return House(
            engine=process.engine,
            clock=process,
            hints=self.workforce,
            storage=self.storage,
            catalogue=Catalogue.load(),
            token_pepper="p" * 32,
            configured_providers=frozenset(upstream.name for upstream in self.upstreams),
            failpoint=process.point,
        )

    def _threaded(self, name: str) -> ThreadedProcess:
        process = ThreadedProcess(name, self.engine, world=self.world, weather=self.weather)
        self._processes.append(process)
        return process

    def _desk(self, name: str) -> Desk:
        process = self._threaded(name)
        return Desk(process, self._house(process))

    def _hire(self, name: str, *, media: bool) -> None:
        process = self._threaded(name)
        house = self._house(process)
        providers: dict[str, Provider] = {"animatic": SeldomAsked(house, process)}
        for upstream in self.upstreams:
            providers[upstream.name] = UpstreamProvider(upstream, process)
        child = SimulatedMedia(process, storage=self.storage, weather=self.weather) if media else None
        runtime = Runtime(
            house=house,
            providers=providers,
            media=child,
            errands=None if media else InlineErrands(),
            monotonic=lambda: self.world.seconds,
        )
        queue = self.workforce.media if media else self.workforce.steps
        queue.workers.append(Worker(process, runtime, queue=queue))
