"""Who is calling: the caller that a live key, an access token or an identity makes of whoever holds it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from plugin_backend.db import people, sessions
from plugin_backend.domain.allowance import Allowance
from plugin_backend.domain.callers import Caller, Role, Scope
from plugin_backend.domain.errors import UnauthenticatedError
from plugin_backend.domain.ids import Prefix, prefix_of
from plugin_backend.domain.people.opaque_tokens import OpaqueToken, TokenKind
from plugin_backend.services.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A live key or access token: the caller it makes of whoever knows its secret, and how long it lives."""

    caller: Caller
    secret_hash: str = field(repr=False)
    expires_in_seconds: float | None


def authenticate(
    house: House, token: str, *, look_up: Callable[[str], Holder | None] | None = None
) -> Caller:
    """The caller behind an API key or an access token; UnauthenticatedError says nothing about why not."""
    presented = OpaqueToken.parse(token, TokenKind.API_KEY, TokenKind.ACCESS)
    if presented is not None:
        holder = look_up(presented.row_id) if look_up else find_holder(house, presented.row_id)
        if holder is not None and presented.matches(holder.secret_hash, pepper=house.token_pepper):
            return holder.caller
    raise UnauthenticatedError("This token is unknown, expired or revoked.")


def find_holder(house: House, token_id: str) -> Holder | None:
    """The holder of a key or an access token; None unless it is live and they are not disabled."""
    find = sessions.access_holder if prefix_of(token_id) is Prefix.ACCESS_TOKEN else people.key_holder
    row = find(house.engine, token_id)
    if row is None:
        return None
    caller = caller_of(row, frozenset(Scope(scope) for scope in row.scopes))
    return Holder(caller=caller, secret_hash=row.secret_hash, expires_in_seconds=row.expires_in_seconds)


def caller_of(row: people.KeyHolder, scopes: frozenset[Scope]) -> Caller:
    """The caller that a live key, token or identity makes of whoever holds it."""
    return Caller(
        user_id=row.user_id,
        workspace_id=row.workspace_id,
        role=Role(row.role),
        scopes=scopes,
        is_operator=row.is_operator,
        key_id=row.key_id,
        default_model=row.default_model,
        allowance=Allowance.of(row.plan, row.policy),
    )
