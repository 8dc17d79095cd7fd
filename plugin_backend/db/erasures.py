"""People who are being forgotten: how far it is, and what there is still to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Connection, Select, exists, func, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from plugin_backend.db.journal import Owned
from plugin_backend.db.rows import mapping_of, read_row
from plugin_backend.db.tables import (
    assets,
    attempts,
    deliveries,
    erasures,
    exports,
    generations,
    storyboard_shots,
    storyboards,
    usage_changes,
    usage_days,
    users,
    work,
)
from plugin_backend.db.theirs import deliveries_of, in_order, takes_of
from plugin_backend.domain.callers import Role
from plugin_backend.domain.catalogue import ANIMATIC
from plugin_backend.domain.keeping import ErasureStep, ExportState, Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRow:
    """Somebody who is being forgotten, or was."""

    id: str
    workspace_id: str
    owner_id: str
    asked_by: str
    step: ErasureStep
    place: str
    done: Mapping[str, int]
    created_at: datetime
    finished_at: datetime | None

    @property
    def owned(self) -> Owned:
        """Whose it is."""
        return Owned(self.workspace_id, self.owner_id)

    def counted(self, **further: int) -> Self:
        """With so much more done."""
        done = {name: self.done.get(name, 0) + count for name, count in further.items()}
        return replace(self, done={**self.done, **done})

    def at(self, place: str) -> Self:
        """As far as this within the step."""
        return replace(self, place=place)

    def at_next(self) -> Self:
        """At the beginning of the step after this one."""
        return replace(self, step=self.step.following, place="")


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyRow:
    """What a provider made for somebody, by its own reference."""

    id: str
    provider: str
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaver:
    """A person who is to be forgotten, and how many would be left behind in their workspace."""

    email: str
    role: Role
    is_operator: bool
    others: int


def find_erasure(
    connection: Connection, erasure_id: str | None = None, *, owner_id: str | None = None
) -> ErasureRow | None:
    """One, by its own id or by its person's."""
    chosen = erasures.c.id == erasure_id if owner_id is None else erasures.c.owner_id == owner_id
    row = connection.execute(select(erasures).where(chosen)).one_or_none()
    if row is None:
        return None
    return read_row(ErasureRow, row)


def insert_erasure(connection: Connection, values: Mapping[str, Any]) -> bool:
    """A new one; False when this person is being forgotten already."""
    statement = insert(erasures).values(**values).on_conflict_do_nothing().returning(erasures.c.id)
    return connection.execute(statement).one_or_none() is not None


def change_erasure(connection: Connection, row: ErasureRow, **values: Any) -> None:
    """It has come further."""
    connection.execute(update(erasures).where(erasures.c.id == row.id).values(**values))


def come_to(connection: Connection, row: ErasureRow) -> None:
    """How far it is now."""
    change_erasure(connection, row, step=row.step, place=row.place, done=dict(row.done))


def find_leaver(connection: Connection, user_id: str, *, workspace_id: str) -> Leaver:
    """A person, locked, with how many others can sign in there; who is in the workspace is locked before."""
    columns, within = users.c, users.c.workspace_id == workspace_id
    others = select(func.count()).where(within, columns.id != user_id, columns.disabled_at.is_(None))
    leaver = connection.execute(
        select(columns.email, columns.role, columns.is_operator)
        .where(within, columns.id == user_id)
        .with_for_update()
    ).one()
    return Leaver(
        email=leaver.email,
        role=Role(leaver.role),
        is_operator=leaver.is_operator,
        others=int(connection.execute(others).scalar_one()),
    )


def is_alone(connection: Connection, row: ErasureRow) -> bool:
    """Whether nobody else, disabled or not, is or was in the workspace: then it goes with its one person."""
    erased = select(erasures.c.owner_id)
    others = exists().where(
        users.c.workspace_id == row.workspace_id, users.c.id != row.owner_id, users.c.id.not_in(erased)
    )
    return not connection.execute(select(others)).scalar_one()


def stop_storyboards(connection: Connection, owner_id: str) -> Sequence[str]:
    """Nothing more of their storyboards is generated; returns those that had shots waiting."""
    mine = select(storyboards.c.id).where(storyboards.c.owner_id == owner_id)
    columns = storyboard_shots.c
    waiting = update(storyboard_shots).where(columns.storyboard_id.in_(mine), columns.waiting.is_not(None))
    stopped = connection.scalars(waiting.values(waiting=null()).returning(columns.storyboard_id)).all()
    return sorted(set(stopped))


def unfinished_generations(connection: Connection, owner_id: str, *, limit: int) -> Sequence[str]:
    """Those of a person that run on and were not told to stop."""
    columns = generations.c
    asked = select(columns.id).where(
        columns.owner_id == owner_id, columns.finished_at.is_(None), columns.cancel_requested.is_(False)
    )
    return connection.scalars(in_order(asked, limit=limit)).all()


