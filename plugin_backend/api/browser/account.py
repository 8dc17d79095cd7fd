"""/account: where one is signed in, one's API keys, one's password, and leaving for good."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from flask import Blueprint, Response, request

from plugin_backend.api.asked import house, request_id
from plugin_backend.api.browser.links import DIFFERENT
from plugin_backend.api.browser.rendering import field_errors, go_to, page, refusing_in_pages, sign_in_first
from plugin_backend.api.browser.tries import admit_try
from plugin_backend.api.browser.visitors import check_form, let_out, visitor
from plugin_backend.auth import changes
from plugin_backend.domain.callers import Scope
from plugin_backend.domain.errors import ValidationFailedError
from plugin_backend.services.keeping import erasing
from plugin_backend.services.people import api_keys, browser_sessions, passwords, sessions
from plugin_backend.services.people.api_keys import MadeKey, NewKey
from plugin_backend.services.people.browser_sessions import SignedIn

account = refusing_in_pages(Blueprint("account", __name__))

_LONGEST_NAME: Final = 100
_NAMELESS: Final = f"Give the key a name of 1 to {_LONGEST_NAME} characters, such as the script that uses it."
_WRONG: Final = "This is not your present password."
_LONG_AGO: Final = "You signed in a while ago. Sign out and in again, then you have ten minutes for it."
_SAID: Final = {
    "signed-out": "It is signed out.",
    "password": "Your password is changed. Everything else that was signed in is signed out.",
    "key": "The key opens nothing any more.",
}


def for_signed_in(view: Callable[..., Response]) -> Callable[..., Response]:
    """Lets in who is signed in, and changes things by our own forms only; others sign in first."""

    @wraps(view)
    def guarded(**ids: str) -> Response:
        if request.method == "POST":
            check_form()
        person = visitor().signed_in
        return sign_in_first("/account") if person is None else view(person, **ids)

    return guarded


@account.get("/account")
@for_signed_in
def show_account(person: SignedIn) -> Response:
    """Everything about the account."""
    return _shown(person)


@account.post("/account/sessions/<session_id>/end")
@for_signed_in
def end_session(person: SignedIn, *, session_id: str) -> Response:
    """Sign a panel or another browser out."""
    sessions.end(house(), person.user_id, session_id, request_id=request_id())
    changes.announce()
    return go_to("/account?done=signed-out")


@account.post("/account/keys")
@for_signed_in
def create_key(person: SignedIn) -> Response:
    """Make an API key for oneself; its token is on this page and nowhere else."""
    name = " ".join(request.form.get("name", "").split())
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable():
        return _shown(person, status=422, errors={"name": _NAMELESS})
    scopes = frozenset((Scope.READ,) if request.form.get("may") == "read" else (Scope.READ, Scope.GENERATE))
    key = NewKey(name=name, scopes=scopes, user_id=person.user_id)
    return _shown(person, made=api_keys.create_own(house(), key, request_id=request_id()))


@account.post("/account/keys/<key_id>/revoke")
@for_signed_in
def revoke_key(person: SignedIn, *, key_id: str) -> Response:
    """End one of one's own API keys."""
    api_keys.revoke_own(house(), person.user_id, key_id, request_id=request_id())
    changes.announce()
    return go_to("/account?done=key")


@account.post("/account/password")
@for_signed_in
def change_password(person: SignedIn) -> Response:
    """Another password, for whoever knows the present one."""
    wrong = _changed(person)
    if wrong:
        return _shown(person, status=422, errors=wrong)
    changes.announce()
    return go_to("/account?done=password")


@account.post("/account/leave")
@for_signed_in
def leave(person: SignedIn) -> Response:
    """Be forgotten, for whoever shows that it is them and writes their own address once more."""
    wrong = _not_themselves(person)
    if wrong:
        return _shown(person, status=422, errors=wrong)
    try:
        row = erasing.erase_signed_in(
            house(), person, confirm=request.form.get("confirm", ""), request_id=request_id()
        )
    except ValidationFailedError as error:
        return _shown(person, status=422, errors=field_errors(error))
    changes.announce()
    answer = page("left", erasure_id=row.id, signed_in=None)
    let_out(answer)
    return answer


def _not_themselves(person: SignedIn) -> dict[str, str]:
    """Nothing for who knows their password, or has none and has just come from where they sign in."""
    if not passwords.has_one(house(), person.user_id):
        return {} if browser_sessions.came_just_now(house(), person) else {"confirm": _LONG_AGO}
    admit_try(person.email)
    known = passwords.check(house(), person.email, request.form.get("own_password", ""))
    return {"own_password": _WRONG} if known is None else {}


def _changed(person: SignedIn) -> dict[str, str]:
    """What was in the way; nothing once it is changed."""
    present, new = request.form.get("present", ""), request.form.get("password", "")
    admit_try(person.email)
    if passwords.check(house(), person.email, present) is None:
        return {"present": _WRONG}
    if new != request.form.get("again", ""):
        return {"again": DIFFERENT}
    try:
        passwords.change(house(), person.user_id, new, session_id=person.session_id, request_id=request_id())
    except ValidationFailedError as error:
        return field_errors(error)
    return {}


def _shown(
    person: SignedIn,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    made: MadeKey | None = None,
) -> Response:
    values: dict[str, Any] = {
        "sessions": sessions.mine(house(), person.user_id),
        "keys": api_keys.of_person(house(), person.user_id),
        "done": _SAID.get(request.args.get("done", ""), ""),
        "errors": errors or {},
        "made": made,
        "has_password": passwords.has_one(house(), person.user_id),
    }
    return page("account", status=status, **values)
