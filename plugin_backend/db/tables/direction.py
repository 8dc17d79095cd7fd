"""The director's own: what each try was told, and what was seen in each take."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from plugin_backend.db.tables.columns import at, count, identity, metadata, owned

directions = Table(
    "directions",
    metadata,
    # One row a try: the takes of that iteration were asked for by it.
    Column("generation_id", Text, ForeignKey("generations.id"), primary_key=True),
    Column("iteration", Integer, CheckConstraint("iteration >= 0"), primary_key=True),
    Column("plan", JSONB, nullable=False),
    Column("directives", JSONB, nullable=False),
    Column("stronger", JSONB, nullable=False),  # by directive: how often it was said again, stronger
    Column("steers", JSONB, nullable=False),  # what the editor added on the way, in order
    Column("model", Text),  # another model than the generation's
    Column("why", Text, nullable=False),
    at("created_at"),
)

evaluations = Table(
    "evaluations",
    metadata,
    identity(),
    *owned(),
    Column("take_id", Text, ForeignKey("takes.id"), nullable=False, unique=True),
    Column("generation_id", Text, ForeignKey("generations.id"), nullable=False),
    Column("evaluation", JSONB(none_as_null=True)),  # null: not measured
    Column("judgement", JSONB(none_as_null=True)),
    Column("opinions", JSONB(none_as_null=True)),  # of a visual judge, apart from what was measured
    Column("pictures", JSONB(none_as_null=True)),  # by name: key, bytes, sha256
    Column("failure", Text),
    at("created_at"),
    at("done_at", nullable=True),
    count("version", 1),
    CheckConstraint("evaluation IS NULL OR done_at IS NOT NULL", name="measured_is_done"),
    Index(None, "generation_id"),
    Index("ix_evaluations_open", "generation_id", postgresql_where=text("done_at IS NULL")),
)
