"""How people come in by themselves: letters on their way, the links in them, who was welcomed once."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text

from plugin_backend.db.tables.columns import at, identity, metadata, one_of
from plugin_backend.domain.people.joining import LinkPurpose
from plugin_backend.domain.people.mailing import MailState

mails = Table(
    "mails",
    metadata,
    identity(),
    # Whom it is about, where that is somebody we know; a letter to a stranger belongs to nobody yet.
    Column("workspace_id", Text, ForeignKey("workspaces.id")),
    Column("owner_id", Text, ForeignKey("users.id")),
    Column("about", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("letter", Text),  # sealed: address, subject and words; gone once it is sent or given up
    Column("note", Text),
    at("created_at"),
    at("ended_at", nullable=True),
    one_of("state", MailState),
    CheckConstraint(
        "(state = 'waiting') = (letter IS NOT NULL) AND (state = 'waiting') = (ended_at IS NULL)",
        name="kept_while_waiting",
    ),
    CheckConstraint("(owner_id IS NULL) = (workspace_id IS NULL)", name="owned_or_nobodys"),
    Index(None, "owner_id"),
    Index(None, "ended_at"),
)

mailed_links = Table(
    "mailed_links",
    metadata,
    identity(),
    Column("purpose", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE")),  # null: nobody here, yet
    Column("password_hash", Text),  # of whoever asked to join: theirs once the address is
    Column("secret_hash", Text, nullable=False),
    at("created_at"),
    at("expires_at"),
    at("used_at", nullable=True),
    one_of("purpose", LinkPurpose),
    Index(None, "user_id"),
    Index(None, "expires_at"),
)

welcomes = Table(
    "welcomes",
    metadata,
    # Of a mailbox or an issuer's subject, under our pepper: it outlives the person and says nothing of them.
    Column("identity_hash", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    at("created_at"),
)
