"""Administration of alerts: when somebody is told, and when spending stops."""

from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields, post_load

from plugin_backend.api.asked import house, request_id
from plugin_backend.api.fields import Bounded, Choice, Identifier, Strict, Whole, Words
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import count, moment, text
from plugin_backend.api.times import rfc3339
from plugin_backend.db.alerts import AlertRow
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.money.alerts import MOST_RULES, Action, Measure, Rule
from plugin_backend.services.money import alerting
from plugin_backend.services.money.alerting import Standing

admin_alerts = Resource("Administration: alerts", "Thresholds at which people are told, or spending stops.")


class AlertRuleSchema(Strict):
    """`threshold`: percent for drafts, credits and pool; credits in a UTC month for the two of spend."""

    measure = Choice(Measure, required=True)
    threshold = Whole(least=1, most=10**12, required=True)
    action = Choice(Action, required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Rule:
        return Rule(**data)


class AlertRulesSchema(Strict):
    """`rules` null: the usual ones."""

    rules = Bounded(fields.Nested(AlertRuleSchema), most=MOST_RULES, required=True, allow_none=True)
    reason = Words(least=1, most=500, required=True)


class AlertQuery(Strict):
    workspace_id = Identifier(metadata={"description": "For operators; the caller's own otherwise."})


class ShownRuleSchema(Schema):
    measure = text(metadata={"enum": [*Measure]})
    threshold = count()
    action = text(metadata={"enum": [*Action]})


class AlertSchema(ShownRuleSchema):
    subject_id = text()
    period = text()
    used = count()
    allowed = count()
    at = moment()


class AlertsSchema(Schema):
    workspace_id = text()
    rules = fields.List(fields.Nested(ShownRuleSchema), required=True)
    is_usual = fields.Boolean(required=True)
    recent = fields.List(fields.Nested(AlertSchema), required=True)


@admin_alerts.operation("GET", "/v1/admin/alerts", scope=Scope.ADMIN, query=AlertQuery, answer=AlertsSchema)
def show_alerts(caller: Caller, query: dict[str, Any]) -> dict[str, Any]:
    """A workspace's rules, and its latest 50 alerts."""
    return _shown(alerting.show(house(), caller, query.get("workspace_id", caller.workspace_id)))


@admin_alerts.operation(
    "PUT",
    "/v1/admin/alerts",
    scope=Scope.ADMIN,
    query=AlertQuery,
    body=AlertRulesSchema,
    answer=AlertsSchema,
)
def replace_alerts(caller: Caller, query: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Other rules from now on; what was told in its time already is not told again.

    Rules that freeze the whole workspace are for its owner or an operator; no rule freezes an owner.
    """
    found = alerting.replace(
        house(),
        caller,
        query.get("workspace_id", caller.workspace_id),
        body["rules"],
        reason=body["reason"],
        request_id=request_id(),
    )
    return _shown(found)


def _shown(standing: Standing) -> dict[str, Any]:
    return {
        "workspace_id": standing.workspace_id,
        "rules": [rule.to_json() for rule in standing.rules],
        "is_usual": standing.is_usual,
        "recent": [_alert(row) for row in standing.recent],
    }


def _alert(row: AlertRow) -> dict[str, Any]:
    shown = {name: value for name, value in asdict(row).items() if name != "workspace_id"}
    return {**shown, "at": rfc3339(row.at)}
