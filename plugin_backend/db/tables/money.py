"""What is owed: accounts, the ledger, draft days, keys of requests already answered."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from plugin_backend.db.tables.columns import at, identity, metadata, one_of
from plugin_backend.domain.ledger import EntryKind

accounts = Table(
    "accounts",
    metadata,
    identity(),
    Column("owner_kind", Text, CheckConstraint("owner_kind IN ('user','workspace')"), nullable=False),
    Column("owner_id", Text, nullable=False),
    Column("available", BigInteger, nullable=False, server_default="0"),
    Column("held", BigInteger, nullable=False, server_default="0"),
    # What there was after credits last came in, and the entry that brought them: alerts count from there.
    Column("topped_up_to", BigInteger),
    Column("top_up_id", Text),
    CheckConstraint("available >= 0 AND held >= 0", name="never_negative"),
    UniqueConstraint("owner_kind", "owner_id"),
)

ledger_entries = Table(
    "ledger_entries",
    metadata,
    identity(),
    Column("number", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("available_delta", BigInteger, nullable=False),
    Column("held_delta", BigInteger, nullable=False),
    Column("available_after", BigInteger, CheckConstraint("available_after >= 0"), nullable=False),
    Column("held_after", BigInteger, CheckConstraint("held_after >= 0"), nullable=False),
    Column("generation_id", Text, ForeignKey("generations.id")),
    Column("actor_id", Text),
    Column("reason", Text),
    Column("counterpart_id", Text),  # the other entry of a transfer
    at("at"),
    one_of("kind", EntryKind),
    CheckConstraint(
        "CASE kind WHEN 'grant' THEN available_delta > 0 AND held_delta = 0"
        " WHEN 'hold' THEN available_delta = -held_delta AND held_delta > 0"
        " WHEN 'settle' THEN available_delta BETWEEN 0 AND -held_delta AND held_delta < 0"
        " ELSE available_delta <> 0 AND held_delta = 0 END",
        name="moves_as_its_kind",
    ),
    CheckConstraint(
        "(kind IN ('hold','settle')) = (generation_id IS NOT NULL)", name="holds_name_generation"
    ),
    Index("uq_ledger_hold_once", "generation_id", unique=True, postgresql_where=text("kind = 'hold'")),
    Index("uq_ledger_settle_once", "generation_id", unique=True, postgresql_where=text("kind = 'settle'")),
    Index(None, "account_id", "number"),
    Index("ix_ledger_entries_given", "actor_id", postgresql_where=text("reason IS NOT NULL")),
)

draft_days = Table(
    "draft_days",
    metadata,
    Column("owner_id", Text, ForeignKey("users.id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("workspace_id", Text, ForeignKey("workspaces.id"), nullable=False),
    Column("used", Integer, CheckConstraint("used >= 0"), nullable=False),
    Index(None, "day"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("owner_id", Text, ForeignKey("users.id"), primary_key=True),
    Column("route", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("result", JSONB),
    at("created_at"),
    Index(None, "created_at"),
)
