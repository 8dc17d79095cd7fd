"""A workspace's pool: its account, and what each member has taken of it in a month."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Select, and_, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from plugin_backend.db.rows import GenerationRow
from plugin_backend.db.tables import accounts, pool_months, users, workspaces
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.money.purses import Purse, SpendFrom, month_of

_POOL: Final = accounts.alias("pool")
_MONTHS: Final = pool_months.alias("months")
_PURSE: Final = (
    *("spend_from", "member_cap", "own_cap", "pool_available", "pool_held", "taken"),
    *("own_available", "own_held"),
)


def with_purse(people: Select[Any], month: date) -> Select[Any]:
    """A query of people, their workspaces and accounts, with what `purse_of` reads."""
    mine = and_(pool_months.c.owner_id == users.c.id, pool_months.c.workspace_id == users.c.workspace_id)
    held = select(func.sum(_MONTHS.c.held)).where(
        _MONTHS.c.owner_id == users.c.id, _MONTHS.c.workspace_id == users.c.workspace_id
    )
    zero = literal(0, BigInteger)
    return (
        people.add_columns(
            workspaces.c.spend_from,
            workspaces.c.member_cap,
            users.c.pool_cap.label("own_cap"),
            accounts.c.available.label("own_available"),
            accounts.c.held.label("own_held"),
            func.coalesce(_POOL.c.available, zero).label("pool_available"),
            func.coalesce(held.scalar_subquery(), zero).label("pool_held"),
            func.coalesce(pool_months.c.held + pool_months.c.spent, zero).label("taken"),
        )
        .outerjoin(_POOL, and_(_POOL.c.owner_kind == "workspace", _POOL.c.owner_id == users.c.workspace_id))
        .outerjoin(pool_months, and_(mine, pool_months.c.month == month))
    )


def purse_of(row: Mapping[str, Any], month: date) -> tuple[Purse, Mapping[str, Any]]:
    """The purse in such a row's values, and what else they say."""
    found = {name: row[name] for name in _PURSE} | {"spend_from": SpendFrom(row["spend_from"])}
    found |= {"pool_held": int(row["pool_held"])}
    return Purse(month=month, **found), {name: row[name] for name in row if name not in _PURSE}


def pool_of(connection: Connection, workspace_id: str, *, now: datetime) -> str:
    """The account of a workspace's pool, opened when it is first asked for."""
    values = {"owner_kind": "workspace", "owner_id": workspace_id, "available": 0, "held": 0}
    opened = insert(accounts).values(id=new_id(Prefix.ACCOUNT, at=now), **values)
    connection.execute(opened.on_conflict_do_nothing(index_elements=["owner_kind", "owner_id"]))
    found: str = connection.execute(_account(workspace_id)).scalar_one()
    return found


def find_pool(connection: Connection, workspace_id: str) -> str | None:
    """The same, where there may be none yet."""
    return connection.execute(_account(workspace_id)).scalar_one_or_none()


def end_hold(connection: Connection, row: GenerationRow, *, cost: int) -> None:
    """A hold on the pool ended: what was not spent returns to its member's month, the one it was taken in."""
    mine = (
        pool_months.c.owner_id == row.owner_id,
        pool_months.c.workspace_id == row.workspace_id,
        pool_months.c.month == month_of(row.created_at),
    )
    of_pool = select(accounts.c.id).where(
        accounts.c.id == row.account_id, accounts.c.owner_kind == "workspace"
    )
    moved = {"held": pool_months.c.held - row.credits_held, "spent": pool_months.c.spent + cost}
    connection.execute(update(pool_months).where(*mine, of_pool.exists()).values(moved))


def _account(workspace_id: str) -> Select[Any]:
    return select(accounts.c.id).where(
        accounts.c.owner_kind == "workspace", accounts.c.owner_id == workspace_id
    )
