"""/activate: a person compares the code a panel shows, sees who asks for what, and says yes or no."""

from typing import Final

from flask import Blueprint, Response, request

from plugin_backend.api.asked import furniture, house, settings
from plugin_backend.api.browser.rendering import MEANINGS, page, refusing_in_pages, sign_in_first, tries
from plugin_backend.api.browser.visitors import check_form, visitor
from plugin_backend.auth.limits import Limit
from plugin_backend.db.device_grants import DeviceGrantRow
from plugin_backend.domain.callers import Scope
from plugin_backend.domain.errors import NotFoundError
from plugin_backend.domain.people.grants import client_named, read_user_code
from plugin_backend.services.people import device_grants
from plugin_backend.services.people.browser_sessions import SignedIn

activation = refusing_in_pages(Blueprint("activation", __name__))

_UNKNOWN: Final = "No panel is waiting with this code. Codes last ten minutes; the panel can show a new one."
_EVERYBODY: Final = Limit(600, 60)
"""Codes looked at in a minute by all together: 34 bits are not found at that rate in ten minutes."""


@activation.get("/activate")
def show_activation() -> Response:
    """A form for the code; with a code, what its panel asks for. Nothing changes by looking."""
    person, typed = visitor().signed_in, request.args.get("user_code", "")
    if person is None:
        return _sign_in_first(typed)
    if not typed:
        return page("activate", typed="")
    code, grant = _looked_up(person, typed)
    if grant is None:
        return page("activate", status=422, typed=typed[:40], errors={"user_code": _UNKNOWN})
    scopes = [MEANINGS[Scope(scope)] for scope in sorted(grant.scopes, reverse=True)]
    return page("approve", code=code, grant=grant, client=client_named(grant.client), scopes=scopes)


@activation.post("/activate")
def decide_activation() -> Response:
    """Let the panel in, or send it away."""
    check_form()
    person, typed = visitor().signed_in, request.form.get("user_code", "")
    if person is None:
        return _sign_in_first(typed)
    decision = request.form.get("decision", "")
    code, grant = _looked_up(person, typed)
    if code is None or grant is None or decision not in ("approve", "deny"):
        return page("activate", status=422, typed=typed[:40], errors={"user_code": _UNKNOWN})
    is_approved = decision == "approve"
    try:
        device_grants.decide(house(), code, user_id=person.user_id, is_approved=is_approved)
    except NotFoundError:  # somebody decided between the look and this
        return page("activate", status=422, typed="", errors={"user_code": _UNKNOWN})
    return page("activated", is_approved=is_approved, device=grant.device)


def _looked_up(person: SignedIn, typed: str) -> tuple[str | None, DeviceGrantRow | None]:
    """The code, and what waits with it; guessing is slow for one person and for all together."""
    furniture().limiter.admit(f"uc:{person.user_id}", tries(settings().sign_in_failures))
    furniture().limiter.admit("uc", _EVERYBODY)
    code = read_user_code(typed)
    return code, None if code is None else device_grants.look(house(), code)


def _sign_in_first(typed: str) -> Response:
    code = read_user_code(typed)
    return sign_in_first("/activate" if code is None else f"/activate?user_code={code}")
