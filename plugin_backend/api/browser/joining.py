"""/join: an address and a password, a letter, and behind its link an account."""

from typing import Any

from flask import Blueprint, Response, request

from plugin_backend.api.asked import house, request_id, settings
from plugin_backend.api.browser.links import DIFFERENT, gone
from plugin_backend.api.browser.rendering import field_errors, page, refusing_in_pages
from plugin_backend.api.browser.sign_in import HOME, welcome
from plugin_backend.api.browser.tries import admit_letter, admit_look, admit_try, wait_in_words
from plugin_backend.api.browser.visitors import check_form
from plugin_backend.auth import changes
from plugin_backend.domain.errors import GoneError, NotFoundError, RateLimitedError, ValidationFailedError
from plugin_backend.domain.people.joining import LinkPurpose
from plugin_backend.services.people import joining as service
from plugin_backend.services.people.joining import Admission
from plugin_backend.settings.joining import SignUp

joining = refusing_in_pages(Blueprint("joining", __name__))

_DOOR = "jc"


@joining.get("/join")
def show_join() -> Response:
    """The form, where people may join by themselves."""
    return page("join", email="", domains=_admission().domains)


@joining.post("/join")
def ask_to_join() -> Response:
    """Send the letter; the page is the same for every address."""
    check_form()
    admission = _admission()
    email, password = request.form.get("email", "").strip(), request.form.get("password", "")
    values: dict[str, Any] = {"email": email, "domains": admission.domains}
    if password != request.form.get("again", ""):
        return page("join", status=422, errors={"again": DIFFERENT}, **values)
    try:
        service.require_good(email, password, admission)
        admit_letter(email)
        service.ask_to_join(
            house(), email=email, password=password, admission=admission, home=settings().public_url
        )
    except ValidationFailedError as error:
        return page("join", status=422, errors=field_errors(error), **values)
    except RateLimitedError as error:
        return refused_for_now("join", error, **values)
    return page("letter_sent", email=email, again="/join")


@joining.get("/join/confirm")
def show_confirm() -> Response:
    """Whose address it is, and the password they chose; looking uses nothing up, as mail programs look."""
    admit_look(_DOOR)
    token = request.args.get("token", "")
    try:
        email = service.opened(house(), token, LinkPurpose.JOIN)
    except GoneError as error:
        return gone(error, way_on="/join")
    return page("join_confirm", token=token, email=email)


@joining.post("/join/confirm")
def join() -> Response:
    """Make the account, and come in."""
    check_form()
    admit_look(_DOOR)
    token, password = request.form.get("token", ""), request.form.get("password", "")
    email = ""
    try:
        email = service.opened(house(), token, LinkPurpose.JOIN)
        admit_try(email)
        person = service.join(house(), token, password, request_id=request_id())
    except ValidationFailedError as error:
        return page("join_confirm", status=422, token=token, email=email, errors=field_errors(error))
    except GoneError as error:
        return gone(error, way_on="/join")
    changes.announce()
    return welcome(person, HOME)


def refused_for_now(name: str, error: RateLimitedError, **values: Any) -> Response:
    """The form again, with how long to wait."""
    said = {"email": f"Enough letters for now. {wait_in_words(error)}"}
    answer = page(name, status=429, errors=said, **values)
    answer.headers["Retry-After"] = str(error.retry_after_seconds)
    return answer


def _admission() -> Admission:
    """Who may join; where nobody may there is no such page."""
    if settings().sign_up is SignUp.CLOSED or not house().sends_mail:
        raise NotFoundError("page")
    is_limited = settings().sign_up is SignUp.DOMAINS
    return Admission(
        domains=settings().sign_up_domains if is_limited else (),
        refused=settings().sign_up_refused_domains,
    )
