"""What an issuer says is believed only where it is its own word, for us, just now."""

import hmac
import json
import logging
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import structlog
from joserfc import jwt
from sqlalchemy import text

from plugin_backend.auth.issuer import Flight, Issuer, IssuerError
from plugin_backend.config import LogFormat, LogLevel, Settings
from plugin_backend.logs import configure
from plugin_backend.services.house import House
from tests.api.browsers import Traveller, led_to
from tests.fakes.issuer import CLIENT_ID, SECRET, FakeIssuer, rsa_key


def _without(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda claims: {key: value for key, value in claims.items() if key != name}


def _with(**changed: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda claims: {**claims, **changed}


@pytest.mark.parametrize(
    "claims",
    [
        *(_without(name) for name in ("iss", "aud", "sub", "exp", "iat", "nonce")),
        _with(iss="https://evil.example"),
        _with(aud="another-client"),
        _with(aud=[CLIENT_ID, "another-client"]),
        _with(aud=[CLIENT_ID], azp="another-client"),
        _with(nonce="another"),
        _with(sub=""),
        _with(exp=int(time.time()) - 3_600),
        _with(iat=int(time.time()) + 3_600),
        _with(nbf=int(time.time()) + 3_600),
    ],
)
def test_a_claim_that_is_not_as_it_should_be_refuses_the_token(
    traveller: Traveller, issuer: FakeIssuer, claims: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    issuer.does.claims = claims
    page = traveller.travel()
    assert (page.status, page.heading) == (403, "You are not signed in")
    assert not traveller.browser.is_signed_in


def _unsigned(claims: dict[str, Any]) -> str:
    signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, rsa_key("one"))
    return f"eyJhbGciOiJub25lIn0.{signed.split('.')[1]}."


def _signed_by_a_stranger(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, rsa_key("stranger"))


def _signed_with_the_public_key(claims: dict[str, Any]) -> str:
    head, body = (
        urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in ({"alg": "HS256", "kid": "one", "typ": "JWT"}, claims)
    )
    mac = hmac.digest(rsa_key("one").as_pem(private=False), head + b"." + body, "sha256")
    return b".".join((head, body, urlsafe_b64encode(mac).rstrip(b"="))).decode()


def _changed_after_signing(claims: dict[str, Any]) -> str:
    signed, other = (
        jwt.encode({"alg": "RS256", "kid": "one"}, each, rsa_key("one")).split(".")
        for each in (claims, {**claims, "sub": "other"})
    )
    return f"{signed[0]}.{other[1]}.{signed[2]}"


@pytest.mark.parametrize(
    "sign",
    [
        _unsigned,
        _signed_by_a_stranger,
        _signed_with_the_public_key,
        _changed_after_signing,
        lambda _claims: "",
        lambda _claims: "a.b.c",
        lambda _claims: "x" * 10_000,
    ],
)
def test_a_signature_that_is_not_the_issuers_refuses_the_token(
    traveller: Traveller, issuer: FakeIssuer, sign: Callable[[dict[str, Any]], str]
) -> None:
    issuer.does.sign = sign
    assert traveller.travel().status == 403
    assert not traveller.browser.is_signed_in


def test_an_audience_of_several_names_us_as_the_party(traveller: Traveller, issuer: FakeIssuer) -> None:
    issuer.does.claims = _with(aud=["another", CLIENT_ID], azp=CLIENT_ID)
    led_to(traveller.travel())


def test_a_new_key_is_found_and_an_unknown_one_is_not_asked_for_again_and_again(
    configured: Settings, issuer: FakeIssuer
) -> None:
    passed = [0.0]
    ours = Issuer(configured, clock=lambda: passed[0])

    def vouch() -> str:
        flight = Flight.begun()
        there = httpx.get(ours.address_for(flight, redirect_uri="http://us/back"), trust_env=False)
        code = parse_qs(urlsplit(there.headers["Location"]).query)["code"][0]
        return ours.vouch(code, flight, redirect_uri="http://us/back").subject

    assert vouch() == issuer.does.subject
    issuer.does.key, issuer.does.published = "two", ("one", "two")
    passed[0] += 61
    assert vouch() == issuer.does.subject
    assert issuer.asked.count("/keys") == 2
    issuer.does.key = "three"
    for _ in range(3):
        with pytest.raises(IssuerError):
            vouch()
    assert issuer.asked.count("/keys") == 2
    issuer.does.published = ("three",)
    passed[0] += 61
    assert vouch() == issuer.does.subject


def test_nothing_secret_is_logged_or_kept(
    traveller: Traveller, issuer: FakeIssuer, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    configure(LogLevel.DEBUG, LogFormat.JSON)
    try:
        led_to(traveller.travel())
        issuer.does.sign = _signed_by_a_stranger
        assert traveller.travel().status == 403
        said = "".join(capsys.readouterr())
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
    with house.engine.connect() as connection:
        kept = "".join(
            str(row)
            for table in ("identities", "sessions", "audit_entries")
            for row in connection.execute(text(f"SELECT t::text FROM {table} t"))
        )
    assert "issuer.refused" in said
    assert issuer.does.subject in kept
    cookie = (traveller.browser.cookie() or "")[-30:]
    for secret in (SECRET, "eyJ", cookie):
        assert secret not in said
        assert secret not in kept
