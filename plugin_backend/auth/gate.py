"""Lets callers in: a bearer token from the header, and not more often than their limit."""

from dataclasses import dataclass

from flask import Request, g

from plugin_backend.auth.limits import Limit, Limiter
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.errors import UnauthenticatedError
from plugin_backend.services.accounts import authenticate
from plugin_backend.services.house import House

_READS = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How often a token may read and write, and an address may fail to sign in."""

    writes: Limit
    reads: Limit
    failures: Limit


class Gate:
    """Built once per process; keeps no caller."""

    def __init__(self, house: House, *, limiter: Limiter, limits: Limits) -> None:
        self._house = house
        self._limiter = limiter
        self._limits = limits

    def admit(self, request: Request, scope: Scope) -> Caller:
        """The caller behind a request, with the scope it needs."""
        caller = self.identify(request)
        reading = request.method in _READS
        limit = self._limits.reads if reading else self._limits.writes
        self._limiter.admit(f"{'r' if reading else 'w'}:{caller.key_id}", limit)
        caller.require(scope)
        return caller

    def identify(self, request: Request) -> Caller:
        """Who holds the token; a good one always passes, failures are counted by address.

        Studios share an address: one broken script must not lock out every editor behind it, and a secret of
        256 bits is not guessed at any rate. The limit spares the database and the log.
        """
        try:
            caller = authenticate(self._house, _bearer(request))
        except UnauthenticatedError:
            self._limiter.admit(f"f:{request.remote_addr}", self._limits.failures)
            raise
        g.caller_id = caller.user_id
        return caller


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UnauthenticatedError("Send `Authorization: Bearer <token>`.")
    return token.strip()
