"""/forgot: a letter with a link, and behind it another password."""

from flask import Blueprint, Response, request

from plugin_backend.api.asked import furniture, house, request_id, settings
from plugin_backend.api.browser.joining import gone, refused_for_now
from plugin_backend.api.browser.rendering import field_errors, page, refusing_in_pages, tries
from plugin_backend.api.browser.sign_in import HOME, welcome
from plugin_backend.api.browser.tries import admit_letter
from plugin_backend.api.browser.visitors import check_form
from plugin_backend.auth import changes
from plugin_backend.domain.errors import GoneError, NotFoundError, RateLimitedError, ValidationFailedError
from plugin_backend.domain.people.joining import LinkPurpose
from plugin_backend.services.people import joining as service

forgotten = refusing_in_pages(Blueprint("forgotten", __name__))

_CHOOSE = "/forgot/choose"


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


@forgotten.get(_CHOOSE)
def show_choose() -> Response:
    """The form; looking does not use the link."""
    _admit()
    token = request.args.get("token", "")
    try:
        email = service.opened(house(), token, LinkPurpose.PASSWORD)
    except GoneError as error:
        return gone(error, way_on="/forgot")
    return page("set_password", action=_CHOOSE, token=token, email=email)


@forgotten.post(_CHOOSE)
def choose_password() -> Response:
    """Set it, and come in."""
    check_form()
    _admit()
    token, password = request.form.get("token", ""), request.form.get("password", "")
    wrong = {}
    try:
        email = service.opened(house(), token, LinkPurpose.PASSWORD)
        if password != request.form.get("again", ""):
            wrong = {"again": "The two are not the same."}
        else:
            person = service.choose_password(house(), token, password, request_id=request_id())
    except ValidationFailedError as error:
        wrong = field_errors(error)
    except GoneError as error:
        return gone(error, way_on="/forgot")
    if wrong:
        return page("set_password", status=422, action=_CHOOSE, token=token, email=email, errors=wrong)
    changes.announce()
    return welcome(person, HOME)


def _require_mail() -> None:
    if not house().sends_mail:
        raise NotFoundError("page")


def _admit() -> None:
    furniture().limiter.admit(f"sp:{request.remote_addr}", tries(settings().sign_in_failures * 3))
