"""What people's plans grant, what has been granted by them, and what workspaces allow."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    Table,
    Text,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from plugin_backend.db.tables.columns import at, flag, identity, metadata, version

plans = Table(
    "plans",
    metadata,
    identity(),
    Column("label", Text, nullable=False),
    Column("drafts_per_day", Integer, CheckConstraint("drafts_per_day >= 0"), nullable=False),
    Column("max_concurrent", Integer, CheckConstraint("max_concurrent > 0"), nullable=False),
    Column("max_unfinished", Integer, CheckConstraint("max_unfinished > 0"), nullable=False),
    Column(
        "credits_per_month",
        Integer,
        CheckConstraint("credits_per_month >= 0"),
        nullable=False,
        server_default=text("0"),
    ),
    Column(
        "sign_up_credits",
        Integer,
        CheckConstraint("sign_up_credits >= 0"),
        nullable=False,
        server_default=text("0"),
    ),
    # What is null has no limit.
    Column("models", ARRAY(Text)),
    Column("tiers", ARRAY(Text), nullable=False, server_default="{draft,master}"),
    Column("max_resolution", Text),
    Column("hdr", Boolean, nullable=False, server_default=true()),
    Column("exr", Boolean, nullable=False, server_default=true()),
    Column("draft_retention_days", Integer, CheckConstraint("draft_retention_days > 0")),
    Column("master_retention_days", Integer, CheckConstraint("master_retention_days > 0")),
    Column("storage_limit_bytes", BigInteger, CheckConstraint("storage_limit_bytes > 0")),
    Column("shipped", JSONB),  # as a version of this service shipped it; what differs is an operator's
    at("archived_at", nullable=True),
    version(),
)

plan_grants = Table(
    "plan_grants",
    metadata,
    # One row per step up: within a period each begins where the one before it ended, so none is made twice.
    Column("account_id", Text, ForeignKey("accounts.id"), primary_key=True),
    Column("period", Text, primary_key=True),
    Column(
        "above", Integer, CheckConstraint("above >= 0"), primary_key=True, nullable=False, autoincrement=False
    ),
    Column("upto", Integer, nullable=False),
    Column("plan_id", Text, ForeignKey("plans.id"), nullable=False),
    # Null: granted to who they were before they left and joined anew.
    Column("entry_id", Text, ForeignKey("ledger_entries.id"), unique=True),
    at("at"),
    CheckConstraint("upto > above", name="grants_something"),
)

workspace_policies = Table(
    "workspace_policies",
    metadata,
    Column("workspace_id", Text, ForeignKey("workspaces.id"), primary_key=True),
    Column("models", ARRAY(Text)),  # null: every one
    Column("blocked_terms", ARRAY(Text), nullable=False, server_default="{}"),
    flag("attestation_required"),
    at("updated_at"),
    version(),
    Column("attestation_text", Text, CheckConstraint("length(attestation_text) BETWEEN 1 AND 2000")),
)
