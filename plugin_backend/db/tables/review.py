"""What people say of takes."""

from sqlalchemy import CheckConstraint, Column, Float, ForeignKey, Index, Integer, Table, Text, text

from plugin_backend.db.tables.columns import at, identity, metadata, one_of, owned, version
from plugin_backend.domain.review import Approval

take_reviews = Table(
    "take_reviews",
    metadata,
    # What stands of a take, beside the pick on its own row; the generation's id spares filters a join.
    Column("take_id", Text, ForeignKey("takes.id"), primary_key=True),
    Column("workspace_id", Text, ForeignKey("workspaces.id"), nullable=False),
    Column("generation_id", Text, ForeignKey("generations.id"), nullable=False),
    at("rejected_at", nullable=True),
    Column("rating", Integer, CheckConstraint("rating BETWEEN 0 AND 5")),
    Column("updated_by", Text, nullable=False),
    at("updated_at"),
    version(),
    Index(
        "ix_take_reviews_rating", "workspace_id", "generation_id", postgresql_where=text("rating IS NOT NULL")
    ),
)

take_comments = Table(
    "take_comments",
    metadata,
    identity(),
    *owned(),  # the owner wrote it
    Column("take_id", Text, ForeignKey("takes.id"), nullable=False),
    Column("first_frame", Integer, CheckConstraint("first_frame >= 0")),  # null: of the whole take
    Column("last_frame", Integer, CheckConstraint("last_frame >= first_frame")),
    Column("x", Float, CheckConstraint("x BETWEEN 0 AND 1")),
    Column("y", Float, CheckConstraint("y BETWEEN 0 AND 1")),
    Column("words", Text, nullable=False),
    at("resolved_at", nullable=True),
    Column("resolved_by", Text),
    at("created_at"),
    at("updated_at"),
    version(),
    CheckConstraint("(first_frame IS NULL) = (last_frame IS NULL)", name="frames_come_in_pairs"),
    CheckConstraint("(x IS NULL) = (y IS NULL)", name="points_are_whole"),
    CheckConstraint("(resolved_at IS NULL) = (resolved_by IS NULL)", name="resolved_by_somebody"),
    Index(None, "take_id", "id"),
    Index(None, "owner_id"),
)

take_approvals = Table(
    "take_approvals",
    metadata,
    identity(),
    *owned(),  # the owner said so
    Column("take_id", Text, ForeignKey("takes.id"), nullable=False),
    Column("status", Text, nullable=False),
    Column("label", Text, nullable=False),  # as what they said it
    Column("note", Text),
    Column("fingerprint", Text, nullable=False),  # of the take as it was then
    at("created_at"),
    at("ended_at", nullable=True),  # withdrawn, or another one came
    Column("ended_by", Text),
    one_of("status", Approval),
    CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_somebody"),
    Index(None, "take_id", "id"),
    Index("ix_take_approvals_standing", "workspace_id", "status", postgresql_where=text("ended_at IS NULL")),
    Index("uq_take_approvals_one", "take_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    Index(None, "owner_id"),
)
