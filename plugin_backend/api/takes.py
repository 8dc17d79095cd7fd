"""Takes: the master of a picked one, and its deliveries."""

from typing import Any

from marshmallow import Schema, fields, post_load

from plugin_backend.api.answers import LOOK_AGAIN_SECONDS, Answer
from plugin_backend.api.asked import house, idempotency, renderer
from plugin_backend.api.delivery_requests import DeliverToSchema, DeliveryRequestSchema
from plugin_backend.api.fields import Choice, Flag, SequenceField, Strict, Whole, Words
from plugin_backend.api.generations import accepted
from plugin_backend.api.models import QuotesSchema, quoted
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import DeliverySchema, GenerationSchema, TakeSchema, text
from plugin_backend.domain.brief import DynamicRange, Resolution
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.delivering.delivery import DeliveryRequest
from plugin_backend.domain.making.promotion import Method
from plugin_backend.domain.validation import MAX_LABEL_CHARACTERS
from plugin_backend.services import deliveries
from plugin_backend.services import takes as service
from plugin_backend.services.takes import MasterRequest, Way

takes = Resource("Takes", "Numbered results of a generation.")


class MasterRequestSchema(Strict):
    model = Words(least=1, most=64, allow_none=True)
    resolution = Choice(Resolution, allow_none=True)
    dynamic_range = Choice(DynamicRange, allow_none=True)
    exr = Flag(allow_none=True)
    sequence = SequenceField(allow_none=True)
    deliver_to = fields.Nested(DeliverToSchema, allow_none=True)
    label = Words(most=MAX_LABEL_CHARACTERS, allow_none=True)
    max_credits = Whole(least=0, allow_none=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> MasterRequest:
        return MasterRequest(**data)


class WaySchema(Schema):
    """How the master would be held to its draft, by which model, and in words why so."""

    method = text(metadata={"enum": [method.value for method in Method]})
    model = text()
    draft_take_id = text()
    draft_model = text()
    resolution = text(metadata={"enum": [size.value for size in Resolution]})
    dynamic_range = text(metadata={"enum": [each.value for each in DynamicRange]})
    why = text()


class MasterQuoteSchema(QuotesSchema):
    promotion = fields.Nested(WaySchema, required=True)


class PickSchema(Strict):
    picked = Flag(required=True)


@takes.operation("PATCH", "/v1/takes/<take_id>", scope=Scope.GENERATE, body=PickSchema, answer=TakeSchema)
def pick_take(caller: Caller, body: dict[str, Any], *, take_id: str) -> dict[str, Any]:
    """Mark a stored take as picked, or take the mark away; saying so twice is saying so once."""
    take, generation = service.pick(house(), caller, take_id, picked=body["picked"])
    return renderer().take(take, label=take.model or generation.model)


@takes.operation(
    "POST",
    "/v1/takes/<take_id>/master",
    scope=Scope.GENERATE,
    status=202,
    body=MasterRequestSchema,
    body_required=False,
    answer=GenerationSchema,
)
def request_master(caller: Caller, wanted: MasterRequest, *, take_id: str) -> Answer:
    """Render a picked take again at full quality: the same shot, as a new generation."""
    return accepted(service.master(house(), caller, take_id, wanted, idempotency=idempotency(caller)))


@takes.operation(
    "POST",
    "/v1/takes/<take_id>/master/quote",
    scope=Scope.READ,
    body=MasterRequestSchema,
    body_required=False,
    answer=MasterQuoteSchema,
)
def quote_master(caller: Caller, wanted: MasterRequest, *, take_id: str) -> dict[str, Any]:
    """What the master of a take would cost, on which model and by which way; nothing is spent.

    `routing.credits_held` is what the same body holds at `/master`, which is refused where this is.
    """
    found = service.quote_master(house(), caller, take_id, wanted)
    return {**quoted(caller, [found.quote], found.routing), "promotion": _way(found.way)}


def _way(way: Way) -> dict[str, Any]:
    brief = way.request.brief
    return {
        "method": way.method.value,
        "model": way.model.id,
        "draft_take_id": way.take_id,
        "draft_model": way.draft_model,
        "resolution": brief.resolution.value,
        "dynamic_range": brief.dynamic_range.value,
        "why": way.why,
    }


@takes.operation(
    "POST",
    "/v1/takes/<take_id>/deliveries",
    scope=Scope.GENERATE,
    status=202,
    body=DeliveryRequestSchema,
    body_required=False,
    answer=DeliverySchema,
)
def request_delivery(caller: Caller, wanted: DeliveryRequest, *, take_id: str) -> Answer:
    """Have a take conformed to a sequence, in the files one host wants."""
    view, _ = deliveries.request(house(), caller, take_id, wanted, idempotency=idempotency(caller))
    headers = {"Location": f"/v1/deliveries/{view.delivery.id}", "Retry-After": LOOK_AGAIN_SECONDS}
    return Answer(renderer().delivery(view), headers=headers)
