"""What a generation was quoted, held, charged and given back: with the ledger entries that say so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plugin_backend.db import money
from plugin_backend.db.generations import attempts_of, find_generation, notes_of, takes_of
from plugin_backend.db.rows import AttemptRow, GenerationRow, TakeRow
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import NotFoundError
from plugin_backend.domain.lifecycle import GenerationState
from plugin_backend.services.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The money of one generation, and why."""

    generation: GenerationRow
    takes: tuple[TakeRow, ...]
    attempts: tuple[AttemptRow, ...]
    entries: Sequence[Mapping[str, Any]]

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
    def why(self) -> str:
        """One sentence for the person who pays."""
        row = self.generation
        charged = sum(1 for take in self.takes if take.charged)
        each = f"{row.credits_per_take} credits each"
        match row.state:
            case GenerationState.READY:
                return f"{charged} of {len(self.takes)} takes were stored, {each}; the rest returned."
            case GenerationState.CANCELLED if charged:
                return (
                    f"Cancelled after {charged} takes could no longer be recalled, {each}; the rest returned."
                )
            case GenerationState.CANCELLED:
                return "Cancelled before anything was made; everything returned."
            case GenerationState.FAILED:
                return "No take could be stored; everything returned."
            case _:
                return "Under way: the hold covers the most it can cost."


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
        )


def trace(house: House, caller: Caller, generation_id: str) -> Sequence[Mapping[str, Any]]:
    """What was planned, made and judged, in order."""
    with house.begin() as work:
        row = find_generation(work.connection, generation_id, workspace_id=caller.workspace_id)
        if row is None:
            raise NotFoundError("generation")
        return notes_of(work.connection, row.id)
