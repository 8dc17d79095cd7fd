"""An issuer's access tokens at the API: believed word for word, or not at all."""

import hmac
import time
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import event

from plugin_backend.settings.sso import TokenType
from tests.api.gatehouse import Gatehouse
from tests.api.people import Person, draft
from tests.fakes.issuer import AUDIENCE, CLIENT_ID, FakeIssuer, encoded, rsa_key

MINUTE = 60


def test_a_token_is_the_person_its_subject_is(linked: Gatehouse, editor: Person) -> None:
    answer = linked.ask(linked.issuer.access_token(email="moved@example.com"))
    assert answer.json["id"] == editor.id
    assert linked.ask(path="/v1/generations", body=draft()).status_code == 202
    stranger = linked.issuer.access_token(sub="subject-2")
    assert linked.is_refused(stranger)  # the same address, another subject


def test_where_no_audience_is_set_up_no_token_of_an_issuer_opens_anything(
    gate: Gatehouse, editor: Person
) -> None:
    assert editor.id
    assert gate.with_settings(oidc_bearer_audience=None).is_refused(gate.issuer.access_token())


def test_both_kinds_of_signature(linked: Gatehouse) -> None:
    linked.issuer.does.published = ("one", "ec-one")
    fresh = linked.with_settings()
    for alg, kid in (("RS256", "one"), ("ES256", "ec-one")):
        assert fresh.ask(fresh.issuer.access_token(header={"alg": alg, "kid": kid})).status_code == 200


