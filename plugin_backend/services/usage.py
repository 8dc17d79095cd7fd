"""Who spent what on what: usage added up, and the audit of changes."""

from plugin_backend.db import audit, books
from plugin_backend.db.audit import AuditRow
from plugin_backend.db.books import UsageFilter, UsageGroup, UsageRow
from plugin_backend.domain.callers import Caller
from plugin_backend.services.house import House
from plugin_backend.services.reach import reach


def mine(house: House, caller: Caller, group: UsageGroup, chosen: UsageFilter) -> tuple[UsageRow, ...]:
    """The caller's own usage; whatever else the filter says, it is theirs."""
    own = UsageFilter(
        workspace_id=caller.workspace_id, owner_id=caller.user_id, start=chosen.start, end=chosen.end
    )
    with house.begin() as work:
        return books.usage(work.connection, group, own)


def of_workspace(house: House, actor: Caller, group: UsageGroup, chosen: UsageFilter) -> tuple[UsageRow, ...]:
    """Usage within the administrator's reach."""
    within = UsageFilter(
        workspace_id=reach(actor), owner_id=chosen.owner_id, start=chosen.start, end=chosen.end
    )
    with house.begin() as work:
        return books.usage(work.connection, group, within)


def audit_trail(
    house: House, actor: Caller, *, subject_id: str | None, before: int | None, limit: int
) -> tuple[AuditRow, ...]:
    """Who changed what within the administrator's reach, newest first."""
    workspace_id = reach(actor)
    with house.begin() as work:
        return audit.list_audit(
            work.connection, workspace_id=workspace_id, subject_id=subject_id, before=before, limit=limit
        )
