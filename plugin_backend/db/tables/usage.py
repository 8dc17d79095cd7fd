"""What was used, added up by day; written by the database itself as generations, takes and attempts move."""

from typing import Any

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Identity, Index, Table, Text, text

from plugin_backend.db.tables.columns import metadata


def _named(name: str) -> Column[Any]:
    return Column(name, Text, nullable=False)  # empty: outside any project, without a label


def _figures() -> tuple[Column[Any], ...]:
    names = ("generations", "ready", "failed", "cancelled", "draft_units")
    money = (
        "credits_held",
        "credits_settled",
        "credits_released",
        "takes_stored",
        "spend_cents",
        "exposure_cents",
    )
    return tuple(Column(name, BigInteger, nullable=False, server_default="0") for name in (*names, *money))


usage_changes = Table(
    "usage_changes",
    metadata,
    # What was counted and is not in the sums yet: nobody waits for anybody to write here.
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("day", Date, nullable=False),
    *map(_named, ("workspace_id", "owner_id", "project_id", "label", "model", "kind")),
    *_figures(),
)

usage_days = Table(
    "usage_days",
    metadata,
    Column("workspace_id", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    *(Column(name, Text, primary_key=True) for name in ("owner_id", "project_id", "label", "model", "kind")),
    *_figures(),
    Index(None, "owner_id", "day"),
    Index(None, "day"),
    Index("ix_usage_days_empty", "day", postgresql_where=text("generations = 0")),
)

usage_totals = Table(
    "usage_totals",
    metadata,
    # The same of the whole service: a year of it is a thousand rows.
    Column("day", Date, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    *_figures(),
)

ledger_checks = Table(
    "ledger_checks",
    metadata,
    # An account's entries added up so far: each is read once.
    Column("account_id", Text, ForeignKey("accounts.id"), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("available", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
)

COUNTED = ("generations", "takes", "attempts")
"""Tables whose changes the database counts (triggers, made by a migration)."""
