"""The published contract is valid, whole, and what the answers really look like."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from plugin_backend.api.documents import spec_of
from plugin_backend.services.house import House
from tests.api.panels import Panel
from tests.api.people import Person, draft, master, problem, told

_PUBLIC = {
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/v1/erasures/<erasure_id>"),  # opened by an id that nobody guesses
    ("GET", "/metrics"),  # has a token of its own
    ("GET", "/files/<path:key>"),  # opened by a signature
    ("PUT", "/files/<path:key>"),
    ("POST", "/v1/hooks/<provider>/<token>"),  # changes nothing without an attempt's token
    ("POST", "/v1/oauth/device_authorization"),  # how one comes by a token
    ("POST", "/v1/oauth/token"),
    ("POST", "/v1/oauth/revoke"),
    ("GET", "/.well-known/oauth-authorization-server"),
    ("GET", "/openapi.json"),
    ("GET", "/docs"),
    ("GET", "/problems/<slug>"),
    ("GET", "/"),
    ("GET", "/panel"),
    ("GET", "/panel/"),
    ("GET", "/panel/<path:path>"),
}
_PAGES = {  # for a person in front of a browser, who has a cookie instead; tests/api/test_login.py
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/login/issuer"),
    ("GET", "/login/issuer/back"),
    ("POST", "/logout"),
    ("GET", "/activate"),
    ("POST", "/activate"),
    ("GET", "/account"),
    ("POST", "/account/password"),
    ("POST", "/account/leave"),
    ("POST", "/account/sessions/<session_id>/end"),
    ("POST", "/account/keys"),
    ("POST", "/account/keys/<key_id>/revoke"),
    ("GET", "/set-password"),
    ("POST", "/set-password"),
    ("GET", "/invitation"),
    ("POST", "/invitation"),
    ("GET", "/join"),
    ("POST", "/join"),
    ("GET", "/join/confirm"),
    ("POST", "/join/confirm"),
    ("GET", "/forgot"),
    ("POST", "/forgot"),
    ("GET", "/forgot/choose"),
    ("POST", "/forgot/choose"),
    ("GET", "/admin"),  # and below: tests/api/test_admin_pages.py
    ("GET", "/admin/audit"),
    ("GET", "/admin/exposures"),
    ("POST", "/admin/exposures/<exposure_id>/settle"),
    ("GET", "/admin/failures"),
    ("GET", "/admin/generations/<generation_id>"),
    ("POST", "/admin/generations/<generation_id>/<verb>"),
    ("GET", "/admin/queues"),
    ("GET", "/admin/usage"),
    ("GET", "/admin/users"),
    ("GET", "/admin/users/<user_id>"),
    ("POST", "/admin/users/<user_id>/account"),
    ("POST", "/admin/users/<user_id>/credits"),
    ("POST", "/admin/users/<user_id>/freeze"),
    ("POST", "/admin/users/<user_id>/quota"),
}
_OUTSIDE_THE_CONTRACT = {rule for _, rule in _PUBLIC if rule.startswith("/panel")} | {
    *(rule for _, rule in _PAGES),
    "/openapi.json",
    "/docs",
    "/problems/<slug>",
    "/",
}


def _operations(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule.rule


def test_the_contract_is_valid_openapi(client: FlaskClient) -> None:
    spec = told(client.get("/openapi.json"))
    assert spec["openapi"].startswith("3.1")
    validate(spec)


def test_every_operation_is_in_the_contract_and_back(app: Flask) -> None:
    spec = spec_of(app)
    described = {(method.upper(), path) for path, item in spec["paths"].items() for method in item}
    served = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule))
        for method, rule in _operations(app)
        if rule not in _OUTSIDE_THE_CONTRACT
    }
    described = {(method, path) for method, path in described if method != "PARAMETERS"}
    assert served == described


def test_everything_but_a_short_list_asks_for_a_token(app: Flask, client: FlaskClient) -> None:
    for method, rule in _operations(app):
        if (method, rule) in _PUBLIC | _PAGES:
            continue
        answer = client.open(re.sub(r"<[^>]+>", "x", rule), method=method)
        assert answer.status_code == 401, (method, rule)
        assert problem(answer) == "unauthenticated"


def test_authentication_comes_before_the_body_is_read(client: FlaskClient) -> None:
    answer = client.post("/v1/generations", data=b"{", content_type="application/json")
    assert answer.status_code == 401


def test_every_administrative_operation_refuses_an_ordinary_user(app: Flask, editor: Person) -> None:
    for method, rule in _operations(app):
        if "/v1/admin/" in rule or "/api-keys" in rule:
            answer = editor.send(method, re.sub(r"<[^>]+>", "x", rule), json={})
            assert (answer.status_code, problem(answer)) == (403, "forbidden"), (method, rule)


@pytest.fixture
def belongings(editor: Person, admin: Person, house: House) -> dict[str, str]:
    """One of everything an editor can own, by the name its id has in a path."""
    generation = editor.post("/v1/generations", draft()).json
    upload = {"filename": "a.png", "media_type": "image/png", "bytes": 10, "sha256": "0" * 64}
    key = admin.post("/v1/api-keys", {"name": "k", "scopes": ["read"], "user_id": editor.id})
    Panel(editor.client, house).sign_in(editor)
    return {
        "generation_id": generation["id"],
        "take_id": generation["takes"][0]["id"],
        "asset_id": editor.post("/v1/assets", upload).json["id"],
        "project_id": editor.post("/v1/projects", {"name": "Reel"}).json["id"],
        "user_id": editor.id,
        "key_id": key.json["id"],
        "session_id": editor.get("/v1/me/sessions").json["items"][0]["id"],
    }


def test_what_belongs_to_others_looks_like_what_does_not_exist(
    app: Flask, stranger: Person, belongings: dict[str, str]
) -> None:
    bodies = {
        "name": "x",
        "reason": "x",
        "host": "resolve",
        "amount": 1,
        "max_concurrent": 2,
        "role": "viewer",
        "picked": True,
        "note": "x",
        "mark": "none",
        "text": "x",
        "status": "approved",
        "as": "x",
    }
    for method, rule in _operations(app):
        names = re.findall(r"<(\w+)>", rule)
        is_for_others = bool(re.search("/admin/|/api-keys|/members/", rule)) or (method, rule) in _PAGES
        if not names or is_for_others or names[0] not in belongings:
            continue
        body = {name: bodies[name] for name in _members(app, method, rule) if name in bodies}
        path, nowhere = (
            rule.replace(f"<{names[0]}>", belongings[names[0]]),
            rule.replace(f"<{names[0]}>", "gen_0"),
        )
        real, unreal = stranger.send(method, path, json=body), stranger.send(method, nowhere, json=body)
        assert (real.status_code, problem(real)) == (404, "not-found"), (method, rule)
        said = [{**answer.json, "instance": "", "request_id": ""} for answer in (real, unreal)]
        assert said[0] == said[1], (method, rule)


def test_lists_hold_nothing_of_others(stranger: Person, belongings: dict[str, str]) -> None:
    paths = ("/v1/generations", "/v1/assets", "/v1/projects", "/v1/events", "/v1/me/usage", "/v1/me/sessions")
    shown = " ".join(stranger.get(path).text for path in paths)
    assert not [identifier for identifier in belongings.values() if identifier in shown]


def test_nothing_of_ours_can_be_set_from_outside(app: Flask, editor: Person, admin: Person) -> None:
    """Mass assignment: every body refuses what it does not know."""
    for method, rule in _operations(app):
        members = _members(app, method, rule)
        if not members:
            continue
        path = re.sub(r"<user_id>", editor.id, rule)
        for name in ("state", "owner_id", "is_operator", "credits_held"):
            answer = admin.send(method, re.sub(r"<[^>]+>", "x", path), json={name: 1})
            assert answer.status_code == 422, (method, rule)
            assert f"/{name}" in [each["pointer"] for each in answer.json["errors"]], (method, rule)


def test_answers_look_as_the_contract_says(
    app: Flask, editor: Person, admin: Person, belongings: dict[str, str]
) -> None:
    spec = spec_of(app)
    registry = Registry().with_resource("urn:contract", DRAFT202012.create_resource(spec))
    waiting = editor.post("/v1/generations", master()).json["id"]
    editor.post(f"/v1/generations/{waiting}/cancel")
    checked = 0
    for path, item in spec["paths"].items():
        schema = _answer_schema(item.get("get", {}))
        names = re.findall(r"{(\w+)}", path)
        if schema is None or any(name not in belongings for name in names):
            continue
        caller = admin if re.search("admin|api-keys|workspace/(usage|ledger|invitations)", path) else editor
        answer = caller.get(path.format(**belongings))
        assert answer.status_code == 200, (path, answer.text)
        reference = {"$ref": f"urn:contract#{schema['$ref'].removeprefix('#')}"}
        problems = [
            error.message for error in OAS31Validator(reference, registry=registry).iter_errors(answer.json)
        ]
        assert not problems, (path, problems[:3])
        checked += 1
    assert checked > 20


def _answer_schema(operation: dict[str, Any]) -> dict[str, Any] | None:
    content = operation.get("responses", {}).get("200", {}).get("content", {})
    found: dict[str, Any] | None = content.get("application/json", {}).get("schema")
    return found


def _members(app: Flask, method: str, rule: str) -> list[str]:
    spec = spec_of(app)
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)
    content = spec["paths"].get(path, {}).get(method.lower(), {}).get("requestBody", {}).get("content", {})
    reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
    schema = spec["components"]["schemas"].get(reference.rpartition("/")[2], {})
    return list(schema.get("properties", {}))
