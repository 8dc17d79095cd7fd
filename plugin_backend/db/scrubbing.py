"""How somebody's words are forgotten: rows that go, and columns that are emptied, so many at once.

Rows that the books, the lineage or a colleague's work lean on stay, with nothing in them but ids, figures and
words of ours.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Column, Connection, Select, Table, delete, func, update

from plugin_backend.db.tables import users
from plugin_backend.db.theirs import in_order

ROWS_AT_ONCE: Final = 500

ERASED_DOMAIN: Final = "erased.invalid"
"""Nobody's addresses: an erased person is their id there."""

ERASED_ADDRESS: Final = func.concat(users.c.id, f"@{ERASED_DOMAIN}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """The person who is forgotten; with their workspace, where nobody else is in it."""

    owner_id: str
    email: str
    workspace_id: str
    is_alone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What becomes of one person's rows in a table: they go, or these columns are set."""

    table: Table
    key: Column[Any]
    keys: Callable[[Whose], Select[Any]]
    """The values of the key whose rows are theirs."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """By column; empty: the rows go."""

    @property
    def name(self) -> str:
        """What it is called in the walk."""
        return f"{self.table.name}.{self.key.name}"

    @property
    def clears(self) -> frozenset[str]:
        """The columns that hold nothing of theirs afterwards."""
        named = self.values or {column.name: None for column in self.table.c}
        return frozenset(f"{self.table.name}.{name}" for name in named)


def scrub(connection: Connection, rule: Rule, whose: Whose, *, after: str) -> tuple[int, str | None]:
    """The next rows of a rule: how many were changed, and after which key to go on (None: all are done)."""
    keys = in_order(rule.keys(whose), limit=ROWS_AT_ONCE, after=after if rule.values else "")
    found = connection.scalars(keys).all()
    if not found:
        return 0, None
    chosen = rule.key.in_(found)
    statement = update(rule.table).where(chosen).values(dict(rule.values)) if rule.values else None
    done = connection.execute(delete(rule.table).where(chosen) if statement is None else statement)
    return done.rowcount, None if len(found) < ROWS_AT_ONCE else str(found[-1])
