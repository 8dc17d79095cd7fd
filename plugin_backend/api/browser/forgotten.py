"""/forgot: a letter with a link, and behind it another password."""

from flask import Blueprint, Response, request

from plugin_backend.api.asked import house, request_id, settings
from plugin_backend.api.browser.joining import refused_for_now
from plugin_backend.api.browser.links import PasswordLink, set_it, show_form
from plugin_backend.api.browser.rendering import field_errors, page, refusing_in_pages
from plugin_backend.api.browser.tries import admit_letter
from plugin_backend.api.browser.visitors import check_form
from plugin_backend.domain.errors import NotFoundError, RateLimitedError, ValidationFailedError
from plugin_backend.domain.people.joining import LinkPurpose
from plugin_backend.services.people import joining as service

forgotten = refusing_in_pages(Blueprint("forgotten", __name__))

_LINK = PasswordLink(
    path="/forgot/choose",
    email_of=lambda token: service.opened(house(), token, LinkPurpose.PASSWORD),
    put=lambda token, password: service.choose_password(house(), token, password, request_id=request_id()),
    way_on="/forgot",
)


@forgotten.get("/forgot")
def show_forgot() -> Response:
    """The form, where letters can be sent."""
    _require_mail()
    return page("forgot", email="")


@forgotten.post("/forgot")
def ask_for_password() -> Response:
    """Send the letter; the page is the same for every address."""
    check_form()
    _require_mail()
    email = request.form.get("email", "").strip()
    try:
        service.require_address(email)
        admit_letter(email)
        service.ask_for_password(house(), email=email, home=settings().public_url)
    except ValidationFailedError as error:
        return page("forgot", status=422, email=email, errors=field_errors(error))
    except RateLimitedError as error:
        return refused_for_now("forgot", error, email=email)
    return page("letter_sent", email=email, again="/forgot")


@forgotten.get(_LINK.path)
def show_choose() -> Response:
    """The form behind the link; looking does not use it."""
    return show_form(_LINK)


@forgotten.post(_LINK.path)
def choose_password() -> Response:
    """Set it, and come in."""
    return set_it(_LINK)


def _require_mail() -> None:
    if not house().sends_mail:
        raise NotFoundError("page")
