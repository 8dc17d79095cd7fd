"""What goes wrong and when: a forecast says how often, the seed says where it strikes.

Each seed has a forecast of its own, so that a few of them reach all corners; a storm (`storms.py`) stays over
one corner for a whole run.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Final

from plugin_backend.domain.work import STEP_LEASE

NAMED_POINTS: Final = (
    "step:claimed",
    "generation:read",
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
    "evaluation:measured",
    "chunk:before-made",
    "delivery:before-ready",
    "delivery:after-ready",
    "media:frames",
    "upstream:before-accept",
)
OF_OUR_OWN: Final = frozenset({"media:frames", "upstream:before-accept"})
"""Moments that the simulation names itself, inside what it stands in for."""

OF_OTHER_TESTS: Final = frozenset(
    {
        *("erasure:check", "erasure:check:written"),  # tests/api/test_erasing.py
        *("erasure:recall", "erasure:recall:written"),  # tests/services/test_recalling.py
        "invitation:password-checked",  # tests/api/test_invitations.py
        "mail:sent",  # tests/services/test_mail.py
        "webhook:after-post",  # tests/services/test_webhooks.py
    }
)
"""Moments of what no generation meets: a process is killed there by the tests of that."""

DOUBTFUL_POINTS: Final = ("take:before-post", "take:after-post", "take:after-find")

LEASE: Final = STEP_LEASE.total_seconds()
LONGEST_IN_FLIGHT: Final = 40.0  # of a POST's step, as its time-out bounds it; over the lease of 30 s
LONGEST_ARRIVAL: Final = 15.0  # a POST that was given up may reach the provider this much later
LONGEST_PAUSE: Final = 100.0
LONGEST_INSIDE: Final = 10.0  # of a transaction: the server ends one that idles for 15 s


class Act(StrEnum):
    """What can happen to a process at a point."""

    CRASH = "crash"
    PAUSE = "pause"
    PAUSE_INSIDE = "pause-inside"  # with a transaction open: others meet its locks
    BREATHE = "breathe"  # a pause so short that only the order of things changes
    BREAK = "break"  # an error nobody thought of
    DATABASE_AWAY = "database-away"
    COMMIT_UNKNOWN = "commit-unknown"  # the commit happened, the connection died before it could say so


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """How often each thing goes wrong; what is not named does not."""

    points: Mapping[str, float] = field(default_factory=dict)
    """At a moment that the code names, one of `acts` happens."""
    acts: Mapping[Act, float] = field(default_factory=lambda: {Act.PAUSE: 1.0})
    """Weights."""
    edges: Mapping[Act, float] = field(default_factory=dict)
    """Where a transaction begins, goes on or ends."""
    odds: Mapping[str, float] = field(default_factory=dict)
    """Everything else, by the names in `ODDS`."""
    short_from: float | None = None
    """Seconds. Set: a POST's pauses together outlast the lease, all others stay between this and it."""
    briefs: tuple[int, int, int, int, int] = (4, 3, 1, 2, 2)
    """Weights of what people ask for: of the engine, of a provider that lists (short, in two parts), of one
    that does not, and of the first again with another provider's model to fall back on."""
    delivered: float = 0.5
    """How much of what is ready people have delivered."""


class Weather:
    """Draws what happens next; `calm` ends every fault at once."""

    def __init__(self, rng: Random, forecast: Forecast | None = None) -> None:
        self.rng = rng
        self.calm = False
        self.counts: Counter[str] = Counter()
        self.forecast = forecast or draw_forecast(rng)

    def at_point(self, point: str) -> Act | None:
        """What happens where the code names a moment."""
        if self.calm or self.rng.random() >= self.forecast.points.get(point, 0.0):
            return None
        return self._counted(self.rng.choices(list(self.forecast.acts), list(self.forecast.acts.values()))[0])

    def at_begin(self) -> Act | None:
        """What happens between two transactions."""
        return self._edge(Act.CRASH, Act.PAUSE, Act.BREATHE, Act.DATABASE_AWAY)

    def at_statement(self) -> Act | None:
        """What happens within a transaction, before its next statement."""
        return self._edge(Act.PAUSE_INSIDE)

    def at_commit(self) -> Act | None:
        """What happens just before a commit."""
        return self._edge(Act.CRASH, Act.COMMIT_UNKNOWN)

    def happens(self, what: str) -> bool:
        """Whether one of the world's other faults strikes now."""
        if self.calm or self.rng.random() >= self.forecast.odds.get(what, 0.0):
            return False
        self.counts[what] += 1
        return True

    def pause_seconds(self, *, in_flight: float | None) -> float:
        """About as often longer than the lease as short of it; `in_flight`: what is left to a POST."""
        longest = LONGEST_PAUSE if in_flight is None else in_flight
        short_from = self.forecast.short_from
        outlasts = self.rng.random() < 0.5 if short_from is None else in_flight is not None
        shortest, most = (LEASE, longest) if outlasts else (short_from or 1.0, LEASE - 1)
        return self.rng.uniform(min(shortest, longest), min(most, longest))

    def _edge(self, *acts: Act) -> Act | None:
        if self.calm:
            return None
        drawn = self.rng.random()
        for act in acts:
            drawn -= self.forecast.edges.get(act, 0.0)
            if drawn < 0:
                return self._counted(act)
        return None

    def _counted(self, act: Act) -> Act:
        if act is not Act.BREATHE:
            self.counts[act] += 1
        return act


