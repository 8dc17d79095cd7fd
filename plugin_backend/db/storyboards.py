"""Reading storyboards, their shots, and what was generated for each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select, text

from plugin_backend.db.allowances import ALLOWANCE, ALLOWED_FROM
from plugin_backend.db.generations import GenerationView, among, views_of
from plugin_backend.db.journal import Owned
from plugin_backend.db.rows import DeliveryRow, GenerationRow, columns_of, read_row
from plugin_backend.db.tables import (
    deliveries,
    evaluations,
    generations,
    shot_generations,
    storyboard_shots,
    storyboards,
)
from plugin_backend.domain.allowance import Allowance
from plugin_backend.domain.callers import Caller, Role, Scope

_PERSON = text(
    f"""
    SELECT u.id, u.workspace_id, u.role, w.default_model, {ALLOWANCE}
    FROM users u JOIN workspaces w ON w.id = u.workspace_id {ALLOWED_FROM}
    WHERE u.id = :user_id AND u.disabled_at IS NULL
    """  # noqa: S608 - only constants go in
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryboardRow:
    """A storyboard, its shots aside."""

    id: str
    workspace_id: str
    owner_id: str
    project_id: str | None
    title: str
    sequence: Mapping[str, Any] | None
    look: Mapping[str, Any] | None
    notes: list[Any]
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    version: int

    @property
    def owned(self) -> Owned:
        """Whose it is."""
        return Owned(self.workspace_id, self.owner_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotRow:
    """One shot, at its place from 0."""

    id: str
    storyboard_id: str
    position: int
    label: str
    brief: Mapping[str, Any]
    handles_frames: int | None
    continues: bool
    take_id: str | None
    waiting: Mapping[str, Any] | None
    problem: Mapping[str, Any] | None


def find_storyboard(
    connection: Connection, storyboard_id: str, *, workspace_id: str | None = None, lock: bool = False
) -> StoryboardRow | None:
    """One storyboard that was not deleted, perhaps locked; None outside the workspace."""
    statement = _live().where(storyboards.c.id == storyboard_id)
    if workspace_id is not None:
        statement = statement.where(storyboards.c.workspace_id == workspace_id)
    if lock:
        statement = statement.with_for_update()
    row = connection.execute(statement).one_or_none()
    return None if row is None else read_row(StoryboardRow, row)


def list_storyboards(
    connection: Connection, *, workspace_id: str, before: str | None, limit: int
) -> tuple[StoryboardRow, ...]:
    """The workspace's, newest first."""
    statement = _live().where(storyboards.c.workspace_id == workspace_id)
    if before is not None:
        statement = statement.where(storyboards.c.id < before)
    found = connection.execute(statement.order_by(storyboards.c.id.desc()).limit(limit))
    return tuple(read_row(StoryboardRow, row) for row in found)


def shots_of(connection: Connection, storyboard_ids: Sequence[str]) -> Mapping[str, tuple[ShotRow, ...]]:
    """The shots of some storyboards, each in order."""
    found = connection.execute(
        select(*columns_of(storyboard_shots, ShotRow))
        .where(storyboard_shots.c.storyboard_id == among(storyboard_ids))
        .order_by(storyboard_shots.c.storyboard_id, storyboard_shots.c.position)
    )
    grouped: dict[str, list[ShotRow]] = defaultdict(list)
    for row in found:
        grouped[row.storyboard_id].append(read_row(ShotRow, row))
    return {each: tuple(rows) for each, rows in grouped.items()}


def drafts_of(connection: Connection, shot_ids: Sequence[str]) -> Mapping[str, tuple[GenerationView, ...]]:
    """What was generated for some shots and not deleted, the newest first."""
    found = connection.execute(
        select(shot_generations.c.shot_id, *columns_of(generations, GenerationRow))
        .join_from(shot_generations, generations, generations.c.id == shot_generations.c.generation_id)
        .where(shot_generations.c.shot_id == among(shot_ids), generations.c.deleted_at.is_(None))
        .order_by(generations.c.id.desc())
    ).all()
    rows = [(row.shot_id, read_row(GenerationRow, row)) for row in found]
    views = views_of(connection, [row for _, row in rows])
    grouped: dict[str, list[GenerationView]] = defaultdict(list)
    for (shot_id, _), view in zip(rows, views, strict=True):
        grouped[shot_id].append(view)
    return {shot_id: tuple(of_shot) for shot_id, of_shot in grouped.items()}


def seen_in(connection: Connection, take_ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """The evaluations of those of some takes that were looked at, by the take's id."""
    found = connection.execute(
        select(evaluations.c.take_id, evaluations.c.evaluation).where(
            evaluations.c.take_id == among(take_ids), evaluations.c.evaluation.is_not(None)
        )
    )
    return {row.take_id: row.evaluation for row in found}


def cuts_of(connection: Connection, storyboard_id: str) -> tuple[DeliveryRow, ...]:
    """The deliveries that a storyboard was assembled into, the newest first."""
    found = connection.execute(
        select(*columns_of(deliveries, DeliveryRow))
        .where(deliveries.c.storyboard_id == storyboard_id)
        .order_by(deliveries.c.id.desc())
    )
    return tuple(read_row(DeliveryRow, row) for row in found)


def caller_of(connection: Connection, user_id: str) -> Caller | None:
    """Who asked for something that goes on without them; None when they may no longer."""
    row = connection.execute(_PERSON, {"user_id": user_id}).one_or_none()
    if row is None:
        return None
    return Caller(
        user_id=row.id,
        workspace_id=row.workspace_id,
        role=Role(row.role),
        scopes=frozenset({Scope.READ, Scope.GENERATE}),
        default_model=row.default_model,
        allowance=Allowance.of(row.plan, row.policy),
    )


def _live() -> Select[Any]:
    return select(*columns_of(storyboards, StoryboardRow)).where(storyboards.c.deleted_at.is_(None))
