"""Who is signed in, with which browser or panel, and what is being asked. Of secrets only hashes are kept."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from plugin_backend.db.tables.columns import at, count, identity, metadata, one_of, owned
from plugin_backend.domain.people.grants import GrantState, SessionKind

passwords = Table(
    "passwords",
    metadata,
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("hash", Text, nullable=False),
    at("changed_at"),
)

sessions = Table(
    "sessions",
    metadata,
    identity(),
    *owned(),
    Column("kind", Text, nullable=False),
    Column("client", Text),
    Column("device", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("secret_hash", Text),
    at("created_at"),
    at("seen_at"),
    at("expires_at"),
    at("ended_at", nullable=True),
    Column("ended_by", Text),
    one_of("kind", SessionKind),
    CheckConstraint("(kind = 'browser') = (secret_hash IS NOT NULL)", name="browser_has_secret"),
    CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="end_has_reason"),
    Index(None, "owner_id"),
    Index(None, "expires_at"),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    identity(),
    Column("session_id", Text, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    Column("secret_hash", Text, nullable=False),
    Column("successor_id", Text, unique=True),
    at("created_at"),
    at("expires_at"),
    at("used_at", nullable=True),
    CheckConstraint("(used_at IS NULL) = (successor_id IS NULL)", name="used_has_successor"),
    Index(None, "session_id"),
)

access_tokens = Table(
    "access_tokens",
    metadata,
    identity(),
    Column("session_id", Text, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    Column("secret_hash", Text, nullable=False),
    at("created_at"),
    at("expires_at"),
    Index(None, "session_id"),
    Index(None, "expires_at"),
)

device_grants = Table(
    "device_grants",
    metadata,
    identity(),
    Column("decided_by", Text, ForeignKey("users.id")),
    Column("session_id", Text, ForeignKey("sessions.id", ondelete="SET NULL")),
    Column("client", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("secret_hash", Text, nullable=False),
    Column("user_code_hash", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False, server_default=GrantState.PENDING),
    count("interval_seconds", 5),
    at("created_at"),
    at("expires_at"),
    at("polled_at", nullable=True),
    at("redeemed_at", nullable=True),
    one_of("state", GrantState),
    CheckConstraint("interval_seconds > 0"),
    CheckConstraint("(state = 'pending') = (decided_by IS NULL)", name="decided_by_somebody"),
    CheckConstraint("(state = 'redeemed') = (redeemed_at IS NOT NULL)", name="redeemed_has_moment"),
    Index(None, "expires_at"),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    identity(),
    *owned(),
    Column("secret_hash", Text, nullable=False),
    at("created_at"),
    at("expires_at"),
    at("used_at", nullable=True),
    Index(None, "owner_id"),
)

identities = Table(
    "identities",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    at("created_at"),
    at("seen_at"),
    Index(None, "user_id"),
)
