"""Who gets in at /admin, and how a change is made there: said first, with a reason, done when confirmed."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode

from flask import Response, request

from plugin_backend.api.asked import furniture, house, settings
from plugin_backend.api.browser.rendering import go_to, page, sign_in_first
from plugin_backend.api.browser.visitors import check_form, visitor
from plugin_backend.auth.limits import Limit
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import FieldProblem, NotFoundError, ValidationFailedError
from plugin_backend.services.running.administering import administrator

_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,128}")
_MOST_WORDS: Final = 500
_NO_REASON: Final = f"Say why, in up to {_MOST_WORDS} characters: it stands in the audit."


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change as it is said before it is made: `sentences` are what it will do."""

    title: str
    sentences: Sequence[str]
    action: str
    back: str
    values: Mapping[str, str] = field(default_factory=dict)
    button: str = "Do it"


def for_administrators(view: Callable[..., Response]) -> Callable[..., Response]:
    """Lets administrators and operators in, each only so often; others get a page that says so."""

    @wraps(view)
    def guarded(**ids: str) -> Response:
        if request.method == "POST":
            check_form()
        person = visitor().signed_in
        if person is None:
            return sign_in_first(request.full_path.rstrip("?") if request.method == "GET" else "/admin")
        kind = settings().writes_per_minute if request.method == "POST" else settings().reads_per_minute
        furniture().limiter.admit(f"ad:{request.method}:{person.user_id}", Limit(kind, 60))
        if not all(_ID.fullmatch(each) for each in ids.values()):
            raise NotFoundError("page")
        return view(administrator(house(), person.user_id), **ids)

    return guarded


def admin_page(name: str, caller: Caller, *, status: int = 200, **values: Any) -> Response:
    """A page of /admin, with its way around."""
    known = {
        "caller": caller,
        "here": _PART_OF.get(name, name),
        "done": _SAID.get(request.args.get("done", ""), ""),
    }
    return page(f"admin_{name}", status=status, **{**known, **values})


def confirmed(caller: Caller, change: Change) -> Response | None:
    """None once the form says that it is to be done; until then the page that says what it will do."""
    if request.form.get("confirmed") == "yes":
        return None
    return admin_page("confirm", caller, change=change, reason=reason())


def reason() -> str:
    """Why, in the administrator's words; ValidationFailedError without."""
    found = " ".join(request.form.get("reason", "").split())
    if not 1 <= len(found) <= _MOST_WORDS or not found.isprintable():
        raise ValidationFailedError([FieldProblem("/reason", _NO_REASON)])
    return found


def number(name: str, *, least: int, most: int) -> int:
    """A whole number of the form."""
    text = request.form.get(name, "").strip().replace(",", "")
    if re.fullmatch(r"-?[0-9]{1,13}", text) is None or not least <= int(text) <= most:
        problem = FieldProblem(f"/{name}", f"Give a whole number from {least:,} to {most:,}.")
        raise ValidationFailedError([problem])
    return int(text)


def number_or_plan(name: str, *, least: int, most: int) -> int | None:
    """The same; empty goes back to the plan."""
    return number(name, least=least, most=most) if request.form.get(name, "").strip() else None


def done(path: str, what: str) -> Response:
    """Back to a page that says what was done."""
    return go_to(f"{path}?{urlencode({'done': what})}")


_PART_OF: Final = {"person": "people", "generation": "queues"}
_SAID: Final = {
    "quota": "The limits are changed.",
    "credits": "The credits are changed.",
    "account": "The person is changed.",
    "frozen": "They start nothing new until they are thawed.",
    "thawed": "They may spend again.",
    "cancel": "It is being cancelled.",
    "fail": "It is given up; what was held returned.",
    "retry": "It is asked for again.",
    "settle": "The exposure is settled.",
}
