"""A storyboard's own step: shots that continue another begin once that one has a take."""

from typing import assert_never

from plugin_backend.db.rows import TakeRow
from plugin_backend.domain.work import Claim, Lane
from plugin_backend.services.assets import upload_key
from plugin_backend.services.boards import storyboard_waves as waves
from plugin_backend.services.boards.storyboard_waves import Turn, Waiting
from worker.runtime import Runtime


def advance(runtime: Runtime, claim: Claim) -> None:
    """Take the first waiting shot that can go on one step further."""
    waiting = waves.look(runtime.house, claim)
    if not waiting:
        return
    ready = next((each for each in waiting if each.turn not in (Turn.TAKE, Turn.CHECK)), waiting[0])
    match ready.turn:
        case Turn.TAKE | Turn.CHECK:
            waves.wait(runtime.house, claim, lane=Lane.STEP_DRAFT)
        case Turn.FRAME:
            _frame(runtime, claim, ready)
        case Turn.REQUEST:
            waves.begun(runtime.house, claim, ready)
        case Turn.NOTHING:
            detail = "The shot before has no take to go on from."
            waves.refused(runtime.house, claim, ready, detail=detail)
        case _:
            assert_never(ready.turn)


def _frame(runtime: Runtime, claim: Claim, waiting: Waiting) -> None:
    """The picture is taken out of the source in a media step."""
    if not claim.lane.is_media:
        waves.wait(runtime.house, claim, lane=Lane.MEDIA_DRAFT)
        return
    assert waiting.take is not None
    arguments = {**_source_of(waiting.take), "key": upload_key(waiting.asset_id)}
    runtime.run_media("take_frame", arguments, on_progress=runtime.renewing(claim))
    waves.framed(runtime.house, claim, waiting)


def _source_of(take: TakeRow) -> dict[str, object]:
    facts = take.facts or {}
    return {
        "source": dict(take.source or {}),
        "facts": {name: facts[name] for name in ("frame_rate", "frame_count", "width", "height")},
        "frame": facts["frame_count"] - 1,
    }
