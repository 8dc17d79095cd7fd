"""The tokens of a signed-in panel: a short access token, and a refresh token that each use replaces.

A refresh token that is shown again after its time was stolen, or its successor was: the whole session ends. A
client that only lost the answer asks again within `GRACE` and is given the same successor: it is made of the
token shown and of our pepper, so nobody else can make it and nothing of it is kept.
"""

from dataclasses import dataclass, field
from datetime import datetime

from plugin_backend.db import sessions
from plugin_backend.db.journal import audit
from plugin_backend.db.sessions import RefreshRow, SessionRow
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import Scope
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.people.grants import (
    ACCESS_TOKEN_LIVES,
    GRACE,
    PANEL_SESSION_LIVES,
    REFRESH_TOKEN_LIVES,
    Client,
    GrantRefusedError,
    Refusal,
    SessionKind,
)
from plugin_backend.domain.people.opaque_tokens import OpaqueToken, TokenKind
from plugin_backend.services.house import House
from plugin_backend.services.people.sessions import REUSED, SIGNED_OUT, close


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """What a panel is given, this once."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in_seconds: int
    scopes: frozenset[Scope]


class FamilyEndedError(GrantRefusedError):
    """A spent refresh token was shown again: everything that came of it has ended."""

    def __init__(self) -> None:
        super().__init__(Refusal.INVALID_GRANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who lets which device do what."""

    owner_id: str
    workspace_id: str
    client: str
    device: str
    scopes: frozenset[Scope]


def open_session(
    house: House, work: UnitOfWork, approval: Approval, *, code: OpaqueToken
) -> tuple[str, Issued]:
    """A new family, whose first refresh token is made of the device code; its id and tokens."""
    session_id = new_id(Prefix.SESSION, at=work.now)
    ends = work.now + PANEL_SESSION_LIVES
    values = {
        "id": session_id,
        "workspace_id": approval.workspace_id,
        "owner_id": approval.owner_id,
        "kind": SessionKind.PANEL,
        "client": approval.client,
        "device": approval.device,
        "scopes": sorted(approval.scopes),
        "created_at": work.now,
        "seen_at": work.now,
        "expires_at": min(ends, work.now + REFRESH_TOKEN_LIVES),
    }
    sessions.insert_session(work.connection, values)
    audit(
        work,
        "session.opened",
        subject_id=session_id,
        actor_id=approval.owner_id,
        workspace_id=approval.workspace_id,
        after={"kind": SessionKind.PANEL, "scopes": sorted(approval.scopes)},
    )
    refresh = _add_refresh(house, work, session_id, before=code, ends=ends)
    return session_id, _issue(house, work, session_id, refresh=refresh, ends=ends, scopes=approval.scopes)


def again(house: House, work: UnitOfWork, session: SessionRow, *, code: OpaqueToken) -> Issued | None:
    """What `open_session` gave, for a client that lost it; None once the refresh token was used."""
    first = sessions.unused_refresh(work.connection, session.id)
    if first is None or session.ended_at is not None:
        return None
    refresh = code.followed_by(first, pepper=house.token_pepper)
    row = sessions.claim_refresh(work.connection, first)
    if row is None or row.is_disabled or not refresh.matches(row.secret_hash, pepper=house.token_pepper):
        return None
    return _issue(house, work, session.id, refresh=refresh, ends=_end_of(session), scopes=_scopes_of(session))


def refresh(house: House, client: Client, text: str) -> Issued:
    """New tokens for a refresh token; GrantRefusedError says nothing about why not."""
    shown = OpaqueToken.parse(text, TokenKind.REFRESH)
    if shown is None:
        raise GrantRefusedError(Refusal.INVALID_GRANT)
    with house.begin() as work:
        row = sessions.claim_refresh(work.connection, shown.row_id)
        if row is None or not _is_live(row, shown, client, pepper=house.token_pepper, now=work.now):
            raise GrantRefusedError(Refusal.INVALID_GRANT)
        issued = _rotated(house, work, row, shown)
        if issued is None:
            close(work, row.session, by=REUSED)
    if issued is None:
        raise FamilyEndedError
    return issued


