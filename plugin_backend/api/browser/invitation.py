"""/set-password: where the link leads that an operator made; it sets a password once."""

from typing import Final

from flask import Blueprint, Response, request

from plugin_backend.api.asked import furniture, house, settings
from plugin_backend.api.browser.rendering import field_errors, page, refusing_in_pages, tries
from plugin_backend.api.browser.sign_in import HOME, welcome
from plugin_backend.api.browser.visitors import check_form
from plugin_backend.auth import changes
from plugin_backend.domain.errors import GoneError, ValidationFailedError
from plugin_backend.services.people import passwords

invitation = refusing_in_pages(Blueprint("invitation", __name__))

_DIFFERENT: Final = "The two are not the same."


@invitation.get("/set-password")
def show_set_password() -> Response:
    """The form, for whoever has a link that was not used; looking does not use it."""
    token = request.args.get("token", "")
    _admit()
    try:
        person = passwords.invited(house(), token)
    except GoneError as error:
        return _gone(error)
    return page("set_password", token=token, email=person.email)


@invitation.post("/set-password")
def set_password() -> Response:
    """Set it, and come in."""
    check_form()
    _admit()
    token, password = request.form.get("token", ""), request.form.get("password", "")
    wrong = {}
    try:
        email = passwords.invited(house(), token).email
        if password != request.form.get("again", ""):
            wrong = {"again": _DIFFERENT}
        else:
            person = passwords.accept(house(), token, password)
    except ValidationFailedError as error:
        wrong = field_errors(error)
    except GoneError as error:
        return _gone(error)
    if wrong:
        return page("set_password", status=422, token=token, email=email, errors=wrong)
    changes.announce()
    return welcome(person, HOME)


def _gone(error: GoneError) -> Response:
    return page("refused", status=410, title="This link opens nothing any more", detail=error.detail)


def _admit() -> None:
    furniture().limiter.admit(f"sp:{request.remote_addr}", tries(settings().sign_in_failures * 3))
