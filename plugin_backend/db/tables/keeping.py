"""What is kept and for how long: bytes in storage by owner, people being forgotten, exports, long walks."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from plugin_backend.db.tables.columns import at, flag, identity, metadata, one_of, owned
from plugin_backend.domain.keeping import ErasureStep, ExportState

storage_uses = Table(
    "storage_uses",
    metadata,
    # One row per take, delivery, asset or export that has files; moved together with its owner's total.
    Column("subject_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    *owned(),
    Column("bytes", BigInteger, CheckConstraint("bytes >= 0"), nullable=False),
    at("updated_at"),
    Index(None, "owner_id", "bytes"),
)

storage_totals = Table(
    "storage_totals",
    metadata,
    Column("owner_id", Text, ForeignKey("users.id"), primary_key=True),
    Column("workspace_id", Text, ForeignKey("workspaces.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("bytes", BigInteger, CheckConstraint("bytes >= 0"), nullable=False, server_default=text("0")),
    Index(None, "workspace_id"),
)

walks = Table(
    "walks",
    metadata,
    # How far something that goes through everything, bit by bit, has come; and what the last whole round saw.
    Column("name", Text, primary_key=True),
    Column("place", Text, nullable=False),
    Column("seen", JSONB, nullable=False, server_default=text("'{}'")),
    Column("last", JSONB),
    at("begun_at"),
    at("ended_at", nullable=True),
)

erasures = Table(
    "erasures",
    metadata,
    identity(),
    *owned(),
    Column("asked_by", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("place", Text, nullable=False, server_default=text("''")),
    Column("done", JSONB, nullable=False, server_default=text("'{}'")),
    at("created_at"),
    at("finished_at", nullable=True),
    one_of("step", ErasureStep),
    Index(None, "owner_id", unique=True),
)

exports = Table(
    "exports",
    metadata,
    identity(),
    *owned(),
    Column("state", Text, nullable=False),
    flag("with_media"),
    Column("archive", JSONB(none_as_null=True)),
    Column("failure", JSONB(none_as_null=True)),
    at("created_at"),
    at("finished_at", nullable=True),
    at("expires_at", nullable=True),
    one_of("state", ExportState),
    Index(None, "owner_id", "id"),
    Index("uq_exports_building", "owner_id", unique=True, postgresql_where=text("state = 'building'")),
)
