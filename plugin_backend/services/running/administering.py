"""What an administrator has in front of them: who they are, how things stand, what went wrong lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from plugin_backend.db import money
from plugin_backend.db import usage as sums
from plugin_backend.db.generations import GenerationFilter, GenerationView
from plugin_backend.db.journal import audit
from plugin_backend.db.people import find_standing
from plugin_backend.db.storyboards import caller_of
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.errors import ConflictError, NotFoundError
from plugin_backend.domain.lifecycle import GENERATION, GenerationState
from plugin_backend.domain.quota import day_of
from plugin_backend.domain.usage import UsageFilter, UsageGroup, UsageRow
from plugin_backend.services import endings
from plugin_backend.services.house import House
from plugin_backend.services.making.attempts import GRACE
from plugin_backend.services.money import exposures
from plugin_backend.services.money.exposures import Total
from plugin_backend.services.reach import member, reach
from plugin_backend.services.running import operations
from plugin_backend.services.running.operations import Queues

_FAILED: Final = (GenerationState.FAILED,)
_UNFINISHED: Final = tuple(state for state in GenerationState if state not in GENERATION.terminal)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything at a glance; usage is of today and yesterday."""

    balance: money.Balance
    today: UsageRow | None
    lately: UsageRow
    queues: Queues
    exposures: Sequence[Total]


def administrator(house: House, user_id: str) -> Caller:
    """Somebody in front of a browser, as they may administer; ForbiddenError for everybody else."""
    with house.begin() as work:
        found = find_standing(work.connection, user_id, day=day_of(work.now))
    if found is None:
        raise NotFoundError("user")
    caller = Caller(
        user_id=found.id,
        workspace_id=found.workspace_id,
        role=found.role,
        scopes=frozenset(Scope),
        is_operator=found.is_operator,
        default_model=found.default_model,
    )
    caller.require(Scope.ADMIN)
    return caller


def overview(house: House, actor: Caller) -> Overview:
    """How things stand within the administrator's reach."""
    within = reach(actor)
    with house.begin() as work:
        balance = money.balance_within(work.connection, within)
        today = day_of(work.now)
        chosen = UsageFilter(workspace_id=within, start=today - timedelta(days=1))
        lately, days = sums.add_up(
            work.connection, (UsageGroup.DAY,), chosen, overdue=work.now - GRACE, limit=2
        )
    return Overview(
        balance=balance,
        today=next((row for row in days if row.keys == (str(today),)), None),
        lately=lately,
        queues=operations.queues(house, actor),
        exposures=exposures.totals(house, actor),
    )


def failures(house: House, actor: Caller, *, before: str | None, limit: int) -> tuple[GenerationView, ...]:
    """What failed within reach, newest first."""
    chosen = GenerationFilter(states=_FAILED, before=before, limit=limit)
    return operations.find_generations(house, actor, chosen)


def unfinished(house: House, actor: Caller, *, before: str | None, limit: int) -> tuple[GenerationView, ...]:
    """What goes on within reach, newest first."""
    chosen = GenerationFilter(states=_UNFINISHED, before=before, limit=limit)
    return operations.find_generations(house, actor, chosen)


def retry_for(house: House, actor: Caller, view: GenerationView, *, reason: str, request_id: str) -> str:
    """Ask again for what failed, as and for its owner, at today's price; returns the new one's id."""
    row = view.generation
    with house.begin() as work:
        member(work, actor, row.owner_id)
        caller = caller_of(work.connection, row.owner_id)  # with what their plan and workspace allow
    if caller is None:
        raise ConflictError("Its owner has no access; nothing is made for them.")
    made = endings.retry(house, caller, row.id).views[0].generation.id
    with house.begin() as work:
        audit(
            work,
            "generation.retry",
            subject_id=row.id,
            actor_id=actor.user_id,
            workspace_id=row.workspace_id,
            after={"generation_id": made},
            reason=reason,
            request_id=request_id,
        )
    return made


def generation(house: House, actor: Caller, generation_id: str) -> GenerationView:
    """One within reach."""
    chosen = GenerationFilter(ids=(generation_id,), limit=1)
    found = operations.find_generations(house, actor, chosen)
    if not found:
        raise NotFoundError("generation")
    return found[0]
