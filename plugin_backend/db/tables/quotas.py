"""Credits that expire, and alerts at thresholds."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from plugin_backend.db.tables.columns import at, metadata

credit_lots = Table(
    "credit_lots",
    metadata,
    Column("entry_id", Text, ForeignKey("ledger_entries.id"), primary_key=True),  # the grant it came with
    Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("amount", BigInteger, CheckConstraint("amount > 0"), nullable=False),
    at("expires_at"),
    Column("swept_number", BigInteger),  # the account's last entry when what was left was first taken back
    at("closed_at", nullable=True),  # every credit of it is spent or taken back
    Index("ix_credit_lots_open", "account_id", postgresql_where=text("closed_at IS NULL")),
    Index("ix_credit_lots_due", "expires_at", postgresql_where=text("closed_at IS NULL")),
)

credit_expiries = Table(
    "credit_expiries",
    metadata,
    Column("entry_id", Text, ForeignKey("ledger_entries.id"), primary_key=True),
    Column("lot_id", Text, ForeignKey("credit_lots.entry_id"), nullable=False),
)

# An account as its ledger tells it, so that a long one is not read from its first lot each time.
credit_checkpoints = Table(
    "credit_checkpoints",
    metadata,
    Column("account_id", Text, ForeignKey("accounts.id"), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("state", JSONB, nullable=False),
)

alert_rules = Table(
    "alert_rules",
    metadata,
    Column("workspace_id", Text, ForeignKey("workspaces.id"), primary_key=True),
    Column("rules", JSONB, nullable=False),
    at("updated_at"),
)

alerts = Table(
    "alerts",
    metadata,
    # Told once: the key is what it is about, the threshold, and the time within which once is enough.
    Column("subject_id", Text, primary_key=True),
    Column("measure", Text, primary_key=True),
    Column("threshold", BigInteger, primary_key=True, autoincrement=False),
    Column("period", Text, primary_key=True),
    Column("workspace_id", Text, ForeignKey("workspaces.id"), nullable=False),
    Column("action", Text, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("allowed", BigInteger, nullable=False),
    at("at"),
    Index(None, "workspace_id", "at"),
)
