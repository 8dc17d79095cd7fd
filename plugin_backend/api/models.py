"""The catalogue, and what a request would cost on every model of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema, fields

from plugin_backend.api.asked import house, measures
from plugin_backend.api.briefs import GenerationRequestSchema
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import count, figure, maybe_text, text
from plugin_backend.domain.brief import GenerationRequest, Kind, Route
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.catalogue import AS_OF, Model
from plugin_backend.domain.making.additions import Addition
from plugin_backend.domain.making.choosing import Candidate, why_first
from plugin_backend.domain.making.measures import Measured, Measures
from plugin_backend.domain.making.model_limits import limits_in_words
from plugin_backend.domain.making.routing import Choice
from plugin_backend.domain.making.terms_of_use import CommercialUse
from plugin_backend.domain.money.quotes import Quote
from plugin_backend.services import accounts, quoting
from plugin_backend.services.quoting import Routing

models = Resource("Models", "Which models there are, what each can do, and what a shot costs on each.")


class BestForSchema(Schema):
    as_of = text(metadata={"example": "2026-11"})
    text = text()


class MediaTypeSchema(Schema):
    most = count()
    type = text(metadata={"example": "image/*"})


class ReferencesSchema(Schema):
    """What the model can be given to resemble; `most` is all kinds together."""

    most = count()
    media_types = fields.List(fields.Nested(MediaTypeSchema), required=True)
    roles = fields.List(fields.String(), required=True)


class LimitsSchema(Schema):
    """In sentences to show: lengths, sizes, rates, and how much of the provider is used at once here."""

    as_of = text(metadata={"example": "2026-11"})
    text = fields.List(fields.String(), required=True)


class TermsSchema(Schema):
    """What may be done with results, as its provider's terms were read on a day; the contract decides."""

    commercial_use = text(metadata={"enum": [use.value for use in CommercialUse]})
    as_of = text(metadata={"example": "2026-11"})
    url = maybe_text()
    text = text()


class MeasuredSchema(Schema):
    """From the request to the end, of this service's own finished generations in the last 30 days."""

    sample = count()
    p50_seconds = figure()
    p95_seconds = figure()
    retries_per_take = figure()
    credits_per_accepted_take = figure()


class MeasuredTiersSchema(Schema):
    """Null where too few were made to say."""

    draft = fields.Nested(MeasuredSchema, required=True, allow_none=True)
    master = fields.Nested(MeasuredSchema, required=True, allow_none=True)


class AddOnSchema(Schema):
    """What a further call adds to a finished film; without a price it is not sold."""

    addition = text(metadata={"enum": [each.value for each in Addition]})
    sold = fields.Boolean(required=True)
    price = fields.List(fields.Dict(), required=True)


class ModelSchema(Schema):
    id = text()
    label = text()
    provider = text()
    available = fields.Boolean(required=True)
    allowed = fields.Boolean(required=True)
    retired = maybe_text()
    kinds = fields.List(fields.String(), required=True)
    inputs = fields.List(fields.String(), required=True)
    operations = fields.List(fields.String(), required=True)
    durations_seconds = fields.List(fields.Float(), required=True)
    any_duration_between = fields.Dict(required=True, allow_none=True)
    aspect_ratios = fields.List(fields.String(), required=True)
    resolutions = fields.List(fields.String(), required=True)
    draft_resolutions = fields.List(fields.String(), required=True)
    dynamic_ranges = fields.List(fields.String(), required=True)
    exr = fields.Boolean(required=True)
    audio = fields.Boolean(required=True)
    add_ons = fields.List(fields.Nested(AddOnSchema), required=True)
    seed = fields.Boolean(required=True)
    native_rate = maybe_text()
    max_takes = count(nullable=True)
    draft_partner = text()
    promotion = fields.List(fields.Dict(), required=True)
    price = fields.List(fields.Dict(), required=True)
    references = fields.Nested(ReferencesSchema, required=True, allow_none=True)
    limits = fields.Nested(LimitsSchema, required=True)
    terms = fields.Nested(TermsSchema, required=True, allow_none=True)
    best_for = fields.Nested(BestForSchema, required=True, allow_none=True)
    measured = fields.Nested(MeasuredTiersSchema, required=True)


class ModelsSchema(Schema):
    items = fields.List(fields.Nested(ModelSchema), required=True)
    next_cursor = maybe_text()


class TierQuoteSchema(Schema):
    resolution = text()
    dynamic_range = text()
    credits = count()
    usd_cents = count()
    expected_seconds = count(nullable=True)


class RatioSchema(Schema):
    cost = maybe_text()
    time = maybe_text()


class LineSchema(Schema):
    """One call of a take: so many seconds of `film`, or what is added to it."""

    what = text(metadata={"enum": ["film", *(each.value for each in Addition)]})
    seconds = figure()
    credits_per_take = count()


