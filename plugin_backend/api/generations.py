"""Generations: ask, look, stop, ask again."""

from collections.abc import Sequence
from typing import Any

from flask import Response
from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from plugin_backend.api.answers import LOOK_AGAIN_SECONDS, Answer, good_until, held, unchanged, versioned
from plugin_backend.api.asked import house, idempotency, renderer
from plugin_backend.api.briefs import GenerationRequestSchema
from plugin_backend.api.fields import Bounded, Choice, Identifier, QueryFlag, QueryWhole, Strict, Words
from plugin_backend.api.paging import DEFAULT_LIMIT, MOST_ITEMS, IdsQuery, before, one_more, page, page_of
from plugin_backend.api.problems import problem_of
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import GenerationSchema, count, text
from plugin_backend.api.times import wall_clock
from plugin_backend.db.generations import GenerationFilter, GenerationView
from plugin_backend.domain.brief import GenerationRequest, Kind
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.errors import BackendError, GoneError
from plugin_backend.domain.lifecycle import GENERATION, GenerationState
from plugin_backend.domain.review import MOST_STARS, Approval
from plugin_backend.services import endings, freshness
from plugin_backend.services import generations as service
from plugin_backend.services.generations import Asked

generations = Resource("Generations", "One request each: drafts and masters, with their takes.")

MOST_UNFINISHED = 200
"""A panel looks at all that it waits for in one request."""
_UNFINISHED = "unfinished"
_STATES = (_UNFINISHED, *(state.value for state in GenerationState))


class GenerationQuery(IdsQuery):
    state = fields.String(validate=validate.OneOf(_STATES, error=f"Use one of {', '.join(_STATES)}."))
    kind = Choice(Kind)
    project_id = Identifier()
    owner_id = Identifier(metadata={"description": "Whose; without it, everybody's of the workspace."})
    batch_id = Identifier()
    q = Words(most=200, metadata={"description": "Beginnings of words of the label or the prompt."})
    model = Words(least=1, most=64)
    picked = QueryFlag(metadata={"description": "Whether one of its takes was picked."})
    applied = QueryFlag(metadata={"description": "Whether a delivery of it was applied."})
    rated = QueryWhole(
        least=0, most=MOST_STARS, metadata={"description": "One of its takes is rated so, or higher."}
    )
    approval = Choice(Approval, metadata={"description": "What was answered of one of its takes."})
    limit = QueryWhole(
        least=1,
        most=MOST_UNFINISHED,
        metadata={"default": DEFAULT_LIMIT, "description": "All that `ids` names, where they are more."},
    )

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("limit", 0) > MOST_ITEMS and data.get("state") != _UNFINISHED:
            detail = f"At most {MOST_ITEMS} at a time; {MOST_UNFINISHED} with state={_UNFINISHED}."
            raise ValidationError(detail, "limit")

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        data.setdefault("limit", max(DEFAULT_LIMIT, len(data.get("ids", ()))))
        data["filter"] = GenerationFilter(
            ids=data.get("ids"),
            states=_states(data.get("state")),
            kind=data.get("kind"),
            project_id=data.get("project_id"),
            owner_id=data.get("owner_id"),
            text=data.get("q"),
            batch_id=data.get("batch_id"),
            model=data.get("model"),
            picked=data.get("picked"),
            applied=data.get("applied"),
            rated=data.get("rated"),
            approval=data.get("approval"),
            before=before(data),
            limit=one_more(data),
        )
        return data


class IdsSchema(Strict):
    ids = Bounded(Identifier(), least=1, most=100, required=True)


class CancelResultSchema(Schema):
    id = text()
    status = count()
    generation = fields.Nested(GenerationSchema, allow_none=True)
    problem = fields.Dict(allow_none=True)


class CancelResultsSchema(Schema):
    items = fields.List(fields.Nested(CancelResultSchema), required=True)


@generations.operation(
    "POST",
    "/v1/generations",
    scope=Scope.GENERATE,
    status=202,
    body=GenerationRequestSchema,
    answer=GenerationSchema,
)
def request_generation(caller: Caller, wanted: GenerationRequest) -> Answer:
    """Ask for takes of a shot; quota and credits are taken with the request, and only with it."""
    return accepted(service.request(house(), caller, [wanted], idempotency=idempotency(caller)))


