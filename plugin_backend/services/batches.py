"""Generations asked for together: one brief on several models, or the shots of a scene."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from plugin_backend.db.generations import GenerationFilter, GenerationView, list_generations, views_of
from plugin_backend.domain.brief import AUTO, GenerationRequest, LeftOut
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import FieldProblem, NotFoundError, ValidationFailedError
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.lifecycle import GENERATION
from plugin_backend.services.generations import Asked, Lineage, request
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency
from plugin_backend.services.making import lateness

MOST: Final = 50
FEWEST_MODELS: Final = 2
MOST_MODELS: Final = 6


@dataclass(frozen=True, slots=True)
class Batch:
    """All of them, as they stand."""

    id: str
    views: tuple[GenerationView, ...]

    @property
    def states(self) -> Mapping[str, int]:
        """How many are in each state."""
        return Counter(view.generation.state.value for view in self.views)

    @property
    def is_finished(self) -> bool:
        """Whether every one has ended."""
        return all(view.generation.state in GENERATION.terminal for view in self.views)

    @property
    def credits_held(self) -> int:
        """What was held for all of them together."""
        return sum(view.generation.credits_held for view in self.views)

    @property
    def credits_open(self) -> int:
        """What is held still, for those that have not ended."""
        rows = (view.generation for view in self.views)
        return sum(row.credits_held for row in rows if row.state in GENERATION.unfinished)

    @property
    def credits_settled(self) -> int:
        """What those that have ended came to."""
        return sum(view.generation.credits_settled or 0 for view in self.views)

    @property
    def draft_units(self) -> int:
        """The draft units taken for all of them."""
        return sum(view.generation.draft_units for view in self.views)


def on_models(wanted: GenerationRequest, models: tuple[str, ...]) -> list[GenerationRequest]:
    """One request on each of some models, to be compared."""
    if AUTO in models:
        place = models.index(AUTO)
        raise ValidationFailedError(
            [FieldProblem(f"/compare/models/{place}", "Name the models to be compared.")]
        )
    if len(set(models)) < len(models):
        raise ValidationFailedError([FieldProblem("/compare/models", "Each model is compared once.")])
    briefs = [replace(wanted.brief, model=model) for model in models]
    named = [replace(brief, left_out=brief.left_out - {LeftOut.MODEL}) for brief in briefs]
    return [replace(wanted, brief=brief, fallback_models=()) for brief in named]


def ask(
    house: House,
    caller: Caller,
    wanted: Sequence[GenerationRequest],
    *,
    places: Sequence[str],
    idempotency: Idempotency | None = None,
) -> Asked:
    """Accept all of the requests or none, under one id by which they are found again together."""
    with house.begin() as work:
        lineage = Lineage(batch_id=new_id(Prefix.BATCH, at=work.now), places=places)
    return request(house, caller, wanted, idempotency=idempotency, lineage=lineage)


def get(house: House, caller: Caller, batch_id: str) -> Batch:
    """A batch of the caller's workspace; what was deleted of it since is left out."""
    chosen = GenerationFilter(batch_id=batch_id, limit=MOST)
    with house.begin() as work:
        rows = list_generations(work.connection, chosen, workspace_id=caller.workspace_id)
        if not rows:
            raise NotFoundError("batch")
        views, now = views_of(work.connection, rows[::-1]), work.now
    return Batch(batch_id, lateness.timed(house, views, now=now))
