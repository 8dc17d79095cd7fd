"""Signing a panel in: RFC 8628's device flow, rotating refresh tokens, revocation, and where all of it is.

These read forms and refuse in RFC 6749's words, as every OAuth library expects.
"""

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final

from flask import Response, request
from marshmallow import Schema, fields

from plugin_backend.api.asked import furniture, house, settings
from plugin_backend.api.resource import PUBLIC, Resource
from plugin_backend.api.shapes import count, text
from plugin_backend.auth import changes
from plugin_backend.auth.limits import Limit
from plugin_backend.domain.callers import Scope
from plugin_backend.domain.errors import RateLimitedError
from plugin_backend.domain.people.grants import (
    GrantRefusedError,
    Refusal,
    client_named,
    scopes_for,
    spelt_scopes,
)
from plugin_backend.services.people import device_grants, panel_tokens
from plugin_backend.services.people.panel_tokens import FamilyEndedError, Issued

oauth = Resource("Sign-in", "How a panel signs somebody in: by device code, in the system's browser.")

DEVICE_CODE: Final = "urn:ietf:params:oauth:grant-type:device_code"
REFRESH: Final = "refresh_token"
_FORM: Final = "application/x-www-form-urlencoded"
_LONGEST: Final = 1_000
_SECRETIVE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache", "Content-Type": "application/json"}

_ASKING: Final = Limit(120, 600)
"""New codes per address: nobody signs in that often, and each is a row."""

_TRADING: Final = Limit(600, 60)
"""Requests for tokens per address: a studio's panels, each polling every five seconds."""


class DeviceAuthorizationSchema(Schema):
    device_code = text(metadata={"description": "For the panel alone."})
    user_code = text(metadata={"example": "BCDF-GHJK", "description": "To be shown beside the address."})
    verification_uri = text()
    verification_uri_complete = text(metadata={"description": "To be opened in the system's browser."})
    expires_in = count()
    interval = count()


class TokenSchema(Schema):
    access_token = text()
    refresh_token = text(metadata={"description": "Good once; keep the new one before you use it."})
    token_type = text(metadata={"example": "Bearer"})
    expires_in = count()
    scope = text()


class RevokedSchema(Schema):
    """Nothing more to say."""


class MetadataSchema(Schema):
    issuer = text()
    token_endpoint = text()
    device_authorization_endpoint = text()
    revocation_endpoint = text()
    service_documentation = text()
    scopes_supported = fields.List(fields.String(), required=True)
    response_types_supported = fields.List(fields.String(), required=True)
    grant_types_supported = fields.List(fields.String(), required=True)
    token_endpoint_auth_methods_supported = fields.List(fields.String(), required=True)
    revocation_endpoint_auth_methods_supported = fields.List(fields.String(), required=True)


def _form_of(*required: str, **about: str) -> dict[str, Any]:
    """The contract's words for a form."""
    properties = {
        name: {"type": "string", "maxLength": _LONGEST, "description": said} for name, said in about.items()
    }
    schema = {"type": "object", "required": list(required), "properties": properties}
    refused = {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}
    refused["properties"]["error_description"] = {"type": "string"}  # type: ignore[index]  # a table of tables
    return {
        "requestBody": {"required": True, "content": {_FORM: {"schema": schema}}},
        "responses": {
            status: {
                "description": "Refused, in RFC 6749's words.",
                "content": {"application/json": {"schema": refused}},
            }
            for status in ("400", "401", "429")
        },
    }


def _in_oauths_words(view: Callable[[], Response]) -> Callable[[], Response]:
    """Refusals as RFC 6749 spells them; a family that has ended is forgotten by the gate."""

    @wraps(view)
    def answering() -> Response:
        try:
            return view()
        except FamilyEndedError as error:
            changes.announce()
            return _refused(error.refusal, error.detail)
        except GrantRefusedError as error:
            return _refused(error.refusal, error.detail)
        except RateLimitedError as error:
            answer = _said({"error": Refusal.SLOW_DOWN, "error_description": error.detail}, status=429)
            answer.headers["Retry-After"] = str(error.retry_after_seconds)
            return answer

    return answering


@oauth.operation(
    "POST",
    "/v1/oauth/device_authorization",
    scope=PUBLIC,
    answer=DeviceAuthorizationSchema,
    doc=_form_of(
        "client_id",
        client_id="`panel`.",
        scope="Words of `read generate`; both without it.",
        device="What the person will recognise, such as `Premiere Pro on Ada's Mac`.",
    ),
)
@_in_oauths_words
def ask_for_device() -> Response:
    """Begin to sign in: a code to show, and a code to fetch the tokens with."""
    form = _form()
    client = client_named(_needed(form, "client_id"))
    scopes = scopes_for(client, form.get("scope"))
    furniture().limiter.admit(f"da:{request.remote_addr}", _ASKING)
    asked = device_grants.ask(house(), client, scopes=scopes, device=form.get("device"))
    address = f"{settings().public_url}/activate"
    return _said(
        {
            "device_code": asked.device_code,
            "user_code": asked.user_code,
            "verification_uri": address,
            "verification_uri_complete": f"{address}?user_code={asked.user_code}",
            "expires_in": asked.expires_in_seconds,
            "interval": asked.interval_seconds,
        }
    )


