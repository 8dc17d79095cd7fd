"""Batches: generations that were asked for together, and how they stand together."""

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from plugin_backend.api.answers import LOOK_AGAIN_SECONDS, Answer
from plugin_backend.api.asked import house, idempotency, renderer
from plugin_backend.api.briefs import GenerationRequestSchema
from plugin_backend.api.fields import Bounded, Strict, Words
from plugin_backend.api.paging import PageQuery, before, seal
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import FailureSchema, GenerationSchema, count, figure, maybe_text, moment, text
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.lifecycle import GENERATION
from plugin_backend.services import batches
from plugin_backend.services.batches import FEWEST_MODELS, MOST, MOST_MODELS

together = Resource("Batches", "Generations that were asked for together.")


class CompareSchema(Strict):
    """One request on several models, shown together."""

    request = fields.Nested(GenerationRequestSchema, required=True)
    models = Bounded(Words(least=1, most=64), least=FEWEST_MODELS, most=MOST_MODELS, required=True)


class BatchSchema(Strict):
    generations = Bounded(fields.Nested(GenerationRequestSchema), least=1, most=MOST)
    compare = fields.Nested(CompareSchema)

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        if len(data) != 1:
            raise ValidationError("Give `generations` or `compare`, one of them.")


class BatchFailureSchema(FailureSchema):
    id = text(metadata={"description": "The generation that failed."})
    label = maybe_text()


class BatchStandingSchema(Schema):
    id = text()
    finished = fields.Boolean(required=True)
    total = count()
    states = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    progress = figure(nullable=False)
    expected_at = moment(nullable=True)
    credits_held = count()
    credits_open = count()
    credits_settled = count()
    draft_units = count()
    failures = fields.List(fields.Nested(BatchFailureSchema), required=True)
    items = fields.List(fields.Nested(GenerationSchema), required=True)
    next_cursor = maybe_text()


class AcceptedBatchSchema(Schema):
    batch_id = text()
    credits_held = count()
    draft_units = count()
    items = fields.List(fields.Nested(GenerationSchema), required=True)


@together.operation(
    "POST", "/v1/batches", scope=Scope.GENERATE, status=202, body=BatchSchema, answer=AcceptedBatchSchema
)
def request_batch(caller: Caller, body: dict[str, Any]) -> Answer:
    """Ask for up to 50 generations at once, or for one brief on 2 to 6 models: all are accepted or none."""
    compare = body.get("compare")
    wanted = (
        body["generations"]
        if compare is None
        else batches.on_models(compare["request"], tuple(compare["models"]))
    )
    places = [
        f"/generations/{number}" if compare is None else "/compare/request" for number in range(len(wanted))
    ]
    asked = batches.ask(house(), caller, wanted, places=places, idempotency=idempotency(caller))
    spell, rows = renderer().generation, [view.generation for view in asked.views]
    return Answer(
        {
            "batch_id": rows[0].batch_id,
            "credits_held": sum(row.credits_held for row in rows),
            "draft_units": sum(row.draft_units for row in rows),
            "items": [spell(view) for view in asked.views],
        },
        headers={"Location": f"/v1/batches/{rows[0].batch_id}", "Retry-After": LOOK_AGAIN_SECONDS},
    )


@together.operation(
    "GET", "/v1/batches/<batch_id>", scope=Scope.READ, query=PageQuery, answer=BatchStandingSchema
)
def show_batch(caller: Caller, query: dict[str, Any], *, batch_id: str) -> Answer:
    """What was asked for together, as it stands: of all of it the sums, and a page of the generations.

    `credits_held` is what was held for it in the beginning, `credits_open` what still is.
    """
    batch = batches.get(house(), caller, batch_id)
    after = before(query)
    spelt = [renderer().generation(view) for view in batch.views]
    rest = [each for each in spelt if after is None or each["id"] > after]
    shown = rest[: query["limit"]]
    expected = [each["expected_at"] for each in spelt if "expected_at" in each]
    return Answer(
        {
            "id": batch.id,
            "finished": batch.is_finished,
            "total": len(spelt),
            "states": dict(batch.states),
            "progress": _progress(spelt),
            "expected_at": max(expected, default=None),
            "credits_held": batch.credits_held,
            "credits_open": batch.credits_open,
            "credits_settled": batch.credits_settled,
            "draft_units": batch.draft_units,
            "failures": [
                {"id": each["id"], "label": each["label"], **each["failure"]}
                for each in spelt
                if each["failure"] is not None
            ],
            "items": shown,
            "next_cursor": seal(shown[-1]["id"]) if len(rest) > len(shown) else None,
        },
        headers={} if batch.is_finished else {"Retry-After": LOOK_AGAIN_SECONDS},
    )


def _progress(spelt: Sequence[dict[str, Any]]) -> float:
    """How much of it has come, each generation counting alike; one that has ended is over."""
    done = [1.0 if each["state"] in GENERATION.terminal else each["progress"] or 0.0 for each in spelt]
    return round(sum(done) / len(done), 3)
