"""Reading and changing how people prove who they are: password hashes, links good once, other issuers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from plugin_backend.db.rows import columns_of, read_row
from plugin_backend.db.scrubbing import ERASED_ADDRESS
from plugin_backend.db.tables import identities, passwords, sign_in_links, users, welcomes


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialRow:
    """A person as they sign in; `hash` is None where they never set a password."""

    user_id: str
    workspace_id: str
    email: str
    is_disabled: bool
    hash: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """A link that sets a password once."""

    id: str
    owner_id: str
    secret_hash: str
    expires_at: datetime
    used_at: datetime | None


def find_by_email(connection: Connection, email: str) -> CredentialRow | None:
    """The person with an address, however it is capitalised."""
    return _credential(connection, _credentials().where(func.lower(users.c.email) == email.lower()))


def find_by_mailbox(
    connection: Connection, email: str, *, mailbox: str, identity_hash: str
) -> CredentialRow | None:
    """Who has an address or the plain spelling of its mailbox, or was welcomed for it and is still here."""
    spelt = select(users.c.id).where(func.lower(users.c.email).in_((email.lower(), mailbox)))
    welcomed = (
        select(users.c.id)
        .join(welcomes, welcomes.c.user_id == users.c.id)
        .where(welcomes.c.identity_hash == identity_hash, users.c.email != ERASED_ADDRESS)
    )
    same = func.lower(users.c.email) == email.lower()
    wanted = _credentials().where(users.c.id.in_(spelt.union(welcomed)))
    return _credential(connection, wanted.order_by(same.desc(), users.c.id).limit(1))


def are_here(connection: Connection, user_ids: Collection[str]) -> bool:
    """Whether one of these people was not forgotten."""
    asked = select(users.c.id).where(users.c.id.in_(user_ids), users.c.email != ERASED_ADDRESS)
    return bool(user_ids) and connection.execute(asked.limit(1)).first() is not None


def find_by_id(connection: Connection, user_id: str) -> CredentialRow | None:
    """The person with an id."""
    return _credential(connection, _credentials().where(users.c.id == user_id))


def put_password(connection: Connection, user_id: str, hashed: str, *, now: datetime) -> None:
    """Set a password's hash, the first or another."""
    values = {"hash": hashed, "changed_at": now}
    statement = insert(passwords).values(user_id=user_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=values))


def rehash(connection: Connection, user_id: str, hashed: str, *, instead_of: str) -> None:
    """Keep the same password under stronger parameters, unless it was changed meanwhile."""
    same = (passwords.c.user_id == user_id, passwords.c.hash == instead_of)
    connection.execute(update(passwords).where(*same).values(hash=hashed))


def insert_link(connection: Connection, values: Mapping[str, Any]) -> None:
    """A new link; those the person had before open nothing any more."""
    old = (sign_in_links.c.owner_id == values["owner_id"], sign_in_links.c.used_at.is_(None))
    connection.execute(update(sign_in_links).where(*old).values(used_at=values["created_at"]))
    connection.execute(sign_in_links.insert().values(**values))


def claim_link(connection: Connection, link_id: str) -> LinkRow | None:
    """A link, held until this transaction ends."""
    found = select(*columns_of(sign_in_links, LinkRow)).where(sign_in_links.c.id == link_id).with_for_update()
    row = connection.execute(found).one_or_none()
    return None if row is None else read_row(LinkRow, row)


def spend_links(connection: Connection, owner_id: str, *, now: datetime) -> None:
    """Let no link of a person open anything any more."""
    live = (sign_in_links.c.owner_id == owner_id, sign_in_links.c.used_at.is_(None))
    connection.execute(update(sign_in_links).where(*live).values(used_at=now))


def forget_links(connection: Connection, *, before: datetime) -> None:
    """Remove links that open nothing any more."""
    past = or_(sign_in_links.c.expires_at < before, sign_in_links.c.used_at < before)
    connection.execute(delete(sign_in_links).where(past))


def find_by_identity(connection: Connection, issuer: str, subject: str) -> CredentialRow | None:
    """The person whom an issuer knows by this subject."""
    known = select(identities.c.user_id).where(identities.c.issuer == issuer, identities.c.subject == subject)
    return _credential(connection, _credentials().where(users.c.id.in_(known)))


def has_other_identity(connection: Connection, issuer: str, subject: str, *, user_id: str) -> bool:
    """Whether an issuer means this person by another subject already."""
    others = select(identities.c.subject).where(
        identities.c.issuer == issuer, identities.c.user_id == user_id, identities.c.subject != subject
    )
    return connection.execute(others).first() is not None


def put_identity(connection: Connection, issuer: str, subject: str, *, user_id: str, now: datetime) -> None:
    """Note whom an issuer means by a subject; who that is never changes."""
    values = {"issuer": issuer, "subject": subject, "user_id": user_id, "created_at": now, "seen_at": now}
    statement = insert(identities).values(**values)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["issuer", "subject"], set_={"seen_at": now})
    )


def _credentials() -> Select[Any]:
    return select(
        users.c.id, users.c.workspace_id, users.c.email, users.c.disabled_at, passwords.c.hash
    ).join_from(users, passwords, passwords.c.user_id == users.c.id, isouter=True)


def _credential(connection: Connection, wanted: Select[Any]) -> CredentialRow | None:
    row = connection.execute(wanted).one_or_none()
    if row is None:
        return None
    return CredentialRow(
        user_id=row.id,
        workspace_id=row.workspace_id,
        email=row.email,
        is_disabled=row.disabled_at is not None,
        hash=row.hash,
    )
