"""Which stored files somebody names: per kind, what a subject's folder should hold, as its rows say now."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, or_, select

from plugin_backend.db.journal import Owned
from plugin_backend.db.tables import assets, deliveries, delivery_files, delivery_takes, exports, takes
from plugin_backend.domain.keeping import ExportState, Kept
from plugin_backend.domain.lifecycle import ASSET, DELIVERY, TAKE, AssetState, DeliveryState, TakeState


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What a subject's rows say of its files."""

    owned: Owned
    since: datetime
    is_settled: bool
    """Whether nothing is being written for it: what it has is what its rows name."""
    names: frozenset[str] = field(default_factory=frozenset)
    """The keys that must be there."""
    names_all: bool = False
    """Whether every file in its folder is its own; False: the named ones only."""


def holdings(
    connection: Connection, kind: Kept, *, after: str, upto: str | None, among: Collection[str]
) -> Mapping[str, Holding]:
    """The subjects that may have files: those whose ids lie in a range, and those of a collection."""
    found = {
        Kept.TAKE: _takes,
        Kept.DELIVERY: _deliveries,
        Kept.ASSET: _assets,
        Kept.EXPORT: _exports,
    }[kind]
    return dict(found(connection, _Range(after, upto, among)))


def uploads(connection: Connection, asset_ids: Collection[str]) -> Mapping[str, Holding]:
    """The assets whose untrusted originals are waited for or looked at."""
    columns = assets.c
    asked = select(columns.id, columns.workspace_id, columns.owner_id, columns.updated_at).where(
        columns.id.in_(asset_ids), columns.deleted_at.is_(None), columns.state.not_in(ASSET.terminal)
    )
    found = connection.execute(asked)
    return {row.id: _holding(row, row.updated_at, is_settled=False, names_all=True) for row in found}


@dataclass(frozen=True, slots=True)
class _Range:
    after: str
    upto: str | None
    among: Collection[str]

    def of(self, column: Any) -> Any:
        within = column > self.after
        if self.upto is not None:
            within &= column <= self.upto
        return or_(within, column.in_(self.among)) if self.among else within


def _takes(connection: Connection, chosen: _Range) -> Iterator[tuple[str, Holding]]:
    columns = takes.c
    ended = [state.value for state in TAKE.terminal if state is not TakeState.STORED]
    asked = select(
        columns.id,
        columns.workspace_id,
        columns.owner_id,
        columns.state,
        columns.source,
        columns.files,
        columns.facts,
        columns.updated_at,
    ).where(chosen.of(columns.id), columns.media_deleted_at.is_(None), columns.state.not_in(ended))
    for row in connection.execute(asked):
        stored = row.state == TakeState.STORED
        names = frozenset(_of_take(row)) if stored else frozenset()
        yield row.id, _holding(row, row.updated_at, is_settled=stored, names=names, names_all=True)


def _of_take(row: Any) -> Iterator[str]:
    """Its light files, its movies, and every frame of its pictures."""
    source, files, facts = row.source or {}, row.files or {}, row.facts or {}
    yield from _keys([source, *(each for each in files.values() if not isinstance(each, str))])
    yield from (each for each in files.values() if isinstance(each, str))
    count = source.get("frame_count", facts.get("frame_count"))
    if "pattern" in source and isinstance(count, int):
        first = source.get("first", 0)
        yield from (source["pattern"].format(frame=frame) for frame in range(first, first + count))


def _deliveries(connection: Connection, chosen: _Range) -> Iterator[tuple[str, Holding]]:
    columns = deliveries.c
    cut = select(delivery_takes.c.take_id).where(delivery_takes.c.delivery_id == columns.id)
    of_it = or_(takes.c.id == columns.take_id, takes.c.id.in_(cut))
    gone = exists().where(of_it, takes.c.media_deleted_at.is_not(None))
    alive = [*(state.value for state in DELIVERY.unfinished), DeliveryState.READY.value]
    told = exists().where(delivery_files.c.delivery_id == columns.id)
    reported = (columns.state == DeliveryState.FAILED) & told
    asked = select(
        columns.id,
        columns.workspace_id,
        columns.owner_id,
        columns.state,
        columns.archive,
        columns.updated_at,
    ).where(chosen.of(columns.id), or_(columns.state.in_(alive), reported), ~gone)
    rows = connection.execute(asked).all()
    files = _delivered(connection, [row.id for row in rows])
    for row in rows:
        archive = row.archive or {}
        names = files.get(row.id, frozenset()) | frozenset(_keys([archive]))
        settled = row.state in DELIVERY.terminal and archive.get("state") != "building"
        yield (
            row.id,
            _holding(row, row.updated_at, is_settled=settled, names=names, names_all=not settled),
        )


def _delivered(connection: Connection, delivery_ids: Collection[str]) -> Mapping[str, frozenset[str]]:
    columns = delivery_files.c
    asked = select(columns.delivery_id, columns.key, columns.sequence)
    found: dict[str, set[str]] = {}
    for row in connection.execute(asked.where(columns.delivery_id.in_(delivery_ids))):
        if row.sequence is None:  # a sequence's own row stands for its frames, and has no file
            found.setdefault(row.delivery_id, set()).add(row.key)
    return {delivery_id: frozenset(keys) for delivery_id, keys in found.items()}


def _assets(connection: Connection, chosen: _Range) -> Iterator[tuple[str, Holding]]:
    columns = assets.c
    asked = select(
        columns.id, columns.workspace_id, columns.owner_id, columns.state, columns.files, columns.updated_at
    ).where(chosen.of(columns.id), columns.deleted_at.is_(None), columns.state != AssetState.REJECTED)
    for row in connection.execute(asked):
        ready = row.state == AssetState.READY
        names = frozenset((row.files or {}).values())
        yield row.id, _holding(row, row.updated_at, is_settled=ready, names=names, names_all=not ready)


def _exports(connection: Connection, chosen: _Range) -> Iterator[tuple[str, Holding]]:
    columns = exports.c
    asked = select(
        columns.id,
        columns.workspace_id,
        columns.owner_id,
        columns.state,
        columns.archive,
        columns.created_at,
        columns.finished_at,
    ).where(chosen.of(columns.id), columns.state.in_([ExportState.BUILDING, ExportState.READY]))
    for row in connection.execute(asked):
        ready = row.state == ExportState.READY
        since, names = row.finished_at or row.created_at, frozenset(_keys([row.archive]))
        yield row.id, _holding(row, since, is_settled=ready, names=names, names_all=not ready)


def _holding(
    row: Any,
    since: datetime,
    *,
    is_settled: bool,
    names_all: bool,
    names: frozenset[str] = frozenset(),
) -> Holding:
    owned = Owned(row.workspace_id, row.owner_id)
    return Holding(owned=owned, since=since, is_settled=is_settled, names=names, names_all=names_all)


def _keys(told: Any) -> Iterator[str]:
    """Every storage key that rows name somewhere in their JSON: members called `key`."""
    if isinstance(told, Mapping):
        if isinstance(told.get("key"), str):
            yield told["key"]
        told = list(told.values())
    if isinstance(told, list):
        for each in told:
            yield from _keys(each)
