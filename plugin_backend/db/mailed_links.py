"""Reading and changing the links that we send to people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from plugin_backend.db.rows import columns_of, read_row
from plugin_backend.db.tables import mailed_links
from plugin_backend.domain.people.joining import LinkPurpose


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedLinkRow:
    """A link in a letter; one without a person or a password opens nothing and was never written down."""

    id: str
    purpose: str
    email: str
    user_id: str | None
    password_hash: str | None = field(repr=False)
    secret_hash: str = field(repr=False)
    expires_at: datetime
    used_at: datetime | None


def insert_link(connection: Connection, values: Mapping[str, Any]) -> None:
    """A new link."""
    connection.execute(insert(mailed_links).values(**values))


def claim_link(connection: Connection, link_id: str, purpose: LinkPurpose) -> MailedLinkRow | None:
    """A link, held until this transaction ends."""
    wanted = (mailed_links.c.id == link_id, mailed_links.c.purpose == purpose)
    found = select(*columns_of(mailed_links, MailedLinkRow)).where(*wanted)
    row = connection.execute(found.with_for_update()).one_or_none()
    return None if row is None else read_row(MailedLinkRow, row)


def spend_links(connection: Connection, email: str, *, now: datetime) -> None:
    """Let no link to an address open anything any more."""
    live = (mailed_links.c.email == email, mailed_links.c.used_at.is_(None))
    connection.execute(update(mailed_links).where(*live).values(used_at=now, password_hash=None))


def forget_links(connection: Connection, *, before: datetime) -> None:
    """Remove links that open nothing any more, and the addresses with them."""
    connection.execute(delete(mailed_links).where(mailed_links.c.expires_at < before))
