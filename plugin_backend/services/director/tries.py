"""The tries of a generation: what each is told, and the takes it asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from plugin_backend.db import direction as rows
from plugin_backend.db.direction import DirectionRow
from plugin_backend.db.journal import note
from plugin_backend.db.rows import GenerationRow, TakeRow
from plugin_backend.db.tables import takes
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.brief import GenerationRequest
from plugin_backend.domain.catalogue import Model
from plugin_backend.domain.direction.advice_kinds import Severity
from plugin_backend.domain.direction.directives import DirectiveSource
from plugin_backend.domain.direction.judging import Judgement
from plugin_backend.domain.direction.orders import Order
from plugin_backend.domain.direction.plan import ShotPlan
from plugin_backend.domain.direction.refining import Choice, Refinement, refinement
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.lifecycle import GenerationEvent
from plugin_backend.domain.making.seeds import seed_of_take
from plugin_backend.services.director.evaluating import directives_in
from plugin_backend.services.director.planning import advice_of, directives_of, plan_of, steered
from plugin_backend.services.house import House
from plugin_backend.services.making.posts import posts_of
from plugin_backend.services.moves import move_generation


def first(work: UnitOfWork, row: GenerationRow) -> ShotPlan:
    """Write what the first takes are told; a master is told what its draft was."""
    draft = None if row.from_take_id is None else rows.direction_of(work.connection, row.from_take_id)
    if draft is not None:
        why = "As its draft was made."
        kept = replace(draft, generation_id=row.id, iteration=0, model=None, why=why, created_at=work.now)
        rows.add_direction(work.connection, kept)
        return ShotPlan.from_json(dict(draft.plan))
    request = GenerationRequest.from_json(row.request)
    plan = plan_of(request) if row.plan is None else ShotPlan.from_json(dict(row.plan))
    why = "The editor's own plan." if request.plan is not None else "Read from the brief."
    rows.add_direction(work.connection, _direction(work, row, request, plan, iteration=0, why=why))
    return plan


def warn(house: House, work: UnitOfWork, row: GenerationRow) -> None:
    """What was worth an answer before anything is spent stands in the trace, too."""
    request, told = GenerationRequest.from_json(row.request), _told(work, row)
    if told is None or row.from_take_id is not None:
        return
    plan = ShotPlan.from_json(dict(told.plan))
    for each in advice_of(request, plan, directives_in(told), catalogue=house.catalogue):
        if each.severity is Severity.WARNING:
            data = {"advice": each.to_json()}
            note(work, "note", each.says, generation_id=row.id, owned=row.owned, data=data)


def replan(work: UnitOfWork, row: GenerationRow, order: Order) -> None:
    """The editor steers before anything was spent: the first takes are told this instead."""
    request = GenerationRequest.from_json(row.request)
    before = _told(work, row)
    assert before is not None, "what was paused before its first try has a plan"
    told = _steered(work, row, request, before, order, iteration=row.iteration)
    rows.replace_direction(work.connection, told)
    _say(work, row, f"Steered: {order.note or 'by an edited plan.'}", {"directives": list(told.directives)})


def propose(work: UnitOfWork, row: GenerationRow, judgement: Judgement) -> Refinement:
    """What a further try would change; nothing is written."""
    told = _told(work, row)
    return refinement(
        directives_in(told),
        judgement,
        stronger={} if told is None else told.stronger,
        iteration=row.iteration,
        choices=_choices(work, row),
    )


def begin(
    house: House,
    work: UnitOfWork,
    row: GenerationRow,
    taken: Sequence[TakeRow],
    *,
    event: GenerationEvent,
    proposal: Refinement,
    order: Order | None = None,
) -> None:
    """Go on with a further try: its directives, its takes, and the edge back to `planned`."""
    request, before = GenerationRequest.from_json(row.request), _told(work, row)
    iteration = row.iteration + 1
    if before is None:
        told = _direction(work, row, request, plan_of(request), iteration=iteration, why=proposal.why)
    elif order is None:
        told = replace(before, iteration=iteration, why=proposal.why, created_at=work.now)
    else:
        told = _steered(work, row, request, before, order, iteration=iteration)
    stronger = _still_meant(proposal.stronger, before, told)
    model = None if proposal.choice is None else proposal.choice.model
    told = replace(told, stronger=stronger, model=model)
    rows.add_direction(work.connection, told)
    work.connection.execute(takes.insert().inline(), _asked(house, work, row, taken, proposal.choice))
    move_generation(work, row, event, iteration=iteration, standing_order=None)
    data = {**proposal.to_json(), "stronger": stronger, "why": told.why, "steers": list(told.steers)}
    _say(work, row, f"Try {iteration + 1}. {told.why}", data)


def _still_meant(
    stronger: Mapping[str, int], before: DirectionRow | None, told: DirectionRow
) -> Mapping[str, int]:
    """What was missed and is asked again, word for word; ids are numbers, and a steered plan counts anew."""
    earlier = {} if before is None else {each["id"]: each for each in before.directives}
    same = {each["id"] for each in told.directives if earlier.get(each["id"]) == each}
    return {each: level for each, level in stronger.items() if each in same}


def _steered(
    work: UnitOfWork,
    row: GenerationRow,
    request: GenerationRequest,
    before: DirectionRow,
    order: Order,
    *,
    iteration: int,
) -> DirectionRow:
    """What the next takes are told once the editor has said more."""
    plan = ShotPlan.from_json(dict(before.plan if order.plan is None else order.plan))
    said = tuple(before.steers)
    if order.note:
        plan = steered(request, plan, said=said, note=order.note)
        said = (*said, order.note)
    why = f"Steered: {order.note}" if order.note else "Steered by an edited plan."
    was_edited = any(each["source"] == DirectiveSource.PLAN.value for each in before.directives)
    is_edited = was_edited or order.plan is not None or request.plan is not None
    directives = directives_of(request, plan, said=said, is_edited=is_edited)
    return DirectionRow(
        generation_id=row.id,
        iteration=iteration,
        plan=plan.to_json(),
        directives=[each.to_json() for each in directives],
        steers=list(said),
        why=why,
        created_at=work.now,
    )


def _direction(
    work: UnitOfWork,
    row: GenerationRow,
    request: GenerationRequest,
    plan: ShotPlan,
    *,
    iteration: int,
    why: str,
) -> DirectionRow:
    return DirectionRow(
        generation_id=row.id,
        iteration=iteration,
        plan=plan.to_json(),
        directives=[each.to_json() for each in directives_of(request, plan)],
        why=why,
        created_at=work.now,
    )


def _told(work: UnitOfWork, row: GenerationRow) -> DirectionRow | None:
    """What the last try was told; None of a generation from before the director."""
    return next(iter(rows.directions_of(work.connection, row.id)[::-1]), None)


def _choices(work: UnitOfWork, row: GenerationRow) -> tuple[Choice, ...]:
    """The models of the request's list that were not tried and cost no more than was held for a take."""
    made_by = work.connection.scalars(select(takes.c.model).where(takes.c.generation_id == row.id))
    tried = {row.model, *made_by}
    listed = [
        Choice(place, each["model"], each["provider"], each["credits_per_take"])
        for place, each in enumerate(row.routing or ())
    ]
    held = row.credits_held // (row.takes_wanted * (1 + row.max_iterations))
    return tuple(each for each in listed if each.model not in tried and each.credits <= held)


