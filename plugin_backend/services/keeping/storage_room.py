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
from plugin_backend.domain.lifecycle import GENERATION
from plugin_backend.services.house import House
from plugin_backend.services.reach import member, reach

_LARGEST_SHOWN: Final = 10
_LARGEST_NAMED: Final = 3

# What is to come is looked for where there is a limit only.
_ROOM: Final = """
    SELECT plans.id, plans.storage_limit_bytes,
           (SELECT coalesce(sum(bytes), 0)::bigint FROM storage_totals WHERE owner_id = users.id),
           CASE WHEN plans.storage_limit_bytes IS NULL THEN 0 ELSE (
               (SELECT coalesce(sum(expected_bytes), 0) FROM generations
                WHERE owner_id = users.id AND state = ANY(%(making)s))
               + (SELECT coalesce(sum(expected_bytes), 0) FROM deliveries
                  WHERE owner_id = users.id AND finished_at IS NULL)
               + (SELECT coalesce(sum(bytes), 0) FROM assets
                  WHERE owner_id = users.id AND state = 'uploading')
           )::bigint END
    FROM users JOIN plans ON plans.id = users.plan_id WHERE users.id = %(owner_id)s
    """
_MAKING: Final = [state.value for state in GENERATION.unfinished]
_IN_LINE: Final = "SELECT id FROM users WHERE id = %(owner_id)s FOR NO KEY UPDATE"


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
    """PlanLimitError, naming what to delete, where so many further bytes are over the owner's plan.

    What is under way counts by what it may come to, and uploads that are to come by what was said of them.
    """
    row = fetch_one(work.connection, _ROOM, {"owner_id": owner_id, "making": _MAKING})
    assert row is not None, "everybody is on a plan"
    plan, limit, used, coming = row
    if limit is not None and used + coming + further > limit:
        detail = _refusal(work, owner_id, limit=limit, used=used, coming=coming)
        raise PlanLimitError(detail, limit="storage_limit_bytes", plan=plan)


def stand_in_line(work: UnitOfWork, owner_id: str) -> None:
    """Nobody else asks for room for this person until the transaction ends; before anything else."""
    fetch_one(work.connection, _IN_LINE, {"owner_id": owner_id})


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


def _refusal(work: UnitOfWork, owner_id: str, *, limit: int, used: int, coming: int) -> str:
    by_kind = totals_of(work.connection, owner_id=owner_id)
    kinds = [f"{kind.folder} {spelt_bytes(size)}" for kind, size in _filled(by_kind)]
    named = [
        f"{use.subject_id} ({spelt_bytes(use.bytes)})"
        for use in largest_of(work.connection, owner_id, limit=_LARGEST_NAMED)
    ]
    told = f"Your plan keeps {spelt_bytes(limit)} and {spelt_bytes(used)} are stored"
    if coming:
        told += f", with about {spelt_bytes(coming)} under way"
    if coming and used < limit:
        return f"{told}: wait until some of it is finished, or delete some."
    if not named:
        return f"{told}: ask an administrator for a larger plan."
    return f"{told} ({', '.join(kinds)}): delete some first. The largest are {', '.join(named)}."


def _filled(by_kind: Mapping[Kept, int]) -> list[tuple[Kept, int]]:
    found = largest_first({kind.value: size for kind, size in by_kind.items() if size})
    return [(Kept(name), size) for name, size in found]