_RARE: Final = (0.0, 0.01, 0.05)
_SOME: Final = (0.0, 0.05, 0.3)
ABROAD: Final[Mapping[str, tuple[float, ...]]] = {
    "post-refused": _RARE,
    "post-refused-for-good": (0.0, 0.0, 0.02),
    "post-limited": _SOME,
    "post-unreachable": _RARE,
    "post-doubtful": _SOME,
    "post-raised": _RARE,
    "arrives-late": (0.0, 0.3, 0.6),
    "never-arrives": (0.2, 0.5),
    "accepted-twice": _RARE,
    "listing-raised": _RARE,
    "poll-raised": _RARE,
    "poll-troubled": _SOME,
    "poll-left-out": _RARE,
    "not-found-yet": _SOME,
    "account-refused": (0.0, 0.0, 0.05),
    "listing-away": _SOME,
    "upstream-slow": (0.0, 0.1, 0.3),
    "upstream-stuck": (0.0, 0.0, 0.05),
    "upstream-silent": (0.0, 0.0, 0.02),
    "upstream-failed": _RARE,
    "upstream-unknown": _SOME,
    "moderated-late": _RARE,
    "empty-success": _RARE,
    "stop-unanswered": _SOME,
    "download-broken": _SOME,
    "address-expired": _SOME,
    "fetch-refused": (0.0, 0.0, 0.05),
    "storage-away": _SOME,
    "callback-lost": _SOME,
    "callback-early": _SOME,
    "callback-repeated": _SOME,
}
"""What goes wrong at a provider, or on the way there and back: levels that a seed draws its odds from."""

ODDS: Final[Mapping[str, tuple[float, ...]]] = {
    "hint-dropped": (0.0, 0.1, 0.5),
    "hint-doubled": _SOME,
    "hint-delayed": _SOME,
    "hints-flushed": _RARE,
    "redis-away": (0.0, 0.02, 0.1),
    "clock-jumped": (0.0, 0.0, 0.01, 0.03),
    **ABROAD,
    "media-died": _RARE,
    "media-refused": (0.0, 0.0, 0.02),
    "media-stopped": _RARE,
    "subject-cursed": (0.0, 0.0, 0.01),
    "answer-lost": _SOME,
    "client-repeats": _SOME,
    "acts-meanwhile": (0.0, 0.0, 0.1, 0.3),
}
"""The same of everything."""


def draw_forecast(rng: Random) -> Forecast:
    """A seed's own: calm here, wild there."""
    points = dict.fromkeys(NAMED_POINTS, rng.choice((0.0, 0.01, 0.02)))
    for name in rng.sample(NAMED_POINTS, 4):
        points[name] = rng.uniform(0.1, 0.4)
    if rng.random() < 0.4:
        points |= dict.fromkeys(DOUBTFUL_POINTS, 0.3)
    odds = {name: rng.choice(levels) for name, levels in ODDS.items()}
    if points["take:after-find"] > 0.2:  # the moment that matters most
        odds |= {"post-doubtful": 0.5, "arrives-late": 0.6}
    return Forecast(
        points=points,
        acts={
            Act.CRASH: rng.choice((1.0, 1.0, 4.0)),
            Act.PAUSE: rng.choice((1.0, 2.0, 8.0)),
            Act.BREAK: rng.choice((0.0, 0.2, 0.5)),
        },
        edges={
            Act.CRASH: rng.choice((0.0, 0.002, 0.01)),
            Act.PAUSE: rng.choice((0.0, 0.002, 0.01)),
            Act.PAUSE_INSIDE: rng.choice((0.0, 0.002, 0.01)),
            Act.BREATHE: rng.choice((0.02, 0.1, 0.2)),
            Act.DATABASE_AWAY: rng.choice((0.0, 0.0, 0.003)),
            Act.COMMIT_UNKNOWN: rng.choice((0.0, 0.001, 0.005)),
        },
        odds=odds,
    )
