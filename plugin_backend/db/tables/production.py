"""What is being made: generations, takes, attempts, renders."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
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
from plugin_backend.domain.lifecycle import AttemptState, ChunkState, GenerationState, TakeState

WORDS = (
    "to_tsvector('simple'::regconfig, regexp_replace((COALESCE(label, ''::text) || ' '::text)"
    " || COALESCE((request -> 'brief'::text) ->> 'prompt'::text, ''::text),"
    " '[!-/:-@\\[-`{-~]+'::text, ' '::text, 'g'::text))"
)
"""The words of a label and a prompt, as a search finds them; the index and the query spell it alike."""

generations = Table(
    "generations",
    metadata,
    identity(),
    *owned(),
    Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
    Column("project_id", Text, ForeignKey("projects.id")),
    Column("kind", Text, CheckConstraint("kind IN ('draft','master')"), nullable=False),
    Column("state", Text, nullable=False, server_default="queued"),
    Column("label", Text),
    Column("model", Text, nullable=False),
    Column("provider", Text, nullable=False),
    # The mutable words of the request; a deletion of the person empties it, the books stay.
    Column("request", JSONB, nullable=False),
    Column("plan", JSONB),
    Column("takes_wanted", Integer, CheckConstraint("takes_wanted > 0"), nullable=False),
    count("iteration"),
    Column("max_iterations", Integer, CheckConstraint("max_iterations BETWEEN 0 AND 3"), nullable=False),
    # Prices as they were when it was asked for.
    Column("credits_per_take", Integer, CheckConstraint("credits_per_take >= 0"), nullable=False),
    Column("credits_quoted", Integer, CheckConstraint("credits_quoted >= 0"), nullable=False),
    Column("credits_held", Integer, CheckConstraint("credits_held >= 0"), nullable=False),
    Column("credits_settled", Integer),
    Column("draft_units", Integer, CheckConstraint("draft_units >= 0"), nullable=False),
    Column("draft_units_used", Integer),
    Column("draft_day", Date),
    flag("counted_running"),
    Column("from_take_id", Text, ForeignKey("takes.id", use_alter=True)),
    Column("retried_from", Text, ForeignKey("generations.id")),
    Column("recovered_from", Text, ForeignKey("generations.id")),
    flag("cancel_requested"),
    Column("failure", JSONB),
    Column("expected_seconds", Float),
    Column("routing", JSONB),  # the models that may make it, each with its price as quoted; null: one
    Column("promotion", JSONB),  # how a draft becomes this master, and how alike they are
    Column("batch_id", Text),  # what was asked for together
    Column("standing_order", JSONB(none_as_null=True)),  # what the editor said meanwhile
    Column("terms", JSONB),  # the terms of use of the models that may make it, as they were
    at("paused_at", nullable=True),
    at("created_at"),
    at("updated_at"),
    at("finished_at", nullable=True),
    at("deleted_at", nullable=True),
    version(),
    at("expiry_told_at", nullable=True),  # when its owner was told that its media will go
    # What its takes may come to in storage; counts as its owner's until it is finished.
    Column("expected_bytes", BigInteger, CheckConstraint("expected_bytes >= 0")),
    one_of("state", GenerationState),
    CheckConstraint("credits_settled BETWEEN 0 AND credits_held", name="settles_within_hold"),
    CheckConstraint("draft_units_used BETWEEN 0 AND draft_units", name="uses_within_taken"),
    CheckConstraint(
        "(state IN ('ready','failed','cancelled')) = (finished_at IS NOT NULL)"
        " AND (finished_at IS NULL) = (credits_settled IS NULL)",
        name="ends_settled",
    ),
    Index(None, "workspace_id", "id"),
    Index("ix_generations_by_model", "workspace_id", "model", "id"),
    Index(None, "owner_id", "state"),
    Index(None, "batch_id", postgresql_where=text("batch_id IS NOT NULL")),
    Index(None, "created_at"),
    Index(None, "workspace_id", "project_id", "id"),
    Index("ix_generations_words", text(WORDS), postgresql_using="gin"),
    Index("ix_generations_ready", "finished_at", postgresql_where=text("state = 'ready'")),
    Index("ix_generations_unfinished", "workspace_id", postgresql_where=text("finished_at IS NULL")),
)

takes = Table(
    "takes",
    metadata,
    identity(),
    *owned(),
    Column("generation_id", Text, ForeignKey("generations.id"), nullable=False),
    Column("number", Integer, CheckConstraint("number > 0"), nullable=False),
    count("iteration"),
    Column("state", Text, nullable=False, server_default="wanted"),
    Column("seed", BigInteger),
    Column("provider_ref", Text),
    Column("progress", Float, CheckConstraint("progress BETWEEN 0 AND 1")),
    Column("outputs", JSONB),  # what the provider said it made
    Column("source", JSONB),  # what we stored of it
    Column("files", JSONB),  # proxy, poster, contact sheet
    Column("facts", JSONB),  # rate, frames, size, range
    Column("measures", JSONB),
    Column("score", Float),
    Column("verdict", Text),
    flag("charged"),  # stored, or accepted upstream beyond recall: counts when the hold ends
    Column("failure", JSONB),
    at("created_at"),
    at("updated_at"),
    at("deadline", nullable=True),
    # Who makes this take and at what price: the generation's, until a fallback takes over.
    Column("model", Text),
    Column("provider", Text),
    Column("credits", Integer, CheckConstraint("credits >= 0")),
    Column("choice", Integer, CheckConstraint("choice >= 0"), nullable=False, server_default=text("0")),
    Column("parts", Integer, CheckConstraint("parts >= 1"), nullable=False, server_default=text("1")),
    Column("fetched", JSONB),  # what was brought into our storage of what the provider made
    at("media_deleted_at", nullable=True),
    at("picked_at", nullable=True),
    version(),
    one_of("state", TakeState),
    UniqueConstraint("generation_id", "number"),
    Index("ix_takes_scored", "workspace_id", "created_at", postgresql_where=text("score IS NOT NULL")),
    Index("ix_takes_picked", "workspace_id", "generation_id", postgresql_where=text("picked_at IS NOT NULL")),
    CheckConstraint("state <> 'stored' OR source IS NOT NULL", name="stored_has_source"),
)

attempts = Table(
    "attempts",
    metadata,
    identity(),
    *owned(),
    Column("take_id", Text, ForeignKey("takes.id"), nullable=False),
    count("part"),
    Column("token", Text, nullable=False, unique=True),
    Column("provider", Text, nullable=False),
    Column("provider_ref", Text),
    Column("state", Text, nullable=False),
    Column("detail", Text),
    at("created_at"),
    at("sent_at", nullable=True),
    at("resolved_at", nullable=True),
    count("listings"),
    Column("model", Text),
    # What the provider may bill us for it, at list price, and whether it did; null: it has not said.
    Column(
        "credits_at_risk",
        Integer,
        CheckConstraint("credits_at_risk >= 0"),
        nullable=False,
        server_default=text("0"),
    ),
    Column("billed", Boolean),
    Column("slug", Text),
    Column("request_id", Text),  # the provider's own, for its support
    Column("outputs", JSONB),  # what one part of a longer take came to
    at("settled_at", nullable=True),  # an operator looked at the exposure
    Column("settled_note", Text),
    flag("exposed"),  # kept by the database: a provider may bill it, and nobody was charged
    one_of("state", AttemptState),
    Index(
        "uq_attempts_one_open",
        "take_id",
        "part",
        unique=True,
        postgresql_where=text("state IN ('intent','accepted')"),
    ),
    Index(
        "ix_attempts_open_by_provider", "provider", postgresql_where=text("state IN ('intent','accepted')")
    ),
    Index(None, "take_id"),
    Index("ix_attempts_exposed", "id", postgresql_where=text("exposed")),
    UniqueConstraint("provider", "provider_ref"),
)

renders = Table(
    "renders",
    metadata,
    identity(),
    *owned(),
    Column("token", Text, nullable=False, unique=True),  # the attempt that asked: asking twice is asking once
    Column("lane", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("spec", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="wanted"),
    Column("result", JSONB),
    Column("failure", JSONB),
    at("created_at"),
    one_of("state", ChunkState),
    Index(None, "subject_id"),
)
