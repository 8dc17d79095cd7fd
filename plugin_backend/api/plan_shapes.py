"""What a plan looks like in answers, with all its terms; null is no limit."""

from typing import Any

from marshmallow import Schema, fields

from plugin_backend.api.shapes import count, maybe_text, text
from plugin_backend.domain.brief import Kind
from plugin_backend.domain.money.plan_limits import Plan


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


def shown_plan(plan: Plan) -> dict[str, Any]:
    """A plan with all its terms."""
    return {"id": plan.id, **plan.terms()}
