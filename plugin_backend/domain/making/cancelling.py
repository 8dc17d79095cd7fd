"""What a cancel comes to: how far a take has gone, whether its provider stops, and what is then charged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, assert_never

from plugin_backend.domain.catalogue import ANIMATIC


class Stage(StrEnum):
    """How far it had gone when it was cancelled; of several takes, the furthest."""

    QUEUED = "queued"
    SENT = "sent"
    MADE = "made"


class Stopping(StrEnum):
    """What a provider does when it is asked to stop."""

    FREE = "free"  # stops at once and costs nothing
    ASKED = "asked"  # may stop; it bills unless it says that it does not
    NEVER = "never"  # has no way to be asked


_RULES: Final = {ANIMATIC: Stopping.FREE, "adobe-firefly": Stopping.ASKED}


def stopping(provider: str) -> Stopping:
    """The rule of a provider, as its API documents it."""
    return _RULES.get(provider, Stopping.NEVER)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelledTake:
    """A take at the moment of the cancel."""

    number: int
    stage: Stage
    provider: str
    credits: int
    sent_ago: timedelta | None = None
    """Since its latest POST was sent; None where none was."""
    parts_made: int = 0
    """Of a longer take, the parts that are finished: they are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """What a person is told; `charged` is None where the provider decides."""

    stage: Stage
    charged: bool | None
    credits_at_most: int
    detail: str

    def to_json(self) -> dict[str, Any]:
        """The contract's shape."""
        return {
            "stage": self.stage.value,
            "charged": self.charged,
            "credits_at_most": self.credits_at_most,
            "detail": self.detail,
        }


def cancellation(taken: Sequence[CancelledTake]) -> Cancellation:
    """What cancelling these takes comes to, a sentence for each that was sent."""
    going_on = [take for take in taken if take.stage is not Stage.QUEUED]
    if not going_on:
        detail = "Nothing was sent; everything returns."
        return Cancellation(stage=Stage.QUEUED, charged=False, credits_at_most=0, detail=detail)
    outcomes = {_charged(take) for take in going_on}
    return Cancellation(
        stage=Stage.MADE if any(take.stage is Stage.MADE for take in going_on) else Stage.SENT,
        charged=outcomes.pop() if len(outcomes) == 1 else None,
        credits_at_most=sum(take.credits for take in going_on if _charged(take) is not False),
        detail=" ".join(f"Take {take.number} was {_spelt(take)}" for take in going_on),
    )


def _charged(take: CancelledTake) -> bool | None:
    if take.stage is Stage.MADE or take.parts_made:
        return True
    return False if stopping(take.provider) is Stopping.FREE else None


def _spelt(take: CancelledTake) -> str:
    if take.stage is Stage.MADE:
        return f"made already: it is kept, {_priced(take)}."
    ago = "" if take.sent_ago is None else f" {_seconds(take.sent_ago)} ago"
    parts = " The parts made before are kept and charged." if take.parts_made else ""
    return f"sent to {take.provider}{ago}; {_ruled(take)}{parts}"


def _ruled(take: CancelledTake) -> str:
    rule = stopping(take.provider)
    match rule:
        case Stopping.FREE:
            return "it stops at once and costs nothing."
        case Stopping.ASKED:
            return (
                f"it is asked to stop, and is {_priced(take)} unless it says that it bills nothing."
                " If it goes on, what arrives is kept."
            )
        case Stopping.NEVER:
            return (
                f"{take.provider} does not stop. What arrives is kept, {_priced(take)}; if nothing arrives,"
                " nothing is charged."
            )
        case _:
            assert_never(rule)


def _priced(take: CancelledTake) -> str:
    return f"charged at {take.credits} credits" if take.credits else "at no credits"


def _seconds(ago: timedelta) -> str:
    seconds = max(0, round(ago.total_seconds()))
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
