"""How bad a run's world is: each seed stirs up other corners, so that a few seeds reach all of them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Final

from plugin_backend.domain.work import STEP_LEASE

NAMED_POINTS: Final = (
    "step:claimed",
    "generation:before-commit",
    "take:before-intent",
    "take:before-post",
    "take:after-post",
    "take:after-find",
    "take:after-cancel",
    "take:after-poll",
    "take:before-fetched",
    "take:before-stored",
    "watch:claimed",
    "watch:after-poll",
    "watch:before-end",
    "chunk:before-made",
    "delivery:before-ready",
    "delivery:after-ready",
    "media:frames",
    "upstream:before-accept",
)
_DOUBTFUL_POINTS: Final = ("take:before-post", "take:after-post", "take:after-find")

LEASE: Final = STEP_LEASE.total_seconds()
LONGEST_IN_FLIGHT: Final = 40.0  # of a POST's step, as its time-out bounds it; over the lease of 30 s
LONGEST_ARRIVAL: Final = 15.0  # a POST that was given up may reach the provider this much later
LONGEST_PAUSE: Final = 100.0


class Act(StrEnum):
    """What can happen to a process at a point."""

    CRASH = "crash"
    PAUSE = "pause"
    BREATHE = "breathe"  # a pause so short that only the order of things changes
    BREAK = "break"  # an error nobody thought of
    DATABASE_AWAY = "database-away"
    COMMIT_UNKNOWN = "commit-unknown"  # the commit happened, the connection died before it could say so


@dataclass(slots=True)
class Weather:
    """Draws what happens next; `calm` ends every fault at once."""

    rng: Random
    calm: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    _points: dict[str, float] = field(default_factory=dict)
    _edges: dict[Act, float] = field(default_factory=dict)
    _odds: dict[str, float] = field(default_factory=dict)
    _acts: Mapping[Act, float] = field(default_factory=dict)
    _steered: float | None = None  # set: a POST's pauses outlast the lease, all others stay short of it

    def __post_init__(self) -> None:
        rng = self.rng
        self._points = dict.fromkeys(NAMED_POINTS, rng.choice((0.0, 0.01, 0.02)))
        for name in rng.sample(NAMED_POINTS, 4):
            self._points[name] = rng.uniform(0.1, 0.4)
        if rng.random() < 0.4:
            self._points |= dict.fromkeys(_DOUBTFUL_POINTS, 0.3)
        self._acts = {
            Act.CRASH: rng.choice((1.0, 1.0, 4.0)),
            Act.PAUSE: rng.choice((1.0, 2.0, 8.0)),
            Act.BREAK: rng.choice((0.0, 0.2, 0.5)),
        }
        self._edges = {
            Act.CRASH: rng.choice((0.0, 0.002, 0.01)),
            Act.PAUSE: rng.choice((0.0, 0.002, 0.01)),
            Act.BREATHE: rng.choice((0.02, 0.1, 0.2)),
            Act.DATABASE_AWAY: rng.choice((0.0, 0.0, 0.003)),
            Act.COMMIT_UNKNOWN: rng.choice((0.0, 0.001, 0.005)),
        }
        self._odds = {name: rng.choice(levels) for name, levels in _ODDS.items()}
        if self._points["take:after-find"] > 0.2:  # a storm over the moment that matters most
            self._odds |= {"post-doubtful": 0.5, "arrives-late": 0.6}

    def at_point(self, point: str, *, pausable: bool) -> Act | None:
        """What happens where the code names a moment."""
        if self.calm or self.rng.random() >= self._points[point]:
            return None
        acts = {act: weight for act, weight in self._acts.items() if pausable or act is not Act.PAUSE}
        return self._counted(self.rng.choices(list(acts), list(acts.values()))[0])

    def at_begin(self) -> Act | None:
        """What happens between two transactions."""
        return self._edge(Act.CRASH, Act.PAUSE, Act.BREATHE, Act.DATABASE_AWAY)

    def at_commit(self) -> Act | None:
        """What happens just before a commit."""
        return self._edge(Act.CRASH, Act.COMMIT_UNKNOWN)

    def happens(self, what: str) -> bool:
        """Whether one of the world's other faults strikes now."""
        if self.calm or self.rng.random() >= self._odds[what]:
            return False
        self.counts[what] += 1
        return True

    def keep_clock_steady(self) -> None:
        """No jumps, to see everything else more clearly."""
        self._odds["clock-jumped"] = 0.0

    def be_doubtful(self) -> None:
        """Only the moment that matters most: between an intent and the listing that may not know it."""
        self._points = dict.fromkeys(NAMED_POINTS, 0.0) | dict.fromkeys(_DOUBTFUL_POINTS, 0.4)
        self._acts = {Act.PAUSE: 1.0}
        self._edges = dict.fromkeys(self._edges, 0.0)
        self._odds = dict.fromkeys(self._odds, 0.0) | {"post-doubtful": 0.5, "arrives-late": 0.8}
        self._steered = LEASE / 2

    def pause_seconds(self, *, in_flight: float | None) -> float:
        """About as often longer than the lease as short of it; `in_flight`: what is left to a POST."""
        longest = LONGEST_PAUSE if in_flight is None else in_flight
        outlasts = self.rng.random() < 0.5 if self._steered is None else in_flight is not None
        shortest, most = (LEASE, longest) if outlasts else (self._steered or 1.0, LEASE - 1)
        return self.rng.uniform(min(shortest, longest), min(most, longest))

    def _edge(self, *acts: Act) -> Act | None:
        if self.calm:
            return None
        drawn = self.rng.random()
        for act in acts:
            drawn -= self._edges[act]
            if drawn < 0:
                return self._counted(act)
        return None

    def _counted(self, act: Act) -> Act:
        if act is not Act.BREATHE:
            self.counts[act] += 1
        return act


_RARE: Final = (0.0, 0.01, 0.05)
_SOME: Final = (0.0, 0.05, 0.3)
_ODDS: Final[Mapping[str, tuple[float, ...]]] = {
    "hint-dropped": (0.0, 0.1, 0.5),
    "hint-doubled": _SOME,
    "hint-delayed": _SOME,
    "hints-flushed": _RARE,
    "redis-away": (0.0, 0.02, 0.1),
    "clock-jumped": (0.0, 0.0, 0.01, 0.03),
    "post-refused": _RARE,
    "post-refused-for-good": (0.0, 0.0, 0.02),
    "post-limited": _SOME,
    "post-doubtful": _SOME,
    "post-raised": _RARE,
    "arrives-late": (0.0, 0.3, 0.6),
    "never-arrives": (0.2, 0.5),
    "listing-raised": _RARE,
    "poll-raised": _RARE,
    "account-refused": (0.0, 0.0, 0.05),
    "listing-away": _SOME,
    "upstream-slow": (0.0, 0.1, 0.3),
    "upstream-stuck": (0.0, 0.0, 0.05),
    "upstream-failed": _RARE,
    "upstream-unknown": _SOME,
    "moderated-late": _RARE,
    "download-broken": _SOME,
    "address-expired": _SOME,
    "fetch-refused": (0.0, 0.0, 0.05),
    "media-died": _RARE,
    "media-refused": (0.0, 0.0, 0.02),
    "media-stopped": _RARE,
    "subject-cursed": (0.0, 0.0, 0.01),
    "answer-lost": _SOME,
    "client-repeats": _SOME,
}