@oauth.operation(
    "POST",
    "/v1/oauth/token",
    scope=PUBLIC,
    answer=TokenSchema,
    doc=_form_of(
        "grant_type",
        "client_id",
        grant_type=f"`{DEVICE_CODE}` or `{REFRESH}`.",
        client_id="`panel`.",
        device_code="With the first.",
        refresh_token="With the second.",  # noqa: S106 - what the contract says of it, no token
        scope="With the second: no more than there was.",
    ),
)
@_in_oauths_words
def give_tokens() -> Response:
    """Tokens for a device code that was approved, or for a refresh token, which is spent by that."""
    form = _form()
    kind = _needed(form, "grant_type")
    client = client_named(_needed(form, "client_id"))
    furniture().limiter.admit(f"to:{request.remote_addr}", _TRADING)
    if kind == DEVICE_CODE:
        return _issued(device_grants.redeem(house(), client, _needed(form, "device_code")))
    if kind == REFRESH:
        scopes_for(client, form.get("scope"))
        return _issued(panel_tokens.refresh(house(), client, _needed(form, "refresh_token")))
    raise GrantRefusedError(
        Refusal.UNSUPPORTED_GRANT_TYPE, f"A panel signs in by `{DEVICE_CODE}` and goes on by `{REFRESH}`."
    )


@oauth.operation(
    "POST",
    "/v1/oauth/revoke",
    scope=PUBLIC,
    answer=RevokedSchema,
    doc=_form_of(
        "token",
        token="An access or a refresh token; either ends the whole session.",  # noqa: S106 - words about it, no token
        token_type_hint="Not needed.",  # noqa: S106 - words about it, no token
        client_id="`panel`.",
    ),
)
@_in_oauths_words
def revoke_token() -> Response:
    """Sign out. A token that is unknown, or has ended, is as good as revoked."""
    form = _form()
    token = _needed(form, "token")
    furniture().limiter.admit(f"to:{request.remote_addr}", _TRADING)
    if panel_tokens.revoke(house(), token):
        changes.announce()
    return _said({})


@oauth.operation("GET", "/.well-known/oauth-authorization-server", scope=PUBLIC, answer=MetadataSchema)
def show_metadata() -> Response:
    """Where everything of the above is (RFC 8414)."""
    base = settings().public_url
    found = {
        "issuer": base,
        "token_endpoint": f"{base}/v1/oauth/token",
        "device_authorization_endpoint": f"{base}/v1/oauth/device_authorization",
        "revocation_endpoint": f"{base}/v1/oauth/revoke",
        "service_documentation": f"{base}/docs",
        "scopes_supported": [Scope.READ, Scope.GENERATE],
        "response_types_supported": [],
        "grant_types_supported": [DEVICE_CODE, REFRESH],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
    }
    answer = _said(found)
    answer.headers["Cache-Control"] = "public, max-age=300"
    del answer.headers["Pragma"]
    return answer


def _form() -> Mapping[str, str]:
    """The form of this request, every field once."""
    if request.mimetype != _FORM:
        raise GrantRefusedError(Refusal.INVALID_REQUEST, f"Send `Content-Type: {_FORM}`.")
    if request.args:
        raise GrantRefusedError(
            Refusal.INVALID_REQUEST, "Send everything in the body, nothing in the address."
        )
    found = {}
    for name in request.form:
        values = request.form.getlist(name)
        if len(values) > 1:
            raise GrantRefusedError(Refusal.INVALID_REQUEST, "A field was sent twice.")
        if len(values[0]) > _LONGEST or "\0" in values[0]:
            raise GrantRefusedError(
                Refusal.INVALID_REQUEST, "A field is longer than any of ours, or holds a null."
            )
        found[name] = values[0]
    return found


def _needed(form: Mapping[str, str], name: str) -> str:
    found = form.get(name)
    if not found:
        raise GrantRefusedError(Refusal.INVALID_REQUEST, f"`{name}` is missing.")
    return found


def _issued(issued: Issued) -> Response:
    return _said(
        {
            "access_token": issued.access_token,
            "refresh_token": issued.refresh_token,
            "token_type": "Bearer",
            "expires_in": issued.expires_in_seconds,
            "scope": spelt_scopes(issued.scopes),
        }
    )


def _refused(refusal: Refusal, sentence: str) -> Response:
    status = 401 if refusal is Refusal.INVALID_CLIENT else 400
    return _said({"error": refusal, "error_description": sentence}, status=status)


def _said(body: Mapping[str, Any], *, status: int = 200) -> Response:
    return Response(json.dumps(body), status=status, headers=_SECRETIVE)
