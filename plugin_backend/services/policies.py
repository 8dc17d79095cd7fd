"""What a workspace allows its people: models, words, and files without a statement of rights."""

from collections.abc import Mapping
from typing import Any, Final

from plugin_backend.db import policies
from plugin_backend.db.journal import audit
from plugin_backend.domain.allowance import Policy
from plugin_backend.domain.blocked_terms import words_of
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import FieldProblem, ValidationFailedError
from plugin_backend.services.house import House
from plugin_backend.services.reach import require_workspace

MAX_TERMS: Final = 500
MAX_TERM_CHARACTERS: Final = 100
MAX_ATTESTATION_CHARACTERS: Final = 2_000


def mine(house: House, caller: Caller) -> Policy:
    """That of the caller's own workspace, which all its people may read."""
    with house.begin() as work:
        return policies.find_policy(work.connection, caller.workspace_id)


def get(house: House, actor: Caller, workspace_id: str) -> Policy:
    """That of a workspace within the administrator's reach."""
    with house.begin() as work:
        require_workspace(work, actor, workspace_id)
        return policies.find_policy(work.connection, workspace_id)


def change(
    house: House,
    actor: Caller,
    workspace_id: str,
    changes: Mapping[str, Any],
    *,
    reason: str | None = None,
    request_id: str | None = None,
) -> Policy:
    """Set `models` (None: every one), `blocked_terms`, `attestation_required` or its text; the rest stays.

    What is under way goes on; what is asked for from now on keeps to it.
    """
    _check(house, changes)
    with house.begin() as work:
        require_workspace(work, actor, workspace_id)
        before = policies.find_policy(work.connection, workspace_id, lock=True).to_json()
        policies.put_policy(work.connection, workspace_id, changes, now=work.now)
        audit(
            work,
            "policy.changed",
            subject_id=workspace_id,
            actor_id=actor.user_id,
            workspace_id=workspace_id,
            before={name: before[name] for name in changes},
            after=dict(changes),
            reason=reason,
            request_id=request_id,
        )
        return policies.find_policy(work.connection, workspace_id)


def _check(house: House, changes: Mapping[str, Any]) -> None:
    for index, model_id in enumerate(changes.get("models") or ()):
        house.catalogue.model(model_id, pointer=f"/models/{index}")
    empty = [
        FieldProblem(f"/blocked_terms/{index}", "Write at least one letter or digit.")
        for index, term in enumerate(changes.get("blocked_terms") or ())
        if not words_of(term)
    ]
    if empty:
        raise ValidationFailedError(empty)
