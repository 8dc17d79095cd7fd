"""What a generation cost, and how it came about."""

from typing import Any

from marshmallow import Schema, fields

from plugin_backend.api.asked import house
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import count, maybe_text, moment, text
from plugin_backend.api.times import rfc3339
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.services import receipts as service
from plugin_backend.services.receipts import Receipt

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
    provider = text()
    provider_ref = maybe_text()
    state = text()
    detail = maybe_text()
    created_at = moment()


class AmountsSchema(Schema):
    quoted = count()
    held = count()
    settled = count(nullable=True)
    returned = count(nullable=True)


class UnitsSchema(Schema):
    taken = count()
    used = count(nullable=True)
    returned = count(nullable=True)


class ReceiptSchema(Schema):
    generation_id = text()
    state = text()
    credits = fields.Nested(AmountsSchema, required=True)
    draft_units = fields.Nested(UnitsSchema, required=True)
    credits_per_take = count()
    takes_charged = count()
    why = text()
    ledger = fields.List(fields.Nested(ReceiptEntrySchema), required=True)
    attempts = fields.List(fields.Nested(ReceiptAttemptSchema), required=True)


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
    """What was quoted, held, settled and returned, and why; with the ledger entries and attempts."""
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
        "takes_charged": sum(1 for take in found.takes if take.charged),
        "why": found.why,
        "ledger": [{**entry, "at": rfc3339(entry["at"])} for entry in found.entries],
        "attempts": [
            {
                "id": each.id,
                "take_id": each.take_id,
                "provider": each.provider,
                "provider_ref": each.provider_ref,
                "state": each.state,
                "detail": each.detail,
                "created_at": rfc3339(each.created_at),
            }
            for each in found.attempts
        ],
    }
