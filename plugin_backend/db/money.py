"""Credits and draft units: each change is one conditional statement that happens whole or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, and_, func, or_, select, text, update

from plugin_backend.db.rows import mapping_of
from plugin_backend.db.tables import accounts, draft_days, ledger_entries, users
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.ledger import Movement

_POST = text(
    """
    WITH moved AS (
        UPDATE accounts SET available = available + :available_delta, held = held + :held_delta,
            topped_up_to = CASE WHEN :tops_up THEN available + :available_delta + held ELSE topped_up_to END,
            top_up_id = CASE WHEN :tops_up THEN CAST(:id AS text) ELSE top_up_id END
        WHERE id = :account_id AND available + :available_delta >= 0 AND held + :held_delta >= 0
        RETURNING available, held
    )
    INSERT INTO ledger_entries (id, account_id, kind, available_delta, held_delta,
                                available_after, held_after,
                                generation_id, actor_id, reason, counterpart_id, at)
    SELECT :id, :account_id, :kind, :available_delta, :held_delta, available, held,
           :generation_id, :actor_id, :reason, :counterpart_id, :at
    FROM moved
    RETURNING id
    """
)


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account can spend, and what is set aside."""

    available: int
    held: int


def post(
    connection: Connection,
    movement: Movement,
    *,
    account_id: str,
    now: datetime,
    generation_id: str | None = None,
    actor_id: str | None = None,
    reason: str | None = None,
    entry_id: str | None = None,
    counterpart_id: str | None = None,
) -> str | None:
    """Write one ledger entry and move the balance with it; None when the balance does not cover it."""
    values = {
        "id": entry_id or new_id(Prefix.LEDGER_ENTRY, at=now),
        "tops_up": movement.available_delta > 0 and not movement.held_delta,
        "account_id": account_id,
        "kind": movement.kind.value,
        "available_delta": movement.available_delta,
        "held_delta": movement.held_delta,
        "generation_id": generation_id,
        "actor_id": actor_id,
        "reason": reason,
        "counterpart_id": counterpart_id,
        "at": now,
    }
    posted: str | None = connection.execute(_POST, values).scalar_one_or_none()
    return posted


def lock_accounts(connection: Connection, *account_ids: str) -> None:
    """Nothing moves on them until this transaction ends; in one order, so that nobody waits crosswise."""
    held = select(accounts.c.id).where(accounts.c.id.in_(account_ids)).order_by(accounts.c.id)
    connection.execute(held.with_for_update())


def balance(connection: Connection, account_id: str) -> Balance:
    """The account as it stands."""
    row = connection.execute(
        select(accounts.c.available, accounts.c.held).where(accounts.c.id == account_id)
    ).one()
    return Balance(row.available, row.held)


def balance_within(connection: Connection, workspace_id: str | None) -> Balance:
    """All accounts of a workspace together, its people's and its own; of everybody, where none is given."""
    statement = select(
        func.coalesce(func.sum(accounts.c.available), 0).label("available"),
        func.coalesce(func.sum(accounts.c.held), 0).label("held"),
    )
    if workspace_id is not None:
        people = select(users.c.id).where(users.c.workspace_id == workspace_id)
        statement = statement.where(accounts.c.owner_id.in_(people) | (accounts.c.owner_id == workspace_id))
    row = connection.execute(statement).one()
    return Balance(int(row.available), int(row.held))


def account_of(connection: Connection, owner_id: str, *, owner_kind: str = "user") -> str:
    """The account a person spends from."""
    found: str = connection.execute(
        select(accounts.c.id).where(accounts.c.owner_kind == owner_kind, accounts.c.owner_id == owner_id)
    ).scalar_one()
    return found


def find_account(connection: Connection, owner_id: str, *, owner_kind: str) -> str | None:
    """The account of a person or a workspace; None where nothing was ever put into one."""
    found: str | None = connection.execute(
        select(accounts.c.id).where(accounts.c.owner_kind == owner_kind, accounts.c.owner_id == owner_id)
    ).scalar_one_or_none()
    return found


def open_account(connection: Connection, account_id: str, *, owner_id: str, owner_kind: str = "user") -> None:
    """A new account with nothing in it."""
    connection.execute(
        accounts.insert().values(id=account_id, owner_kind=owner_kind, owner_id=owner_id, available=0, held=0)
    )


def open_accounts(connection: Connection, owners: Mapping[str, str]) -> None:
    """The same for many people: the owner of each account."""
    rows = [
        {"id": account_id, "owner_kind": "user", "owner_id": owner_id, "available": 0, "held": 0}
        for account_id, owner_id in owners.items()
    ]
    connection.execute(accounts.insert(), rows)


def return_draft_units(connection: Connection, units: int, *, owner_id: str, day: date) -> None:
    """Give units back to the day they came from."""
    if units:
        connection.execute(
            update(draft_days)
            .where(draft_days.c.owner_id == owner_id, draft_days.c.day == day)
            .values(used=draft_days.c.used - units)
        )


def entries_of(connection: Connection, generation_id: str) -> list[dict[str, object]]:
    """The ledger entries of one generation, in order."""
    columns = ledger_entries.c
    found = connection.execute(
        select(columns.id, columns.kind, columns.available_delta, columns.held_delta, columns.at)
        .where(
            # Of each kind there is one, in an index of its own; a generation has no others.
            or_(
                and_(columns.kind == "hold", columns.generation_id == generation_id),
                and_(columns.kind == "settle", columns.generation_id == generation_id),
            )
        )
        .order_by(columns.number)
    )
    return [dict(mapping_of(row)) for row in found]
