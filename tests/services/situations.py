"""A generation in every situation it can be cancelled, given up or broken in."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from plugin_backend.db.generations import GenerationView
from plugin_backend.domain.brief import GenerationRequest, Kind, Resolution
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.lifecycle import GenerationState
from tests.domain.requests import asked
from tests.services.studio import Studio, with_brief

DRAFT = replace(with_brief(asked(), seed=100), takes=3)
MASTER = with_brief(replace(DRAFT, kind=Kind.MASTER), resolution=Resolution.P1080)
EACH = 10
"""Credits a take of the master costs."""


def queued(studio: Studio, caller: Caller, wanted: GenerationRequest) -> GenerationView:
    return studio.ask(caller, wanted)


def planned(studio: Studio, caller: Caller, wanted: GenerationRequest) -> GenerationView:
    view = studio.ask(caller, wanted)
    assert studio.step(view.generation.id)
    return view


def planned_and_due(studio: Studio, caller: Caller, wanted: GenerationRequest) -> GenerationView:
    """Its takes have steps of their own, and none was sent."""
    view = planned(studio, caller, wanted)
    assert studio.step(view.generation.id)
    assert studio.see(view.generation.id).generation.state is GenerationState.PLANNED
    return view


def generating(studio: Studio, caller: Caller, wanted: GenerationRequest) -> GenerationView:
    """Every take was sent, and none is finished."""
    studio.upstream.slow_seeds |= {100, 101, 102}
    view = studio.ask(caller, wanted)
    studio.work_off()
    return view


def rendered(studio: Studio, caller: Caller, wanted: GenerationRequest) -> GenerationView:
    """The provider has finished one take; we have not stored it yet."""
    view = generating(studio, caller, wanted)
    studio.upstream.slow_seeds -= {101}
    studio.clock.turn(timedelta(seconds=3))
    assert studio.step(view.takes[1].id)
    return view


def part_stored(studio: Studio, caller: Caller, wanted: GenerationRequest) -> GenerationView:
    """One take is stored, two are still being made."""
    view = rendered(studio, caller, wanted)
    assert studio.step(view.takes[1].id)
    return view


Situation = Callable[[Studio, Caller, GenerationRequest], GenerationView]
SITUATIONS: dict[str, tuple[Situation, int]] = {
    "queued": (queued, 0),
    "planned": (planned, 0),
    "planned, takes due": (planned_and_due, 0),
    "generating": (generating, 0),
    "one rendered": (rendered, 1),
    "one stored": (part_stored, 1),
}
