"""A workspace's pool: an administrator fills it with a reason, its members spend from it."""

from datetime import datetime

from plugin_backend.db import books, money
from plugin_backend.db.books import LedgerRow
from plugin_backend.db.journal import Owned, audit, record_event
from plugin_backend.db.pools import find_pool, pool_of
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import FieldProblem, ValidationFailedError
from plugin_backend.services.credits import post_change
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency, begin, keep
from plugin_backend.services.reach import require_giver, require_workspace


def change(
    house: House,
    actor: Caller,
    workspace_id: str,
    *,
    amount: int,
    reason: str,
    expires_at: datetime | None = None,
    idempotency: Idempotency | None = None,
    request_id: str | None = None,
) -> LedgerRow:
    """Put credits into the pool, or take some out: never more than are available."""
    if amount == 0:
        raise ValidationFailedError([FieldProblem("/amount", "An amount of 0 changes nothing.")])
    with house.begin() as work:
        require_workspace(work, actor, workspace_id)
        if amount > 0:
            require_giver(work, actor, workspace_id)
        kept = begin(work, idempotency)
        if kept is not None:
            return books.find_entry(work.connection, kept["id"])
        pool = pool_of(work.connection, workspace_id, now=work.now)
        before = money.balance(work.connection, pool).available
        entry_id = post_change(work, actor, pool, amount=amount, reason=reason, expires_at=expires_at)
        keep(work, idempotency, {"id": entry_id})
        action = "credits.granted" if amount > 0 else "credits.adjusted"
        owned = Owned(workspace_id, actor.user_id)
        record_event(work, action, subject_id=workspace_id, owned=owned, data={"ledger_id": entry_id})
        audit(
            work,
            f"pool.{action.removeprefix('credits.')}",
            subject_id=workspace_id,
            actor_id=actor.user_id,
            workspace_id=workspace_id,
            before={"available": before},
            after={"amount": amount, "ledger_id": entry_id},
            reason=reason,
            request_id=request_id,
        )
        return books.find_entry(work.connection, entry_id)


def ledger_of(
    house: House, actor: Caller, workspace_id: str, *, before: int | None, limit: int
) -> tuple[LedgerRow, ...]:
    """The pool's entries, newest first."""
    with house.begin() as work:
        require_workspace(work, actor, workspace_id)
        pool = find_pool(work.connection, workspace_id)
        return () if pool is None else books.list_entries(work.connection, pool, before=before, limit=limit)
