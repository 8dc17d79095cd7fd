"""The turn of a shot that goes on from the one before."""

from datetime import timedelta

from plugin_backend.domain.callers import Caller
from plugin_backend.services.storyboards import StoryboardView
from tests.services.boards import check_frame, made, seen
from tests.services.studio import Studio


def second_turn(studio: Studio, caller: Caller, view: StoryboardView) -> StoryboardView:
    """The board once the second shot's turn has come."""
    made(studio, caller, view)
    studio.clock.turn(timedelta(seconds=3))
    check_frame(studio, view)
    studio.step(view.row.id)
    return seen(studio, caller, view)