def _asked(
    house: House,
    work: UnitOfWork,
    row: GenerationRow,
    taken: Sequence[TakeRow],
    choice: Choice | None,
) -> list[dict[str, Any]]:
    """The takes of the next try, numbered on."""
    request, models = GenerationRequest.from_json(row.request), _models(house, row)
    common = {
        "workspace_id": row.workspace_id,
        "owner_id": row.owner_id,
        "generation_id": row.id,
        "iteration": row.iteration + 1,
        "created_at": work.now,
        "updated_at": work.now,
        **_made_by(house, request, choice),
    }
    last = max(take.number for take in taken)
    return [
        {
            **common,
            "id": new_id(Prefix.TAKE, at=work.now),
            "number": number,
            "seed": seed_of_take(models, request.brief.seed, generation_id=row.id, number=number),
        }
        for number in range(last + 1, last + 1 + row.takes_wanted)
    ]


def _made_by(house: House, request: GenerationRequest, choice: Choice | None) -> Mapping[str, Any]:
    """Another model than the generation's, at its own price; else it is named when it is sent."""
    if choice is None:
        return {"model": None, "provider": None, "credits": None, "choice": 0, "parts": 1}
    asked = replace(request, brief=replace(request.brief, model=choice.model))
    return {
        "model": choice.model,
        "provider": choice.provider,
        "credits": choice.credits,
        "choice": choice.place,
        "parts": len(posts_of(house, asked)),
    }


def _models(house: House, row: GenerationRow) -> tuple[Model, ...]:
    listed = {row.model, *(each["model"] for each in row.routing or ())}
    return tuple(model for model in house.catalogue.models if model.id in listed)


def _say(work: UnitOfWork, row: GenerationRow, summary: str, data: Mapping[str, Any]) -> None:
    note(work, "refine", summary, generation_id=row.id, owned=row.owned, data=data)
