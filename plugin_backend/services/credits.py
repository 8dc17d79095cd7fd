"""Credits by hand: an administrator grants or corrects them, with a reason; anyone reads their own ledger."""

from datetime import datetime

from plugin_backend.db import books, credit_lots, money
from plugin_backend.db.books import LedgerRow
from plugin_backend.db.journal import Owned, audit, record_event
from plugin_backend.db.people import Standing
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain import ledger
from plugin_backend.domain.callers import Caller, id_of
from plugin_backend.domain.errors import ConflictError, FieldProblem, ValidationFailedError
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency, begin, keep
from plugin_backend.services.reach import acted_on, member, require_giver, require_present


def change(
    house: House,
    *,
    actor: Caller | None,
    user_id: str,
    amount: int,
    reason: str,
    expires_at: datetime | None = None,
    idempotency: Idempotency | None = None,
    request_id: str | None = None,
) -> LedgerRow:
    """Grant a positive amount, for a time or for good, or take a negative one away, if it is available."""
    if amount == 0:
        raise ValidationFailedError([FieldProblem("/amount", "An amount of 0 changes nothing.")])
    with house.begin() as work:
        kept = begin(work, idempotency)
        if kept is not None:
            return books.find_entry(work.connection, kept["id"])
        holder = acted_on(work, actor, user_id)
        if amount > 0:
            require_present(holder)
            require_giver(work, actor, holder.workspace_id)
        entry_id = post_change(
            work, actor, holder.account_id, amount=amount, reason=reason, expires_at=expires_at
        )
        keep(work, idempotency, {"id": entry_id})
        _tell(work, actor, holder, amount, reason, entry_id=entry_id, request_id=request_id)
        return books.find_entry(work.connection, entry_id)


def my_ledger(house: House, caller: Caller, *, before: int | None, limit: int) -> tuple[LedgerRow, ...]:
    """The caller's entries, newest first."""
    with house.begin() as work:
        account_id = money.account_of(work.connection, caller.user_id)
        return books.list_entries(work.connection, account_id, before=before, limit=limit)


def ledger_of(
    house: House, actor: Caller, user_id: str, *, before: int | None, limit: int
) -> tuple[LedgerRow, ...]:
    """The entries of somebody within reach, newest first."""
    with house.begin() as work:
        account_id = member(work, actor, user_id).account_id
        return books.list_entries(work.connection, account_id, before=before, limit=limit)


def post_change(
    work: UnitOfWork,
    actor: Caller | None,
    account_id: str,
    *,
    amount: int,
    reason: str,
    expires_at: datetime | None = None,
) -> str:
    """The entry of such a change; ConflictError where more is taken away than is available."""
    _check_end(work, amount, expires_at)
    entry_id = money.post(
        work.connection,
        ledger.grant(amount) if amount > 0 else ledger.adjust(amount),
        account_id=account_id,
        now=work.now,
        actor_id=id_of(actor),
        reason=reason,
    )
    if entry_id is None:
        available = money.balance(work.connection, account_id).available
        raise ConflictError(f"{-amount:,} credits cannot be taken away: {available:,} are available.")
    if expires_at is not None:
        credit_lots.open_lot(work.connection, entry_id, expires_at=expires_at)
    return entry_id


def _check_end(work: UnitOfWork, amount: int, expires_at: datetime | None) -> None:
    if expires_at is None:
        return
    if amount < 0:
        raise ValidationFailedError([FieldProblem("/expires_at", "Only what is granted can expire.")])
    if expires_at <= work.now:
        raise ValidationFailedError([FieldProblem("/expires_at", "Give a moment that is still to come.")])


def _tell(
    work: UnitOfWork,
    actor: Caller | None,
    holder: Standing,
    amount: int,
    reason: str,
    *,
    entry_id: str,
    request_id: str | None,
) -> None:
    action = "credits.granted" if amount > 0 else "credits.adjusted"
    owned = Owned(holder.workspace_id, holder.id)
    record_event(work, action, subject_id=holder.id, owned=owned, data={"ledger_id": entry_id})
    audit(
        work,
        action,
        subject_id=holder.id,
        actor_id=id_of(actor),
        workspace_id=holder.workspace_id,
        before={"available": holder.available},
        after={"amount": amount, "ledger_id": entry_id},
        reason=reason,
        request_id=request_id,
    )
