"""Events, trace notes and audit entries: written in the transaction that changes the state they tell of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plugin_backend.db.tables import audit_entries, events, trace_notes
from plugin_backend.db.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Owned:
    """Whose a row is."""

    workspace_id: str
    owner_id: str

    @property
    def columns(self) -> dict[str, str]:
        """As most tables have it."""
        return {"workspace_id": self.workspace_id, "owner_id": self.owner_id}


def whose(owned: Owned | None) -> Mapping[str, str | None]:
    """As columns; of what is nobody's they are empty and not left out, so that the statement is the same."""
    return {"workspace_id": None, "owner_id": None} if owned is None else owned.columns


def record_event(
    work: UnitOfWork, kind: str, *, subject_id: str, owned: Owned, data: Mapping[str, Any] | None = None
) -> None:
    """Tell the owner's panels what happened; opaque ids only, never words."""
    work.connection.execute(
        events.insert().inline(),
        {
            **owned.columns,
            "type": kind,
            "subject_id": subject_id,
            "data": dict(data or {}),
            "at": work.now,
        },
    )


def note(
    work: UnitOfWork,
    step: str,
    summary: str,
    *,
    generation_id: str,
    owned: Owned,
    take: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Add one line to a generation's trace."""
    work.connection.execute(
        trace_notes.insert().inline(),
        {
            **owned.columns,
            "generation_id": generation_id,
            "step": step,
            "take": take,
            "summary": summary,
            "data": dict(data or {}),
            "at": work.now,
        },
    )


def record_each(work: UnitOfWork, kind: str, owners: Sequence[Owned]) -> None:
    """The same event for many people, each about themselves."""
    told = [
        {
            **owned.columns,
            "type": kind,
            "subject_id": owned.owner_id,
            "data": {},
            "at": work.now,
        }
        for owned in owners
    ]
    work.connection.execute(events.insert().inline(), told)


@dataclass(frozen=True, slots=True)
class Change:
    """What one person was and is, for the audit of many."""

    owned: Owned
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]
    reason: str | None = None


def audit_each(
    work: UnitOfWork,
    action: str,
    changes: Sequence[Change],
    *,
    actor_id: str,
    reason: str | None = None,
    request_id: str | None = None,
) -> None:
    """Record the same action on many people; give them by workspace: chains are locked in that order."""
    entries = [
        {
            "workspace_id": change.owned.workspace_id,
            "actor_id": actor_id,
            "action": action,
            "subject_id": change.owned.owner_id,
            "before": change.before,
            "after": change.after,
            "reason": change.reason or reason,
            "request_id": request_id,
            "at": work.now,
        }
        for change in changes
    ]
    work.connection.execute(audit_entries.insert().inline(), entries)


def audit(
    work: UnitOfWork,
    action: str,
    *,
    subject_id: str,
    actor_id: str,
    workspace_id: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str | None = None,
    request_id: str | None = None,
) -> None:
    """Record who changed what, and why."""
    work.connection.execute(
        audit_entries.insert().inline(),
        {
            "workspace_id": workspace_id,
            "actor_id": actor_id,
            "action": action,
            "subject_id": subject_id,
            "before": before,
            "after": after,
            "reason": reason,
            "request_id": request_id,
            "at": work.now,
        },
    )
