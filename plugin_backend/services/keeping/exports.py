"""A copy of one's own data: asked for, packed by a media step into one zip, fetched for a week, then gone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from plugin_backend.db.exporting import rows_of_person, tables_of_person
from plugin_backend.db.journal import Owned, record_event
from plugin_backend.db.rows import read_row
from plugin_backend.db.storage_use import forget_uses, totals_of
from plugin_backend.db.tables import assets, deliveries, exports, takes
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.work import Due
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.errors import ConflictError, ForbiddenError, NotFoundError
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.keeping import EXPORT_KEPT, ExportState, Kept
from plugin_backend.domain.work import Claim, Lane
from plugin_backend.services import stepping
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency, begin, keep
from plugin_backend.services.keeping import storage_room
from plugin_backend.services.moves import failure_of, nudge

_MEDIA = ((Kept.TAKE, takes), (Kept.DELIVERY, deliveries), (Kept.ASSET, assets))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRow:
    """A copy of somebody's data, being packed or packed."""

    id: str
    workspace_id: str
    owner_id: str
    state: ExportState
    with_media: bool
    archive: Mapping[str, Any] | None
    failure: Mapping[str, Any] | None
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None

    @property
    def owned(self) -> Owned:
        """Whose it is."""
        return Owned(self.workspace_id, self.owner_id)

    @property
    def prefix(self) -> str:
        """Where its files lie."""
        return Kept.EXPORT.prefix(self.id)


def request(
    house: House, caller: Caller, *, with_media: bool, idempotency: Idempotency | None = None
) -> ExportRow:
    """Have everything about the caller packed; one at a time, and when it is ready the one before goes."""
    if Scope.GENERATE not in caller.scopes:
        raise ForbiddenError("This needs a token with the scope `generate`.")
    with house.begin() as work:
        kept = begin(work, idempotency)
        if kept is not None:
            return _mine(work, caller, kept["id"])
        if with_media:
            _require_room(work, caller.user_id)
        export_id = _open(work, caller, with_media=with_media)
        keep(work, idempotency, {"id": export_id})
        return _mine(work, caller, export_id)


def get(house: House, caller: Caller, export_id: str) -> ExportRow:
    """One of the caller's own; nobody else sees it, whatever their role."""
    with house.begin() as work:
        return _mine(work, caller, export_id)


def find(house: House, caller: Caller, *, before: str | None, limit: int) -> tuple[ExportRow, ...]:
    """The caller's own, newest first."""
    chosen = select(exports).where(exports.c.owner_id == caller.user_id)
    if before is not None:
        chosen = chosen.where(exports.c.id < before)
    with house.begin() as work:
        found = work.connection.execute(chosen.order_by(exports.c.id.desc()).limit(limit))
        return tuple(read_row(ExportRow, row) for row in found)


def look(house: House, claim: Claim) -> ExportRow | None:
    """Read a claimed export; None (and the row closed) when nothing is to be done for it."""
    with house.begin() as work:
        row = work.connection.execute(select(exports).where(exports.c.id == claim.subject_id)).one_or_none()
        found = None if row is None else read_row(ExportRow, row)
        if found is None or found.state in (ExportState.FAILED, ExportState.EXPIRED):
            stepping.done(work, claim)
            return None
        return found


def pages(house: House, row: ExportRow) -> Iterator[tuple[str, Iterator[Mapping[str, Any]]]]:
    """Every table with a row of theirs: its name, and the rows. A short transaction for every few of them."""
    for name in tables_of_person():
        yield name, _rows(house, name, row.owner_id)


def _rows(house: House, name: str, owner_id: str) -> Iterator[Mapping[str, Any]]:
    after, is_more = None, True
    while is_more:
        with house.begin() as work:
            page = rows_of_person(work.connection, name, owner_id, after=after)
        yield from page.rows  # they are sent to storage, and no transaction waits for it
        after = page.after
        is_more = after is not None


