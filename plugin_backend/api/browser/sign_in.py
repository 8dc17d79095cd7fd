"""/login and /logout: an address and a password, tried only so often, and a new session each time."""

from typing import Final

from flask import Blueprint, Response, request

from plugin_backend.api.asked import furniture, house, request_id, settings
from plugin_backend.api.browser.rendering import go_to, page, refusing_in_pages
from plugin_backend.api.browser.tries import admit_try, know_again, wait_in_words
from plugin_backend.api.browser.visitors import (
    check_form,
    device_of_browser,
    let_in,
    let_out,
    own_path,
    visitor,
)
from plugin_backend.auth import changes
from plugin_backend.db.passwords import CredentialRow
from plugin_backend.domain.errors import RateLimitedError
from plugin_backend.services.people import browser_sessions, passwords
from plugin_backend.settings.joining import SignUp

sign_in = refusing_in_pages(Blueprint("sign_in", __name__))

HOME: Final = "/account"
_LONGEST_EMAIL: Final = 300
_WRONG: Final = "The e-mail address or the password is not right."


@sign_in.get("/login")
def show_login() -> Response:
    """The form; somebody who is signed in goes on at once."""
    onward = own_path(request.args.get("next"), default=HOME)
    if visitor().signed_in is not None:
        return go_to(onward)
    return _form(onward)


@sign_in.post("/login")
def log_in() -> Response:
    """Try an address and a password."""
    check_form()
    onward = own_path(request.form.get("next"), default=HOME)
    email, password = request.form.get("email", "").strip(), request.form.get("password", "")
    missing = {
        name: sentence
        for name, given, sentence in (
            ("email", email, "Enter your e-mail address."),
            ("password", password, "Enter your password."),
        )
        if not given
    }
    if missing:
        return _form(onward, email=email, errors=missing, status=422)
    try:
        admit_try(email)
    except RateLimitedError as error:
        said = {"email": f"Too many tries. {wait_in_words(error)}"}
        answer = _form(onward, email=email, errors=said, status=429)
        answer.headers["Retry-After"] = str(error.retry_after_seconds)
        return answer
    is_one = "\0" not in email and len(email) <= _LONGEST_EMAIL
    person = passwords.check(house(), email, password) if is_one else None
    if person is None:
        return _form(onward, email=email, errors={"email": _WRONG}, status=422)
    return welcome(person, onward)


@sign_in.post("/logout")
def log_out() -> Response:
    """End this browser's session."""
    check_form()
    person = visitor().signed_in
    if person is not None:
        browser_sessions.sign_out(house(), person, request_id=request_id())
        changes.announce()
    answer = go_to("/login")
    let_out(answer)
    return answer


def welcome(person: CredentialRow, onward: str) -> Response:
    """Into a new session, whatever cookie came along; that one's session ends."""
    before = visitor().signed_in
    if before is not None:
        browser_sessions.sign_out(house(), before, request_id=request_id())
    answer = go_to(onward)
    let_in(answer, browser_sessions.open_session(house(), person, device=device_of_browser()))
    know_again(answer, person.email)
    return answer


def _form(
    onward: str, *, email: str = "", errors: dict[str, str] | None = None, status: int = 200
) -> Response:
    issuer = furniture().issuer
    may_join = settings().sign_up is not SignUp.CLOSED
    values = {"onward": onward, "email": email, "errors": errors or {}, "may_join": may_join}
    return page(
        "login",
        status=status,
        issuer=None if issuer is None else issuer.label,
        sends_mail=house().sends_mail,
        **values,
    )
