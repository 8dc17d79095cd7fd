"""What everybody has in storage: written where files are recorded, told, and held to the plan's limit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from plugin_backend.db.driver import fetch_one
from plugin_backend.db.journal import Owned
from plugin_backend.db.storage_use import Use, largest_of, set_use, totals_of
from plugin_backend.db.tables import plans, users
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import PlanLimitError
from plugin_backend.domain.keeping import Kept, largest_first, spelt_bytes
from plugin_backend.services.house import House
from plugin_backend.services.reach import member, reach

_LARGEST_SHOWN: Final = 10
_LARGEST_NAMED: Final = 3

_ROOM: Final = """
    SELECT plans.id, plans.storage_limit_bytes,
           (SELECT coalesce(sum(bytes), 0)::bigint FROM storage_totals WHERE owner_id = users.id)
    FROM users JOIN plans ON plans.id = users.plan_id WHERE users.id = %(owner_id)s
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageUse:
    """The bytes of somebody, what they may have, and what takes up most of it."""

    bytes: int
    limit: int | None
    by_kind: Mapping[Kept, int]
    largest: tuple[Use, ...] = ()

    @property
    def remaining(self) -> int | None:
        """What may still come; None: as much as there is."""
        return None if self.limit is None else max(0, self.limit - self.bytes)


def record(work: UnitOfWork, kind: Kept, subject_id: str, *, owned: Owned, bytes_: int) -> None:
    """These files are in storage now, and count as their owner's."""
    set_use(work.connection, subject_id, kind=kind, owned=owned, bytes_=bytes_, now=work.now)


def require_room(work: UnitOfWork, owner_id: str, *, further: int = 1) -> None:
    """PlanLimitError, naming what to delete, where so many further bytes are over the owner's plan."""
    row = fetch_one(work.connection, _ROOM, {"owner_id": owner_id})
    assert row is not None, "everybody is on a plan"
    plan, limit, used = row
    if limit is not None and used + further > limit:
        detail = _refusal(work, owner_id, limit=limit, used=used)
        raise PlanLimitError(detail, limit="storage_limit_bytes", plan=plan)


def mine(house: House, caller: Caller) -> StorageUse:
    """What the caller has in storage."""
    with house.begin() as work:
        return _use_of(work, caller.user_id)


def of_user(house: House, actor: Caller, user_id: str) -> StorageUse:
    """What somebody within the administrator's reach has in storage."""
    with house.begin() as work:
        return _use_of(work, member(work, actor, user_id).id)


def of_everybody(house: House, actor: Caller) -> StorageUse:
    """What the administrator's workspace has in storage, or for an operator everybody together."""
    with house.begin() as work:
        by_kind = totals_of(work.connection, workspace_id=reach(actor))
        return StorageUse(bytes=sum(by_kind.values()), limit=None, by_kind=by_kind)


def _use_of(work: UnitOfWork, user_id: str) -> StorageUse:
    by_kind = totals_of(work.connection, owner_id=user_id)
    limit = select(plans.c.storage_limit_bytes).join(users, users.c.plan_id == plans.c.id)
    return StorageUse(
        bytes=sum(by_kind.values()),
        limit=work.connection.execute(limit.where(users.c.id == user_id)).scalar_one(),
        by_kind=by_kind,
        largest=largest_of(work.connection, user_id, limit=_LARGEST_SHOWN),
    )


def _refusal(work: UnitOfWork, owner_id: str, *, limit: int, used: int) -> str:
    by_kind = totals_of(work.connection, owner_id=owner_id)
    kinds = [f"{kind.folder} {spelt_bytes(size)}" for kind, size in _filled(by_kind)]
    named = [
        f"{use.subject_id} ({spelt_bytes(use.bytes)})"
        for use in largest_of(work.connection, owner_id, limit=_LARGEST_NAMED)
    ]
    told = f"Your plan keeps {spelt_bytes(limit)} and {spelt_bytes(used)} are stored"
    if not named:
        return f"{told}: ask an administrator for a larger plan."
    return f"{told} ({', '.join(kinds)}): delete some first. The largest are {', '.join(named)}."


def _filled(by_kind: Mapping[Kept, int]) -> list[tuple[Kept, int]]:
    found = largest_first({kind.value: size for kind, size in by_kind.items() if size})
    return [(Kept(name), size) for name, size in found]
