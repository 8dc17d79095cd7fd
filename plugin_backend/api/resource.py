"""One decorator says all about an operation: who may, what it reads, what it answers.

    @generations.operation("POST", "/v1/generations", scope=Scope.GENERATE, status=202, body=...)
    def request_generation(caller, request): ...

The view gets the caller (unless the operation is public), then the loaded query and body, then the ids of
the path by name. It returns plain data, an `Answer`, or a whole `Response`.
"""

import re
from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, Final, TypeVar, get_args

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema

from plugin_backend.api.answers import Answer, respond
from plugin_backend.api.asked import furniture
from plugin_backend.api.reading import StrictParser, loaded
from plugin_backend.api.tables import MEDIA_TYPE as CSV
from plugin_backend.api.tables import TableAnswer
from plugin_backend.domain.callers import Scope
from plugin_backend.domain.errors import NotFoundError

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = None
"""The scope of an operation that anyone may call."""

_TABLE: Final[dict[str, Any]] = {"responses": {200: {"content": {CSV: {"schema": {"type": "string"}}}}}}
"""What an answer has beside its JSON where `Accept: text/csv` may ask for a table."""

_ID = re.compile(r"[A-Za-z0-9_.-]{1,128}")


class Resource(Blueprint):  # type: ignore[misc]  # flask-smorest ships no types
    """The operations of one resource, in the contract and on the map."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, description: str) -> None:
        super().__init__(name, __name__, description=description)

    def operation(
        self,
        method: str,
        rule: str,
        *,
        scope: Scope | None,
        status: int = 200,
        answer: type[Schema] | None = None,
        query: type[Schema] | None = None,
        body: type[Schema] | None = None,
        media_type: str = "application/json",
        doc: Mapping[str, Any] | None = None,
        body_required: bool = True,
    ) -> Callable[[View], View]:
        """Register a view; authentication comes before anything of the request is read."""

        def decorate(view: View) -> View:
            inner: Callable[..., Any] = view
            if body is not None:
                # An instance: a class would be built anew, and every field in it copied, for each request.
                schema = body()
                described = self.arguments(schema, location="json", required=body_required)(inner)
                inner = _reading(inner, schema, required=body_required, described=described)
            if query is not None:
                inner = self.arguments(query(), location="query")(inner)
            handler = self._answering(_guarded(inner, scope=scope), status=status)
            described = self._described(
                handler, scope=scope, status=status, answer=answer, media_type=media_type
            )
            described = self.doc(**(doc or {}))(described) if doc else described
            described = self.doc(**_TABLE)(described) if _may_be_a_table(view) else described
            self.route(rule, methods=[method], parameters=_headers(method, status))(described)
            return view

        return decorate

    def _described(
        self,
        handler: Callable[..., Any],
        *,
        scope: Scope | None,
        status: int,
        answer: type[Schema] | None,
        media_type: str,
    ) -> Callable[..., Any]:
        described = self.alt_response(
            status,
            schema=answer if media_type == "application/json" else {"type": "string"},
            content_type=media_type,
            description=HTTPStatus(status).phrase,
            success=True,
        )(handler)
        security = [] if scope is PUBLIC else [{"bearer": [scope.value]}]
        operation_id = handler.__name__
        documented: Callable[..., Any] = self.doc(security=security, operationId=operation_id)(described)
        return documented

    @staticmethod
    def _answering(handler: Callable[..., Any], *, status: int) -> Callable[..., Any]:
        @wraps(handler)
        def answering(**ids: str) -> Response:
            result = handler(**ids)
            if isinstance(result, Response):
                return result
            if isinstance(result, TableAnswer):
                return result.response()
            return respond(result if isinstance(result, Answer) else Answer(result), status=status)

        return answering


def _may_be_a_table(view: Callable[..., Any]) -> bool:
    return TableAnswer in get_args(view.__annotations__.get("return"))


def _headers(method: str, status: int) -> list[dict[str, Any]]:
    """The header an operation reads: a key where it makes something, a tag where a copy may still stand."""
    if method == "POST" and status in (201, 202):
        about = "The same key with the same body is the same request; kept for 7 days."
        return [_described_header("Idempotency-Key", about)]
    if method == "GET":
        return [
            _described_header("If-None-Match", "The ETag of the copy you have: 304 while it still stands.")
        ]
    return []


def _described_header(name: str, about: str) -> dict[str, Any]:
    schema = {"type": "string", "maxLength": 255}
    return {"in": "header", "name": name, "required": False, "description": about, "schema": schema}


def _guarded(view: Callable[..., Any], *, scope: Scope | None) -> Callable[..., Any]:
    if scope is PUBLIC:
        return view

    @wraps(view)
    def guarded(**ids: str) -> Any:
        with furniture().gate.admitting(request, scope) as caller:
            for identifier in ids.values():
                if _ID.fullmatch(identifier) is None:
                    raise NotFoundError
            return view(caller, **ids)

    return guarded


def _reading(
    view: Callable[..., Any], schema: Schema, *, required: bool, described: Callable[..., Any]
) -> Callable[..., Any]:
    """Adds the loaded body; what webargs would add is its description, and a good part of the time.

    Where every field has a default, an empty body stands for `{}`.
    """

    @wraps(described)
    def reading(*given: Any, **ids: str) -> Any:
        return view(*given, loaded(schema, required=required), **ids)

    return reading
