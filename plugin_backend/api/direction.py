"""The director: plan a brief for nothing, see what was measured, and accept, stop or steer."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load

from plugin_backend.api.answers import LOOK_AGAIN_SECONDS, Answer
from plugin_backend.api.asked import house, idempotency, renderer
from plugin_backend.api.board_shapes import DriftSchema
from plugin_backend.api.briefs import GenerationRequestSchema
from plugin_backend.api.fields import Choice, Figure, Flag, Strict, Whole, Words
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import GenerationSchema, count, figure, maybe_text, moment, text
from plugin_backend.api.times import rfc3339, rfc3339_or_none
from plugin_backend.db.generations import GenerationView
from plugin_backend.domain.brief import Kind
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.direction.judging import Criterion
from plugin_backend.domain.direction.orders import Order, Verb
from plugin_backend.domain.direction.signals import SignalKind
from plugin_backend.domain.direction.telling import read
from plugin_backend.services.director import direction as service
from plugin_backend.services.director import planning, steering
from plugin_backend.services.director.direction import EvaluationView

MAX_NOTE_CHARACTERS = 1_000
_BRIEFS = frozenset({"prompt", "annotations"})

direction = Resource("Direction", "Plans, what was measured in takes, and the editor's word to the director.")


class PlanRequestSchema(GenerationRequestSchema):
    """A generation request of which only the brief is needed; the brief itself will do."""

    kind = Choice(Kind)

    def load(self, data: Any, **options: Any) -> Any:
        is_brief = isinstance(data, dict) and "brief" not in data and _BRIEFS & data.keys()
        asked = {"brief": data} if is_brief else data
        named = {"kind": Kind.DRAFT.value, **asked} if isinstance(asked, dict) else asked
        return super().load(named, **options)


class AdviceSchema(Schema):
    """`says` is English; `code` and `values` are for saying it in another language."""

    kind = text()
    code = text(metadata={"example": "missing.camera"})
    values = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    severity = text()
    about = text()
    says = text()
    try_words = fields.List(fields.String(), required=True)


class SignalSchema(Schema):
    kind = text(metadata={"enum": [*SignalKind]})
    start = count()
    end = count()
    term = text()


class PlannedSchema(Schema):
    plan = fields.Dict(required=True)
    advice = fields.List(fields.Nested(AdviceSchema), required=True)
    directives = fields.List(fields.Dict(), required=True)
    signals = fields.List(
        fields.Nested(SignalSchema),
        required=True,
        metadata={
            "description": "Words of the prompt it was understood by; `start` and `end` in code points."
        },
    )


class AcceptSchema(Strict):
    take = Whole(
        least=1, most=1_000, allow_none=True, metadata={"description": "Its number; the best if left out."}
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Order:
        return Order(verb=Verb.ACCEPT, take=data.get("take"))


class SteerSchema(Strict):
    note = Words(most=MAX_NOTE_CHARACTERS, metadata={"description": "What to tell it besides the brief."})
    plan = fields.Dict(keys=fields.String(), metadata={"description": "The plan, as you changed it."})
    as_proposed = Flag(metadata={"description": "Go on as the director proposes, with nothing to add."})

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Order:
        note = data.get("note", "").strip()
        if not note and data.get("plan") is None and not data.get("as_proposed"):
            raise ValidationError(
                "Say how the next try should differ, give a changed plan, or send `as_proposed`.", "note"
            )
        return Order(verb=Verb.STEER, note=note, plan=data.get("plan"))


class TrySchema(Schema):
    iteration = count()
    why = text()
    plan = fields.Dict(required=True)
    directives = fields.List(fields.Dict(), required=True)
    stronger = fields.Dict(required=True)
    steers = fields.List(fields.String(), required=True)
    model = maybe_text()
    at = moment()


class PictureSchema(Schema):
    url = text()
    expires_at = moment()


class EvaluationSchema(Schema):
    take_id = text()
    take = count()
    iteration = count()
    measured = fields.Boolean(required=True)
    evaluation = fields.Dict(required=True, allow_none=True)
    judgement = fields.Dict(required=True, allow_none=True)
    opinions = fields.Dict(required=True, allow_none=True)
    drift = fields.Nested(
        DriftSchema,
        required=True,
        allow_none=True,
        metadata={"description": "From the other takes of its generation, where it is listed among them."},
    )
    pictures = fields.Dict(keys=fields.String(), values=fields.Nested(PictureSchema), required=True)
    failure = maybe_text()
    at = moment(nullable=True)


class DirectionSchema(Schema):
    generation_id = text()
    tries = fields.List(fields.Nested(TrySchema), required=True)
    evaluations = fields.List(fields.Nested(EvaluationSchema), required=True)
    order = fields.Dict(required=True, allow_none=True)
    paused_at = moment(nullable=True)
    answer_by = moment(nullable=True)


class AgreementSchema(Schema):
    generations = count()
    picked_first = count()
    share = figure()


class JudgingSchema(Schema):
    weights = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)
    agreement = fields.Nested(AgreementSchema, required=True)


class WeightsSchema(Strict):
    weights = fields.Dict(
        keys=fields.String(metadata={"enum": [each.value for each in Criterion]}),
        values=Figure(),
        required=True,
        metadata={"description": "By criterion, 0 to 1; the others are as usual."},
    )


@direction.operation("POST", "/v1/plans", scope=Scope.READ, body=PlanRequestSchema, answer=PlannedSchema)
def plan_brief(caller: Caller, wanted: Any) -> dict[str, Any]:
    """What the director makes of a brief: plan, advice and directives. Nothing is spent or kept."""
    found = planning.plan(house(), caller, wanted)
    return {
        "plan": found.plan.to_json(),
        "advice": [each.to_json() for each in found.advice],
        "directives": [each.to_json() for each in found.directives],
        "signals": [each.to_json() for each in found.signals],
    }


@direction.operation(
    "POST",
    "/v1/generations/<generation_id>/accept",
    scope=Scope.GENERATE,
    body=AcceptSchema,
    body_required=False,
    answer=GenerationSchema,
)
def accept_generation(caller: Caller, order: Order, *, generation_id: str) -> Answer:
    """Take a take, else the best; a plan that waits for a word is accepted, and made."""
    return _told(steering.tell(house(), caller, generation_id, order, idempotency=idempotency(caller)))


@direction.operation(
    "POST", "/v1/generations/<generation_id>/stop", scope=Scope.GENERATE, answer=GenerationSchema
)
def stop_generation(caller: Caller, *, generation_id: str) -> Answer:
    """Make no further try: the best take so far is accepted; with none, nothing is spent."""
    order = Order(verb=Verb.STOP)
    return _told(steering.tell(house(), caller, generation_id, order, idempotency=idempotency(caller)))


@direction.operation(
    "POST",
    "/v1/generations/<generation_id>/steer",
    scope=Scope.GENERATE,
    body=SteerSchema,
    answer=GenerationSchema,
)
def steer_generation(caller: Caller, order: Order, *, generation_id: str) -> Answer:
    """Tell the next try something more, within what is held."""
    return _told(steering.tell(house(), caller, generation_id, order, idempotency=idempotency(caller)))


@direction.operation(
    "GET", "/v1/generations/<generation_id>/direction", scope=Scope.READ, answer=DirectionSchema
)
def show_direction(caller: Caller, *, generation_id: str) -> dict[str, Any]:
    """What each try was told, and what was seen in its takes."""
    found = service.of_generation(house(), caller, generation_id)
    return {
        "generation_id": found.generation.id,
        "tries": [{**told, "at": rfc3339(told["at"])} for told in found.tries],
        "evaluations": [_evaluation(each) for each in found.evaluations],
        "order": found.generation.standing_order,
        "paused_at": rfc3339_or_none(found.generation.paused_at) if found.is_paused else None,
        "answer_by": rfc3339_or_none(found.answer_by),
    }


@direction.operation("GET", "/v1/takes/<take_id>/evaluation", scope=Scope.READ, answer=EvaluationSchema)
def show_evaluation(caller: Caller, *, take_id: str) -> dict[str, Any]:
    """What was measured in a take and what the judge makes of it; what could not be measured says so."""
    return _evaluation(service.of_take(house(), caller, take_id))


@direction.operation("GET", "/v1/judging", scope=Scope.READ, answer=JudgingSchema)
def show_judging(caller: Caller) -> dict[str, Any]:
    """What the workspace's judge goes by, and how often editors picked what it ranked first."""
    return dict(service.judging(house(), caller))


