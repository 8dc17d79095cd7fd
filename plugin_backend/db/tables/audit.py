"""Who changed what: entries, the chain that seals them, and the words of reasons, which may be forgotten."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from plugin_backend.db.tables.columns import at, metadata

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("workspace_id", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("before", JSONB),
    Column("after", JSONB),
    Column("reason", Text),  # as it is given; the database sets it apart and leaves nothing here
    Column("request_id", Text),
    at("at"),
    Column("reason_hash", LargeBinary),
    Index(None, "workspace_id", "id"),
    Index(None, "subject_id", "id"),
    Index(None, "actor_id"),
)

# No foreign keys among these: that an entry is gone is for the chain to say, not to prevent.
audit_seals = Table(
    "audit_seals",
    metadata,
    Column("workspace_id", Text, primary_key=True),
    Column("number", BigInteger, CheckConstraint("number > 0"), primary_key=True, autoincrement=False),
    Column("entry_id", BigInteger, nullable=False, unique=True),
    Column("prev_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

audit_chains = Table(
    "audit_chains",
    metadata,
    Column("workspace_id", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

audit_reasons = Table(
    "audit_reasons",
    metadata,
    Column("entry_id", BigInteger, primary_key=True, autoincrement=False),
    Column("salt", LargeBinary, nullable=False),
    Column("words", Text, nullable=False),
)
