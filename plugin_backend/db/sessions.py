"""Reading and changing who is signed in: sessions, and the tokens of a panel's family."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg.rows import class_row
from sqlalchemy import Connection, Engine, delete, insert, or_, select, update

from plugin_backend.db.allowances import ALLOWANCE, ALLOWED_FROM
from plugin_backend.db.driver import glance
from plugin_backend.db.people import KeyHolder
from plugin_backend.db.rows import columns_of, read_row
from plugin_backend.db.tables import access_tokens, refresh_tokens, sessions, users

_ACCESS_HOLDER: Final = f"""
    SELECT s.id AS key_id, a.secret_hash, s.scopes,
           CAST(extract(epoch FROM least(a.expires_at, s.expires_at) - clock_timestamp()) AS float)
               AS expires_in_seconds,
           u.id AS user_id, u.workspace_id, u.role, u.is_operator, w.default_model, {ALLOWANCE}
    FROM access_tokens a JOIN sessions s ON s.id = a.session_id JOIN users u ON u.id = s.owner_id
         JOIN workspaces w ON w.id = u.workspace_id {ALLOWED_FROM}
    WHERE a.id = %(token_id)s AND s.ended_at IS NULL AND u.disabled_at IS NULL
      AND least(a.expires_at, s.expires_at) > clock_timestamp()
    """  # noqa: S608 - only constants go in


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """Somebody signed in with a panel or a browser."""

    id: str
    workspace_id: str
    owner_id: str
    kind: str
    client: str | None
    device: str
    scopes: Sequence[str]
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshRow:
    """A refresh token, with what its session says."""

    id: str
    secret_hash: str
    successor_id: str | None
    used_at: datetime | None
    expires_at: datetime
    is_disabled: bool
    session: SessionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserRow:
    """A browser's session and the person behind it."""

    secret_hash: str
    email: str
    is_disabled: bool
    session: SessionRow


_SESSION: Final = columns_of(sessions, SessionRow)


def access_holder(engine: Engine, token_id: str) -> KeyHolder | None:
    """A live access token of a live session of an enabled person; its key is the session."""
    return glance(engine, _ACCESS_HOLDER, {"token_id": token_id}, into=class_row(KeyHolder))


def insert_session(connection: Connection, values: Mapping[str, Any]) -> None:
    """A new session."""
    connection.execute(insert(sessions).values(**values))


def find_browser(connection: Connection, session_id: str) -> BrowserRow | None:
    """A browser's session, whatever has become of it."""
    found = connection.execute(
        select(*_SESSION, sessions.c.secret_hash, users.c.email, users.c.disabled_at)
        .join_from(sessions, users, users.c.id == sessions.c.owner_id)
        .where(sessions.c.id == session_id, sessions.c.secret_hash.is_not(None))
    ).one_or_none()
    if found is None:
        return None
    return BrowserRow(
        secret_hash=found.secret_hash,
        email=found.email,
        is_disabled=found.disabled_at is not None,
        session=read_row(SessionRow, found),
    )


def list_sessions(connection: Connection, owner_id: str, *, now: datetime) -> tuple[SessionRow, ...]:
    """A person's live sessions, the last seen first."""
    live = (sessions.c.owner_id == owner_id, sessions.c.ended_at.is_(None), sessions.c.expires_at > now)
    found = connection.execute(select(*_SESSION).where(*live).order_by(sessions.c.seen_at.desc()))
    return tuple(read_row(SessionRow, row) for row in found)


def see_session(connection: Connection, session_id: str, *, now: datetime, until: datetime) -> None:
    """Note that a session is in use, and how long it lives if it is not seen again."""
    change = update(sessions).where(sessions.c.id == session_id)
    connection.execute(change.values(seen_at=now, expires_at=until))


