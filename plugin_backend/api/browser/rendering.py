"""Pages rendered here: complete without a script, their forms ours, nothing of them kept by anybody."""

from datetime import datetime
from functools import cache
from typing import Any, Final
from urllib.parse import quote

from flask import Blueprint, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from plugin_backend.api.browser.visitors import keep_form_secret, visitor
from plugin_backend.api.content_policy import policy_of
from plugin_backend.api.problems import problem_of
from plugin_backend.auth.limits import Limit
from plugin_backend.domain import errors
from plugin_backend.domain.callers import Scope

PER_PERSON: Final = 600
"""Seconds in which somebody may try so often, and no more."""

MEANINGS: Final = {
    Scope.READ: "See your projects, generations, quota and credits",
    Scope.GENERATE: "Make generations and deliveries, which spends your quota and credits",
    Scope.ADMIN: "Administer people and plans",
}


def page(name: str, *, status: int = 200, **values: Any) -> Response:
    """One of the pages, with what every page needs."""
    here = visitor()
    known: dict[str, Any] = {"form_token": here.form_token, "signed_in": here.signed_in, "errors": {}}
    content = _environment().get_template(f"{name}.html").render(**{**known, **values})
    answer = Response(content, status=status, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = policy_of(content, forms="'self'")
    answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "no-store"
    keep_form_secret(answer)
    return answer


def go_to(path: str) -> Response:
    """On to another page, with GET."""
    answer = Response(status=303, headers={"Location": path, "Cache-Control": "no-store"})
    answer.autocorrect_location_header = False
    return answer


def sign_in_first(onward: str) -> Response:
    """To the sign-in page, and from there on to a path of ours."""
    return go_to(f"/login?next={quote(onward, safe='/')}")


def refusing_in_pages(blueprint: Blueprint) -> Blueprint:
    """Refusals of these views as pages too: their reader is a person."""
    blueprint.register_error_handler(errors.BackendError, _refusal)
    return blueprint


def field_errors(error: errors.ValidationFailedError) -> dict[str, str]:
    """What is wrong with which field of a form."""
    return {problem.pointer.strip("/"): problem.detail for problem in error.problems}


def tries(number: int) -> Limit:
    """So many within ten minutes."""
    return Limit(max(1, number), PER_PERSON)


def _refusal(error: errors.BackendError) -> Response:
    problem = problem_of(error)
    answer = page("refused", status=problem.status, title=problem.title, detail=error.detail)
    if isinstance(error, errors.RateLimitedError):
        answer.headers["Retry-After"] = str(error.retry_after_seconds)
    return answer


@cache
def _environment() -> Environment:
    found = Environment(
        loader=PackageLoader("plugin_backend.api", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["day"] = _day
    found.filters["plain"] = _plain
    return found


def _day(moment: datetime) -> str:
    return f"{moment:%d %B %Y, %H:%M} UTC"


def _plain(value: object) -> str:
    """A value of the audit in words, as a person would write it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(_plain, value)) or "nothing"
        case dict():
            return ", ".join(f"{name} {_plain(each)}" for name, each in value.items()) or "nothing"
        case _:
            return str(value)