@direction.operation("PATCH", "/v1/judging", scope=Scope.ADMIN, body=WeightsSchema, answer=JudgingSchema)
def change_judging(caller: Caller, body: dict[str, Any]) -> dict[str, Any]:
    """Set the weights of the workspace's judge; takes judged before keep their scores."""
    return dict(service.weigh(house(), caller, body["weights"]))


def _told(view: GenerationView) -> Answer:
    return Answer(renderer().generation(view), headers={"Retry-After": LOOK_AGAIN_SECONDS})


def _evaluation(found: EvaluationView) -> dict[str, Any]:
    row, pictures = found.row, found.row.pictures if found.row is not None else None
    return {
        "take_id": found.take.id,
        "take": found.take.number,
        "iteration": found.take.iteration,
        "measured": row is not None and row.evaluation is not None,
        "evaluation": None if row is None or row.evaluation is None else _coded(row.evaluation),
        "judgement": None if row is None else row.judgement,
        "opinions": None if row is None else row.opinions,
        "drift": None if found.drift is None else found.drift.to_json(),
        "pictures": {name: renderer().link(each["key"]) for name, each in (pictures or {}).items()},
        "failure": None if row is None else row.failure,
        "at": None if row is None else rfc3339_or_none(row.done_at),
    }


def _coded(evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """With `code` and `values` beside what was seen of each directive, where its sentence is one of ours.

    `not_measured_codes` has one for each of `not_measured`, null for what is told of a directive.
    """
    codes = [found[0] if (found := read(each)) else None for each in evaluation["not_measured"]]
    seen = [_coded_sentence(each) for each in evaluation["adherence"]]
    return {**evaluation, "adherence": seen, "not_measured_codes": codes}


def _coded_sentence(seen: Mapping[str, Any]) -> dict[str, Any]:
    code, values = read(seen["says"]) or (None, {})
    return {**seen, "code": code, "values": values}
