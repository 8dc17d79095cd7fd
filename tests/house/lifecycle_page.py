"""Writes docs/lifecycle.md and docs/ledger.md from the tables: `python -m tests.house.lifecycle_page`."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from plugin_backend.domain import ledger
from plugin_backend.domain.ledger import EntryKind, Movement
from plugin_backend.domain.lifecycle import (
    GENERATION,
    LIFECYCLES,
    AttemptState,
    ChunkState,
    Lifecycle,
    Settlement,
    mermaid,
)
from tests.house.repository import ROOT

_LIFECYCLE_HEAD: Final = """\
# Lifecycles

Made from `plugin_backend/domain/lifecycle.py` by `python -m tests.house.lifecycle_page`; a test fails when
it is old. Only `services/moves.py` changes a state: compare-and-set, with the event and the money of the edge
in one transaction.

- `[settle c]` ends the hold at the price of the takes that were stored, or that a provider bills after a
  cancel; each at the price of the model that made it, together never more than was held.
- `[settle 0]` ends it for nothing: all credits and draft units return.
- Every other edge keeps the hold. A hold ends on exactly the edges that end the generation.
- With one stored take a generation ends `ready`, whatever became of the others; it fails only without any.
- A cancel is asked for, not done: `cancel_requested` is a column. What was sent is resolved first.
- A take goes to the next model of its routing only while it is `wanted` and none of its POSTs is open.
- A longer take stays `submitted` from its first part to its last; cancelled between, the parts made are kept.
- What is found at a provider after its generation has ended becomes a new generation, free: its
  `recovered_from` names the old one.
"""

_LEDGER_HEAD: Final = """\
# Ledger

Made from `plugin_backend/domain/ledger.py` by `python -m tests.house.lifecycle_page`; a test fails when it is
old. Credits are integers; one credit is one US cent at list price. An account has two figures, available and
held.

| entry | available | held | names a generation | for example |
|---|---|---|---|---|
"""

_LEDGER_TAIL: Final = """
## What the database itself refuses

- an entry whose amounts are not those of its kind, or that leaves either figure below zero
- a second `hold` or a second `settle` for one generation
- a `settle` without its hold, on another account, of another amount, or charging more than was held
- changing, removing or truncating entries, whoever asks
- a generation that ends without a settled cost, that has one before it ends, or that settles above its hold

## When a hold ends

A take is charged when it is stored, or when it was cancelled and its provider bills it all the same. It costs
what its model was quoted at; the hold covers the dearest model of the routing, and the rest returns.

| from | event | to | cost |
|---|---|---|---|
"""

_CHECKS: Final = """
The balance row is a cache of the entries, moved by the same statement that writes them. The `clock` process
compares both and logs `ledger.unbalanced` if they ever differ. Draft units are counted by person and UTC day,
and unused ones return to the day they were taken from.
"""

_EXAMPLES: Final[tuple[tuple[str, Callable[[], Movement]], ...]] = (
    ("500 credits are granted", lambda: ledger.grant(500)),
    ("a master of 5 s is asked for", lambda: ledger.hold(10)),
    ("two of three takes at 40 were stored", lambda: ledger.settle(120, cost=80)),
    ("a correction takes 20 away", lambda: ledger.adjust(-20)),
)


def lifecycle_page() -> str:
    """Every table as a diagram, and the states that have no table."""
    tables: tuple[Lifecycle[Any, Any], ...] = LIFECYCLES
    drawn = [f"## {table.subject.capitalize()}\n\n```mermaid\n{mermaid(table)}\n```\n" for table in tables]
    loose = [
        f"- An attempt, one POST to a provider, is {_listed(AttemptState)}; the first two are open.",
        "  A take has at most one open attempt a part; an intent is committed before its POST is sent.",
        f"- A chunk, a frame range of a render or delivery, is {_listed(ChunkState)}.",
    ]
    return "\n".join([_LIFECYCLE_HEAD, *drawn, "## Without a table", "", *loose, ""])


def ledger_page() -> str:
    """What each entry does, and the edges on which a hold ends."""
    entries = "\n".join(_entry(example, movement()) for example, movement in _EXAMPLES)
    return "".join([_LEDGER_HEAD, entries, "\n", _LEDGER_TAIL, "\n".join(_endings()), "\n", _CHECKS])


def _entry(example: str, movement: Movement) -> str:
    named = "yes" if movement.kind in (EntryKind.HOLD, EntryKind.SETTLE) else "no"
    deltas = f"{movement.available_delta:+d} | {movement.held_delta:+d}"
    return f"| `{movement.kind}` | {deltas} | {named} | {example} |"


def _endings() -> Iterator[str]:
    for state, edges in GENERATION.moves.items():
        for event, move in edges.items():
            if move.settlement is not Settlement.KEEP:
                cost = "nothing" if move.settlement is Settlement.NOTHING else "the charged takes"
                yield f"| `{state}` | {event} | `{move.to}` | {cost} |"


def _listed(states: type[AttemptState] | type[ChunkState]) -> str:
    *first, last = [f"`{state}`" for state in states]
    return f"{', '.join(first)} or {last}"


PAGES: Final = {"docs/lifecycle.md": lifecycle_page, "docs/ledger.md": ledger_page}


if __name__ == "__main__":
    for name, page in PAGES.items():
        (ROOT / name).write_text(page())
