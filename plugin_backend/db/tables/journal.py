"""What happened and what is due: events, traces, work."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from plugin_backend.db.tables.columns import Xid8, at, count, flag, metadata

events = Table(
    "events",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    # Ids are given before commit; reading only behind the oldest running transaction skips nothing.
    Column("xact", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
    Column("workspace_id", Text, nullable=False),
    Column("owner_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("data", JSONB, nullable=False),
    at("at"),
    Index(None, "workspace_id", "xact", "id"),
    Index(None, "subject_id"),
)

trace_notes = Table(
    "trace_notes",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("workspace_id", Text, nullable=False),
    Column("owner_id", Text, nullable=False),
    Column("generation_id", Text, ForeignKey("generations.id"), nullable=False),
    Column("step", Text, nullable=False),
    Column("take", Integer),
    Column("summary", Text, nullable=False),
    Column("data", JSONB, nullable=False),
    at("at"),
    Index(None, "generation_id", "id"),
)

generation_traces = Table(
    "generation_traces",
    metadata,
    Column("generation_id", Text, ForeignKey("generations.id", ondelete="CASCADE"), primary_key=True),
    # In W3C's spelling: the request that asked for it, under which its steps go on.
    Column("traceparent", Text, nullable=False),
)

work = Table(
    "work",
    metadata,
    # One row per thing that has a next step: when it is due, who holds it, how often it was tried.
    Column("subject_id", Text, primary_key=True),
    Column("lane", Text, nullable=False),
    # Whose it is; a letter to somebody who is not here yet is nobody's.
    Column("workspace_id", Text, ForeignKey("workspaces.id")),
    Column("owner_id", Text, ForeignKey("users.id")),
    at("next_at"),
    Column("lease", Text),
    at("lease_until", nullable=True),
    count("tries"),
    flag("nudged"),
    at("created_at"),
    Column("topic", Text),  # whose watcher looks after it, in the lane of rows that are watched together
    CheckConstraint("(lease IS NULL) = (lease_until IS NULL)", name="lease_has_end"),
    CheckConstraint("(owner_id IS NULL) = (workspace_id IS NULL)", name="owned_or_nobodys"),
    Index(None, "lane", "next_at"),
    Index(None, "topic", "next_at", postgresql_where=text("lane = 'watch'")),
)
