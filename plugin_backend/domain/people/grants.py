"""How a panel signs in: RFC 8628's words, codes a person can read out, and how long everything lives."""

import hmac
import re
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from plugin_backend.domain.callers import Scope
from plugin_backend.domain.errors import BackendError

DEVICE_CODE_LIVES: Final = timedelta(minutes=10)
ACCESS_TOKEN_LIVES: Final = timedelta(hours=1)
REFRESH_TOKEN_LIVES: Final = timedelta(days=30)
PANEL_SESSION_LIVES: Final = timedelta(days=180)
BROWSER_SESSION_LIVES: Final = timedelta(days=30)
BROWSER_SESSION_IDLES: Final = timedelta(days=3)

GRACE: Final = timedelta(seconds=60)
"""So long a client that lost the answer may ask with the same token or code again."""

INTERVAL_SECONDS: Final = 5
"""How long a client waits between two looks, and how much longer once it did not."""

MOST_INTERVAL_SECONDS: Final = 60
JITTER: Final = timedelta(seconds=1)
"""So much too soon is a network's doing, not a client's."""

_ALPHABET: Final = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels, so no words, and nothing that looks like a figure
_DEVICE_LENGTH: Final = 80


class GrantState(StrEnum):
    """What became of a device's question."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    REDEEMED = "redeemed"


class SessionKind(StrEnum):
    """Who is signed in: a panel with its tokens, or a browser with its cookie."""

    PANEL = "panel"
    BROWSER = "browser"


class Refusal(StrEnum):
    """Why a token is not given, in the words of RFC 6749 and RFC 8628."""

    INVALID_REQUEST = "invalid_request"
    INVALID_CLIENT = "invalid_client"
    INVALID_GRANT = "invalid_grant"
    INVALID_SCOPE = "invalid_scope"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    UNSUPPORTED_TOKEN_TYPE = "unsupported_token_type"  # noqa: S105 - a word of RFC 7009, no password
    AUTHORIZATION_PENDING = "authorization_pending"
    SLOW_DOWN = "slow_down"
    ACCESS_DENIED = "access_denied"
    EXPIRED_TOKEN = "expired_token"  # noqa: S105 - a word of RFC 8628, no password


_SAID: Final = {
    Refusal.INVALID_GRANT: "This code or token is unknown, spent, expired or revoked: sign in again.",
    Refusal.AUTHORIZATION_PENDING: "Nobody has decided yet; ask again after the interval.",
    Refusal.SLOW_DOWN: f"Asked too soon; wait {INTERVAL_SECONDS} seconds longer from now on.",
    Refusal.ACCESS_DENIED: "It was denied in the browser.",
    Refusal.EXPIRED_TOKEN: "The code was not used in time; begin again for a new one.",
}


class GrantRefusedError(BackendError):
    """A sign-in request is refused; `refusal` is the word a client branches on."""

    def __init__(self, refusal: Refusal, sentence: str | None = None) -> None:
        self.refusal = refusal
        super().__init__(sentence or _SAID[refusal])


@dataclass(frozen=True, slots=True)
class Client:
    """A program that may sign people in; public, for a panel keeps no secret of its own."""

    id: str
    label: str
    scopes: frozenset[Scope]


_CLIENTS: Final = {
    client.id: client
    for client in (Client("panel", "The editing panel", frozenset((Scope.READ, Scope.GENERATE))),)
}


def client_named(client_id: str) -> Client:
    """The client of a name; GrantRefusedError where there is none."""
    found = _CLIENTS.get(client_id)
    if found is None:
        raise GrantRefusedError(Refusal.INVALID_CLIENT, "There is no such client_id; panels send `panel`.")
    return found


def scopes_for(client: Client, asked: str | None) -> frozenset[Scope]:
    """What a client may have of what it asks for, separated by spaces: all of it, or GrantRefusedError."""
    if asked is None or not asked.strip():
        return client.scopes
    words = set(asked.split())
    beyond = words - client.scopes
    if beyond:
        most = " ".join(sorted(client.scopes))
        raise GrantRefusedError(Refusal.INVALID_SCOPE, f"`{client.id}` is given no more than `{most}`.")
    return frozenset(map(Scope, words))


def new_user_code() -> str:
    """Eight letters to read out, 34 bits: `BCDF-GHJK`."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def read_user_code(text: str) -> str | None:
    """A code as a person typed it, spelt our way; None when it cannot be one."""
    letters = re.sub(r"[\s._\u2010-\u2015-]", "", unicodedata.normalize("NFKC", text)).upper()
    if len(letters) != 8 or not set(letters) <= set(_ALPHABET):
        return None
    return f"{letters[:4]}-{letters[4:]}"


def digest_of_code(code: str, *, pepper: str) -> str:
    """What is kept of a user code."""
    return hmac.digest(pepper.encode(), f"user code:{code}".encode(), "sha256").hex()


def device_name(text: str | None) -> str:
    """What a device calls itself, on one line and without marks that turn text around."""
    kept = "".join(each if each.isprintable() else " " for each in unicodedata.normalize("NFKC", text or ""))
    return " ".join(kept.split())[:_DEVICE_LENGTH].strip() or "A panel"


def spelt_scopes(scopes: Iterable[Scope]) -> str:
    """Scopes as OAuth writes them."""
    return " ".join(sorted(scopes))