def unfinished_deliveries(connection: Connection, owner_id: str, *, limit: int) -> Sequence[str]:
    """Those of a person, or of their takes, that are being made."""
    columns = deliveries.c
    asked = select(columns.id).where(columns.finished_at.is_(None), columns.id.in_(deliveries_of(owner_id)))
    return connection.scalars(in_order(asked, limit=limit)).all()


def is_busy(connection: Connection, owner_id: str) -> bool:
    """Whether anything of theirs is still being made."""
    running = exists().where(generations.c.owner_id == owner_id, generations.c.finished_at.is_(None))
    theirs = deliveries.c.id.in_(deliveries_of(owner_id))
    delivering = exists().where(deliveries.c.finished_at.is_(None), theirs)
    packing = exists().where(exports.c.owner_id == owner_id, exports.c.state == ExportState.BUILDING)
    return bool(connection.execute(select(running | delivering | packing)).scalar_one())


def kept_generations(connection: Connection, owner_id: str, *, limit: int) -> Sequence[str]:
    """Those whose media is not removed yet."""
    columns = generations.c
    asked = select(columns.id).where(columns.owner_id == owner_id, columns.deleted_at.is_(None))
    return connection.scalars(in_order(asked, limit=limit)).all()


def kept_assets(connection: Connection, owner_id: str, *, limit: int) -> Sequence[str]:
    """Those that are not removed yet."""
    columns = assets.c
    asked = select(columns.id).where(columns.owner_id == owner_id, columns.deleted_at.is_(None))
    return connection.scalars(in_order(asked, limit=limit)).all()


def kept_exports(connection: Connection, owner_id: str) -> Sequence[str]:
    """Those that can still be fetched."""
    asked = select(exports.c.id).where(exports.c.owner_id == owner_id)
    return connection.scalars(asked.where(exports.c.state == ExportState.READY)).all()


def count_exports(connection: Connection, owner_id: str) -> int:
    """How many were ever packed for them."""
    asked = select(func.count()).select_from(exports).where(exports.c.owner_id == owner_id)
    return int(connection.execute(asked).scalar_one())


def next_copies(connection: Connection, owner_id: str, *, after: str, limit: int) -> tuple[CopyRow, ...]:
    """The next of what providers made for them, in order of the attempts that asked."""
    columns = attempts.c
    ids = connection.scalars(in_order(_copies(owner_id), limit=limit, after=after)).all()
    asked = select(columns.id, columns.provider, columns.provider_ref.label("ref")).where(columns.id.in_(ids))
    found = connection.execute(asked.order_by(columns.id))
    return tuple(CopyRow(**mapping_of(row)) for row in found)


def count_copies(connection: Connection, owner_id: str, *, after: str) -> int:
    """How many there are after one of these attempts."""
    left = _copies(owner_id).where(attempts.c.id > after).subquery()
    return int(connection.execute(select(func.count()).select_from(left)).scalar_one())


def _copies(owner_id: str) -> Select[Any]:
    columns = attempts.c
    return select(columns.id).where(
        columns.take_id.in_(takes_of(owner_id)),
        columns.provider != ANIMATIC,
        columns.provider_ref.is_not(None),
    )


def is_followed(connection: Connection, row: ErasureRow) -> bool:
    """Whether something of theirs still has a step, or a label stands in sums that the clock adds up anew."""
    due = exists().where(work.c.owner_id == row.owner_id, work.c.subject_id != row.id)
    counted = [
        exists().where(table.c.owner_id == row.owner_id, table.c.label != "")
        for table in (usage_changes, usage_days)
    ]
    return bool(connection.execute(select(or_(due, *counted))).scalar_one())


def next_prefixes(connection: Connection, owner_id: str, *, after: str, limit: int) -> Sequence[str]:
    """Where files of theirs ever lay, in order, after one of these places."""
    theirs = {
        Kept.TAKE: takes_of(owner_id),
        Kept.DELIVERY: deliveries_of(owner_id),
        Kept.ASSET: select(assets.c.id).where(assets.c.owner_id == owner_id),
        Kept.EXPORT: select(exports.c.id).where(exports.c.owner_id == owner_id),
    }
    found: list[str] = []
    for kind, mine in theirs.items():
        found += _prefixes(connection, kind, mine, after=after, limit=limit)
    return sorted(found)[:limit]


def _prefixes(connection: Connection, kind: Kept, mine: Any, *, after: str, limit: int) -> list[str]:
    folder, _, subject_id = after.partition("/")
    if folder > kind.folder:
        return []
    asked = in_order(mine, limit=limit, after=subject_id if folder == kind.folder else "")
    return [kind.prefix(each) for each in connection.scalars(asked)]