def end_sessions(
    connection: Connection,
    *,
    owner_id: str,
    now: datetime,
    by: str,
    only: str | None = None,
    but: str | None = None,
) -> tuple[str, ...]:
    """End a person's sessions, all or `only` one or all `but` one; the ids of those that were live."""
    ended = update(sessions).where(sessions.c.owner_id == owner_id, sessions.c.ended_at.is_(None))
    if only is not None:
        ended = ended.where(sessions.c.id == only)
    if but is not None:
        ended = ended.where(sessions.c.id != but)
    found = connection.execute(ended.values(ended_at=now, ended_by=by).returning(sessions.c.id))
    return tuple(row.id for row in found)


def session_of(connection: Connection, session_id: str, *, owner_id: str) -> SessionRow | None:
    """One of a person's sessions, whatever has become of it."""
    mine = (sessions.c.id == session_id, sessions.c.owner_id == owner_id)
    found = connection.execute(select(*_SESSION).where(*mine)).one_or_none()
    return None if found is None else read_row(SessionRow, found)


def insert_refresh(connection: Connection, values: Mapping[str, Any]) -> None:
    """A new refresh token."""
    connection.execute(insert(refresh_tokens).values(**values))


def insert_access(connection: Connection, values: Mapping[str, Any]) -> None:
    """A new access token."""
    connection.execute(insert(access_tokens).values(**values))


def claim_refresh(connection: Connection, token_id: str) -> RefreshRow | None:
    """A refresh token; its session is held until the end of the transaction: a family moves step by step."""
    token = refresh_tokens.c
    family = select(token.session_id).where(token.id == token_id).scalar_subquery()
    connection.execute(select(sessions.c.id).where(sessions.c.id == family).with_for_update())
    found = connection.execute(
        select(
            *_SESSION,
            token.id.label("token_id"),
            token.secret_hash,
            token.successor_id,
            token.used_at,
            token.expires_at.label("token_expires_at"),
            users.c.disabled_at,
        )
        .join_from(refresh_tokens, sessions, sessions.c.id == token.session_id)
        .join(users, users.c.id == sessions.c.owner_id)
        .where(token.id == token_id)
    ).one_or_none()
    if found is None:
        return None
    return RefreshRow(
        id=found.token_id,
        secret_hash=found.secret_hash,
        successor_id=found.successor_id,
        used_at=found.used_at,
        expires_at=found.token_expires_at,
        is_disabled=found.disabled_at is not None,
        session=read_row(SessionRow, found),
    )


def spend_refresh(connection: Connection, token_id: str, *, successor_id: str, now: datetime) -> None:
    """Note which token took this one's place."""
    spent = update(refresh_tokens).where(refresh_tokens.c.id == token_id)
    connection.execute(spent.values(used_at=now, successor_id=successor_id))


def unused_refresh(connection: Connection, session_id: str) -> str | None:
    """The token that a family has come to, if it is the only one that was never used."""
    found = connection.execute(
        select(refresh_tokens.c.id).where(
            refresh_tokens.c.session_id == session_id, refresh_tokens.c.used_at.is_(None)
        )
    ).scalars()
    ids = found.all()
    return ids[0] if len(ids) == 1 else None


def session_of_access(connection: Connection, token_id: str) -> tuple[str, str, str] | None:
    """An access token's hash, its session and whose that is."""
    found = connection.execute(
        select(access_tokens.c.secret_hash, sessions.c.id, sessions.c.owner_id)
        .join_from(access_tokens, sessions, sessions.c.id == access_tokens.c.session_id)
        .where(access_tokens.c.id == token_id)
    ).one_or_none()
    return None if found is None else (found.secret_hash, found.id, found.owner_id)


def forget_sessions(connection: Connection, *, expired_before: datetime, ended_before: datetime) -> None:
    """Remove what no longer opens anything, and sessions that ended long ago with all their tokens."""
    connection.execute(delete(access_tokens).where(access_tokens.c.expires_at < expired_before))
    connection.execute(delete(refresh_tokens).where(refresh_tokens.c.expires_at < expired_before))
    past = or_(sessions.c.expires_at < ended_before, sessions.c.ended_at < ended_before)
    connection.execute(delete(sessions).where(past))
