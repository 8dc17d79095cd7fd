"""Projects: what shots are filed under."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, insert, null, select, update

from plugin_backend.db.rows import mapping_of
from plugin_backend.db.tables import projects
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.delivering.naming import check_naming
from plugin_backend.domain.errors import NotFoundError, ValidationFailedError
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.looks import Look, look_problems
from plugin_backend.domain.words_said import said_in_look
from plugin_backend.services.allowed import check_words
from plugin_backend.services.assets import require_ready
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency, begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One project of a workspace."""

    id: str
    workspace_id: str
    owner_id: str
    name: str
    look: Look | None
    """What its shots share, beside the words of each brief."""
    naming: str | None
    """How the files of its deliveries are called; None: as everywhere."""
    created_at: datetime
    version: int


def create(house: House, caller: Caller, *, name: str, idempotency: Idempotency | None = None) -> Project:
    """A new project, seen by the whole workspace."""
    caller.require(Scope.GENERATE)
    with house.begin() as work:
        project_id = new_id(Prefix.PROJECT, at=work.now)
        kept = begin(work, idempotency, result={"id": project_id})
        if kept is not None:
            return _mine(work, caller, kept["id"])
        values = {"id": project_id, "workspace_id": caller.workspace_id, "owner_id": caller.user_id}
        work.connection.execute(insert(projects).values(**values, name=name, created_at=work.now))
        return _mine(work, caller, project_id)


def get(house: House, caller: Caller, project_id: str) -> Project:
    """One project of the caller's workspace."""
    with house.begin() as work:
        return _mine(work, caller, project_id)


def find(house: House, caller: Caller, *, before: str | None, limit: int) -> tuple[Project, ...]:
    """The workspace's projects, newest first."""
    statement = _live(caller)
    if before is not None:
        statement = statement.where(projects.c.id < before)
    with house.begin() as work:
        found = work.connection.execute(statement.order_by(projects.c.id.desc()).limit(limit))
        return tuple(_read(row) for row in found)


def change(house: House, caller: Caller, project_id: str, **changes: Any) -> Project:
    """Another `name`, or a `look` or `naming` for what is asked for from now on; None takes it away."""
    if changes.get("naming") is not None:
        check_naming(changes["naming"])
    caller.require(Scope.GENERATE)
    look: Look | None = changes.get("look")
    problems = () if look is None else tuple(look_problems(look))
    if problems:
        raise ValidationFailedError(problems)
    if look is not None:
        check_words(caller, said_in_look(look))
    with house.begin() as work:
        _mine(work, caller, project_id)
        if look is not None:
            used = [each.asset_id for each in look.references]
            require_ready(work, caller, used, pointer="/look/references")
        if "look" in changes:
            changes["look"] = null() if look is None else look.to_json()
        _set(work, project_id, **changes)
        return _mine(work, caller, project_id)


def delete(house: House, caller: Caller, project_id: str) -> None:
    """Close it; the shots filed under it stay, and so does what they cost."""
    caller.require(Scope.GENERATE)
    with house.begin() as work:
        _mine(work, caller, project_id)
        _set(work, project_id, deleted_at=work.now)


def _set(work: UnitOfWork, project_id: str, **values: Any) -> None:
    statement = update(projects).where(projects.c.id == project_id)
    work.connection.execute(statement.values(version=projects.c.version + 1, **values))


def _mine(work: UnitOfWork, caller: Caller, project_id: str) -> Project:
    row = work.connection.execute(_live(caller).where(projects.c.id == project_id)).one_or_none()
    if row is None:
        raise NotFoundError("project")
    return _read(row)


def _read(row: Row[Any]) -> Project:
    values = dict(mapping_of(row))
    look = values.pop("look")
    return Project(**values, look=None if look is None else Look.from_json(look))


def _live(caller: Caller) -> Select[Any]:
    columns = [column for column in projects.c if column.name != "deleted_at"]
    return select(*columns).where(
        projects.c.workspace_id == caller.workspace_id, projects.c.deleted_at.is_(None)
    )
