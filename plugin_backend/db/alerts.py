"""Which thresholds are reached: found in one statement, and written once however many look at once."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, select, text
from sqlalchemy.dialects.postgresql import insert

from plugin_backend.db.tables import alert_rules, alerts
from plugin_backend.domain.money.alerts import MOST_RULES, USUAL, Action, Measure, Rule

# The rules of every workspace, and of one those that freeze.
_ALL_RULES: Final = """
    SELECT w.id AS workspace_id, r.measure, r.threshold, r.action
    FROM workspaces w LEFT JOIN alert_rules a ON a.workspace_id = w.id
    CROSS JOIN LATERAL jsonb_to_recordset(coalesce(a.rules, CAST(:usual AS jsonb)))
        AS r(measure text, threshold bigint, action text)
"""
_FREEZING_RULES: Final = """
    SELECT a.workspace_id, r.measure, r.threshold, r.action
    FROM alert_rules a
    CROSS JOIN LATERAL jsonb_to_recordset(a.rules) AS r(measure text, threshold bigint, action text)
    WHERE a.workspace_id = :workspace_id AND r.action = 'freeze'
"""
_SPENDING: Final = (
    "workspace_id IN (SELECT workspace_id FROM rules WHERE measure IN ('spend', 'workspace-spend'))"
)

# Thresholds that nobody has been told of; an owner and an operator are told where others are frozen.
_TEMPLATE: Final = """
    WITH rules AS ({rules}), spending AS (
        SELECT workspace_id, owner_id, sum(credits_held + credits_settled) AS used
        FROM (
            SELECT workspace_id, owner_id, credits_held, credits_settled FROM usage_days
            WHERE day >= :month_began AND {spending}
            UNION ALL
            SELECT workspace_id, owner_id, credits_held, credits_settled FROM usage_changes
            WHERE day >= :month_began AND {spending}
        ) counted
        GROUP BY workspace_id, owner_id
    ), measured AS (
        SELECT u.id AS subject_id, u.workspace_id, 'drafts' AS measure, d.day::text AS period,
            CAST(d.used AS bigint) AS used,
            CAST(coalesce(u.draft_limit_override, p.drafts_per_day) AS bigint) AS allowed
        FROM draft_days d JOIN users u ON u.id = d.owner_id JOIN plans p ON p.id = u.plan_id
        WHERE d.day = :today AND d.used > 0 AND {people}
        UNION ALL
        SELECT u.id, u.workspace_id, 'credits', a.top_up_id, a.topped_up_to - a.available, a.topped_up_to
        FROM accounts a JOIN users u ON u.id = a.owner_id
        WHERE a.owner_kind = 'user' AND a.topped_up_to > 0 AND {people}
        UNION ALL
        SELECT a.owner_id, a.owner_id, 'pool', a.top_up_id, a.topped_up_to - a.available, a.topped_up_to
        FROM accounts a WHERE a.owner_kind = 'workspace' AND a.topped_up_to > 0 AND {pools}
        UNION ALL
        SELECT owner_id, workspace_id, 'spend', :month, CAST(used AS bigint), NULL FROM spending
        WHERE {spenders}
        UNION ALL
        SELECT workspace_id, workspace_id, 'workspace-spend', :month, CAST(sum(used) AS bigint), NULL
        FROM spending GROUP BY workspace_id
    )
    SELECT m.subject_id, m.measure, r.threshold, m.period, m.workspace_id,
        CASE WHEN u.role = 'owner' OR u.is_operator THEN 'tell' ELSE r.action END AS action,
        m.used, coalesce(m.allowed, r.threshold) AS allowed, CAST(:now AS timestamptz) AS at
    FROM measured m JOIN rules r ON r.workspace_id = m.workspace_id AND r.measure = m.measure
        LEFT JOIN users u ON u.id = m.subject_id
    WHERE CASE WHEN m.allowed IS NULL THEN m.used >= r.threshold
               ELSE m.used * 100 >= r.threshold * m.allowed END
      AND NOT EXISTS (SELECT FROM alerts a
          WHERE a.subject_id = m.subject_id AND a.measure = m.measure
            AND a.threshold = r.threshold AND a.period = m.period)
    ORDER BY m.subject_id LIMIT :limit
