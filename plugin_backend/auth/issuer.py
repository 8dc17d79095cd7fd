"""Another issuer that vouches for people (OpenID Connect): where it is, its keys, what it says of somebody.

The operator configured the issuer's own origin, so that may lie in our network; every other address that its
discovery document names must be https on a public host (`outbound.py`). No redirect is followed.
"""

import hashlib
import json
import secrets
import threading
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

import httpx
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from plugin_backend.outbound import Guard, GuardedTransport, Origin, OutboundRefusedError
from plugin_backend.sign_in_settings import SignInSettings

_ALGORITHMS: Final = ("RS256", "PS256", "ES256")
_LEEWAY_SECONDS: Final = 60
_KEPT_SECONDS: Final = 3600.0
_LOOK_AGAIN_SECONDS: Final = 60.0
"""Keys of a name we do not know are asked for no more often than that."""

_LARGEST: Final = 256 * 1024
_TIMEOUT: Final = httpx.Timeout(5.0)


class IssuerError(Exception):
    """The issuer is away, or says what is not to be believed; the text is for our log and holds no secret."""


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


@dataclass(frozen=True, slots=True)
class _Kept:
    value: Any
    at: float


class Issuer:
    """Built once per process; what it publishes is remembered for an hour."""

    def __init__(
        self,
        settings: SignInSettings,
        *,
        guard: Guard | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        assert settings.oidc_issuer is not None
        assert settings.oidc_client_id is not None
        self.name = settings.oidc_issuer
        self.label = settings.oidc_label
        self._client_id = settings.oidc_client_id
        self._secret = settings.oidc_client_secret
        self._scopes = settings.oidc_scopes
        discovery = f"{self.name.rstrip('/')}/.well-known/openid-configuration"
        self._discovery = settings.oidc_discovery_url or discovery
        self._trusted = frozenset(Origin.of(each) for each in (self.name, self._discovery))
        transport = GuardedTransport(guard or Guard(trusted=self._trusted))
        self._http = httpx.Client(transport=transport, timeout=_TIMEOUT, trust_env=False)
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}

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
        address = self._endpoint("authorization_endpoint")
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
        )

    def _exchange(self, code: str, flight: Flight, *, redirect_uri: str) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": flight.verifier,
        }
        headers = {"Accept": "application/json"}
        if self._secret is None:
            form["client_id"] = self._client_id
        elif "client_secret_basic" in self._metadata().get(
            "token_endpoint_auth_methods_supported", ["client_secret_basic"]
        ):
            pair = f"{quote(self._client_id, safe='')}:{quote(self._secret, safe='')}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": self._client_id, "client_secret": self._secret}
        address = self._endpoint("token_endpoint")
        return self._json(self._http.build_request("POST", address, data=form, headers=headers))

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
                return jwt.decode(token, self._keys(), algorithms=_ALGORITHMS)
            except InvalidKeyIdError:
                return jwt.decode(token, self._keys(is_unknown=True), algorithms=_ALGORITHMS)
        except (JoseError, ValueError, TypeError) as error:
            raise IssuerError(f"ID token: {type(error).__name__}") from error

    def _keys(self, *, is_unknown: bool = False) -> KeySet:
        oldest = _LOOK_AGAIN_SECONDS if is_unknown else _KEPT_SECONDS
        found = self._remembered("keys", lambda: self._get(self._endpoint("jwks_uri")), oldest=oldest)
        try:
            return KeySet.import_key_set(found)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise IssuerError("its keys cannot be read") from error

    def _asked(self, access_token: str, subject: str) -> Mapping[str, Any]:
        """What the issuer tells of somebody beyond the ID token; nothing where it tells nothing."""
        if not access_token or "userinfo_endpoint" not in self._metadata():
            return {}
        headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
        address = self._endpoint("userinfo_endpoint")
        found = self._json(self._http.build_request("GET", address, headers=headers))
        if found.get("sub") != subject:
            raise IssuerError("user info: it is about somebody else")
        return found

    def _endpoint(self, name: str) -> str:
        found = self._metadata().get(name)
        if not isinstance(found, str):
            raise IssuerError(f"its discovery document has no {name}")
        if not found.startswith("https://") and Origin.of(found) not in self._trusted:
            raise IssuerError(f"its {name} is not https")
        return found

    def _metadata(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._remembered(
            "metadata", lambda: self._get(self._discovery), oldest=_KEPT_SECONDS
        )
        if found.get("issuer") != self.name:
            raise IssuerError("its discovery document is another issuer's")
        return found

    def _remembered(self, what: str, look: Callable[[], Any], *, oldest: float) -> Any:
        with self._lock:
            kept = self._kept.get(what)
        if kept is not None and self._clock() - kept.at < oldest:
            return kept.value
        value = look()
        with self._lock:
            self._kept[what] = _Kept(value, self._clock())
        return value

    def _get(self, address: str) -> Mapping[str, Any]:
        return self._json(self._http.build_request("GET", address, headers={"Accept": "application/json"}))

    def _json(self, asked: httpx.Request) -> Mapping[str, Any]:
        """An answer's JSON object; what went wrong names the address and no secret."""
        where = f"{asked.url.host}{asked.url.path}"
        try:
            answer = self._http.send(asked, stream=True)
            try:
                content = _bounded(answer, where)
            finally:
                answer.close()
        except (httpx.HTTPError, OutboundRefusedError) as error:
            raise IssuerError(f"{where}: {type(error).__name__}") from error
        if answer.status_code != 200:
            raise IssuerError(f"{where}: HTTP {answer.status_code}")
        return _object(content, where)


def _bounded(answer: httpx.Response, where: str) -> bytes:
    content = b""
    for part in answer.iter_bytes():
        content += part
        if len(content) > _LARGEST:
            raise IssuerError(f"{where}: says too much")
    return content


def _object(content: bytes, where: str) -> Mapping[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise IssuerError(f"{where}: no JSON") from error
    if not isinstance(found, dict):
        raise IssuerError(f"{where}: no JSON object")
    return found
