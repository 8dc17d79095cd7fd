"""Another issuer that vouches for people (OpenID Connect): the way there, and what it says of them."""

import hashlib
import secrets
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwt import JWTClaimsRegistry

from plugin_backend.auth.issuer_documents import IssuerDocuments, IssuerError
from plugin_backend.outbound import Guard
from plugin_backend.settings.sign_in import SignInSettings

__all__ = ["Flight", "Issuer", "IssuerError", "Vouched"]

_ALGORITHMS: Final = ("RS256", "PS256", "ES256")
_LEEWAY_SECONDS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """What is to come back with somebody whom we sent to the issuer; only their browser keeps it."""

    state: str
    nonce: str
    verifier: str = field(repr=False)

    @classmethod
    def begun(cls) -> "Flight":
        """A new one, not to be guessed."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state=state, nonce=nonce, verifier=verifier)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """Whom the issuer means, and the address it says is theirs."""

    issuer: str
    subject: str
    email: str
    is_verified: bool
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """All that was said of them; who they are here is said by rules about these."""


class Issuer:
    """Built once per process; what it publishes is remembered for an hour."""

    def __init__(
        self,
        settings: SignInSettings,
        *,
        guard: Guard | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        assert settings.oidc_client_id is not None
        self.documents = IssuerDocuments(settings, guard=guard, clock=clock)
        self.name = self.documents.name
        self.label = settings.oidc_label
        self._client_id = settings.oidc_client_id
        self._secret = settings.oidc_client_secret
        self._scopes = settings.oidc_scopes

    def address_for(self, flight: Flight, *, redirect_uri: str) -> str:
        """Where somebody goes to sign in."""
        digest = hashlib.sha256(flight.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": self._scopes,
            "state": flight.state,
            "nonce": flight.nonce,
            "code_challenge": urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        address = self.documents.endpoint("authorization_endpoint")
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    def vouch(self, code: str, flight: Flight, *, redirect_uri: str) -> Vouched:
        """Whom a code is about; IssuerError unless all of it is the issuer's word, for us, just now."""
        said = self._exchange(code, flight, redirect_uri=redirect_uri)
        claims = self._verified(str(said.get("id_token", "")), nonce=flight.nonce)
        about = claims if "email" in claims else self._asked(str(said.get("access_token", "")), claims["sub"])
        return Vouched(
            issuer=self.name,
            subject=claims["sub"],
            email=str(about.get("email", "")),
            is_verified=about.get("email_verified") in (True, "true"),
            claims={**about, **claims},
        )

    def _exchange(self, code: str, flight: Flight, *, redirect_uri: str) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": flight.verifier,
        }
        headers: dict[str, str] = {}
        if self._secret is None:
            form["client_id"] = self._client_id
        elif "client_secret_basic" in self.documents.metadata().get(
            "token_endpoint_auth_methods_supported", ["client_secret_basic"]
        ):
            pair = f"{quote(self._client_id, safe='')}:{quote(self._secret, safe='')}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": self._client_id, "client_secret": self._secret}
        return self.documents.ask(
            "POST", self.documents.endpoint("token_endpoint"), form=form, headers=headers
        )

    def _verified(self, token: str, *, nonce: str) -> Mapping[str, Any]:
        """The claims of an ID token that this issuer signed for us, for this very flight."""
        claims = self._decoded(token).claims
        registry = JWTClaimsRegistry(
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": self.name},
            aud={"essential": True, "value": self._client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            registry.validate(claims)
        except JoseError as error:
            raise IssuerError(f"ID token: {error}") from error
        audience, party = claims["aud"], claims.get("azp")
        is_shared = isinstance(audience, list) and len(audience) > 1
        if (is_shared and party is None) or party not in (None, self._client_id):
            raise IssuerError("ID token: it is for another party")
        if not claims["sub"]:
            raise IssuerError("ID token: it names nobody")
        return claims

    def _decoded(self, token: str) -> jwt.Token:
        try:
            try:
                return jwt.decode(token, self.documents.keys(), algorithms=_ALGORITHMS)
            except InvalidKeyIdError:
                return jwt.decode(token, self.documents.keys(is_unknown=True), algorithms=_ALGORITHMS)
        except (JoseError, ValueError, TypeError) as error:
            raise IssuerError(f"ID token: {type(error).__name__}") from error

    def _asked(self, access_token: str, subject: str) -> Mapping[str, Any]:
        """What the issuer tells of somebody beyond the ID token; nothing where it tells nothing."""
        if not access_token or "userinfo_endpoint" not in self.documents.metadata():
            return {}
        headers = {"Authorization": f"Bearer {access_token}"}
        found = self.documents.ask("GET", self.documents.endpoint("userinfo_endpoint"), headers=headers)
        if found.get("sub") != subject:
            raise IssuerError("user info: it is about somebody else")
        return found