_WRONG: tuple[dict[str, Any], ...] = (
    {"iss": "https://evil.example"},
    {"iss": None},
    {"aud": CLIENT_ID},
    {"aud": None},
    {"aud": []},
    {"sub": None},
    {"sub": ""},
    {"sub": 7},
    {"sub": "x" * 300},
    {"exp": None},
    {"exp": "soon"},
    {"iat": None},
    {"exp": -2 * MINUTE},
    {"nbf": 2 * MINUTE},
    {"iat": 2 * MINUTE},
)
_RIGHT: tuple[dict[str, Any], ...] = (
    {"exp": -MINUTE // 2},
    {"nbf": MINUTE // 2},
    {"iat": MINUTE // 2},
    {"aud": ["another", AUDIENCE]},
)
_TIMES = ("exp", "nbf", "iat")


def _from_now(claims: dict[str, Any]) -> dict[str, Any]:
    """The same with moments in place of seconds from now."""
    return {
        name: int(time.time()) + value if name in _TIMES and isinstance(value, int) else value
        for name, value in claims.items()
    }


def test_a_claim_that_is_not_as_it_should_be_refuses_the_token(linked: Gatehouse) -> None:
    believed = [
        claims for claims in _WRONG if not linked.is_refused(linked.issuer.access_token(**_from_now(claims)))
    ]
    assert believed == []


def test_clocks_may_differ_by_a_minute_and_audiences_may_be_several(linked: Gatehouse) -> None:
    for claims in _RIGHT:
        assert linked.ask(linked.issuer.access_token(**_from_now(claims))).status_code == 200, claims


def test_a_header_that_is_not_as_it_should_be_refuses_the_token(linked: Gatehouse) -> None:
    assert linked.ask(_signed(linked.issuer, {})).status_code == 200
    for header in (
        {"typ": "JWT"},
        {"typ": None},
        {"alg": "PS256"},
        {"kid": "stranger"},
        {"crit": ["b64"], "b64": False},
    ):
        assert linked.is_refused(_signed(linked.issuer, header)), header


def _signed(issuer: FakeIssuer, header: dict[str, Any]) -> str:
    """Signed by the issuer's own key, whatever the header says."""
    head = {"alg": "RS256", "kid": "one", "typ": "at+jwt", **header}
    head = {name: value for name, value in head.items() if value is not None}
    claims = issuer.access_token().split(".")[1]
    content = f"{encoded(orjson.dumps(head))}.{claims}"
    scheme = PSS(MGF1(SHA256()), 32) if head["alg"] == "PS256" else PKCS1v15()
    key = rsa_key("one").private_key
    assert key is not None
    signature = key.sign(content.encode(), scheme, SHA256())
    return f"{content}.{encoded(signature)}"


def test_neither_no_signature_nor_the_public_key_as_a_secret_will_do(linked: Gatehouse) -> None:
    good = linked.issuer.access_token()
    head, claims, signature = good.split(".")
    none = encoded(orjson.dumps({"alg": "none", "typ": "at+jwt"}))
    symmetric = encoded(orjson.dumps({"alg": "HS256", "kid": "one", "typ": "at+jwt"}))
    secret = rsa_key("one").as_pem(private=False)
    mac = encoded(hmac.digest(secret, f"{symmetric}.{claims}".encode(), "sha256"))
    for token in (
        f"{none}.{claims}.",
        f"{none}.{claims}.{signature}",
        f"{symmetric}.{claims}.{mac}",
        f"{head}.{claims}.",
        f"{head}.{claims}",
        f"{head}..{signature}",
        f"{good}.{signature}",
        good + "=",
        "a.b.c",
    ):
        assert linked.is_refused(token), token


def test_an_id_token_is_no_access_token_even_where_any_type_will_do(linked: Gatehouse) -> None:
    relaxed = linked.with_settings(oidc_bearer_type=TokenType.ANY)
    plain = relaxed.issuer.access_token(header={"typ": "JWT"})
    assert relaxed.ask(plain).status_code == 200
    assert relaxed.is_refused(relaxed.issuer.access_token(header={"typ": "JWT"}, nonce="n"))


def test_a_token_in_the_address_or_a_form_is_not_read(linked: Gatehouse) -> None:
    token = linked.issuer.access_token()
    assert linked.app.test_client().get(f"/v1/me?access_token={token}").status_code == 401
    form = linked.app.test_client().post("/v1/projects", data={"access_token": token})
    assert form.status_code == 401


def test_who_is_disabled_is_out_with_the_next_request(
    linked: Gatehouse, editor: Person, admin: Person
) -> None:
    token = linked.issuer.access_token()
    assert linked.ask(token).status_code == 200
    admin.patch(f"/v1/admin/users/{editor.id}", {"disabled": True})
    assert linked.is_refused(token)
    assert linked.is_refused(linked.issuer.access_token())


def test_a_token_does_what_its_scopes_say(linked: Gatehouse) -> None:
    said: tuple[tuple[dict[str, Any], int, int], ...] = (
        ({"scope": "read generate"}, 200, 202),
        ({"scope": "openid read"}, 200, 403),
        ({"scope": "generate"}, 403, 202),
        ({"scope": None, "scp": ["read"]}, 200, 403),
        ({"scope": "reader GENERATE"}, 403, 403),
        ({"scope": None}, 403, 403),
    )
    for scope, reads, generates in said:
        token = linked.issuer.access_token(**scope)
        assert linked.ask(token).status_code == reads, scope
        assert linked.ask(token, path="/v1/generations", body=draft()).status_code == generates, scope


def test_no_scope_goes_beyond_the_role(linked: Gatehouse, editor: Person, operator: Person) -> None:
    everything = linked.issuer.access_token(scope="read generate admin", is_operator=True, role="owner")
    assert linked.ask(everything, path="/v1/admin/users").status_code == 403
    operator.patch(f"/v1/admin/users/{editor.id}", {"role": "viewer"})
    assert linked.ask(everything, path="/v1/generations", body=draft()).status_code == 403
    operator.patch(f"/v1/admin/users/{editor.id}", {"role": "admin"})
    assert linked.ask(everything, path="/v1/admin/users").status_code == 200
    assert linked.one("SELECT count(*) FROM users WHERE is_operator") == 1  # the operator alone


def test_a_request_with_a_token_costs_one_look_at_the_database(linked: Gatehouse) -> None:
    said: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    linked.ask()
    asked = list(linked.issuer.asked)
    event.listen(linked.house.engine, "before_cursor_execute", hear)
    try:
        assert linked.ask(path="/v1/doctor").status_code == 200
    finally:
        event.remove(linked.house.engine, "before_cursor_execute", hear)
    assert not [statement for statement in said if "UPDATE" in statement or "INSERT" in statement]
    assert linked.issuer.asked == asked  # nothing of the issuer's was read anew
