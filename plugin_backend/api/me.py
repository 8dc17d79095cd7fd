"""Who is asking, what they have left, and what they spent."""

from typing import Any

from marshmallow import Schema, fields

from plugin_backend.api.asked import house
from plugin_backend.api.paging import PageQuery, before_number, one_more, page, page_of, table
from plugin_backend.api.plan_shapes import PlanTermsSchema, shown_plan
from plugin_backend.api.purses import PurseSchema, shown_purse
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import count, maybe_text, moment, text
from plugin_backend.api.tables import TableAnswer, wants_csv
from plugin_backend.api.times import rfc3339
from plugin_backend.db.books import LedgerRow
from plugin_backend.db.people import Standing
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.services import accounts, credits

me = Resource("Me", "The caller: quota, balance, history.")


class DraftQuotaSchema(Schema):
    limit = count()
    used = count()
    remaining = count()
    resets_at = moment()


class BalanceSchema(Schema):
    available = count()
    held = count()


class ConcurrencySchema(Schema):
    limit = count()
    used = count()


class WorkspaceSchema(Schema):
    id = text()
    name = text()
    default_model = text()


class PlanSchema(Schema):
    id = text()
    label = text()
    drafts_per_day = count()
    max_concurrent = count()
    max_unfinished = count()


class FrozenSchema(Schema):
    """Nothing new can be asked for since then: by this person, or by anyone in their workspace."""

    at = moment()
    whose = text(metadata={"enum": ["person", "workspace"]})


class MeSchema(Schema):
    id = text()
    email = text()
    role = text()
    is_operator = fields.Boolean(required=True)
    scopes = fields.List(fields.String(), required=True)
    workspace = fields.Nested(WorkspaceSchema, required=True)
    plan = fields.Nested(PlanTermsSchema, required=True)
    draft_quota = fields.Nested(DraftQuotaSchema, required=True)
    credits = fields.Nested(BalanceSchema, required=True)
    purse = fields.Nested(PurseSchema, required=True)
    concurrency = fields.Nested(ConcurrencySchema, required=True)
    frozen = fields.Nested(FrozenSchema, required=True, allow_none=True)


class LedgerEntrySchema(Schema):
    id = text()
    kind = text(metadata={"enum": ["grant", "hold", "settle", "adjust"]})
    available_delta = count()
    held_delta = count()
    available_after = count()
    held_after = count()
    generation_id = maybe_text()
    owner_id = maybe_text()
    project_id = maybe_text()
    label = maybe_text()
    reason = maybe_text()
    counterpart_id = maybe_text()
    at = moment()


@me.operation("GET", "/v1/me", scope=Scope.READ, answer=MeSchema)
def show_me(caller: Caller) -> dict[str, Any]:
    """The caller with their plan, draft quota, credits and concurrency."""
    standing = accounts.me(house(), caller)
    shown = {**shown_person(standing), "scopes": sorted(caller.scopes)}
    plan = caller.allowance.plan
    return shown if plan is None else {**shown, "plan": shown_plan(plan)}


@me.operation("GET", "/v1/me/ledger", scope=Scope.READ, query=PageQuery, answer=page_of(LedgerEntrySchema))
def list_my_ledger(caller: Caller, query: dict[str, Any]) -> dict[str, Any] | TableAnswer:
    """Every movement of the caller's credits, newest first; CSV with `Accept: text/csv`."""
    entries = credits.my_ledger(house(), caller, before=before_number(query), limit=one_more(query))
    return shown_ledger(entries, limit=query["limit"])


def shown_person(standing: Standing) -> dict[str, Any]:
    """A person with what they have left."""
    return {
        "id": standing.id,
        "email": standing.email,
        "role": standing.role,
        "is_operator": standing.is_operator,
        "workspace": {
            "id": standing.workspace_id,
            "name": standing.workspace_name,
            "default_model": standing.default_model,
        },
        "plan": {
            "id": standing.plan_id,
            "label": standing.plan_label,
            "drafts_per_day": standing.drafts_per_day,
            "max_concurrent": standing.max_concurrent,
            "max_unfinished": standing.max_unfinished,
        },
        "draft_quota": {
            "limit": standing.drafts.limit,
            "used": standing.drafts.used,
            "remaining": standing.drafts.remaining,
            "resets_at": rfc3339(standing.drafts.resets_at),
        },
        "credits": {"available": standing.purse.available, "held": standing.purse.held},
        "purse": shown_purse(standing.purse),
        "concurrency": {"limit": standing.concurrency_limit, "used": standing.running},
        "frozen": _frozen(standing),
    }


def shown_ledger(entries: tuple[LedgerRow, ...], *, limit: int) -> dict[str, Any] | TableAnswer:
    """A page of entries, as JSON or CSV."""
    if wants_csv():
        return table("ledger", entries, limit=limit, shown=shown_entry, place=lambda entry: entry.number)
    return page(entries, limit=limit, shown=shown_entry, place=lambda entry: entry.number)


def shown_entry(entry: LedgerRow) -> dict[str, Any]:
    """One ledger entry."""
    return {
        "id": entry.id,
        "kind": entry.kind,
        "available_delta": entry.available_delta,
        "held_delta": entry.held_delta,
        "available_after": entry.available_after,
        "held_after": entry.held_after,
        "generation_id": entry.generation_id,
        "owner_id": entry.owner_id,
        "project_id": entry.project_id,
        "label": entry.label,
        "reason": entry.reason,
        "counterpart_id": entry.counterpart_id,
        "at": rfc3339(entry.at),
    }


def _frozen(standing: Standing) -> dict[str, Any] | None:
    if standing.frozen_at is not None:
        return {"at": rfc3339(standing.frozen_at), "whose": "person"}
    if standing.workspace_frozen_at is not None:
        return {"at": rfc3339(standing.workspace_frozen_at), "whose": "workspace"}
    return None
