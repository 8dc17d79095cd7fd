"""What goes in and out: assets, deliveries and their files, and the frame ranges both sides work in."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from plugin_backend.db.tables.columns import at, count, flag, identity, metadata, one_of, owned, version
from plugin_backend.domain.lifecycle import AssetState, ChunkState, DeliveryState

assets = Table(
    "assets",
    metadata,
    identity(),
    *owned(),
    Column("state", Text, nullable=False),
    Column("filename", Text),
    Column("media_type", Text),
    Column("kind", Text),
    Column("bytes", BigInteger, CheckConstraint("bytes > 0")),
    Column("sha256", Text),
    Column("width", Integer),
    Column("height", Integer),
    Column("duration_seconds", Float),
    Column("files", JSONB),
    Column("problem", Text),
    at("created_at"),
    at("updated_at"),
    at("deleted_at", nullable=True),
    version(),
    Column("attested_by", Text),  # who said that they hold the rights to it
    at("attested_at", nullable=True),
    CheckConstraint("(attested_by IS NULL) = (attested_at IS NULL)", name="attested_by_somebody"),
    one_of("state", AssetState),
    Index(None, "workspace_id", "id"),
    Index(None, "owner_id", "id"),
    Index("ix_assets_uploading", "owner_id", postgresql_where=text("state = 'uploading'")),
)

deliveries = Table(
    "deliveries",
    metadata,
    identity(),
    *owned(),
    Column("take_id", Text, ForeignKey("takes.id")),
    Column("storyboard_id", Text),
    Column("host", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="queued"),
    Column("request", JSONB, nullable=False),
    Column("plan", JSONB),
    Column("clips", JSONB),
    Column("failure", JSONB),
    Column("progress", Float, CheckConstraint("progress BETWEEN 0 AND 1")),
    Column("archive", JSONB),
    flag("cancel_requested"),
    at("applied_at", nullable=True),
    at("created_at"),
    at("updated_at"),
    at("finished_at", nullable=True),
    version(),
    # What it may come to in storage; counts as its owner's until it is finished.
    Column("expected_bytes", BigInteger, CheckConstraint("expected_bytes >= 0")),
    one_of("state", DeliveryState),
    CheckConstraint("(take_id IS NULL) <> (storyboard_id IS NULL)", name="of_take_or_storyboard"),
    Index(None, "take_id"),
    Index(None, "workspace_id", "id"),
    Index(None, "storyboard_id", postgresql_where=text("storyboard_id IS NOT NULL")),
    Index(None, "owner_id", "id"),
    Index("ix_deliveries_unfinished", "owner_id", postgresql_where=text("finished_at IS NULL")),
    Index(
        "ix_deliveries_applied", "workspace_id", "take_id", postgresql_where=text("applied_at IS NOT NULL")
    ),
)

delivery_files = Table(
    "delivery_files",
    metadata,
    Column("delivery_id", Text, ForeignKey("deliveries.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("frame", Integer),  # of an image sequence; those rows are paged behind frames_url
    Column("role", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("sequence", JSONB),
    Index(None, "delivery_id", "number"),
)

chunks = Table(
    "chunks",
    metadata,
    identity(),
    *owned(),
    Column("render_id", Text, ForeignKey("renders.id")),
    Column("delivery_id", Text, ForeignKey("deliveries.id")),
    Column("number", Integer, nullable=False),
    Column("first_frame", Integer, CheckConstraint("first_frame >= 0"), nullable=False),
    Column("frame_count", Integer, CheckConstraint("frame_count > 0"), nullable=False),
    count("frames_done"),
    Column("state", Text, nullable=False, server_default="wanted"),
    Column("result", JSONB),
    Column("failure", JSONB),
    one_of("state", ChunkState),
    CheckConstraint("(render_id IS NULL) <> (delivery_id IS NULL)", name="of_render_or_delivery"),
    UniqueConstraint("render_id", "number"),
    UniqueConstraint("delivery_id", "number"),
)

clip_names = Table(
    "clip_names",
    metadata,
    # Which take has a name first, where several would be called the same. Digests: a name may hold anything.
    Column("workspace_id", Text, ForeignKey("workspaces.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("wanted", Text, nullable=False),
    Column("number", Integer, CheckConstraint("number > 0"), nullable=False),
    Column("take_id", Text, ForeignKey("takes.id"), nullable=False),
    UniqueConstraint("workspace_id", "wanted", "take_id"),
    Index(None, "take_id"),
)
