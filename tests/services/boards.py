"""Storyboards for the tests: two shots, and how they come to be made."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from plugin_backend.domain.brief import Brief
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import (
    ValidationFailedError,
)
from plugin_backend.domain.storyboard import AskedShot, ShotState
from plugin_backend.services import storyboards as service
from plugin_backend.services.boards import storyboard_drafts
from plugin_backend.services.boards.storyboard_drafts import Drafting
from plugin_backend.services.storyboards import NewStoryboard, StoryboardView
from tests.services.studio import Studio

SHOT = AskedShot(brief=Brief(prompt="fog over a harbour", seed=1))
NEXT = replace(SHOT, continues=True, brief=replace(SHOT.brief, prompt="a red boat comes in"))


def board(studio: Studio, caller: Caller, *shots: AskedShot, **members: Any) -> StoryboardView:
    wanted = NewStoryboard(title="Harbour", shots=shots, **members)
    return service.create(studio.house, caller, wanted)


def drafted(studio: Studio, caller: Caller, view: StoryboardView, **wanted: Any) -> StoryboardView:
    studio.clock.turn(timedelta(milliseconds=1))
    return storyboard_drafts.generate(studio.house, caller, view.row.id, Drafting(**wanted))


def seen(studio: Studio, caller: Caller, view: StoryboardView) -> StoryboardView:
    return service.get(studio.house, caller, view.row.id)


def made(studio: Studio, caller: Caller, view: StoryboardView) -> StoryboardView:
    """The board once nothing of it is being generated; what waits still waits."""
    for _ in range(100):
        studio.work_off()
        found = seen(studio, caller, view)
        if ShotState.DRAFTING not in states(found):
            return found
        studio.clock.turn(timedelta(seconds=1))
    raise AssertionError("it is never made")


def states(view: StoryboardView) -> list[ShotState]:
    return [shot.state for shot in view.shots]


def problems(refusal: pytest.ExceptionInfo[ValidationFailedError]) -> list[str]:
    return [problem.pointer for problem in refusal.value.problems]
