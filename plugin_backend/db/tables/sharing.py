"""What members of a workspace share: who was invited, and what each has taken of the pool in a month."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, ForeignKey, Index, Table, Text, func, text

from plugin_backend.db.tables.columns import at, identity, metadata, owned

pool_months = Table(
    "pool_months",
    metadata,
    Column("owner_id", Text, ForeignKey("users.id"), primary_key=True),
    Column("workspace_id", Text, ForeignKey("workspaces.id"), primary_key=True),
    Column("month", Date, primary_key=True),
    # Held and spent are counted in the month in which the generation was asked for.
    Column("held", BigInteger, CheckConstraint("held >= 0"), nullable=False),
    Column("spent", BigInteger, CheckConstraint("spent >= 0"), nullable=False),
)

invitations = Table(
    "invitations",
    metadata,
    identity(),
    *owned(),
    Column("email", Text, nullable=False),
    Column("role", Text, CheckConstraint("role IN ('owner','admin','editor','viewer')"), nullable=False),
    Column("secret_hash", Text, nullable=False),
    at("created_at"),
    at("expires_at"),
    at("revoked_at", nullable=True),
    at("accepted_at", nullable=True),
    Column("accepted_by", Text, ForeignKey("users.id")),
    CheckConstraint("(accepted_at IS NULL) = (accepted_by IS NULL)", name="accepted_by_somebody"),
    CheckConstraint("accepted_at IS NULL OR revoked_at IS NULL", name="ends_once"),
    Index(
        "uq_invitations_open",
        "workspace_id",
        func.lower(text("email")),
        unique=True,
        postgresql_where=text("accepted_at IS NULL AND revoked_at IS NULL"),
    ),
    Index(None, "workspace_id", "id"),
)
