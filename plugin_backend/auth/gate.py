"""Lets callers in: a bearer token from the header, and not more often than their limit."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from flask import Request

from plugin_backend.auth import changes
from plugin_backend.auth.bearer import looks_like_one
from plugin_backend.auth.limits import Limit, Limiter
from plugin_backend.auth.remembered import RememberedHolders
from plugin_backend.auth.vouched import Vouched
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.errors import UnauthenticatedError
from plugin_backend.services.house import House
from plugin_backend.services.people.holders import authenticate, find_holder

_READS = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How often a token may read and write, and an address may come with bad ones."""

    writes: Limit
    reads: Limit
    failures: Limit


class Gate:
    """Built once per process. An administrator's key is looked up every time, others' within seconds."""

    def __init__(
        self,
        house: House,
        *,
        limiter: Limiter,
        limits: Limits,
        vouched: Vouched | None = None,
    ) -> None:
        self._house = house
        self._vouched = vouched
        self._limiter = limiter
        self._limits = limits
        self._look_up = partial(find_holder, house)
        self._remembered = RememberedHolders(self._look_up)

    @contextmanager
    def admitting(self, request: Request, scope: Scope) -> Iterator[Caller]:
        """The caller behind a request, if their scope allows it; an administrator's change shows at once."""
        caller = self._admit(request, scope)
        if scope is not Scope.ADMIN or request.method in _READS:
            yield caller
            return
        try:
            yield caller
        finally:
            changes.announce()

    def _admit(self, request: Request, scope: Scope) -> Caller:
        caller = self._identify(request, scope)
        reading = request.method in _READS
        limit = self._limits.reads if reading else self._limits.writes
        self._limiter.admit(f"{'r' if reading else 'w'}:{caller.key_id}", limit)
        caller.require(scope)
        return caller

    def _identify(self, request: Request, scope: Scope) -> Caller:
        """Who holds the token; a good one always passes, bad ones are counted by address.

        Studios share an address: one broken script must not lock out every editor behind it, and a secret of
        256 bits is not guessed at any rate. The limit spares the database, which is not asked about nothing.
        """
        look_up = self._look_up if scope is Scope.ADMIN else self._remembered.find
        token = _bearer(request)
        try:
            if self._vouched is not None and looks_like_one(token):
                return self._vouched.caller(token)
            return authenticate(self._house, token, look_up=look_up)
        except UnauthenticatedError:
            self._limiter.admit(f"f:{request.remote_addr}", self._limits.failures)
            raise


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UnauthenticatedError("Send `Authorization: Bearer <token>`.")
    return token.strip()
