"""An OpenID Connect issuer: discovery, keys, authorization code with PKCE, ID tokens; and how it can lie.

It signs with RSA keys of its own, made anew each time, and speaks plain HTTP on 127.0.0.1.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, Key, KeySet, RSAKey

CLIENT_ID = "plugin-backend"
SECRET = "c4n4ry-issuer-secret"
EMAIL = "editor@example.com"
AUDIENCE = "https://video.example/api"


def encoded(content: bytes) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@cache
def rsa_key(name: str) -> RSAKey:
    """A key by its name; making one takes a while."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"})


@cache
def ec_key(name: str) -> ECKey:
    """The same on a curve."""
    return ECKey.generate_key("P-256", {"kid": name, "use": "sig", "alg": "ES256"})


@dataclass(slots=True)
class Behaviour:
    """What the issuer says, and where it does not do as it should."""

    subject: str = "subject-1"
    email: str | None = EMAIL
    is_verified: bool = True
    claims: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
    sign: Callable[[dict[str, Any]], str] | None = None
    key: str = "one"
    published: tuple[str, ...] = ("one",)
    metadata: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] | None = None
    status: int = 200


@dataclass(frozen=True, slots=True)
class Code:
    """What a code stands for."""

    nonce: str
    challenge: str
    redirect_uri: str


class FakeIssuer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.does = Behaviour()
        self.codes: dict[str, Code] = {}
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "id_token_signing_alg_values_supported": ["RS256"],
            **self.does.metadata,
        }

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser goes on to: this issuer's people are always signed in, and always agree."""
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = Code(query["nonce"], query["code_challenge"], query["redirect_uri"])
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def trade(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """The tokens of a code, once, for the client that knows the verifier and its own secret."""
        code = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = encoded(digest)
        basic = "Basic " + base64.b64encode(f"{CLIENT_ID}:{SECRET}".encode()).decode()
        is_known = authorization == basic or form.get("client_secret") == SECRET
        if code is None or code.challenge != challenge or not is_known:
            return None
        if form.get("redirect_uri") != code.redirect_uri:
            return None
        return {"access_token": "at", "token_type": "Bearer", "id_token": self.id_token(code.nonce)}

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": self.does.subject,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
        }
        if self.does.email is not None:
            claims |= {"email": self.does.email, "email_verified": self.does.is_verified}
        claims = self.does.claims(claims)
        if self.does.sign is not None:
            return self.does.sign(claims)
        return jwt.encode({"alg": "RS256", "kid": self.does.key}, claims, rsa_key(self.does.key))

    def access_token(self, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """One for the API, as RFC 9068 has them; a claim of None is left out."""
        now = int(time.time())
        usual = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": self.does.subject,
            "iat": now,
            "exp": now + 300,
            "scope": "read generate",
            "email": self.does.email,
            "email_verified": self.does.is_verified,
        }
        said = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        head = {"alg": "RS256", "kid": self.does.key, "typ": "at+jwt", **(header or {})}
        key = ec_key(head["kid"]) if head["alg"] == "ES256" else rsa_key(head["kid"])
        return jwt.encode(head, said, key, algorithms=["RS256", "PS256", "ES256"])

    def keys(self) -> Any:
        made: list[Key] = [
            ec_key(name) if name.startswith("ec") else rsa_key(name) for name in self.does.published
        ]
        return KeySet(made).as_dict(private=False)


class _Door(BaseHTTPRequestHandler):
    server: FakeIssuer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.server.asked.append(parts.path)
        match parts.path:
            case "/.well-known/openid-configuration" | "/elsewhere/configuration":
                self._say(self.server.discovery())
            case "/keys":
                self._say(self.server.keys())
            case "/userinfo":
                self._say(self.server.does.about or {})
            case "/authorize":
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self._answer(302, b"", Location=self.server.authorize(query))
            case _:
                self._answer(404, b"")

    def do_POST(self) -> None:
        self.server.asked.append(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        found = self.server.trade(form, self.headers.get("Authorization", ""))
        if found is None:
            self._say({"error": "invalid_grant"}, status=400)
        else:
            self._say(found)

    def _say(self, content: Any, *, status: int = 200) -> None:
        status = status if self.server.does.status == 200 else self.server.does.status
        self._answer(status, json.dumps(content).encode())

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def issuing() -> Iterator[FakeIssuer]:
    """One that listens for the length of the block."""
    with FakeIssuer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
