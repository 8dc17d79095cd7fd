"""What the files of a take are called in a project that has a naming of its own.

A draft and the master made of it are called the same, so that one replaces the other, unless the naming asks
for the tier. Where two takes would be called the same, the one that was delivered first has the name, for
good; the next is numbered.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from plugin_backend.db.generations import find_taken
from plugin_backend.db.rows import GenerationRow, TakeRow
from plugin_backend.db.tables import clip_names, generations, projects
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.delivering.naming import NameFacts, bin_of, name_of, numbered, safe_word

_COLUMNS = clip_names.c


@dataclass(frozen=True, slots=True)
class Named:
    """What a take's files begin with, and the bin its clips go to."""

    stem: str
    bin: str


def named(work: UnitOfWork, generation: GenerationRow, take: TakeRow) -> Named | None:
    """As its project says; None where that says nothing."""
    project = _naming_project(work, generation.project_id)
    if project is None:
        return None
    origin, asked = take, generation
    if generation.from_take_id is not None:
        origin, asked = find_taken(work.connection, [generation.from_take_id])[generation.from_take_id]
    facts = NameFacts(
        project=project.name,
        shot=asked.label or "",
        tier=generation.kind,
        model=origin.model or asked.model,
        date=f"{asked.created_at:%Y%m%d}",
        id=origin.id[-8:],
        take=origin.number,
        version=_version(work, asked) if "{version" in project.naming else 1,
    )
    stem = _taken(work, name_of(project.naming, facts), workspace_id=take.workspace_id, take_id=origin.id)
    return Named(stem, bin_of(facts))


def cut_name(work: UnitOfWork, project_id: str | None, *, title: str, storyboard_id: str) -> str | None:
    """What the timelines of a storyboard's cut are called in such a project; None in any other."""
    project = _naming_project(work, project_id)
    if project is None:
        return None
    words = (safe_word(project.name, otherwise="project"), safe_word(title, otherwise="cut"))
    return "_".join([*(word[:25].rstrip("_-") for word in words), storyboard_id[-8:]])


def _naming_project(work: UnitOfWork, project_id: str | None) -> Any:
    """The name and naming of a project, if it has one; else None."""
    chosen = select(projects.c.name, projects.c.naming).where(
        projects.c.id == project_id, projects.c.naming.is_not(None)
    )
    return work.connection.execute(chosen).one_or_none()


def _version(work: UnitOfWork, asked: GenerationRow) -> int:
    """The how manieth it is of those asked for its shot in the project; masters do not count."""
    columns = generations.c
    before = select(func.count()).where(
        columns.workspace_id == asked.workspace_id,
        columns.project_id == asked.project_id,
        columns.label.is_not_distinct_from(asked.label),
        columns.from_take_id.is_(None),
        columns.id <= asked.id,
    )
    return work.connection.execute(before).scalar_one()


def _taken(work: UnitOfWork, wanted: str, *, workspace_id: str, take_id: str) -> str:
    """The name as this take has it: the first one has it bare, the others with a number."""
    of_wanted = (_COLUMNS.workspace_id == workspace_id, _COLUMNS.wanted == _digest(wanted))
    mine = select(_COLUMNS.number).where(*of_wanted, _COLUMNS.take_id == take_id)
    number = work.connection.execute(mine).scalar_one_or_none()
    if number is not None:
        return numbered(wanted, number)
    last = select(func.coalesce(func.max(_COLUMNS.number), 0)).where(*of_wanted)
    number = work.connection.execute(last).scalar_one()
    made = None
    while made is None:  # a number may be taken meanwhile, or be the end of another name
        number += 1
        values = {
            "workspace_id": workspace_id,
            "name": _digest(numbered(wanted, number)),
            "wanted": _digest(wanted),
            "number": number,
            "take_id": take_id,
        }
        statement = insert(clip_names).values(values).on_conflict_do_nothing().returning(_COLUMNS.number)
        made = work.connection.execute(statement).scalar_one_or_none()
        if made is None and (found := work.connection.execute(mine).scalar_one_or_none()) is not None:
            return numbered(wanted, found)
    return numbered(wanted, made)


def _digest(name: str) -> str:
    """Names that differ in case alone are one name, on most disks."""
    return hashlib.sha256(name.casefold().encode()).hexdigest()