def revoke(house: House, text: str) -> bool:
    """End the session of a token of either kind; False where there was nothing to end, which is no error."""
    shown = OpaqueToken.parse(text, TokenKind.REFRESH, TokenKind.ACCESS)
    if shown is None:
        return False
    with house.begin() as work:
        found = _session_of(work, shown)
        if found is None or not shown.matches(found[0], pepper=house.token_pepper):
            return False
        _, session_id, owner_id = found
        session = sessions.session_of(work.connection, session_id, owner_id=owner_id)
        return session is not None and close(work, session, by=SIGNED_OUT)


def _session_of(work: UnitOfWork, shown: OpaqueToken) -> tuple[str, str, str] | None:
    if shown.row_id.startswith(Prefix.ACCESS_TOKEN):
        return sessions.session_of_access(work.connection, shown.row_id)
    row = sessions.claim_refresh(work.connection, shown.row_id)
    return None if row is None else (row.secret_hash, row.session.id, row.session.owner_id)


def _is_live(row: RefreshRow, shown: OpaqueToken, client: Client, *, pepper: str, now: datetime) -> bool:
    """Whether it is the token of a session that goes on; spent or not is another question."""
    session = row.session
    goes_on = session.ended_at is None and now < session.expires_at and not row.is_disabled
    return (
        shown.matches(row.secret_hash, pepper=pepper)
        and session.client == client.id
        and goes_on
        and now < row.expires_at
    )


def _rotated(house: House, work: UnitOfWork, row: RefreshRow, shown: OpaqueToken) -> Issued | None:
    """The tokens that follow; None where it was spent too long ago, or its successor is in use."""
    session, ends = row.session, _end_of(row.session)
    if row.used_at is None or row.successor_id is None:
        after = _add_refresh(house, work, session.id, before=shown, ends=ends)
        sessions.spend_refresh(work.connection, row.id, successor_id=after.row_id, now=work.now)
        until = min(ends, work.now + REFRESH_TOKEN_LIVES)
        sessions.see_session(work.connection, session.id, now=work.now, until=until)
    else:
        successor = sessions.claim_refresh(work.connection, row.successor_id)
        if work.now - row.used_at > GRACE or successor is None or successor.used_at is not None:
            return None
        after = shown.followed_by(row.successor_id, pepper=house.token_pepper)
    return _issue(house, work, session.id, refresh=after, ends=ends, scopes=_scopes_of(session))


def _add_refresh(
    house: House, work: UnitOfWork, session_id: str, *, before: OpaqueToken, ends: datetime
) -> OpaqueToken:
    token = before.followed_by(new_id(Prefix.REFRESH_TOKEN, at=work.now), pepper=house.token_pepper)
    values = {
        "id": token.row_id,
        "session_id": session_id,
        "secret_hash": token.digest(house.token_pepper),
        "created_at": work.now,
        "expires_at": min(ends, work.now + REFRESH_TOKEN_LIVES),
    }
    sessions.insert_refresh(work.connection, values)
    return token


def _issue(
    house: House,
    work: UnitOfWork,
    session_id: str,
    *,
    refresh: OpaqueToken,
    ends: datetime,
    scopes: frozenset[Scope],
) -> Issued:
    token = OpaqueToken.fresh(new_id(Prefix.ACCESS_TOKEN, at=work.now))
    expires_at = min(ends, work.now + ACCESS_TOKEN_LIVES)
    values = {
        "id": token.row_id,
        "session_id": session_id,
        "secret_hash": token.digest(house.token_pepper),
        "created_at": work.now,
        "expires_at": expires_at,
    }
    sessions.insert_access(work.connection, values)
    return Issued(
        access_token=token.spelt(),
        refresh_token=refresh.spelt(),
        expires_in_seconds=int((expires_at - work.now).total_seconds()),
        scopes=scopes,
    )


def _end_of(session: SessionRow) -> datetime:
    return session.created_at + PANEL_SESSION_LIVES


def _scopes_of(session: SessionRow) -> frozenset[Scope]:
    return frozenset(map(Scope, session.scopes))
