"""What a generation was quoted, held, charged and given back: with the ledger entries that say so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from plugin_backend.db import money
from plugin_backend.db.generations import attempts_of, find_generation, notes_of, takes_of
from plugin_backend.db.rows import AttemptRow, GenerationRow, TakeRow
from plugin_backend.db.terms import TermsByModel, terms_of
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.catalogue import ANIMATIC
from plugin_backend.domain.errors import NotFoundError
from plugin_backend.domain.lifecycle import GenerationState, TakeState
from plugin_backend.services.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The money of one generation, and why."""

    generation: GenerationRow
    takes: tuple[TakeRow, ...]
    attempts: tuple[AttemptRow, ...]
    entries: Sequence[Mapping[str, Any]]
    notes: Sequence[Mapping[str, Any]]
    terms: TermsByModel = field(default_factory=dict)
    """What each model that may make it allowed with its results, as it was asked for."""

    @property
    def credits_returned(self) -> int | None:
        """What came back when the hold ended; None while it is open."""
        settled = self.generation.credits_settled
        return None if settled is None else self.generation.credits_held - settled

    @property
    def draft_units_returned(self) -> int | None:
        """The draft units that came back; None while the generation is open."""
        used = self.generation.draft_units_used
        return None if used is None else self.generation.draft_units - used

    @property
    def charged(self) -> Sequence[TakeRow]:
        """The takes that are paid for."""
        return [take for take in self.takes if take.charged]

    @property
    def cancellation(self) -> Mapping[str, Any] | None:
        """What was told when it was cancelled."""
        return next((note["data"]["cancellation"] for note in self._noted("cancellation")), None)

    @property
    def fallbacks(self) -> Sequence[Mapping[str, Any]]:
        """The takes that went to another model, each with what they were asked from, and why."""
        return [
            {"take": note["take"], "at": note["at"], "why": note["summary"], **note["data"]}
            for note in self._noted("fallback_from")
        ]

    @property
    def without(self) -> Sequence[Mapping[str, Any]]:
        """What takes go without that was to be added to them, and the credits that returned for it."""
        return [
            {
                "take": note["take"],
                "at": note["at"],
                "what": note["data"]["without"],
                "credits_returned": note["data"]["credits_returned"],
                "why": note["data"]["why"],
            }
            for note in self._noted("without")
        ]

    @property
    def recovered_as(self) -> Sequence[str]:
        """The generations that deliver free what was found after this one had ended."""
        return [note["data"]["recovered_as"] for note in self._noted("recovered_as")]

    @property
    def why(self) -> str:
        """One sentence for the person who pays."""
        row, charged = self.generation, len(self.charged)
        match row.state:
            case GenerationState.READY if row.recovered_from is not None:
                return f"Found after {row.recovered_from} had ended, and delivered free."
            case GenerationState.READY:
                stored = f"{charged} of {len(self.takes)} takes were stored, {self._each}; the rest returned."
                return " ".join([stored, *map(_lacking, self.without)])
            case GenerationState.CANCELLED if charged:
                takes = "1 take" if charged == 1 else f"{charged} takes"
                return (
                    f"Cancelled after {takes} could no longer be recalled, {self._each};"
                    f" {self._kept} kept, and the rest returned."
                )
            case GenerationState.CANCELLED:
                was_sent = any(each.billed is not False for each in self._sent)
                when = "after it was sent, and nothing arrived" if was_sent else "before anything was made"
                return f"Cancelled {when}; everything returned."
            case GenerationState.FAILED:
                return "No take could be stored; everything returned."
            case _:
                return "Under way: the hold covers the most it can cost."

    @property
    def _sent(self) -> Sequence[AttemptRow]:
        """The POSTs that went to somebody else's API."""
        return [attempt for attempt in self.attempts if attempt.provider != ANIMATIC]

    def price_of(self, take: TakeRow) -> int:
        """What a take costs when it is charged."""
        return self.generation.credits_per_take if take.credits is None else take.credits

    @property
    def _each(self) -> str:
        prices = {self.price_of(take) for take in self.charged} or {self.generation.credits_per_take}
        if len(prices) == 1:
            return f"{prices.pop()} credits each"
        return f"{' + '.join(str(self.price_of(take)) for take in self.charged)} credits"

    @property
    def _kept(self) -> int:
        return sum(take.state is TakeState.STORED for take in self.charged)

    def _noted(self, member: str) -> Sequence[Mapping[str, Any]]:
        return [note for note in self.notes if member in note["data"]]


def _lacking(without: Mapping[str, Any]) -> str:
    what, credits = without["what"], without["credits_returned"]
    return f"Take {without['take']} goes without {what}, whose {credits} credits returned."


def receipt(house: House, caller: Caller, generation_id: str) -> Receipt:
    """The receipt of a generation of the caller's workspace, deleted ones included."""
    with house.begin() as work:
        row = find_generation(work.connection, generation_id)
        if row is None or row.workspace_id != caller.workspace_id:
            raise NotFoundError("generation")
        taken = takes_of(work.connection, [row.id]).get(row.id, ())
        return Receipt(
            generation=row,
            takes=taken,
            attempts=attempts_of(work.connection, [take.id for take in taken]),
            entries=money.entries_of(work.connection, row.id),
            notes=notes_of(work.connection, row.id),
            terms=terms_of(work.connection, [row.id]).get(row.id, {}),
        )


def trace(house: House, caller: Caller, generation_id: str) -> Sequence[Mapping[str, Any]]:
    """What was planned, made and judged, in order."""
    with house.begin() as work:
        row = find_generation(work.connection, generation_id, workspace_id=caller.workspace_id)
        if row is None:
            raise NotFoundError("generation")
        return notes_of(work.connection, row.id)
