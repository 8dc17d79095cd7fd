"""Storyboards for the tests: two shots, and how they come to be made."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from plugin_backend.domain.brief import Brief
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import (
    ValidationFailedError,
)
from plugin_backend.domain.sequence import Sequence
from plugin_backend.domain.storyboard import AskedShot, ShotState
from plugin_backend.services import stepping
from plugin_backend.services import storyboards as service
from plugin_backend.services.boards import storyboard_changes, storyboard_drafts, storyboard_waves
from plugin_backend.services.boards.storyboard_changes import ShotChange, StoryboardChange
from plugin_backend.services.boards.storyboard_drafts import Drafting
from plugin_backend.services.boards.storyboard_waves import Turn
from plugin_backend.services.storyboards import NewStoryboard, StoryboardView
from tests.services.studio import Studio

SHOT = AskedShot(brief=Brief(prompt="fog over a harbour", seed=1))
NEXT = replace(SHOT, continues=True, brief=replace(SHOT.brief, prompt="a red boat comes in"))
DROP = Sequence.from_json(
    {
        "frame_rate": "30000/1001",
        "width": 640,
        "height": 360,
        "playhead_timecode": "01:00:59;20",
        "handles_frames": 6,
    }
)


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


def picked(studio: Studio, caller: Caller, *shots: AskedShot, sequence: Sequence = DROP) -> StoryboardView:
    """A board with a take picked for every shot."""
    view = drafted(studio, caller, board(studio, caller, *shots, sequence=sequence))
    done = made(studio, caller, view)
    picks = tuple(ShotChange(id=s.row.id, says={"take_id": s.takes[0].id}) for s in done.shots)
    return storyboard_changes.change(studio.house, caller, view.row.id, StoryboardChange(shots=picks))


def check_frame(studio: Studio, view: StoryboardView) -> None:
    """The media steps that need pixels: the frame is taken out of the take, and checked like every asset."""
    claim = stepping.claim(studio.house, view.row.id)
    assert claim is not None
    (waiting, *_) = storyboard_waves.look(studio.house, claim)
    assert waiting.turn is Turn.FRAME
    storyboard_waves.framed(studio.house, claim, waiting)
    ready = (
        "UPDATE assets SET state = 'ready', kind = 'image', files = '{\"clean\": \"c.png\"}' WHERE id = :id"
    )
    with studio.house.engine.begin() as connection:
        connection.execute(text(ready), {"id": waiting.asset_id})
