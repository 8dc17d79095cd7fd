"""What waited for a place looks again at once, where there may be more places now."""

from typing import Final

from sqlalchemy import ColumnElement, select

from plugin_backend.db import work as work_rows
from plugin_backend.db.tables import generations, users
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.lifecycle import GenerationState

_MOST: Final = 500
"""The rest look again when one of these has finished."""


def wake(work: UnitOfWork, whose: ColumnElement[bool]) -> None:
    """The oldest queued generations of some people: a condition on `users`."""
    found = work.connection.execute(
        select(generations.c.id)
        .join_from(generations, users, users.c.id == generations.c.owner_id)
        .where(whose, generations.c.state == GenerationState.QUEUED, generations.c.finished_at.is_(None))
        .order_by(generations.c.id)
        .limit(_MOST)
    )
    for hint in work_rows.nudge(work.connection, found.scalars().all(), now=work.now):
        work.hint(hint.subject_id, hint.lane)
