"""Webhooks out: endpoints, the messages to each, and what was tried."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from plugin_backend.db.tables.columns import (
    Xid8,
    at,
    count,
    flag,
    identity,
    metadata,
    one_of,
    owned,
    version,
)
from plugin_backend.domain.webhooks.webhooks import Covers, MessageState, Why

webhooks = Table(
    "webhooks",
    metadata,
    identity(),
    *owned(),
    Column("url", Text, nullable=False),
    Column("description", Text),
    Column("events", JSONB, nullable=False),
    Column("covers", Text, nullable=False),
    # Which secret is good now; the one before it until its moment. The secrets themselves are kept nowhere.
    count("secret_generation", 1),
    at("previous_until", nullable=True),
    # How far the feed was read for it: the outbox is the events themselves, in the order of their commits.
    Column("after_xact", Xid8, nullable=False),
    Column("after_id", BigInteger, nullable=False),
    at("disabled_at", nullable=True),
    Column("disabled_why", Text),
    at("last_success_at", nullable=True),
    at("last_failure_at", nullable=True),
    at("created_at"),
    at("updated_at"),
    at("deleted_at", nullable=True),
    version(),
    one_of("covers", Covers),
    one_of("disabled_why", Why),
    CheckConstraint("(disabled_at IS NULL) = (disabled_why IS NULL)", name="disabled_has_reason"),
    Index(None, "workspace_id", "id"),
)

webhook_messages = Table(
    "webhook_messages",
    metadata,
    identity(),
    Column("webhook_id", Text, ForeignKey("webhooks.id"), nullable=False),
    Column("workspace_id", Text, nullable=False),
    Column("owner_id", Text, nullable=False),
    Column("event_id", BigInteger),  # null for a test, of which nothing else knows
    Column("type", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("data", JSONB, nullable=False),
    at("at"),
    Column("state", Text, nullable=False),
    count("tries"),
    at("opened_at"),  # when its tries began, or began again
    at("finished_at", nullable=True),
    flag("is_test"),
    at("created_at"),
    one_of("state", MessageState),
    CheckConstraint("(state = 'pending') = (finished_at IS NULL)", name="pending_goes_on"),
    UniqueConstraint("webhook_id", "event_id"),
    Index(None, "webhook_id", "at"),
    Index(None, "created_at"),
    Index(
        "ix_webhook_messages_unsent",
        "webhook_id",
        "state",
        postgresql_where=text("state IN ('pending','held')"),
    ),
)

webhook_attempts = Table(
    "webhook_attempts",
    metadata,
    identity(),
    Column("webhook_id", Text, ForeignKey("webhooks.id"), nullable=False),
    Column("message_id", Text, ForeignKey("webhook_messages.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, CheckConstraint("number > 0"), nullable=False),
    at("at"),
    Column("status", Integer),
    Column("took_ms", Integer, nullable=False),
    Column("error", Text),
    Column("answer", Text),  # its first bytes
    Index(None, "webhook_id", "id"),
    Index(None, "message_id"),
    Index(None, "at"),
)
