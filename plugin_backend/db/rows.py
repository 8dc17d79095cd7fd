"""Rows as frozen dataclasses: what the services and the renderings read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import EnumType
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import Column, Row, Table

from plugin_backend.db.journal import Owned
from plugin_backend.domain.brief import Kind
from plugin_backend.domain.lifecycle import AssetState, DeliveryState, GenerationState, TakeState

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRow:
    """One request, as it stands; the defaults are a new row's, as the table has them."""

    id: str
    workspace_id: str
    owner_id: str
    account_id: str
    project_id: str | None
    kind: Kind
    state: GenerationState
    label: str | None
    model: str
    provider: str
    request: Mapping[str, Any]
    plan: Mapping[str, Any] | None = None
    takes_wanted: int
    iteration: int = 0
    max_iterations: int
    credits_per_take: int
    credits_quoted: int
    credits_held: int
    credits_settled: int | None = None
    draft_units: int
    draft_units_used: int | None = None
    draft_day: date | None
    counted_running: bool = False
    from_take_id: str | None
    retried_from: str | None
    recovered_from: str | None = None
    cancel_requested: bool = False
    failure: Mapping[str, Any] | None = None
    expected_seconds: float | None
    routing: Any = None
    promotion: Mapping[str, Any] | None = None
    batch_id: str | None = None
    standing_order: Mapping[str, Any] | None = None
    paused_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None = None
    deleted_at: datetime | None = None
    version: int = 1
    expiry_told_at: datetime | None = None

    @property
    def owned(self) -> Owned:
        """Whose it is."""
        return Owned(self.workspace_id, self.owner_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeRow:
    """One numbered result of a generation; the defaults are a new row's, as the table has them."""

    id: str
    workspace_id: str
    owner_id: str
    generation_id: str
    number: int
    iteration: int = 0
    state: TakeState
    seed: int | None
    provider_ref: str | None = None
    progress: float | None = None
    outputs: Mapping[str, Any] | None = None
    source: Mapping[str, Any] | None = None
    files: Mapping[str, Any] | None = None
    facts: Mapping[str, Any] | None = None
    measures: Mapping[str, Any] | None = None
    score: float | None = None
    verdict: str | None = None
    charged: bool = False
    failure: Mapping[str, Any] | None = None
    created_at: datetime
    updated_at: datetime
    deadline: datetime | None = None
    model: str | None = None
    provider: str | None = None
    credits: int | None = None
    choice: int = 0
    parts: int = 1
    fetched: Mapping[str, Any] | None = None
    media_deleted_at: datetime | None = None
    picked_at: datetime | None = None
    version: int = 1

    @property
    def owned(self) -> Owned:
        """Whose it is."""
        return Owned(self.workspace_id, self.owner_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    """One POST to a provider for a take."""

    id: str
    take_id: str
    part: int
    token: str
    provider: str
    provider_ref: str | None
    state: str
    detail: str | None
    created_at: datetime
    sent_at: datetime | None
    resolved_at: datetime | None
    listings: int
    model: str | None
    credits_at_risk: int
    billed: bool | None
    slug: str | None
    request_id: str | None
    outputs: Mapping[str, Any] | None
    settled_at: datetime | None
    settled_note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """Files for one host, being made or made."""

    id: str
    workspace_id: str
    owner_id: str
    take_id: str | None
    storyboard_id: str | None
    host: str
    state: DeliveryState
    request: Mapping[str, Any]
    plan: Mapping[str, Any] | None
    clips: list[Any] | None
    failure: Mapping[str, Any] | None
    progress: float | None
    archive: Mapping[str, Any] | None
    cancel_requested: bool
    applied_at: datetime | None
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None
    version: int

    @property
    def owned(self) -> Owned:
        """Whose it is."""
        return Owned(self.workspace_id, self.owner_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFileRow:
    """One file of a delivery, or one frame of its image sequence."""

    delivery_id: str
    name: str
    number: int
    frame: int | None
    role: str
    media_type: str
    bytes: int
    sha256: str
    key: str
    sequence: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetRow:
    """A picture, movie or sound an editor supplied."""

    id: str
    workspace_id: str
    owner_id: str
    state: AssetState
    filename: str | None
    media_type: str | None
    kind: str | None
    bytes: int | None
    sha256: str | None
    width: int | None
    height: int | None
    duration_seconds: float | None
    files: Mapping[str, Any] | None
    problem: str | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    version: int
    attested_by: str | None
    attested_at: datetime | None

    @property
    def owned(self) -> Owned:
        """Whose it is."""
        return Owned(self.workspace_id, self.owner_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkRow:
    """A frame range of a render or a delivery."""

    id: str
    workspace_id: str
    owner_id: str
    render_id: str | None
    delivery_id: str | None
    number: int
    first_frame: int
    frame_count: int
    frames_done: int
    state: str
    result: Mapping[str, Any] | None
    failure: Mapping[str, Any] | None


@cache
def columns_of(table: Table, cls: type[Any]) -> tuple[Column[Any], ...]:
    """The columns a row class reads, in its order."""
    return tuple(table.c[field.name] for field in fields(cls))


def mapping_of(row: Row[*tuple[Any, ...]]) -> Mapping[str, Any]:
    """A row's values by the names of its columns."""
    return cast("Mapping[str, Any]", row._mapping)  # noqa: SLF001 - the documented way to a row's mapping


def read_row(cls: type[R], row: Row[*tuple[Any, ...]]) -> R:
    """One row as its dataclass, with the enums that its fields are; others may stand beside its columns."""
    names, enums = _read_as(cast("Any", cls))
    found = mapping_of(row)
    return _made(cls, {name: found[name] for name in names}, enums)


def read_rows(cls: type[R], rows: Sequence[Row[Any]]) -> tuple[R, ...]:
    """Many, of `columns_of` and nothing else: what they are called is looked up once."""
    names, enums = _read_as(cast("Any", cls))
    assert not rows or rows[0]._fields == names, "read other columns one by one"
    return tuple(_made(cls, dict(zip(names, row, strict=False)), enums) for row in rows)


def _made(cls: type[R], values: dict[str, Any], enums: Sequence[tuple[str, type[Any]]]) -> R:
    for name, enum in enums:
        values[name] = enum(values[name])
    return cls(**values)


@cache
def _read_as(cls: type[Any]) -> tuple[tuple[str, ...], tuple[tuple[str, type[Any]], ...]]:
    """The names of its fields, and those that are read as enums."""
    found = fields(cls)
    enums = ((field.name, field.type) for field in found if isinstance(field.type, EnumType))
    return tuple(field.name for field in found), tuple(enums)
