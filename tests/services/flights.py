"""Takes on their way to a provider, waiting for it, or with it; and what the dispatcher does about them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from plugin_backend.db.generations import GenerationView
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.lifecycle import TakeState
from plugin_backend.domain.making.health import FAILURES_TO_OPEN, Call
from plugin_backend.domain.making.providers import ProviderLimits
from plugin_backend.domain.work import Claim, Hint, Lane, Room, watch_hint
from plugin_backend.services import stepping
from plugin_backend.services.dispatching import sweep
from plugin_backend.services.making import hands, manners
from tests.services.remote import PRICE, RAY_32, Remote, far, work_off
from tests.services.studio import Studio
from worker import steps
from worker.providers.protocol import Progress, Running

RUNNING = Running(0.25)
LONG = timedelta(minutes=2)


class Lanes:
    """Queues with so much room for each lane, that note what they are sent."""

    def __init__(self, free: int) -> None:
        self.free = free
        self.sent: list[Hint] = []
        self.on_queue: frozenset[str] = frozenset()

    def room(self) -> Room:
        return Room(dict.fromkeys(Lane, self.free), steps_processes=1)

    def waiting(self) -> frozenset[str]:
        return self.on_queue

    def send(self, hints: object) -> None:
        assert isinstance(hints, list)
        self.sent += hints

    @property
    def ids(self) -> list[str]:
        return [hint.subject_id for hint in self.sent]


@dataclass
class Polled(Remote):
    """Notes what it is asked together, and may break on it."""

    polls: list[tuple[str, ...]] = field(default_factory=list)
    breaks: Exception | None = None
    on_poll: Callable[[], None] = lambda: None

    def poll(self, refs: Sequence[str]) -> Mapping[str, Progress]:
        self.polls.append(tuple(refs))
        self.on_poll()
        if self.breaks is not None:
            raise self.breaks
        return super().poll(refs)


def flying(studio: Studio, *, takes: int = 1, count: int = 1) -> tuple[Caller, list[GenerationView]]:
    """Generations whose takes were accepted and are not finished."""
    caller = studio.person(credits_granted=takes * count * PRICE)
    views = [studio.ask(caller, replace(RAY_32, takes=takes)) for _ in range(count)]
    work_off(studio)
    assert {take.state for view in views for take in studio.see(view.generation.id).takes} == {
        TakeState.SUBMITTED
    }
    return caller, views


def call_watcher(studio: Studio, *, after: timedelta = LONG) -> None:
    """The dispatcher calls the watcher, a while later."""
    studio.clock.turn(after)
    steps.advance(studio.runtime, watch_hint("luma").subject_id)


def due_in(studio: Studio) -> list[float]:
    """In how many seconds each watched take is looked at next."""
    rows = studio.rows("SELECT next_at FROM work WHERE lane = 'watch' ORDER BY next_at")
    return [(at - studio.clock.moment).total_seconds() for (at,) in rows]


def limited(studio: Studio, *remotes: Remote, places: int) -> Studio:
    """The studio with these providers, each with so many places."""
    studio = far(studio, *remotes)
    limits = {each.name: ProviderLimits(concurrency=places, requests_per_minute=10**6) for each in remotes}
    house = replace(studio.house, provider_limits=limits)
    return replace(studio, house=house, runtime=replace(studio.runtime, house=house))


def under_way(studio: Studio, *, count: int, caller: Caller | None = None) -> list[GenerationView]:
    """So many generations of one person, their takes due for their first step."""
    person = caller or studio.person(credits_granted=10_000)
    views = [studio.ask(person, RAY_32) for _ in range(count)]
    for _ in range(2):
        for view in views:
            studio.step(view.generation.id)
    return views


def hold(studio: Studio, view: GenerationView) -> tuple[Claim, hands.TakeInHand]:
    claim = stepping.claim(studio.house, view.takes[0].id)
    assert claim is not None
    hand = hands.look(studio.house, claim)
    assert hand is not None
    return claim, hand


def lane(studio: Studio, view: GenerationView) -> str:
    found: str = studio.one("SELECT lane FROM work WHERE subject_id = :id", id=view.takes[0].id)
    return found


def break_circuit(studio: Studio, name: str = "luma") -> None:
    for _ in range(FAILURES_TO_OPEN):
        manners.failed(studio.house, name, Call.SENDING, "nothing there")


def swept(studio: Studio) -> Sequence[str]:
    """The takes that the dispatcher calls."""
    return [each for each in hinted(studio) if each.startswith("take_")]


def hinted(studio: Studio) -> Sequence[str]:
    """All that the dispatcher calls, watchers and takes it only looks in on included."""
    queues = Lanes(100)
    sweep(studio.house, queues)
    return queues.ids
