"""Administration of plans: what each grants and leaves out."""

from typing import Any

from marshmallow import Schema, fields

from plugin_backend.api.asked import house
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import count, maybe_text, text
from plugin_backend.domain.brief import Kind
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.plan_limits import Plan
from plugin_backend.services import plans as service

admin_plans = Resource("Administration: plans", "What a plan grants; operators change it.")


class PlanTermsSchema(Schema):
    id = text()
    label = text()
    drafts_per_day = count()
    max_concurrent = count()
    max_unfinished = count()
    credits_per_month = count()
    sign_up_credits = count()
    models = fields.List(fields.String(), required=True, allow_none=True)
    tiers = fields.List(fields.String(metadata={"enum": [tier.value for tier in Kind]}), required=True)
    max_resolution = maybe_text()
    hdr = fields.Boolean(required=True)
    exr = fields.Boolean(required=True)
    draft_retention_days = count(nullable=True)
    master_retention_days = count(nullable=True)
    storage_limit_bytes = count(nullable=True)


class PlansSchema(Schema):
    items = fields.List(fields.Nested(PlanTermsSchema), required=True)
    next_cursor = maybe_text()


@admin_plans.operation("GET", "/v1/admin/plans", scope=Scope.ADMIN, answer=PlansSchema)
def list_plans(caller: Caller) -> dict[str, Any]:
    """The plans a person can be on, the smallest first; null is no limit."""
    return {"items": [shown_plan(plan) for plan in service.find(house(), caller)], "next_cursor": None}


@admin_plans.operation("GET", "/v1/admin/plans/<plan_id>", scope=Scope.ADMIN, answer=PlanTermsSchema)
def show_plan(caller: Caller, *, plan_id: str) -> dict[str, Any]:
    """One plan."""
    return shown_plan(service.get(house(), caller, plan_id))


def shown_plan(plan: Plan) -> dict[str, Any]:
    """A plan with all its terms."""
    return {"id": plan.id, **plan.terms()}
