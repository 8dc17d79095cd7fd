"""Credits passed on: from a member or a workspace's pool to another, two entries that name each other."""

from dataclasses import dataclass

from plugin_backend.db import books, money
from plugin_backend.db.books import LedgerRow
from plugin_backend.db.journal import Owned, audit, record_event
from plugin_backend.db.pools import pool_of
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain import ledger
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import ConflictError, FieldProblem, NotFoundError, ValidationFailedError
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency, begin, keep
from plugin_backend.services.money import expiring
from plugin_backend.services.money.expiring import Ahead
from plugin_backend.services.reach import acted_on, require_present, require_workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """From whom to whom: a person's id, or a workspace's for its pool."""

    source: str
    target: str
    amount: int
    reason: str


@dataclass(frozen=True, slots=True)
class _Side:
    owner_id: str
    workspace_id: str
    account_id: str


def transfer(
    house: House,
    actor: Caller,
    wanted: Transfer,
    *,
    idempotency: Idempotency | None = None,
    request_id: str | None = None,
) -> tuple[LedgerRow, LedgerRow]:
    """Both entries or none. What expires stays with whom it was granted to; what is held stays too."""
    if wanted.source == wanted.target:
        raise ValidationFailedError([FieldProblem("/to", "Name somebody else.")])
    with house.begin() as work:
        kept = begin(work, idempotency)
        if kept is not None:
            return _entries(work, *kept["ids"])
        source = _side(work, actor, wanted.source, "/from")
        target = _side(work, actor, wanted.target, "/to", is_given=True)
        ahead = expiring.read_ahead(work, source.account_id)
        money.lock_accounts(work.connection, source.account_id, target.account_id)
        _require_enough(work, source, wanted, ahead)
        ids = _post(work, actor, source, target, wanted)
        keep(work, idempotency, {"ids": ids})
        sides = zip((source, target), ids, (-wanted.amount, wanted.amount), strict=True)
        for side, entry_id, amount in sorted(sides, key=lambda each: each[0].workspace_id):
            _tell(work, actor, side, wanted, entry_id=entry_id, amount=amount, request_id=request_id)
        return _entries(work, *ids)


def _side(work: UnitOfWork, actor: Caller, owner_id: str, pointer: str, *, is_given: bool = False) -> _Side:
    try:
        if owner_id.startswith(f"{Prefix.WORKSPACE}_"):
            require_workspace(work, actor, owner_id)
            return _Side(owner_id, owner_id, pool_of(work.connection, owner_id, now=work.now))
        found = acted_on(work, actor, owner_id)
    except NotFoundError as error:
        problem = FieldProblem(pointer, "There is no such person or workspace.")
        raise ValidationFailedError([problem]) from error
    if is_given:
        require_present(found)
    return _Side(found.id, found.workspace_id, found.account_id)


def _require_enough(work: UnitOfWork, source: _Side, wanted: Transfer, ahead: Ahead | None) -> None:
    available = money.balance(work.connection, source.account_id).available
    lasting = expiring.lasting(work, source.account_id, available=available, ahead=ahead)
    if wanted.amount > lasting:
        ending = f", and {available - lasting:,} more that expire" if available > lasting else ""
        raise ConflictError(
            f"{wanted.amount:,} credits cannot be passed on: {lasting:,} are available for it{ending}."
        )


def _post(work: UnitOfWork, actor: Caller, source: _Side, target: _Side, wanted: Transfer) -> list[str]:
    taken, given = (new_id(Prefix.LEDGER_ENTRY, at=work.now) for _ in range(2))
    pairs = ((source, -wanted.amount, taken, given), (target, wanted.amount, given, taken))
    for side, amount, entry_id, counterpart_id in pairs:
        posted = money.post(
            work.connection,
            ledger.adjust(amount),
            account_id=side.account_id,
            now=work.now,
            actor_id=actor.user_id,
            reason=wanted.reason,
            entry_id=entry_id,
            counterpart_id=counterpart_id,
        )
        assert posted is not None, "both accounts are locked, and the source has enough"
    return [taken, given]


def _tell(
    work: UnitOfWork,
    actor: Caller,
    side: _Side,
    wanted: Transfer,
    *,
    entry_id: str,
    amount: int,
    request_id: str | None,
) -> None:
    other = wanted.target if amount < 0 else wanted.source
    owned = Owned(side.workspace_id, side.owner_id)
    data = {"ledger_id": entry_id}
    record_event(work, "credits.transferred", subject_id=side.owner_id, owned=owned, data=data)
    audit(
        work,
        "credits.transferred",
        subject_id=side.owner_id,
        actor_id=actor.user_id,
        workspace_id=side.workspace_id,
        after={"amount": amount, "other": other, **data},
        reason=wanted.reason,
        request_id=request_id,
    )


def _entries(work: UnitOfWork, taken: str, given: str) -> tuple[LedgerRow, LedgerRow]:
    return books.find_entry(work.connection, taken), books.find_entry(work.connection, given)
