"""What a generation cost, and how it came about."""

from typing import Any

from marshmallow import Schema, fields

from plugin_backend.api.asked import house
from plugin_backend.api.models import TermsSchema
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import (
    CancellationSchema,
    FailureSchema,
    count,
    maybe_text,
    moment,
    text,
)
from plugin_backend.api.times import rfc3339, rfc3339_or_none
from plugin_backend.db.rows import AttemptRow, TakeRow
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.making.additions import Addition
from plugin_backend.services.money import receipts as service
from plugin_backend.services.money.receipts import Receipt

receipts = Resource("Receipts", "What a generation cost, and how it came about.")


class ReceiptEntrySchema(Schema):
    id = text()
    kind = text()
    available_delta = count()
    held_delta = count()
    at = moment()


class ReceiptAttemptSchema(Schema):
    id = text()
    take_id = text()
    part = count()
    provider = text()
    provider_ref = maybe_text()
    request_id = maybe_text()
    model = maybe_text()
    state = text()
    slug = maybe_text()
    detail = maybe_text()
    billed = fields.Boolean(required=True, allow_none=True)
    created_at = moment()
    sent_at = moment(nullable=True)
    resolved_at = moment(nullable=True)


class ReceiptTakeSchema(Schema):
    id = text()
    number = count()
    state = text()
    model = text()
    provider = text()
    credits = count()
    charged = fields.Boolean(required=True)
    parts = count()
    failure = fields.Nested(FailureSchema, required=True, allow_none=True)


class FallbackSchema(Schema):
    take = count()
    at = moment()
    why = text()
    fallback_from = text()
    fallback_to = text()
    credits = count()


class WithoutSchema(Schema):
    """An addition that could not be made: the take is ready all the same."""

    take = count()
    at = moment()
    what = text(metadata={"enum": [each.value for each in Addition]})
    credits_returned = count()
    why = text()


class AmountsSchema(Schema):
    quoted = count()
    held = count()
    settled = count(nullable=True)
    returned = count(nullable=True)


class UnitsSchema(Schema):
    taken = count()
    used = count(nullable=True)
    returned = count(nullable=True)


class ReceiptTermsSchema(TermsSchema):
    """A model's terms, as they stood when it was asked for."""

    model = text()


class ReceiptSchema(Schema):
    generation_id = text()
    state = text()
    credits = fields.Nested(AmountsSchema, required=True)
    draft_units = fields.Nested(UnitsSchema, required=True)
    credits_per_take = count()
    takes_charged = count()
    why = text()
    ledger = fields.List(fields.Nested(ReceiptEntrySchema), required=True)
    takes = fields.List(fields.Nested(ReceiptTakeSchema), required=True)
    attempts = fields.List(fields.Nested(ReceiptAttemptSchema), required=True)
    fallbacks = fields.List(fields.Nested(FallbackSchema), required=True)
    without = fields.List(fields.Nested(WithoutSchema), required=True)
    cancellation = fields.Nested(CancellationSchema, required=True, allow_none=True)
    recovered_from = maybe_text()
    recovered_as = fields.List(fields.String(), required=True)
    terms = fields.List(fields.Nested(ReceiptTermsSchema), required=True)


class TraceNoteSchema(Schema):
    at = moment()
    step = text()
    take = count(nullable=True)
    summary = text()
    data = fields.Dict(required=True)


class TraceSchema(Schema):
    items = fields.List(fields.Nested(TraceNoteSchema), required=True)
    next_cursor = maybe_text()


@receipts.operation("GET", "/v1/generations/<generation_id>/receipt", scope=Scope.READ, answer=ReceiptSchema)
def show_receipt(caller: Caller, *, generation_id: str) -> dict[str, Any]:
    """What was quoted, held, settled and returned, and why; with ledger entries, takes and attempts."""
    return _receipt(service.receipt(house(), caller, generation_id))


@receipts.operation("GET", "/v1/generations/<generation_id>/trace", scope=Scope.READ, answer=TraceSchema)
def show_trace(caller: Caller, *, generation_id: str) -> dict[str, Any]:
    """What was planned, made, measured and judged, in order."""
    notes = service.trace(house(), caller, generation_id)
    return {"items": [{**note, "at": rfc3339(note["at"])} for note in notes], "next_cursor": None}


def _receipt(found: Receipt) -> dict[str, Any]:
    row = found.generation
    return {
        "generation_id": row.id,
        "state": row.state,
        "credits": {
            "quoted": row.credits_quoted,
            "held": row.credits_held,
            "settled": row.credits_settled,
            "returned": found.credits_returned,
        },
        "draft_units": {
            "taken": row.draft_units,
            "used": row.draft_units_used,
            "returned": found.draft_units_returned,
        },
        "credits_per_take": row.credits_per_take,
        "takes_charged": len(found.charged),
        "why": found.why,
        "ledger": [{**entry, "at": rfc3339(entry["at"])} for entry in found.entries],
        "takes": [_take(found, take) for take in found.takes],
        "attempts": [_attempt(each) for each in found.attempts],
        "fallbacks": [{**each, "at": rfc3339(each["at"])} for each in found.fallbacks],
        "without": [{**each, "at": rfc3339(each["at"])} for each in found.without],
        "cancellation": found.cancellation,
        "recovered_from": row.recovered_from,
        "recovered_as": list(found.recovered_as),
        "terms": [{"model": model, **terms} for model, terms in sorted(found.terms.items())],
    }


def _take(found: Receipt, take: TakeRow) -> dict[str, Any]:
    return {
        "id": take.id,
        "number": take.number,
        "state": take.state,
        "model": take.model or found.generation.model,
        "provider": take.provider or found.generation.provider,
        "credits": found.price_of(take),
        "charged": take.charged,
        "parts": take.parts,
        "failure": take.failure,
    }


def _attempt(row: AttemptRow) -> dict[str, Any]:
    """A POST with the provider's own ids and words, for its support."""
    return {
        "id": row.id,
        "take_id": row.take_id,
        "part": row.part,
        "provider": row.provider,
        "provider_ref": row.provider_ref,
        "request_id": row.request_id,
        "model": row.model,
        "state": row.state,
        "slug": row.slug,
        "detail": row.detail,
        "billed": row.billed,
        "created_at": rfc3339(row.created_at),
        "sent_at": rfc3339_or_none(row.sent_at),
        "resolved_at": rfc3339_or_none(row.resolved_at),
    }
