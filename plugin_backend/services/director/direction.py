"""What people see of the director: tries, evaluations, the judge's weights, and how often editors agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import text, update

from plugin_backend.db import direction as rows
from plugin_backend.db.direction import EvaluationRow
from plugin_backend.db.generations import find_generation, find_take, takes_of
from plugin_backend.db.journal import audit
from plugin_backend.db.rows import GenerationRow, TakeRow
from plugin_backend.db.tables import workspaces
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.brief import GenerationRequest
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.direction.drift import Drift, drifts
from plugin_backend.domain.direction.judging import weight_problems
from plugin_backend.domain.errors import GoneError, NotFoundError, ValidationFailedError
from plugin_backend.domain.lifecycle import GenerationState, TakeState
from plugin_backend.domain.looks import Look
from plugin_backend.services.director.directing import ANSWERED_WITHIN
from plugin_backend.services.director.evaluating import weights_of
from plugin_backend.services.house import House

_LATELY: Final = timedelta(days=90)
_AGREED: Final = text(
    """
    SELECT count(*) AS generations, count(*) FILTER (WHERE picked >= best) AS picked_first FROM (
        SELECT max(score) AS best, max(score) FILTER (WHERE picked_at IS NOT NULL) AS picked
        FROM takes WHERE workspace_id = :workspace_id AND score IS NOT NULL AND created_at >= :since
        GROUP BY generation_id
        HAVING count(*) > 1 AND count(picked_at) > 0 AND max(score) > min(score)
    ) AS chosen
    """
)
"""Of generations with several measured takes of different scores, of which one was picked."""


@dataclass(frozen=True, slots=True)
class EvaluationView:
    """A take and what was seen in it; None while nobody has looked."""

    take: TakeRow
    row: EvaluationRow | None
    drift: Drift | None = None
    """From the other takes of its generation, where it is shown among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectionView:
    """A generation's tries and what was seen in its takes."""

    generation: GenerationRow
    tries: Sequence[Mapping[str, Any]]
    evaluations: Sequence[EvaluationView]

    @property
    def is_paused(self) -> bool:
        """Whether it waits for the editor's word."""
        return self.generation.state is GenerationState.PAUSED

    @property
    def answer_by(self) -> datetime | None:
        """When the best take is accepted unasked."""
        paused = self.generation.paused_at
        return paused + ANSWERED_WITHIN if self.is_paused and paused is not None else None


def of_generation(house: House, caller: Caller, generation_id: str) -> DirectionView:
    """Everything the director knows of one generation."""
    with house.begin() as work:
        row = find_generation(work.connection, generation_id, workspace_id=caller.workspace_id)
        if row is None:
            raise NotFoundError("generation")
        seen = rows.evaluations_of(work.connection, row.id)
        stored = [
            take
            for take in takes_of(work.connection, [row.id]).get(row.id, ())
            if take.state is TakeState.STORED
        ]
        told = rows.directions_of(work.connection, row.id)
        return DirectionView(
            generation=row,
            tries=[_told(each) for each in told],
            evaluations=_side_by_side(row, stored, seen),
        )


def of_take(house: House, caller: Caller, take_id: str) -> EvaluationView:
    """What was seen in one take of the caller's workspace."""
    with house.begin() as work:
        take = find_take(work.connection, take_id, workspace_id=caller.workspace_id)
        if take is None:
            raise NotFoundError("take")
        if find_generation(work.connection, take.generation_id, workspace_id=caller.workspace_id) is None:
            raise GoneError("The generation of this take has been deleted.")
        return EvaluationView(take, rows.evaluation_of(work.connection, take.id))


def judging(house: House, caller: Caller) -> Mapping[str, Any]:
    """The workspace's weights, and how often its editors picked what the judge ranked first."""
    with house.begin() as work:
        return _judging(work, caller)


def weigh(house: House, caller: Caller, weights: Mapping[str, float]) -> Mapping[str, Any]:
    """Set the workspace's weights."""
    caller.require(Scope.ADMIN)
    problems = tuple(weight_problems(weights, pointer="/weights"))
    if problems:
        raise ValidationFailedError(problems)
    with house.begin() as work:
        before = {name.value: value for name, value in weights_of(work, caller.workspace_id).items()}
        mine = update(workspaces).where(workspaces.c.id == caller.workspace_id)
        work.connection.execute(mine.values(judging=dict(weights)))
        audit(
            work,
            "judging.weights",
            subject_id=caller.workspace_id,
            actor_id=caller.user_id,
            workspace_id=caller.workspace_id,
            before=before,
            after=dict(weights),
        )
        return _judging(work, caller)


def _judging(work: UnitOfWork, caller: Caller) -> Mapping[str, Any]:
    asked = {"workspace_id": caller.workspace_id, "since": work.now - _LATELY}
    found = work.connection.execute(_AGREED, asked).one()
    share = found.picked_first / found.generations if found.generations else None
    return {
        "weights": {name.value: value for name, value in weights_of(work, caller.workspace_id).items()},
        "agreement": {
            "generations": found.generations,
            "picked_first": found.picked_first,
            "share": None if share is None else round(share, 3),
        },
    }


def _side_by_side(
    row: GenerationRow, stored: Sequence[TakeRow], seen: Mapping[str, EvaluationRow]
) -> list[EvaluationView]:
    """Each take with what was seen in it, and how far it drifts from the others and from the look."""
    look = GenerationRequest.from_json(row.request).look
    looked = [found.evaluation if (found := seen.get(take.id)) else None for take in stored]
    drifted = drifts(looked, () if look is None else Look.from_json(look).palette)
    return [
        EvaluationView(take, seen.get(take.id), drift) for take, drift in zip(stored, drifted, strict=True)
    ]


def _told(row: rows.DirectionRow) -> Mapping[str, Any]:
    return {
        "iteration": row.iteration,
        "why": row.why,
        "plan": row.plan,
        "directives": list(row.directives),
        "stronger": row.stronger,
        "steers": list(row.steers),
        "model": row.model,
        "at": row.created_at,
    }
