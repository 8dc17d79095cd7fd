"""Who there is: workspaces, plans, users, keys, projects."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    event,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from plugin_backend.db.tables.columns import at, flag, identity, metadata, one_of, owned, version
from plugin_backend.domain.money.purses import SpendFrom

# A text's pieces of one to three characters: through an index of them any part of it is found.
_GRAMS = """
CREATE OR REPLACE FUNCTION text_grams(given TEXT) RETURNS TEXT[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_agg(DISTINCT substr(word, start, size))
    FROM lower(given) word, generate_series(1, length(word)) start, generate_series(1, 3) size
    WHERE start + size - 1 <= length(word)
$$
"""


@event.listens_for(metadata, "before_create")
def _create_grams(_tables: MetaData, connection: Connection, **_options: Any) -> None:
    connection.exec_driver_sql(_GRAMS)


workspaces = Table(
    "workspaces",
    metadata,
    identity(),
    Column("name", Text, nullable=False),
    Column("default_model", Text, nullable=False, server_default="animatic"),
    Column("judging", JSONB),  # the judge's weights, where they differ from the usual ones
    at("frozen_at", nullable=True),  # nobody in it starts anything new
    flag("frozen_by_operator"),
    flag("made_by_joining"),  # its owner joined by themselves: an operator gives, they only pass on
    Column("spend_from", Text, nullable=False, server_default=SpendFrom.PERSONAL),
    Column("member_cap", BigInteger, CheckConstraint("member_cap >= 0")),
    at("created_at"),
    version(),
    one_of("spend_from", SpendFrom),
)

users = Table(
    "users",
    metadata,
    identity(),
    Column("workspace_id", Text, ForeignKey("workspaces.id"), nullable=False),
    Column("email", Text, nullable=False),
    Column("role", Text, CheckConstraint("role IN ('owner','admin','editor','viewer')"), nullable=False),
    Column("plan_id", Text, ForeignKey("plans.id"), nullable=False),
    flag("is_operator"),
    at("disabled_at", nullable=True),
    flag("disabled_by_operator"),  # whom the workspace does not enable, nor takes in by an invitation
    Column("draft_limit_override", Integer, CheckConstraint("draft_limit_override >= 0")),
    Column("max_concurrent_override", Integer, CheckConstraint("max_concurrent_override > 0")),
    # What an operator set the two to: the workspace's own administrators stay at or below it.
    Column("draft_limit_ceiling", Integer, CheckConstraint("draft_limit_ceiling >= 0")),
    Column("max_concurrent_ceiling", Integer, CheckConstraint("max_concurrent_ceiling > 0")),
    # How much is under way, moved in the same statement as the state it counts.
    Column("unfinished", Integer, CheckConstraint("unfinished >= 0"), nullable=False, server_default="0"),
    Column("running", Integer, CheckConstraint("running >= 0"), nullable=False, server_default="0"),
    at("served_at", nullable=True),
    Column("pool_cap", BigInteger, CheckConstraint("pool_cap >= 0")),
    at("frozen_at", nullable=True),  # starts nothing new; what runs goes on
    flag("frozen_by_operator"),
    at("removed_at", nullable=True),  # from their workspace: disabled too, until another takes them in
    at("created_at"),
    version(),
    Index("uq_users_email", func.lower(text("email")), unique=True),
    Index("ix_users_email_grams", func.text_grams(text("email")), postgresql_using="gin"),
    Index(None, "workspace_id"),
)

api_keys = Table(
    "api_keys",
    metadata,
    identity(),
    *owned(),
    Column("name", Text, nullable=False),
    Column("secret_hash", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    at("created_at"),
    at("expires_at", nullable=True),
    at("revoked_at", nullable=True),
    Index(None, "owner_id"),
)

panel_settings = Table(
    "panel_settings",
    metadata,
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("settings", JSONB, nullable=False),  # the panel's own: nothing here reads what is in it
    at("updated_at"),
    version(),
)

projects = Table(
    "projects",
    metadata,
    identity(),
    *owned(),
    Column("name", Text, nullable=False),
    Column("look", JSONB),  # what its shots share, beside the words of each brief
    Column("naming", Text),  # how the files of its deliveries are called; null: as everywhere
    at("created_at"),
    at("deleted_at", nullable=True),
    version(),
    Index(None, "workspace_id"),
)
