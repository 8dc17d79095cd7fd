"""Storyboards: their shots, what was generated for each, and which takes a cut is made of."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from plugin_backend.db.tables.columns import at, flag, identity, metadata, owned, version

storyboards = Table(
    "storyboards",
    metadata,
    identity(),
    *owned(),
    Column("project_id", Text, ForeignKey("projects.id")),
    Column("title", Text, nullable=False),
    Column("sequence", JSONB),
    Column("look", JSONB),  # what its shots share, over the project's own
    Column("notes", JSONB, nullable=False),  # what of a script is in no shot
    at("created_at"),
    at("updated_at"),
    at("deleted_at", nullable=True),
    version(),
    Index(None, "workspace_id", "id"),
)

storyboard_shots = Table(
    "storyboard_shots",
    metadata,
    identity(),
    Column("storyboard_id", Text, ForeignKey("storyboards.id"), nullable=False),
    Column("position", Integer, CheckConstraint("position >= 0"), nullable=False),
    Column("label", Text, nullable=False),
    Column("brief", JSONB, nullable=False),
    Column("handles_frames", Integer, CheckConstraint("handles_frames >= 0")),
    flag("continues"),
    Column("take_id", Text, ForeignKey("takes.id")),  # the one that was picked
    Column("waiting", JSONB),  # its request, until the shot before has a take to begin from
    Column("problem", JSONB),  # why its turn came to nothing
    Index(None, "storyboard_id", "position"),
    Index(None, "take_id"),
)

shot_generations = Table(
    "shot_generations",
    metadata,
    Column("shot_id", Text, ForeignKey("storyboard_shots.id"), primary_key=True),
    Column("generation_id", Text, ForeignKey("generations.id"), primary_key=True),
    Index(None, "generation_id"),
)

delivery_takes = Table(
    "delivery_takes",
    metadata,
    Column("delivery_id", Text, ForeignKey("deliveries.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("take_id", Text, ForeignKey("takes.id"), nullable=False),
    Index(None, "take_id"),
)
