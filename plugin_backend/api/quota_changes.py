"""Administration: what a change of limits would do, and the same change for many people at once."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from plugin_backend.api.admin_users import QuotaChangeSchema, QuotaLimitsSchema
from plugin_backend.api.asked import house, request_id
from plugin_backend.api.fields import Bounded, Flag, Identifier, Strict, Words
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import count, text
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.money.quota_changes import Effect, Use
from plugin_backend.services import quotas
from plugin_backend.services.money import bulk_quotas
from plugin_backend.services.money.bulk_quotas import MOST, Changed, Chosen

quota_changes = Resource("Administration: quotas", "What a change would do, and changes for many at once.")


class BeforeAfterSchema(Schema):
    before = count()
    after = count()


class DraftEffectSchema(Schema):
    limit_per_day = fields.Nested(BeforeAfterSchema, required=True)
    remaining = fields.Nested(BeforeAfterSchema, required=True)
    used = count()


class ConcurrencyEffectSchema(Schema):
    """`above` runs over the new limit and finishes; `starts` waits now and would start at once."""

    limit = fields.Nested(BeforeAfterSchema, required=True)
    running = count()
    waiting = count()
    above = count()
    starts = count()


class EffectSchema(Schema):
    draft = fields.Nested(DraftEffectSchema, required=True)
    concurrency = fields.Nested(ConcurrencyEffectSchema, required=True)
    sentences = fields.List(fields.String(), required=True)


class BulkFilterSchema(Strict):
    plan = Words(least=1, most=64)
    workspace_id = Identifier()
    q = Words(least=1, most=200, metadata={"description": "Part of the e-mail address."})

    @validates_schema
    def says_something(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ValidationError("Give plan, workspace_id or q.")


class BulkChangeSchema(Strict):
    user_ids = Bounded(Identifier(), least=1, most=MOST)
    filter = fields.Nested(BulkFilterSchema)
    change = fields.Nested(QuotaLimitsSchema, required=True)
    reason = Words(least=1, most=500, required=True)
    dry_run = Flag(load_default=False)

    @validates_schema
    def names_them_one_way(self, data: dict[str, Any], **_: Any) -> None:
        if ("user_ids" in data) == ("filter" in data):
            raise ValidationError("Give either user_ids or a filter.")


class BulkItemSchema(Schema):
    id = text()
    email = text()
    workspace_id = text()
    effect = fields.Nested(EffectSchema, required=True)


class BulkAnswerSchema(Schema):
    dry_run = fields.Boolean(required=True)
    changed = count()
    items = fields.List(fields.Nested(BulkItemSchema), required=True)


@quota_changes.operation(
    "POST",
    "/v1/admin/users/<user_id>/quota/preview",
    scope=Scope.ADMIN,
    body=QuotaChangeSchema,
    answer=EffectSchema,
)
def preview_quota(caller: Caller, body: dict[str, Any], *, user_id: str) -> dict[str, Any]:
    """What the same PATCH would do: limits, what is left today, what stops and what starts."""
    limits = {name: body[name] for name in body if name != "reason"}
    _, use, found = quotas.preview(house(), caller, user_id, limits)
    return shown_effect(use, found)


@quota_changes.operation(
    "POST", "/v1/admin/quota/bulk", scope=Scope.ADMIN, body=BulkChangeSchema, answer=BulkAnswerSchema
)
def change_many_quotas(caller: Caller, body: dict[str, Any]) -> dict[str, Any]:
    """Override the limits of up to 1,000 people, all or none; `dry_run` only says what would be."""
    chosen = Chosen(user_ids=body.get("user_ids"), **body.get("filter", {}))
    found = bulk_quotas.change(
        house(),
        caller,
        chosen,
        body["change"],
        reason=body["reason"],
        dry_run=body["dry_run"],
        request_id=request_id(),
    )
    return {
        "dry_run": body["dry_run"],
        "changed": 0 if body["dry_run"] else len(found),
        "items": [_item(each) for each in found],
    }


def shown_effect(use: Use, effect: Effect) -> dict[str, Any]:
    """An effect on the wire."""
    before, after = effect.before, effect.after
    return {
        "draft": {
            "limit_per_day": {"before": before.drafts_per_day, "after": after.drafts_per_day},
            "remaining": {"before": effect.remaining_before, "after": effect.remaining_after},
            "used": use.drafts,
        },
        "concurrency": {
            "limit": {"before": before.concurrent, "after": after.concurrent},
            "running": use.running,
            "waiting": use.waiting,
            "above": effect.above,
            "starts": effect.starts,
        },
        "sentences": list(effect.sentences),
    }


def _item(changed: Changed) -> dict[str, Any]:
    standing = changed.standing
    return {
        "id": standing.id,
        "email": standing.email,
        "workspace_id": standing.workspace_id,
        "effect": shown_effect(changed.use, changed.effect),
    }
