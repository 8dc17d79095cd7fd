"""RFC 8628: a device shows a code, a person approves it in a browser, the device fetches its tokens."""

from dataclasses import dataclass, field

from plugin_backend.db import device_grants, people, sessions
from plugin_backend.db.device_grants import DeviceGrantRow
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import Scope
from plugin_backend.domain.errors import NotFoundError
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.people.grants import (
    DEVICE_CODE_LIVES,
    GRACE,
    INTERVAL_SECONDS,
    JITTER,
    MOST_INTERVAL_SECONDS,
    Client,
    GrantRefusedError,
    GrantState,
    Refusal,
    device_name,
    digest_of_code,
    new_user_code,
)
from plugin_backend.domain.people.opaque_tokens import OpaqueToken, TokenKind
from plugin_backend.domain.quota import day_of
from plugin_backend.services.house import House
from plugin_backend.services.people import panel_tokens
from plugin_backend.services.people.panel_tokens import Approval, Issued


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The two codes of a question: one for the device to keep, one for a person to compare."""

    device_code: str = field(repr=False)
    user_code: str
    expires_in_seconds: int
    interval_seconds: int


def ask(house: House, client: Client, *, scopes: frozenset[Scope], device: str | None) -> Asked:
    """A device wants to sign somebody in."""
    with house.begin() as work:
        token = OpaqueToken.fresh(new_id(Prefix.DEVICE_GRANT, at=work.now))
        values = {
            "id": token.row_id,
            "client": client.id,
            "device": device_name(device),
            "scopes": sorted(scopes),
            "secret_hash": token.digest(house.token_pepper),
            "interval_seconds": INTERVAL_SECONDS,
            "created_at": work.now,
            "expires_at": work.now + DEVICE_CODE_LIVES,
        }
        code = new_user_code()
        while not device_grants.insert_grant(
            work.connection, {**values, "user_code_hash": _kept(house, code)}
        ):
            code = new_user_code()  # one in billions: somebody else was just shown it
    return Asked(
        device_code=token.spelt(),
        user_code=code,
        expires_in_seconds=int(DEVICE_CODE_LIVES.total_seconds()),
        interval_seconds=INTERVAL_SECONDS,
    )


def look(house: House, user_code: str) -> DeviceGrantRow | None:
    """What the device that shows this code asks for; None unless somebody may still decide."""
    with house.begin() as work:
        grant = device_grants.claim_by_code(work.connection, _kept(house, user_code))
        return grant if grant is not None and device_grants.is_open(grant, now=work.now) else None


def decide(house: House, user_code: str, *, user_id: str, is_approved: bool) -> DeviceGrantRow:
    """A person says yes or no, once; NotFoundError where there is nothing left to decide."""
    with house.begin() as work:
        grant = device_grants.claim_by_code(work.connection, _kept(house, user_code))
        if grant is None or not device_grants.is_open(grant, now=work.now):
            raise NotFoundError("code")
        state = GrantState.APPROVED if is_approved else GrantState.DENIED
        values = {"state": state, "decided_by": user_id}
        device_grants.change_grant(work.connection, grant.id, values)
    return grant


def redeem(house: House, client: Client, text: str) -> Issued:
    """The tokens of an approved device code; GrantRefusedError says what the device should do."""
    shown = OpaqueToken.parse(text, TokenKind.DEVICE_CODE)
    if shown is None:
        raise GrantRefusedError(Refusal.INVALID_GRANT)
    with house.begin() as work:  # a refusal is raised after the commit: a look too soon is to be remembered
        found = _redeemed(house, work, client, shown)
    if isinstance(found, Refusal):
        raise GrantRefusedError(found)
    return found


def _redeemed(house: House, work: UnitOfWork, client: Client, shown: OpaqueToken) -> Issued | Refusal:
    grant = device_grants.claim_grant(work.connection, shown.row_id)
    known = grant is not None and shown.matches(grant.secret_hash, pepper=house.token_pepper)
    if grant is None or not known or grant.client != client.id:
        return Refusal.INVALID_GRANT
    if grant.state == GrantState.REDEEMED:
        return _again(house, work, grant, shown) or Refusal.INVALID_GRANT
    if work.now >= grant.expires_at:
        return Refusal.EXPIRED_TOKEN
    if grant.state == GrantState.DENIED:
        return Refusal.ACCESS_DENIED
    if grant.state == GrantState.PENDING:
        return _waiting(work, grant)
    return _opened(house, work, grant, shown)


def _waiting(work: UnitOfWork, grant: DeviceGrantRow) -> Refusal:
    """Note the look; one that came too soon makes the next ones rarer."""
    interval = grant.interval_seconds
    since = None if grant.polled_at is None else (work.now - grant.polled_at + JITTER).total_seconds()
    is_soon = since is not None and since < interval
    if is_soon:
        interval = min(MOST_INTERVAL_SECONDS, interval + INTERVAL_SECONDS)
    values = {"polled_at": work.now, "interval_seconds": interval}
    device_grants.change_grant(work.connection, grant.id, values)
    return Refusal.SLOW_DOWN if is_soon else Refusal.AUTHORIZATION_PENDING


def _opened(house: House, work: UnitOfWork, grant: DeviceGrantRow, shown: OpaqueToken) -> Issued | Refusal:
    assert grant.decided_by is not None, "the table keeps who approved"
    person = people.find_standing(work.connection, grant.decided_by, day=day_of(work.now))
    if person is None or person.disabled_at is not None:
        return Refusal.ACCESS_DENIED
    approval = Approval(
        owner_id=person.id,
        workspace_id=person.workspace_id,
        client=grant.client,
        device=grant.device,
        scopes=frozenset(map(Scope, grant.scopes)),
    )
    session_id, issued = panel_tokens.open_session(house, work, approval, code=shown)
    values = {"state": GrantState.REDEEMED, "redeemed_at": work.now, "session_id": session_id}
    device_grants.change_grant(work.connection, grant.id, values)
    return issued


def _again(house: House, work: UnitOfWork, grant: DeviceGrantRow, shown: OpaqueToken) -> Issued | None:
    """The answer once more, for a device that lost it a moment ago."""
    if grant.redeemed_at is None or work.now - grant.redeemed_at > GRACE or grant.session_id is None:
        return None
    session = sessions.session_of(work.connection, grant.session_id, owner_id=str(grant.decided_by))
    return None if session is None else panel_tokens.again(house, work, session, code=shown)


def _kept(house: House, user_code: str) -> str:
    return digest_of_code(user_code, pepper=house.token_pepper)
