"""An issuer's access tokens (RFC 9068, or any JWT where an operator says so) as bearers of the API.

A token is believed when the issuer signed it with a key it publishes, for this very API, and its time has
come and is not over. It names a subject; who that is here stands in our own rows, read for every request.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64Error
from collections.abc import Mapping
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwt import JWTClaimsRegistry

from plugin_backend.auth.issuer_documents import IssuerDocuments, IssuerError
from plugin_backend.domain.people.sso import Arrival
from plugin_backend.settings.sso import SsoSettings, TokenType

_ALGORITHMS: Final = ("RS256", "ES256")
_LEEWAY_SECONDS: Final = 60
_LONGEST: Final = 8_192
_LONGEST_SUBJECT: Final = 255
_SPELT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_ACCESS_TYPES: Final = ("at+jwt", "application/at+jwt")
_OF_ID_TOKENS: Final = ("nonce", "at_hash", "c_hash")


def looks_like_one(token: str) -> bool:
    """Whether it is spelt like a JWT; our own tokens never are."""
    return len(token) <= _LONGEST and _SPELT.fullmatch(token) is not None


class BearerTokens:
    """Built once per process."""

    def __init__(self, settings: SsoSettings, documents: IssuerDocuments) -> None:
        assert settings.oidc_bearer_audience is not None
        self._documents = documents
        self._type = settings.oidc_bearer_type
        self._registry = JWTClaimsRegistry(
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": documents.name},
            aud={"essential": True, "value": settings.oidc_bearer_audience},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )

    def read(self, token: str) -> Arrival:
        """Whom a token names; IssuerError says, for our log, what is wrong with it."""
        if not looks_like_one(token) or not all(map(_is_canonical, token.split("."))):
            raise IssuerError("bearer: not spelt as it should be")
        found = self._decoded(token)
        self._check_type(found)
        try:
            self._registry.validate(found.claims)
        except (JoseError, TypeError, ValueError) as error:
            raise IssuerError(f"bearer: {type(error).__name__}") from error
        return _arrival(self._documents.name, found.claims)

    def _decoded(self, token: str) -> jwt.Token:
        try:
            try:
                return jwt.decode(token, self._documents.keys(), algorithms=_ALGORITHMS)
            except InvalidKeyIdError:
                return jwt.decode(token, self._documents.keys(is_unknown=True), algorithms=_ALGORITHMS)
        except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise IssuerError(f"bearer: {type(error).__name__}") from error

    def _check_type(self, token: jwt.Token) -> None:
        """An ID token is no access token, whoever it was made for."""
        kind = str(token.header.get("typ", "")).lower()
        if self._type is TokenType.ACCESS and kind not in _ACCESS_TYPES:
            raise IssuerError("bearer: no access token")
        if kind not in _ACCESS_TYPES and any(name in token.claims for name in _OF_ID_TOKENS):
            raise IssuerError("bearer: an ID token")


def _arrival(issuer: str, claims: Mapping[str, Any]) -> Arrival:
    subject, email = claims["sub"], claims.get("email")
    if not isinstance(subject, str) or not 1 <= len(subject) <= _LONGEST_SUBJECT or "\0" in subject:
        raise IssuerError("bearer: it names nobody")
    is_verified = claims.get("email_verified") in (True, "true") and isinstance(email, str) and bool(email)
    return Arrival(
        issuer=issuer, subject=subject, verified_email=str(email) if is_verified else None, claims=claims
    )


def _is_canonical(part: str) -> bool:
    """One spelling for one content: the bits that base64 leaves over are zero."""
    try:
        content = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (NoBase64Error, ValueError):
        return False
    return urlsafe_b64encode(content).rstrip(b"=") == part.encode()
