"""Projects: what shots are filed under."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, insert, select, update

from plugin_backend.db.tables import projects
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.errors import NotFoundError
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency, begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One project of a workspace."""

    id: str
    workspace_id: str
    owner_id: str
    name: str
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
        return tuple(Project(**row._mapping) for row in found)  # noqa: SLF001 - the documented way


def rename(house: House, caller: Caller, project_id: str, *, name: str) -> Project:
    """Give it another name."""
    return _change(house, caller, project_id, name=name)


def delete(house: House, caller: Caller, project_id: str) -> None:
    """Close it; the shots filed under it stay, and so does what they cost."""
    caller.require(Scope.GENERATE)
    with house.begin() as work:
        _mine(work, caller, project_id)
        _set(work, project_id, deleted_at=work.now)


def _change(house: House, caller: Caller, project_id: str, **values: Any) -> Project:
    caller.require(Scope.GENERATE)
    with house.begin() as work:
        _mine(work, caller, project_id)
        _set(work, project_id, **values)
        return _mine(work, caller, project_id)


def _set(work: UnitOfWork, project_id: str, **values: Any) -> None:
    statement = update(projects).where(projects.c.id == project_id)
    work.connection.execute(statement.values(version=projects.c.version + 1, **values))


def _mine(work: UnitOfWork, caller: Caller, project_id: str) -> Project:
    row = work.connection.execute(_live(caller).where(projects.c.id == project_id)).one_or_none()
    if row is None:
        raise NotFoundError("project")
    return Project(**row._mapping)  # noqa: SLF001 - the documented way


def _live(caller: Caller) -> Select[Any]:
    columns = [column for column in projects.c if column.name != "deleted_at"]
    return select(*columns).where(
        projects.c.workspace_id == caller.workspace_id, projects.c.deleted_at.is_(None)
    )