class QuoteSchema(Schema):
    model = text()
    possible = fields.Boolean(required=True)
    credits = count(nullable=True)
    credits_per_take = count(nullable=True)
    lines = fields.List(fields.Nested(LineSchema), required=True)
    draft_units = count(nullable=True)
    usd_cents = count(nullable=True)
    expected_seconds = figure()
    reasons = fields.List(fields.String(), required=True)
    draft = fields.Nested(TierQuoteSchema, required=True, allow_none=True)
    master = fields.Nested(TierQuoteSchema, required=True, allow_none=True)
    ratio = fields.Nested(RatioSchema, required=True)
    ratio_note = maybe_text()


class ChoiceSchema(Schema):
    model = text()
    provider = text()
    credits = count(nullable=True)
    credits_per_take = count(nullable=True)
    expected_seconds = figure()
    why_not = maybe_text()


class CandidateSchema(Schema):
    """A model that `auto` could mean, with the figures it was judged by."""

    model = text()
    figures = text(metadata={"enum": ["measured", "catalogue"]})
    sample = count()
    credits_per_accepted_take = figure(nullable=False)
    seconds = figure()
    retries_per_take = figure(nullable=False)


class AutoSchema(Schema):
    """How `auto` came to its model: the figures are this service's own where it has made enough."""

    route = text(metadata={"enum": [route.value for route in Route]})
    why = text()
    considered = fields.List(fields.Nested(CandidateSchema), required=True)


class RoutingSchema(Schema):
    choices = fields.List(fields.Nested(ChoiceSchema), required=True)
    credits_held = count(nullable=True)
    auto = fields.Nested(AutoSchema, required=True, allow_none=True)


class QuotesSchema(Schema):
    quotes = fields.List(fields.Nested(QuoteSchema), required=True)
    routing = fields.Nested(RoutingSchema, required=True)
    credits_available = count()


@models.operation("GET", "/v1/models", scope=Scope.READ, answer=ModelsSchema)
def list_models(caller: Caller) -> dict[str, Any]:
    """Every model, with its capabilities and prices; `available` says whether it can be used here.

    `allowed` says whether the caller's plan includes it and their workspace allows it.
    `measured` is what it has really taken here, per tier; `limits` and `terms` are to be shown as they are.
    """
    found = [_model(caller, model, measures()) for model in house().catalogue.models]
    return {"items": found, "next_cursor": None}


def _model(caller: Caller, model: Model, found: Measures) -> dict[str, Any]:
    configured, limits = house().configured_providers, house().provider_limits
    words = limits_in_words(model, limits.get(model.provider))
    return {
        **model.to_json(available=model.is_available(configured)),
        "allowed": not [*caller.allowance.against_model(model.id)],
        "limits": {"as_of": AS_OF, "text": list(words)},
        "measured": {kind.value: _measured(found.get((model.id, kind.value))) for kind in Kind},
    }


def _measured(found: Measured | None) -> dict[str, Any] | None:
    return None if found is None else found.to_json()


@models.operation("POST", "/v1/quotes", scope=Scope.READ, body=GenerationRequestSchema, answer=QuotesSchema)
def quote_request(caller: Caller, wanted: GenerationRequest) -> dict[str, Any]:
    """What a generation request costs on every model, the cheapest possible first; nothing is spent.

    `routing` says which models would be tried, in order, and what would be held; the next one is tried only
    when the one before certainly did not start. For `model: "auto"`, `routing.auto` says by which figures.
    `credits_available` is the most that one request of the caller could hold now, of whichever account.
    """
    quotes = quoting.quote(house(), caller, wanted)
    routing = quoting.routing(house(), caller, wanted)
    return quoted(caller, quotes, routing, auto=_auto(wanted.route, routing.considered))


def quoted(
    caller: Caller, quotes: Iterable[Quote], routing: Routing, *, auto: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Quotes as the contract shows them, with what would be tried and held."""
    return {
        "quotes": [quote.to_json() for quote in quotes],
        "routing": {
            "choices": [_choice(choice) for choice in routing.choices],
            "credits_held": routing.credits_held,
            "auto": auto,
        },
        "credits_available": accounts.me(house(), caller).purse.most_at_once,
    }


def _auto(route: Route, considered: tuple[Candidate, ...]) -> dict[str, Any] | None:
    if not considered:
        return None
    return {
        "route": route.value,
        "why": why_first(route, considered),
        "considered": [each.to_json() for each in considered],
    }


def _choice(choice: Choice) -> dict[str, Any]:
    credits = None if choice.price is None else choice.price.credits_total
    return {**choice.to_json(), "credits": credits, "why_not": choice.why_not}