def media_prefixes(house: House, row: ExportRow) -> Sequence[str]:
    """Where files of theirs lie."""
    found: list[str] = []
    for kind, table in _MEDIA:
        with house.begin() as work:
            mine = select(table.c.id).where(table.c.owner_id == row.owner_id).order_by(table.c.id)
            found += [kind.prefix(each) for each in work.connection.scalars(mine)]
    return found


def ready(house: House, claim: Claim, row: ExportRow, *, archive: Mapping[str, Any]) -> None:
    """The zip lies there; its row comes back when its week is over."""
    with house.begin() as work:
        values = {"state": ExportState.READY, "archive": dict(archive), "finished_at": work.now}
        _end_earlier(work, row)
        _change(work, row, **values, expires_at=work.now + EXPORT_KEPT)
        storage_room.record(work, Kept.EXPORT, row.id, owned=row.owned, bytes_=archive["bytes"])
        record_event(work, "export.ready", subject_id=row.id, owned=row.owned)
        stepping.again(work, claim, after=EXPORT_KEPT, lane=Lane.STEP_MASTER)


def end(work: UnitOfWork, export_id: str, *, owned: Owned) -> None:
    """Its week is over now: its own step removes its files."""
    stepping.make_due(work, Due(export_id, Lane.STEP_MASTER, owned))
    nudge(work, export_id)


def expired(house: House, claim: Claim, row: ExportRow) -> None:
    """Its week is over, and its files are gone."""
    with house.begin() as work:
        _change(work, row, state=ExportState.EXPIRED, archive=None)
        forget_uses(work.connection, [row.id])
        stepping.done(work, claim)


def failed(house: House, claim: Claim, *, slug: str, detail: str) -> None:
    """It could not be packed; asked for again, it is tried anew."""
    failure = failure_of(slug, detail)
    row = look(house, claim)
    if row is None:
        return
    with house.begin() as work:
        if row.state is ExportState.READY:  # its files could not be removed: they are another time
            stepping.remove_later(work, claim)
            return
        _change(work, row, state=ExportState.FAILED, failure=failure, finished_at=work.now)
        record_event(work, "export.failed", subject_id=row.id, owned=row.owned)
        stepping.done(work, claim)


def _end_earlier(work: UnitOfWork, row: ExportRow) -> None:
    """One is kept of everybody."""
    ready = select(exports.c.id).where(
        exports.c.owner_id == row.owner_id, exports.c.state == ExportState.READY
    )
    for export_id in work.connection.scalars(ready).all():
        end(work, export_id, owned=row.owned)


def _require_room(work: UnitOfWork, owner_id: str) -> None:
    """What the one before takes up comes free."""
    earlier = totals_of(work.connection, owner_id=owner_id)[Kept.EXPORT]
    storage_room.require_room(work, owner_id, further=1 - earlier)


def _open(work: UnitOfWork, caller: Caller, *, with_media: bool) -> str:
    export_id = new_id(Prefix.EXPORT, at=work.now)
    owned = Owned(caller.workspace_id, caller.user_id)
    values = {"id": export_id, **owned.columns, "state": ExportState.BUILDING, "with_media": with_media}
    opened = insert(exports).values(**values, created_at=work.now).on_conflict_do_nothing()
    if work.connection.execute(opened.returning(exports.c.id)).one_or_none() is None:
        raise ConflictError("A copy of your data is being packed already; wait until it is ready.")
    stepping.make_due(work, Due(export_id, Lane.MEDIA_MASTER, owned))
    return export_id


def _mine(work: UnitOfWork, caller: Caller, export_id: str) -> ExportRow:
    chosen = select(exports).where(exports.c.id == export_id, exports.c.owner_id == caller.user_id)
    row = work.connection.execute(chosen).one_or_none()
    if row is None:
        raise NotFoundError("export")
    return read_row(ExportRow, row)


def _change(work: UnitOfWork, row: ExportRow, **values: Any) -> None:
    work.connection.execute(update(exports).where(exports.c.id == row.id).values(values))
