"""Alerts: the clock looks for thresholds that were reached, tells once, and freezes where a rule says so.

Where a workspace has a rule that freezes, whoever spends looks too, before their transaction ends. No owner
and no operator is frozen by a rule: they are told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from plugin_backend.db import alerts, many_people, workspaces
from plugin_backend.db.alerts import AlertRow
from plugin_backend.db.journal import Owned, audit, record_event
from plugin_backend.db.tables import users
from plugin_backend.db.tables import workspaces as workspace_rows
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import SYSTEM, Caller, Role
from plugin_backend.domain.errors import ForbiddenError
from plugin_backend.domain.money.alerts import USUAL, Action, Measure, Rule, check_rules
from plugin_backend.domain.quota import day_of
from plugin_backend.services.house import House
from plugin_backend.services.money import freezing
from plugin_backend.services.money.freezing import Freeze
from plugin_backend.services.reach import require_workspace

_AT_ONCE: Final = 500
_RECENT: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A workspace's rules, whether they are its own, and what they led to lately."""

    workspace_id: str
    rules: tuple[Rule, ...]
    is_usual: bool
    recent: tuple[AlertRow, ...]


def show(house: House, actor: Caller, workspace_id: str) -> Standing:
    """The rules of a workspace within reach."""
    with house.begin() as work:
        require_workspace(work, actor, workspace_id)
        return _standing(work, workspace_id)


def replace(
    house: House,
    actor: Caller,
    workspace_id: str,
    rules: Sequence[Rule] | None,
    *,
    reason: str,
    request_id: str | None = None,
) -> Standing:
    """Other rules from now on; None: the usual ones. What was told already is not told again."""
    check_rules(rules or ())
    with house.begin() as work:
        require_workspace(work, actor, workspace_id)
        before = _standing(work, workspace_id)
        if _whole(before.rules) != _whole(USUAL if rules is None else rules):
            _require_owner(actor)
        alerts.set_rules(work.connection, workspace_id, rules, now=work.now)
        after = _standing(work, workspace_id)
        audit(
            work,
            "alerts.changed",
            subject_id=workspace_id,
            actor_id=actor.user_id,
            workspace_id=workspace_id,
            before={"rules": [rule.to_json() for rule in before.rules]},
            after={"rules": [rule.to_json() for rule in after.rules]},
            reason=reason,
            request_id=request_id,
        )
        return after


def sweep(house: House) -> int:
    """Tell of every threshold reached since the last look; returns of how many."""
    told = 0
    while True:
        with house.begin() as work:
            found = alerts.reached(work.connection, now=work.now, today=day_of(work.now), limit=_AT_ONCE)
            for workspace_id in sorted({each.subject_id for each in found if _freezes_workspace(each)}):
                workspaces.lock_workspace(work.connection, workspace_id)
            people = [each.subject_id for each in found if _freezes_user(each)]
            many_people.lock_users(work.connection, people)
            told += _fire(work, found)
        if len(found) < _AT_ONCE:
            return told


def look(work: UnitOfWork, user_id: str, workspace_id: str) -> None:
    """Freeze who has come to a threshold that freezes, in the transaction that spent and holds their row.

    A workspace that somebody else holds is left to the clock: waiting for it here could go in a circle.
    """
    today = day_of(work.now)
    found = alerts.reached_by(work.connection, user_id, workspace_id, now=work.now, today=today)
    if any(_freezes_workspace(each) for each in found) and not workspaces.try_lock_workspace(
        work.connection, workspace_id
    ):
        found = [each for each in found if not _freezes_workspace(each)]
    _fire(work, found)


def _fire(work: UnitOfWork, found: Sequence[AlertRow]) -> int:
    fired = alerts.fire(work.connection, found)
    for alert in fired:
        _tell(work, alert)
    return len(fired)


def _require_owner(actor: Caller) -> None:
    if not (actor.is_operator or actor.role is Role.OWNER):
        raise ForbiddenError("Only the workspace's owner or an operator says when all of it is frozen.")


def _standing(work: UnitOfWork, workspace_id: str) -> Standing:
    own = alerts.rules_of(work.connection, workspace_id)
    return Standing(
        workspace_id=workspace_id,
        rules=USUAL if own is None else own,
        is_usual=own is None,
        recent=alerts.recent(work.connection, workspace_id, limit=_RECENT),
    )


def _freezes_user(alert: AlertRow) -> bool:
    return alert.action is Action.FREEZE and not alert.measure.is_of_workspace


def _freezes_workspace(alert: AlertRow) -> bool:
    return alert.action is Action.FREEZE and alert.measure.is_of_workspace


def _whole(rules: Sequence[Rule]) -> set[Rule]:
    """Those that freeze a whole workspace."""
    return {rule for rule in rules if rule.action is Action.FREEZE and rule.measure.is_of_workspace}


def _tell(work: UnitOfWork, alert: AlertRow) -> None:
    data = {
        "measure": alert.measure.value,
        "threshold": alert.threshold,
        "period": alert.period,
        "used": alert.used,
        "allowed": alert.allowed,
        "action": alert.action.value,
    }
    kind = "quota.alert" if alert.measure is Measure.DRAFTS else "credits.alert"
    owned = Owned(alert.workspace_id, alert.subject_id)
    record_event(work, kind, subject_id=alert.subject_id, owned=owned, data=data)
    if alert.action is Action.FREEZE:
        _freeze(work, alert)


def _freeze(work: UnitOfWork, alert: AlertRow) -> None:
    """Unless they are frozen already, whoever did it."""
    table = workspace_rows if alert.measure.is_of_workspace else users
    asked = select(table.c.frozen_at).where(table.c.id == alert.subject_id)
    if work.connection.execute(asked.with_for_update(key_share=True)).scalar_one() is not None:
        return
    unit = "%" if alert.measure.is_percent else " credits"
    freeze = Freeze(
        subject_id=alert.subject_id,
        workspace_id=alert.workspace_id,
        is_frozen=True,
        actor_id=SYSTEM,
        reason=f"The alert for {alert.measure} at {alert.threshold:,}{unit}.",
    )
    if alert.measure.is_of_workspace:
        freezing.set_workspace(work, freeze)
    else:
        freezing.set_user(work, freeze)
