"""The contract and its explanations: /openapi.json, /docs, and a page behind every problem's `type`."""

import hashlib
import json
import re
from functools import cache
from html import escape
from importlib.resources import files as package_files
from typing import Any, Final, cast

from flask import Blueprint, Response, current_app, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from plugin_backend.api.answers import tagged
from plugin_backend.api.content_policy import policy_of
from plugin_backend.api.openness import open_answers
from plugin_backend.api.problems import BY_SLUG
from plugin_backend.domain.errors import NotFoundError

documents = Blueprint("documents", __name__)

_PAGES: Final = "plugin_backend.api"


@documents.get("/openapi.json")
def show_contract() -> Response:
    """The whole contract, OpenAPI 3.1."""
    text, etag = _contract()
    response = Response(text, content_type="application/json")
    response.headers["Cache-Control"] = "public, max-age=300"
    return tagged(response, etag)


@documents.get("/docs")
def show_docs() -> Response:
    """The contract, for eyes."""
    return _html(_page("docs.html"))


@documents.get("/problems/<slug>")
def show_problem(slug: str) -> Response:
    """What a problem means and what to do about it."""
    problem = BY_SLUG.get(slug)
    if problem is None:
        raise NotFoundError("problem")
    page = _page("problem.html")
    about = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(problem.about))
    values = {"slug": problem.slug, "title": escape(problem.title), "status": str(problem.status)}
    for name, value in (*values.items(), ("about", about)):
        page = page.replace("{{" + name + "}}", value)
    return _html(page)


@documents.get("/")
def show_way() -> AnyResponse:
    """Nobody looks for an empty page."""
    return redirect("/docs")


def spec_of(app: Any) -> dict[str, Any]:
    """The contract as data."""
    api = app.extensions["flask-smorest"]["apis"][""]["ext_obj"]
    return open_answers(cast("dict[str, Any]", api.spec.to_dict()))


def _contract() -> tuple[str, str]:
    kept = current_app.extensions.get("plugin-backend-contract")
    if kept is None:
        text = json.dumps(spec_of(current_app), ensure_ascii=False, separators=(",", ":"))
        kept = text, hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
        current_app.extensions["plugin-backend-contract"] = kept
    return cast("tuple[str, str]", kept)


def _html(page: str) -> Response:
    response = Response(page, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = policy_of(page)
    response.headers["Cache-Control"] = "public, max-age=300"
    response.add_etag()
    return cast("Response", response.make_conditional(request))


@cache
def _page(name: str) -> str:
    return package_files(_PAGES).joinpath("pages", name).read_text("utf-8")
