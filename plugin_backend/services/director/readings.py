"""Briefs that a language model is to read before they are planned: which, and what it made of them."""

from dataclasses import dataclass

from sqlalchemy import update

from plugin_backend.db import work as work_rows
from plugin_backend.db.generations import find_generation
from plugin_backend.db.journal import note
from plugin_backend.db.tables import generations
from plugin_backend.domain.brief import GenerationRequest
from plugin_backend.domain.direction.shot import ShotPlan
from plugin_backend.domain.lifecycle import GenerationState
from plugin_backend.domain.work import Claim
from plugin_backend.services.director.planning import plan_of
from plugin_backend.services.house import House
from plugin_backend.services.moves import touch_generation


@dataclass(frozen=True, slots=True)
class Unread:
    """A brief's words, and the plan that the vocabulary makes of them."""

    prompt: str
    planned: ShotPlan


def unread(house: House, generation_id: str) -> Unread | None:
    """What is to be read; None when it was, when the editor planned it, or when it has no words."""
    with house.begin() as work:
        row = find_generation(work.connection, generation_id)
    if row is None or row.state is not GenerationState.QUEUED or row.cancel_requested:
        return None
    request = GenerationRequest.from_json(row.request)
    is_planned = row.plan is not None or request.plan is not None or row.from_take_id is not None
    if is_planned or not request.brief.prompt.strip():
        return None
    return Unread(request.brief.prompt, plan_of(request))


def keep(house: House, claim: Claim, plan: ShotPlan, *, said: str) -> None:
    """Write down what was read; the generation is planned by it when its turn comes."""
    with house.begin() as work:
        row = find_generation(work.connection, claim.subject_id, lock=True)
        work_rows.fence(work.connection, claim, now=work.now)
        if row is None or row.state is not GenerationState.QUEUED or row.plan is not None:
            return
        read = update(generations).where(generations.c.id == row.id).values(plan=plan.to_json())
        work.connection.execute(read)
        touch_generation(work, row.id)
        note(work, "note", said, generation_id=row.id, owned=row.owned, data={"planner": True})
