"""Disabling people and enabling them again: what an operator bars, no workspace lifts."""

from collections.abc import Mapping
from typing import Any

from plugin_backend.db.people import Standing
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import ConflictError, ForbiddenError
from plugin_backend.services.reach import require_present


def access_values(
    work: UnitOfWork, actor: Caller, before: Standing, *, is_disabled: bool
) -> Mapping[str, Any]:
    """The columns that disable somebody or enable them; who was removed comes back by an invitation alone."""
    if is_disabled:
        if before.id == actor.user_id:
            raise ConflictError("You cannot disable yourself; ask another administrator.")
        by_operator = before.disabled_by_operator or actor.is_operator
        return {"disabled_at": before.disabled_at or work.now, "disabled_by_operator": by_operator}
    if before.disabled_by_operator and not actor.is_operator:
        raise ForbiddenError("An operator disabled this account; only an operator enables it.")
    if before.removed_at is not None and before.disabled_by_operator:
        return {"disabled_by_operator": False}
    require_present(before)
    return {"disabled_at": None, "disabled_by_operator": False}
