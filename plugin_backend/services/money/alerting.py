"""Alerts: the clock looks for thresholds that were reached, tells once, and freezes where a rule says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from plugin_backend.db import alerts, many_people
from plugin_backend.db.alerts import AlertRow
from plugin_backend.db.journal import Owned, audit, record_event
from plugin_backend.db.tables import users, workspaces
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.money.alerts import USUAL, Action, Measure, Rule, check_rules
from plugin_backend.domain.quota import day_of
from plugin_backend.services.accounts import SYSTEM
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
            found = alerts.fire(work.connection, now=work.now, today=day_of(work.now), limit=_AT_ONCE)
            many_people.lock_users(
                work.connection, [each.subject_id for each in found if _freezes_user(each)]
            )
            for alert in found:
                _tell(work, alert)
        told += len(found)
        if len(found) < _AT_ONCE:
            return told


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
    table = workspaces if alert.measure.is_of_workspace else users
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
