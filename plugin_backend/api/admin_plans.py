"""Administration of plans: what each grants and leaves out, and what a change would do."""

import re
from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields, validate

from plugin_backend.api.answers import Answer
from plugin_backend.api.asked import house, idempotency, request_id
from plugin_backend.api.fields import Bounded, Changes, Choice, Flag, QueryFlag, Strict, Whole, Words
from plugin_backend.api.plan_shapes import PlanTermsSchema, shown_plan
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import count, maybe_text, moment
from plugin_backend.api.times import rfc3339_or_none
from plugin_backend.db.plan_effects import Effect
from plugin_backend.db.plans import PlanRow
from plugin_backend.domain.brief import Kind, Resolution
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.money.plan_limits import Plan
from plugin_backend.services.money import plans as service

admin_plans = Resource("Administration: plans", "What a plan grants; operators change it.")

_ID = re.compile(r"[a-z][a-z0-9-]{0,39}")
_MOST = 10**9
_MOST_DAYS = 36_500
_MOST_MODELS = 100


class PlanChangesSchema(Changes):
    label = Words(least=1, most=80)
    drafts_per_day = Whole(least=0, most=10**6)
    max_concurrent = Whole(least=1, most=1_000)
    max_unfinished = Whole(least=1, most=10**6)
    credits_per_month = Whole(least=0, most=_MOST)
    sign_up_credits = Whole(least=0, most=_MOST)
    models = Bounded(
        Words(least=1, most=64),
        most=_MOST_MODELS,
        allow_none=True,
        metadata={"description": "Ids of GET /v1/models; null: every one."},
    )
    tiers = Bounded(Choice(Kind), least=1, most=2)
    max_resolution = Choice(Resolution, allow_none=True)
    hdr = Flag()
    exr = Flag()
    draft_retention_days = Whole(least=1, most=_MOST_DAYS, allow_none=True)
    master_retention_days = Whole(least=1, most=_MOST_DAYS, allow_none=True)
    storage_limit_bytes = Whole(least=1, allow_none=True)
    archived = Flag(metadata={"description": "Whether nobody is put on it any more; who is on it stays."})
    reason = Words(most=500, allow_none=True)


class NewPlanSchema(PlanChangesSchema):
    class Meta:
        exclude = ("archived",)

    id = fields.String(
        required=True,
        validate=validate.Regexp(_ID, error="Write 1 to 40 small letters, digits and hyphens."),
    )
    label = Words(least=1, most=80, required=True)
    drafts_per_day = Whole(least=0, most=10**6, required=True)
    max_concurrent = Whole(least=1, most=1_000, required=True)
    max_unfinished = Whole(least=1, most=10**6, load_default=1_000)


class PlansQuery(Strict):
    archived = QueryFlag(load_default=False, metadata={"description": "List archived ones too."})


class PlanChangeQuery(Strict):
    dry_run = QueryFlag(load_default=False, metadata={"description": "Say what it would do, and do nothing."})


class PersonsPlanSchema(Strict):
    plan = Words(least=1, most=64, required=True)


class PlanRowSchema(PlanTermsSchema):
    archived_at = moment(nullable=True)


class PlanEffectSchema(Schema):
    """Counts of people, except where another thing is named; what goes beyond new limits goes on."""

    people = count()
    draft_overrides = count()
    drafts_used_beyond = count()
    concurrency_overrides = count()
    running_beyond = count()
    unfinished_beyond = count()
    credits_this_month = count()
    credits_a_month_before = count()
    credits_a_month = count()
    work_beyond = count()
    media_beyond = count()


class ChangedPlanSchema(PlanRowSchema):
    applied = fields.Boolean(required=True)
    effect = fields.Nested(PlanEffectSchema, required=True)


class PlansSchema(Schema):
    items = fields.List(fields.Nested(PlanRowSchema), required=True)
    next_cursor = maybe_text()


@admin_plans.operation("GET", "/v1/admin/plans", scope=Scope.ADMIN, query=PlansQuery, answer=PlansSchema)
def list_plans(caller: Caller, query: dict[str, Any]) -> dict[str, Any]:
    """The plans a person can be on, the smallest first; null is no limit."""
    rows = service.find(house(), caller, archived=query["archived"])
    return {"items": [_shown(row) for row in rows], "next_cursor": None}


@admin_plans.operation(
    "POST", "/v1/admin/plans", scope=Scope.ADMIN, status=201, body=NewPlanSchema, answer=PlanRowSchema
)
def create_plan(caller: Caller, body: dict[str, Any]) -> Answer:
    """Make a plan; what is left out has no limit, and grants nothing. For operators."""
    reason = body.pop("reason", None)
    made = service.create(
        house(),
        caller,
        Plan.of(body),
        reason=reason,
        idempotency=idempotency(caller),
        request_id=request_id(),
    )
    return Answer(_shown(made), headers={"Location": f"/v1/admin/plans/{made.plan.id}"})


@admin_plans.operation("GET", "/v1/admin/plans/<plan_id>", scope=Scope.ADMIN, answer=PlanRowSchema)
def show_plan(caller: Caller, *, plan_id: str) -> dict[str, Any]:
    """One plan."""
    return _shown(service.get(house(), caller, plan_id))


@admin_plans.operation(
    "PATCH",
    "/v1/admin/plans/<plan_id>",
    scope=Scope.ADMIN,
    query=PlanChangeQuery,
    body=PlanChangesSchema,
    answer=ChangedPlanSchema,
)
def change_plan(
    caller: Caller, query: dict[str, Any], body: dict[str, Any], *, plan_id: str
) -> dict[str, Any]:
    """Change a plan for everybody on it; `effect` says what that does, with `dry_run=true` before it does.

    Nothing that is under way is stopped, and no credits are taken back. For operators.
    """
    reason, archived = body.pop("reason", None), body.pop("archived", None)
    changed = service.change(
        house(),
        caller,
        plan_id,
        body,
        archived=archived,
        dry_run=query["dry_run"],
        reason=reason,
        request_id=request_id(),
    )
    shown = {**_shown(changed.row), "applied": not query["dry_run"]}
    return {**shown, "effect": asdict(changed.effect)}


@admin_plans.operation(
    "POST",
    "/v1/admin/users/<user_id>/plan/preview",
    scope=Scope.ADMIN,
    body=PersonsPlanSchema,
    answer=PlanEffectSchema,
)
def preview_plan_of_person(caller: Caller, body: dict[str, Any], *, user_id: str) -> dict[str, Any]:
    """What putting a person on another plan would do; nothing happens."""
    effect: Effect = service.effect_on_person(house(), caller, user_id, body["plan"])
    return asdict(effect)


def _shown(row: PlanRow) -> dict[str, Any]:
    return {**shown_plan(row.plan), "archived_at": rfc3339_or_none(row.archived_at)}
