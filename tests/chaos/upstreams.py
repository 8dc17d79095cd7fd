"""Two upstreams of different manners that misbehave at one request in five: one lists, the other does not."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.fakes.conduct import Conduct
from tests.fakes.faults import Door, Fault, Kind
from tests.fakes.luma import LumaAgents
from tests.fakes.luma_dream_machine import LumaDreamMachine
from tests.fakes.simulator import Simulator


@dataclass(frozen=True, slots=True)
class Billed:
    """One job on an upstream's bill."""

    provider: str
    prompt: str
    token: str


@dataclass(frozen=True, slots=True)
class Upstreams:
    """Both of them, with one bill."""

    simulators: tuple[Simulator, ...]

    @property
    def settings(self) -> dict[str, str]:
        """What a service needs to use them, at a pace that no limit slows."""
        found = {name: value for each in self.simulators for name, value in each.settings().items()}
        wide: dict[str, str] = {}
        for section in ("LUMA", "LUMA_DREAM_MACHINE"):
            wide |= {f"{section}_CONCURRENCY": "400", f"{section}_REQUESTS_PER_MINUTE": "100000"}
        return found | wide

    def bill(self) -> list[Billed]:
        """Every job that will be paid for; one that an upstream doubled by itself is its own affair."""
        return [
            Billed(simulator.name, job["prompt"], job["token"] or "")
            for simulator in self.simulators
            for job in simulator.books().jobs
            if job["billed"] and job["fault"] != Kind.DUPLICATE.value
        ]

    def struck(self) -> Counter[str]:
        """How many requests went wrong, by door and kind."""
        found: Counter[str] = Counter()
        for each in self.simulators:
            for fault, _, hit in each.faults.standing():
                heard = ", accepted" if fault.accepts else ""
                found[f"{fault.on.value}: {fault.kind.value}{heard}"] += hit
        return found


@contextmanager
def misbehaving(
    *, seed: int, share: float = 0.2, seconds: tuple[float, float] = (2.0, 6.0)
) -> Iterator[Upstreams]:
    """Upstreams whose requests go wrong at this rate, in every way that real ones do."""
    conduct = Conduct(seconds=seconds, seed=seed, picture_scale=0.1, fetches_inputs=False)
    with LumaAgents(conduct) as agents, LumaDreamMachine(conduct) as machine:
        for simulator in (agents, machine):
            simulator.faults.add(*_weather(share))
        yield Upstreams((agents, machine))


def _weather(share: float) -> list[Fault]:
    """Each door's faults add up to the share."""
    submit = [
        Fault(kind=Kind.REFUSE, status=503, probability=share / 8),
        Fault(kind=Kind.TOO_MANY, retry_after=1, probability=share / 8),
        Fault(kind=Kind.TOO_MANY, probability=share / 8),
        Fault(kind=Kind.ERROR, status=502, accepts=False, probability=share / 8),
        Fault(kind=Kind.ERROR, status=502, accepts=True, probability=share / 8),
        Fault(kind=Kind.RESET, accepts=True, probability=share / 8),
        Fault(kind=Kind.FAILED, probability=share / 8),
        Fault(kind=Kind.MODERATED, probability=share / 8),
    ]
    poll = [
        Fault(kind=Kind.ERROR, on=Door.POLL, status=503, probability=share / 4),
        Fault(kind=Kind.HTML, on=Door.POLL, probability=share / 4),
        Fault(kind=Kind.RESET, on=Door.POLL, probability=share / 4),
        Fault(kind=Kind.TOO_MANY, on=Door.POLL, probability=share / 4),
    ]
    others = [
        Fault(kind=Kind.TRUNCATE, on=Door.DOWNLOAD, probability=share / 2),
        Fault(kind=Kind.EXPIRED, on=Door.DOWNLOAD, probability=share / 2),
        Fault(kind=Kind.ERROR, on=Door.LIST, status=500, probability=share),
        Fault(kind=Kind.STORM, on=Door.CALLBACK, times=10, probability=share / 2),
        Fault(kind=Kind.FORGED, on=Door.CALLBACK, probability=share / 2),
    ]
    return [*submit, *poll, *others]