@generations.operation(
    "GET", "/v1/generations", scope=Scope.READ, query=GenerationQuery, answer=page_of(GenerationSchema)
)
def list_all_generations(caller: Caller, query: dict[str, Any]) -> Answer | Response:
    """The workspace's generations, newest first: by `ids`, or `state=unfinished`, as a panel polls.

    With a matching `If-None-Match` only their versions are read.
    """
    fresh, now = freshness.of_page(house(), caller, query["filter"]), wall_clock()
    etag = versioned(caller.workspace_id, *fresh.version, now=now)
    kept = held(etag, now=now)
    if kept is not None:
        return unchanged(kept, unfinished=fresh.unfinished)
    views = service.find(house(), caller, query["filter"])
    moments = [view.expected.until for view in views if view.expected is not None]
    return listed(views, limit=query["limit"], etag=good_until(etag, min(moments, default=None)))


@generations.operation("GET", "/v1/generations/<generation_id>", scope=Scope.READ, answer=GenerationSchema)
def show_generation(caller: Caller, *, generation_id: str) -> Answer | Response:
    """One generation; with a matching `If-None-Match` only its version is read.

    `late` says why it is not there yet once `expected_at` has passed, which is then a new one.
    """
    fresh = freshness.of_generation(house(), caller, generation_id)
    now = wall_clock()
    etag = versioned(*fresh.version, now=now)
    kept = held(etag, now=now)
    if kept is not None:
        return unchanged(kept, unfinished=fresh.unfinished)
    view = service.get(house(), caller, generation_id)
    until = None if view.expected is None else view.expected.until
    return Answer(renderer().generation(view), headers=_look_again([view]), etag=good_until(etag, until))


@generations.operation(
    "POST", "/v1/generations/<generation_id>/cancel", scope=Scope.GENERATE, answer=GenerationSchema
)
def cancel_generation(caller: Caller, *, generation_id: str) -> dict[str, Any]:
    """Stop one: what was never sent costs nothing, what the provider took resolves first."""
    return renderer().generation(endings.cancel(house(), caller, generation_id))


@generations.operation(
    "POST", "/v1/generations/cancel", scope=Scope.GENERATE, body=IdsSchema, answer=CancelResultsSchema
)
def cancel_generations(caller: Caller, body: dict[str, Any]) -> dict[str, Any]:
    """Stop several; each id has its own result."""
    results = endings.cancel_many(house(), caller, body["ids"])
    return {"items": [_result(generation_id, outcome) for generation_id, outcome in results]}


@generations.operation(
    "POST",
    "/v1/generations/<generation_id>/retry",
    scope=Scope.GENERATE,
    status=202,
    answer=GenerationSchema,
)
def retry_generation(caller: Caller, *, generation_id: str) -> Answer:
    """Ask again for a failed one, as a new generation at today's price."""
    return accepted(endings.retry(house(), caller, generation_id, idempotency=idempotency(caller)))


@generations.operation("DELETE", "/v1/generations/<generation_id>", scope=Scope.GENERATE, status=204)
def delete_generation(caller: Caller, *, generation_id: str) -> Answer:
    """Remove a finished one's media; its ledger entries and lineage stay."""
    endings.delete(house(), caller, generation_id)
    return Answer(None)


def accepted(asked: Asked) -> Answer:
    """202 with the one generation that was asked for."""
    if not asked.views:
        raise GoneError("The generation this Idempotency-Key made has been deleted.")
    view = asked.views[0]
    headers = {"Location": f"/v1/generations/{view.generation.id}", "Retry-After": LOOK_AGAIN_SECONDS}
    return Answer(renderer().generation(view), headers=headers)


def listed(views: Sequence[GenerationView], *, limit: int, etag: str | None = None) -> Answer:
    """A page of generations."""
    shown = page(views, limit=limit, shown=renderer().generation, place=lambda view: view.generation.id)
    return Answer(shown, headers=_look_again(views[:limit]), etag=etag)


def _look_again(views: Sequence[GenerationView]) -> dict[str, str]:
    unfinished = any(view.generation.state in GENERATION.unfinished for view in views)
    delivering = any(each.finished_at is None for view in views for each in view.deliveries)
    return {"Retry-After": LOOK_AGAIN_SECONDS} if unfinished or delivering else {}


def _states(word: str | None) -> tuple[GenerationState, ...] | None:
    if word is None:
        return None
    if word == _UNFINISHED:
        return tuple(sorted(GENERATION.unfinished))
    return (GenerationState(word),)


def _result(generation_id: str, outcome: GenerationView | BackendError) -> dict[str, Any]:
    if isinstance(outcome, GenerationView):
        shown = renderer().generation(outcome)
        return {"id": generation_id, "status": 200, "generation": shown, "problem": None}
    problem = problem_of(outcome)
    told = {"slug": problem.slug, "title": problem.title, "detail": outcome.detail}
    return {"id": generation_id, "status": problem.status, "generation": None, "problem": told}
