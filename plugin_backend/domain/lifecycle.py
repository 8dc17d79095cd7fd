"""Every state, event and edge, with the money effect on the edge. Nothing else assigns a state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Generic, TypeVar

from plugin_backend.domain.errors import IllegalTransitionError

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


class Settlement(StrEnum):
    """What an edge does to the hold: one entry ends it, whatever the cost."""

    KEEP = "keep"  # the hold stays open
    STORED = "stored"  # settle c: the takes that were stored, at their snapshotted price
    NOTHING = "nothing"  # settle 0: everything returns


class GenerationState(StrEnum):
    QUEUED = "queued"
    PLANNED = "planned"
    GENERATING = "generating"
    EVALUATING = "evaluating"
    PAUSED = "paused"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


class GenerationEvent(StrEnum):
    PLANNED = "planned"
    SUBMITTED = "submitted"
    RENDERED = "rendered"
    PAUSED = "paused"
    RESUMED = "resumed"
    REFINED = "refined"
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"
    FAILED = "failed"


class TakeState(StrEnum):
    WANTED = "wanted"
    SUBMITTED = "submitted"
    RENDERED = "rendered"
    STORED = "stored"
    FAILED = "failed"
    CANCELLED = "cancelled"


class TakeEvent(StrEnum):
    SUBMITTED = "submitted"
    RENDERED = "rendered"
    STORED = "stored"
    FAILED = "failed"
    CANCELLED = "cancelled"


class DeliveryState(StrEnum):
    QUEUED = "queued"
    CONFORMING = "conforming"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


class DeliveryEvent(StrEnum):
    CONFORMING = "conforming"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


class AssetState(StrEnum):
    UPLOADING = "uploading"
    CHECKING = "checking"
    READY = "ready"
    REJECTED = "rejected"


class AssetEvent(StrEnum):
    UPLOADED = "uploaded"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class AttemptState(StrEnum):
    """One POST to a provider: `intent` is committed before it is sent."""

    INTENT = "intent"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    LOST = "lost"
    CLOSED = "closed"


OPEN_ATTEMPTS: Final = (AttemptState.INTENT, AttemptState.ACCEPTED)
"""Those that the provider may be working on."""


class ChunkState(StrEnum):
    """A frame range of a render or a delivery."""

    WANTED = "wanted"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Move(Generic[S]):
    """Where an edge leads, and what it does to the hold."""

    to: S
    settlement: Settlement = Settlement.KEEP


@dataclass(frozen=True, slots=True)
class Lifecycle(Generic[S, E]):
    """One table: for every state, the events that may happen and where they lead."""

    subject: str
    start: S
    moves: Mapping[S, Mapping[E, Move[S]]]
    terminal: frozenset[S] = field(init=False)
    """The states nothing leaves: derived, never listed."""
    unfinished: frozenset[S] = field(init=False)
    """The states something still leaves."""

    def __post_init__(self) -> None:
        terminal = frozenset(state for state, edges in self.moves.items() if not edges)
        object.__setattr__(self, "terminal", terminal)  # the way of a frozen dataclass to what it derives
        object.__setattr__(self, "unfinished", frozenset(self.moves) - terminal)

    def advance(self, state: S, event: E) -> Move[S]:
        """The edge for an event; IllegalTransitionError when the table has none."""
        move = self.moves[state].get(event)
        if move is None:
            raise IllegalTransitionError(self.subject, state, event)
        return move

    def allows(self, state: S, event: E) -> bool:
        """Whether the table has this edge."""
        return event in self.moves[state]


_G = GenerationState
_GE = GenerationEvent
_ACCEPT: Final = Move(_G.READY, Settlement.STORED)
_CANCEL: Final = Move(_G.CANCELLED, Settlement.STORED)
_FAIL: Final = Move(_G.FAILED, Settlement.NOTHING)

GENERATION: Final[Lifecycle[GenerationState, GenerationEvent]] = Lifecycle(
    subject="generation",
    start=_G.QUEUED,
    moves={
        _G.QUEUED: {_GE.PLANNED: Move(_G.PLANNED), _GE.CANCELLED: _CANCEL, _GE.FAILED: _FAIL},
        _G.PLANNED: {
            _GE.SUBMITTED: Move(_G.GENERATING),
            _GE.PAUSED: Move(_G.PAUSED),
            _GE.CANCELLED: _CANCEL,
            _GE.FAILED: _FAIL,
        },
        _G.GENERATING: {_GE.RENDERED: Move(_G.EVALUATING), _GE.CANCELLED: _CANCEL, _GE.FAILED: _FAIL},
        _G.EVALUATING: {
            _GE.ACCEPTED: _ACCEPT,
            _GE.REFINED: Move(_G.PLANNED),
            _GE.PAUSED: Move(_G.PAUSED),
            _GE.CANCELLED: _CANCEL,
            _GE.FAILED: _FAIL,
        },
        _G.PAUSED: {_GE.RESUMED: Move(_G.PLANNED), _GE.ACCEPTED: _ACCEPT, _GE.CANCELLED: _CANCEL},
        _G.READY: {},
        _G.FAILED: {},
        _G.CANCELLED: {},
    },
)

_T = TakeState
_TE = TakeEvent
TAKE: Final[Lifecycle[TakeState, TakeEvent]] = Lifecycle(
    subject="take",
    start=_T.WANTED,
    moves={
        _T.WANTED: {
            _TE.SUBMITTED: Move(_T.SUBMITTED),
            _TE.FAILED: Move(_T.FAILED),
            _TE.CANCELLED: Move(_T.CANCELLED),
        },
        _T.SUBMITTED: {
            _TE.RENDERED: Move(_T.RENDERED),
            _TE.FAILED: Move(_T.FAILED),
            _TE.CANCELLED: Move(_T.CANCELLED),
        },
        _T.RENDERED: {
            _TE.STORED: Move(_T.STORED),
            _TE.FAILED: Move(_T.FAILED),
            _TE.CANCELLED: Move(_T.CANCELLED),
        },
        _T.STORED: {},
        _T.FAILED: {},
        _T.CANCELLED: {},
    },
)

_D = DeliveryState
_DE = DeliveryEvent
DELIVERY: Final[Lifecycle[DeliveryState, DeliveryEvent]] = Lifecycle(
    subject="delivery",
    start=_D.QUEUED,
    moves={
        _D.QUEUED: {
            _DE.CONFORMING: Move(_D.CONFORMING),
            _DE.FAILED: Move(_D.FAILED),
            _DE.CANCELLED: Move(_D.CANCELLED),
        },
        _D.CONFORMING: {
            _DE.READY: Move(_D.READY),
            _DE.FAILED: Move(_D.FAILED),
            _DE.CANCELLED: Move(_D.CANCELLED),
        },
        _D.READY: {},
        _D.FAILED: {},
        _D.CANCELLED: {},
    },
)

_A = AssetState
_AE = AssetEvent
ASSET: Final[Lifecycle[AssetState, AssetEvent]] = Lifecycle(
    subject="asset",
    start=_A.UPLOADING,
    moves={
        _A.UPLOADING: {_AE.UPLOADED: Move(_A.CHECKING), _AE.REJECTED: Move(_A.REJECTED)},
        _A.CHECKING: {_AE.ACCEPTED: Move(_A.READY), _AE.REJECTED: Move(_A.REJECTED)},
        _A.READY: {},
        _A.REJECTED: {},
    },
)

LIFECYCLES: Final = (GENERATION, TAKE, DELIVERY, ASSET)


def mermaid(lifecycle: Lifecycle[S, E]) -> str:
    """The table as a Mermaid state diagram: docs/lifecycle.md is made of these."""
    lines = ["stateDiagram-v2", f"    [*] --> {lifecycle.start}"]
    for state, edges in lifecycle.moves.items():
        for event, move in edges.items():
            effect = "" if move.settlement is Settlement.KEEP else f" [settle {_LABEL[move.settlement]}]"
            lines.append(f"    {state} --> {move.to}: {event}{effect}")
    lines.extend(f"    {state} --> [*]" for state in lifecycle.moves if state in lifecycle.terminal)
    return "\n".join(lines)


_LABEL: Final = {Settlement.STORED: "c", Settlement.NOTHING: "0"}