"""
_REACHED: Final = text(
    _TEMPLATE.format(rules=_ALL_RULES, people="true", pools="true", spenders="true", spending=_SPENDING)
)
_REACHED_BY_ONE: Final = text(
    _TEMPLATE.format(
        rules=_FREEZING_RULES,
        people="u.id = :user_id",
        pools="a.owner_id = :workspace_id",
        spenders="owner_id = :user_id",
        spending=f"workspace_id = :workspace_id AND {_SPENDING}",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """A threshold that was reached: what was used, of how much."""

    subject_id: str
    measure: Measure
    threshold: int
    period: str
    workspace_id: str
    action: Action
    used: int
    allowed: int
    at: datetime


def reached(connection: Connection, *, now: datetime, today: date, limit: int) -> Sequence[AlertRow]:
    """The thresholds that nobody has been told of yet."""
    usual = json.dumps([rule.to_json() for rule in USUAL])
    values = {**_moment(now, today), "usual": usual, "limit": limit}
    return [_row(row) for row in connection.execute(_REACHED, values)]


def reached_by(
    connection: Connection, user_id: str, workspace_id: str, *, now: datetime, today: date
) -> Sequence[AlertRow]:
    """Those that freeze one person, or their workspace."""
    values = {**_moment(now, today), "user_id": user_id, "workspace_id": workspace_id, "limit": MOST_RULES}
    found = [_row(row) for row in connection.execute(_REACHED_BY_ONE, values)]
    return [row for row in found if row.action is Action.FREEZE]


def fire(connection: Connection, found: Sequence[AlertRow]) -> Sequence[AlertRow]:
    """Write them down, each once however many look: those that nobody else has meanwhile."""
    if not found:
        return []
    rows = [
        asdict(row) for row in sorted(found, key=lambda row: (row.subject_id, row.measure, row.threshold))
    ]
    written = insert(alerts).values(rows).on_conflict_do_nothing().returning(alerts)
    fired = [_row(row) for row in connection.execute(written)]
    return sorted(fired, key=lambda row: (row.workspace_id, row.subject_id, row.threshold))


def rules_of(connection: Connection, workspace_id: str) -> tuple[Rule, ...] | None:
    """What a workspace has said; None: nothing."""
    found = connection.execute(
        select(alert_rules.c.rules).where(alert_rules.c.workspace_id == workspace_id)
    ).scalar_one_or_none()
    if found is None:
        return None
    return tuple(
        Rule(measure=Measure(rule["measure"]), threshold=rule["threshold"], action=Action(rule["action"]))
        for rule in found
    )


def set_rules(
    connection: Connection, workspace_id: str, rules: Sequence[Rule] | None, *, now: datetime
) -> None:
    """What a workspace says from now on; None: nothing any more."""
    if rules is None:
        connection.execute(delete(alert_rules).where(alert_rules.c.workspace_id == workspace_id))
        return
    values = {"rules": [rule.to_json() for rule in rules], "updated_at": now}
    said = insert(alert_rules).values(workspace_id=workspace_id, **values)
    connection.execute(said.on_conflict_do_update(index_elements=["workspace_id"], set_=values))


def recent(connection: Connection, workspace_id: str, *, limit: int) -> tuple[AlertRow, ...]:
    """A workspace's latest alerts, newest first."""
    found = select(alerts).where(alerts.c.workspace_id == workspace_id)
    ordered = found.order_by(alerts.c.at.desc(), alerts.c.subject_id, alerts.c.threshold).limit(limit)
    return tuple(_row(row) for row in connection.execute(ordered))


def _row(row: Row[Any]) -> AlertRow:
    values = row._mapping  # noqa: SLF001 - the documented way
    return AlertRow(**{**values, "measure": Measure(values["measure"]), "action": Action(values["action"])})


def _moment(now: datetime, today: date) -> dict[str, Any]:
    month = today.replace(day=1)
    return {"now": now, "today": today, "month": f"{month:%Y-%m}", "month_began": month}
