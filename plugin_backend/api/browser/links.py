"""Links that open a form once: looking uses none of them up, and one that opens nothing any more says so."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flask import Response, request

from plugin_backend.api.browser.rendering import field_errors, page
from plugin_backend.api.browser.sign_in import HOME, welcome
from plugin_backend.api.browser.tries import admit_look
from plugin_backend.api.browser.visitors import check_form
from plugin_backend.auth import changes
from plugin_backend.db.passwords import CredentialRow
from plugin_backend.domain.errors import GoneError, ValidationFailedError

DIFFERENT: Final = "The two are not the same."
_DOOR: Final = "sp"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordLink:
    """A link behind which a password is set: whose address a token is for, and what sets it."""

    path: str
    email_of: Callable[[str], str]
    put: Callable[[str, str], CredentialRow]
    way_on: str | None = None
    """Where another link is to be had, if by oneself."""


def show_form(link: PasswordLink) -> Response:
    """The form, for whoever has a link that was not used."""
    admit_look(_DOOR)
    token = request.args.get("token", "")
    try:
        email = link.email_of(token)
    except GoneError as error:
        return gone(error, way_on=link.way_on)
    return page("set_password", action=link.path, token=token, email=email)


def set_it(link: PasswordLink) -> Response:
    """Set the password, and come in."""
    check_form()
    admit_look(_DOOR)
    token, password = request.form.get("token", ""), request.form.get("password", "")
    wrong = {}
    try:
        email = link.email_of(token)
        if password != request.form.get("again", ""):
            wrong = {"again": DIFFERENT}
        else:
            person = link.put(token, password)
    except ValidationFailedError as error:
        wrong = field_errors(error)
    except GoneError as error:
        return gone(error, way_on=link.way_on)
    if wrong:
        return page("set_password", status=422, action=link.path, token=token, email=email, errors=wrong)
    changes.announce()
    return welcome(person, HOME)


def gone(error: GoneError, *, way_on: str | None = None) -> Response:
    """A link that opens nothing."""
    values = {"title": "This link opens nothing any more", "detail": error.detail, "way_on": way_on}
    return page("refused" if way_on is None else "gone", status=410, **values)
