"""What was seen in a stored take: written once, judged by the workspace's weights, told in the trace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from plugin_backend.db import direction as rows
from plugin_backend.db import work as work_rows
from plugin_backend.db.direction import EvaluationRow
from plugin_backend.db.generations import find_generation
from plugin_backend.db.journal import note
from plugin_backend.db.rows import GenerationRow, TakeRow
from plugin_backend.db.tables import takes, workspaces
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.work import Due
from plugin_backend.domain.brief import Kind
from plugin_backend.domain.direction.directives import Directive
from plugin_backend.domain.direction.evaluation import Evaluation
from plugin_backend.domain.direction.judging import NOT_MEASURED, Judgement, Weights, judge, weights_from
from plugin_backend.domain.keeping import Kept
from plugin_backend.domain.lifecycle import GenerationState
from plugin_backend.domain.work import Claim, Lane
from plugin_backend.services import stepping
from plugin_backend.services.house import House
from plugin_backend.services.keeping import storage_room
from plugin_backend.services.moves import lock_generation, nudge, touch_generation


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeToSee:
    """A stored take that nobody has looked at yet, with what it was told."""

    row: EvaluationRow
    take: TakeRow
    generation: GenerationRow
    directives: tuple[Directive, ...]


def open_for(work: UnitOfWork, take: TakeRow, *, kind: Kind) -> None:
    """A take was stored: somebody shall look at it, behind the editors who wait for pictures."""
    evaluation_id = rows.open_evaluation(work.connection, take, now=work.now)
    stepping.make_due(work, Due(evaluation_id, _lane(kind), take.owned))


def reopen(work: UnitOfWork, row: GenerationRow, evaluation_ids: Sequence[str]) -> None:
    """Whatever became of their steps, these takes are still to be looked at."""
    due = [Due(each, _lane(row.kind), row.owned) for each in evaluation_ids]
    work_rows.open_work(work.connection, due, now=work.now)


def _lane(kind: Kind) -> Lane:
    return Lane.MEDIA_DRAFT if kind is Kind.DRAFT else Lane.MEDIA_MASTER


def look(house: House, claim: Claim) -> TakeToSee | None:
    """Read a claimed evaluation; None (and the row closed) when it is done or nobody wants it any more."""
    with house.begin() as work:
        found = rows.find_evaluation(work.connection, claim.subject_id)
        generation = None if found is None else find_generation(work.connection, found[1].generation_id)
        if found is None or generation is None or found[0].done_at is not None:
            stepping.done(work, claim)
            return None
        row, take = found
        if _is_unwanted(generation, take):
            rows.close_evaluation(
                work.connection, row.id, now=work.now, failure="It was not wanted any more."
            )
            stepping.done(work, claim)
            return None
        told = rows.directions_of_takes(work.connection, [take]).get(take.id)
        return TakeToSee(row=row, take=take, generation=generation, directives=directives_in(told))


def directives_in(told: rows.DirectionRow | None) -> tuple[Directive, ...]:
    """The directives of a try, as they were kept."""
    return () if told is None else tuple(Directive.from_json(dict(each)) for each in told.directives)


def evaluation_in(seen: EvaluationRow | None) -> Evaluation | None:
    """What was measured of a take, as it was kept; None until then."""
    measured = None if seen is None else seen.evaluation
    return None if measured is None else Evaluation.from_json(dict(measured))


def seen(
    house: House,
    claim: Claim,
    hand: TakeToSee,
    evaluation: Evaluation,
    *,
    pictures: Mapping[str, Any] | None = None,
    opinions: Mapping[str, Any] | None = None,
) -> None:
    """Write what was measured, and what the judge says of it."""
    size = house.storage.size(Kept.TAKE.prefix(hand.take.id))
    with house.begin() as work:
        lock_generation(work, hand.generation.id)
        weights = weights_of(work, hand.take.workspace_id)
        judgement = judge(evaluation, hand.directives, weights=weights)
        written = rows.close_evaluation(
            work.connection,
            hand.row.id,
            now=work.now,
            evaluation=evaluation.to_json(),
            judgement=judgement.to_json(),
            pictures=None if pictures is None else dict(pictures),
            opinions=None if opinions is None else dict(opinions),
        )
        if written:
            _tell(work, hand, judgement, verdict=_verdict(judgement, evaluation), data=evaluation.to_json())
            _count(work, hand.take, size)
        _done(work, claim, hand)


def not_seen(house: House, claim: Claim, hand: TakeToSee, *, why: str) -> None:
    """It could not be measured: the take keeps what is known of it, and never waits for more."""
    with house.begin() as work:
        lock_generation(work, hand.generation.id)
        told = {"judgement": NOT_MEASURED.to_json(), "failure": why}
        if rows.close_evaluation(work.connection, hand.row.id, now=work.now, **told):
            verdict = hand.take.verdict or f"Not measured: {why}"
            _tell(work, hand, NOT_MEASURED, verdict=verdict, data={"not_measured": [why]})
        _done(work, claim, hand)


def weights_of(work: UnitOfWork, workspace_id: str) -> Weights:
    """What the workspace's judge goes by."""
    chosen = select(workspaces.c.judging).where(workspaces.c.id == workspace_id)
    return weights_from(work.connection.execute(chosen).scalar_one_or_none())


def best_of(stored: Sequence[TakeRow]) -> TakeRow:
    """The take with the best score; the earliest of equals, and of those that were not measured."""
    return max(stored, key=lambda take: (take.score is not None, take.score or 0.0, -take.number))


def _is_unwanted(generation: GenerationRow, take: TakeRow) -> bool:
    ended = generation.state in (GenerationState.CANCELLED, GenerationState.FAILED)
    return ended or generation.deleted_at is not None or take.media_deleted_at is not None


def _tell(
    work: UnitOfWork, hand: TakeToSee, judgement: Judgement, *, verdict: str, data: Mapping[str, Any]
) -> None:
    changed = update(takes).where(takes.c.id == hand.take.id)
    told = {"score": judgement.score, "verdict": verdict, "updated_at": work.now}
    work.connection.execute(changed.values(**told, version=takes.c.version + 1))
    touch_generation(work, hand.generation.id)
    note(
        work,
        "measure",
        f"Take {hand.take.number}: {verdict}",
        generation_id=hand.generation.id,
        owned=hand.take.owned,
        take=hand.take.number,
        data={**data, "judgement": judgement.to_json(), "evaluation": f"/v1/takes/{hand.take.id}/evaluation"},
    )


def _count(work: UnitOfWork, take: TakeRow, size: int) -> None:
    """With the pictures of what was seen; nothing of a take whose media is gone counts."""
    gone = select(takes.c.media_deleted_at).where(takes.c.id == take.id)
    if work.connection.execute(gone).scalar_one() is None:
        storage_room.record(work, Kept.TAKE, take.id, owned=take.owned, bytes_=size)


def _verdict(judgement: Judgement, evaluation: Evaluation) -> str:
    """The worst first, two sentences at most; an editor reads it under a picture."""
    unseen = sum(each.of - each.measured for each in judgement.criteria)
    rest = f" Not measured: {unseen} of what was asked." if unseen else ""
    if judgement.reasons:
        return " ".join(judgement.reasons[:2]) + rest
    move = evaluation.move.replace("-", " ")
    return f"Nothing is wrong with the picture; the camera's move is {move}.{rest}"


def _done(work: UnitOfWork, claim: Claim, hand: TakeToSee) -> None:
    nudge(work, hand.generation.id)
    stepping.done(work, claim)
