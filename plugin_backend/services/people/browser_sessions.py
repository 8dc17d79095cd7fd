"""A browser that is signed in: a cookie whose secret is kept as an HMAC, seen at most every few minutes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from plugin_backend.db import sessions
from plugin_backend.db.journal import audit
from plugin_backend.db.passwords import CredentialRow
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.people.grants import (
    BROWSER_SESSION_IDLES,
    BROWSER_SESSION_LIVES,
    SessionKind,
    device_name,
)
from plugin_backend.domain.people.opaque_tokens import OpaqueToken, TokenKind
from plugin_backend.services.house import House
from plugin_backend.services.people.sessions import SIGNED_OUT, close

_SEEN_EVERY: Final = timedelta(minutes=5)

JUST_NOW: Final = timedelta(minutes=10)
"""How long a sign-in speaks for somebody who has no password to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A person in front of a browser."""

    session_id: str
    user_id: str
    workspace_id: str
    email: str
    opened_at: datetime


def open_session(house: House, person: CredentialRow, *, device: str) -> str:
    """A new session, and the cookie that opens it; never one that somebody brought along."""
    with house.begin() as work:
        token = OpaqueToken.fresh(new_id(Prefix.SESSION, at=work.now))
        values = {
            "id": token.row_id,
            "workspace_id": person.workspace_id,
            "owner_id": person.user_id,
            "kind": SessionKind.BROWSER,
            "device": device_name(device),
            "scopes": [],
            "secret_hash": token.digest(house.token_pepper),
            "created_at": work.now,
            "seen_at": work.now,
            "expires_at": work.now + BROWSER_SESSION_IDLES,
        }
        sessions.insert_session(work.connection, values)
        audit(
            work,
            "session.opened",
            subject_id=token.row_id,
            actor_id=person.user_id,
            workspace_id=person.workspace_id,
            after={"kind": SessionKind.BROWSER},
        )
    return token.spelt()


def find(house: House, cookie: str) -> SignedIn | None:
    """Who is behind a cookie; None unless its session goes on."""
    shown = OpaqueToken.parse(cookie, TokenKind.BROWSER)
    if shown is None:
        return None
    with house.begin() as work:
        row = sessions.find_browser(work.connection, shown.row_id)
        if row is None or not shown.matches(row.secret_hash, pepper=house.token_pepper):
            return None
        session = row.session
        if row.is_disabled or session.ended_at is not None or work.now >= session.expires_at:
            return None
        _see(work, session.id, created_at=session.created_at, seen_at=session.seen_at)
    return SignedIn(
        session_id=session.id,
        user_id=session.owner_id,
        workspace_id=session.workspace_id,
        email=row.email,
        opened_at=session.created_at,
    )


def came_just_now(house: House, person: SignedIn) -> bool:
    """Whether they signed in so lately that it is still them in front of the browser."""
    with house.begin() as work:
        return work.now - person.opened_at < JUST_NOW


def sign_out(house: House, person: SignedIn, *, request_id: str | None = None) -> None:
    """End the session; the cookie opens nothing any more, wherever it lies."""
    with house.begin() as work:
        found = sessions.session_of(work.connection, person.session_id, owner_id=person.user_id)
        if found is not None:
            close(work, found, by=SIGNED_OUT, request_id=request_id)


def _see(work: UnitOfWork, session_id: str, *, created_at: datetime, seen_at: datetime) -> None:
    if work.now - seen_at < _SEEN_EVERY:
        return
    until = min(created_at + BROWSER_SESSION_LIVES, work.now + BROWSER_SESSION_IDLES)
    sessions.see_session(work.connection, session_id, now=work.now, until=until)
