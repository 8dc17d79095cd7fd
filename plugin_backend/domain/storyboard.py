"""Storyboards: shots in order, each with its brief, the take that was picked, and what it waits for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from plugin_backend.domain.boards.storyboard_script import ScriptShot
from plugin_backend.domain.brief import Brief, GenerationRequest, Keyframe, Kind, LeftOut, Operation
from plugin_backend.domain.catalogue import Durations, Model
from plugin_backend.domain.errors import (
    BackendError,
    FieldProblem,
    UnsupportedByModelError,
    ValidationFailedError,
)
from plugin_backend.domain.lifecycle import GENERATION, GenerationState
from plugin_backend.domain.sequence import MAX_HANDLES, frames_for
from plugin_backend.domain.sequence import Sequence as Timebase
from plugin_backend.domain.validation import MAX_LABEL_CHARACTERS, validate_request

MAX_SHOTS: Final = 50
MAX_TITLE_CHARACTERS: Final = 200
MAX_SCRIPT_CHARACTERS: Final = 40_000


class ShotState(StrEnum):
    """How far a shot of a storyboard is."""

    EMPTY = "empty"  # nothing was asked for
    WAITING = "waiting"  # for a take of the shot before, whose last frame it begins with
    DRAFTING = "drafting"
    DRAFTED = "drafted"  # takes to choose from
    PICKED = "picked"
    FAILED = "failed"  # no take could be made
    REFUSED = "refused"  # its turn came, and it could not be asked for; `problem` says why


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedShot:
    """A shot as it is asked for; `continues`: its first frame is the last one of the shot before."""

    brief: Brief
    label: str = ""
    handles_frames: int | None = None
    """Frames at each end that the cut leaves away; None: as many as the storyboard's sequence says."""
    continues: bool = False


def shot_problems(shots: Sequence[AskedShot], timebase: Timebase | None) -> Iterator[FieldProblem]:
    """What is wrong with them whatever the model, each below `/shots/N`."""
    if not 1 <= len(shots) <= MAX_SHOTS:
        yield FieldProblem("/shots", f"A storyboard has 1 to {MAX_SHOTS} shots; here are {len(shots)}.")
    for number, shot in enumerate(shots[:MAX_SHOTS]):
        yield from problems_of_shot(shot, timebase, pointer=f"/shots/{number}")


def problems_of_shot(shot: AskedShot, timebase: Timebase | None, *, pointer: str) -> Iterator[FieldProblem]:
    """What is wrong with one, below `pointer`."""
    if len(shot.label) > MAX_LABEL_CHARACTERS:
        yield FieldProblem(f"{pointer}/label", f"A label has at most {MAX_LABEL_CHARACTERS} characters.")
    try:
        validate_request(GenerationRequest(kind=Kind.DRAFT, brief=shot.brief))
    except ValidationFailedError as refusal:
        yield from (replace(each, pointer=pointer + each.pointer) for each in refusal.problems)
    else:
        yield from _handle_problems(shot, timebase, pointer=pointer)
    if shot.continues and shot.brief.first_frame is not None:
        detail = "It begins with a frame of its own: leave one of the two out."
        yield FieldProblem(f"{pointer}/continue", detail)
    if shot.brief.source is not None:
        detail = "A shot of a storyboard is made, not made over: leave the source out."
        yield FieldProblem(f"{pointer}/brief/source", detail)


def _handle_problems(shot: AskedShot, timebase: Timebase | None, *, pointer: str) -> Iterator[FieldProblem]:
    handles = shot.handles_frames
    if handles is not None and not 0 <= handles <= MAX_HANDLES:
        yield FieldProblem(f"{pointer}/handles_frames", f"Give a whole number from 0 to {MAX_HANDLES}.")
    elif timebase is not None:
        handles = timebase.handles_frames if handles is None else handles
        frames = frames_for(shot.brief.duration_seconds, timebase.frame_rate)
        if 2 * handles >= frames:
            detail = f"Handles on both sides lie inside the shot, which has {frames} frames here."
            yield FieldProblem(f"{pointer}/handles_frames", detail)


def below_shot(refusal: BackendError, number: int) -> BackendError:
    """A refusal of one shot's request, its pointers where the shot stands in the storyboard."""
    match refusal:
        case ValidationFailedError():
            return ValidationFailedError([_below(each, number) for each in refusal.problems])
        case UnsupportedByModelError():
            return UnsupportedByModelError(refusal.model, [_below(each, number) for each in refusal.problems])
        case _:
            return refusal


def _below(problem: FieldProblem, number: int) -> FieldProblem:
    return replace(problem, pointer=f"/shots/{number}{problem.pointer}")


def asked_of_script(shots: Sequence[ScriptShot], brief: Brief, model: Model) -> tuple[AskedShot, ...]:
    """Shots as their script has them, each as long as the model makes shots; labelled SH010, SH020 ..."""
    durations = model.durations_for(Operation.GENERATE)
    return tuple(
        AskedShot(
            brief=replace(brief, prompt=shot.prompt, duration_seconds=nearest_above(shot.seconds, durations)),
            label=f"SH{10 * number:03d}",
        )
        for number, shot in enumerate(shots, 1)
    )


def nearest_above(seconds: Fraction, durations: Durations) -> Fraction:
    """The shortest length that the model makes in which so much fits; its longest where nothing does."""
    if durations.shortest is not None and durations.longest is not None:
        return min(max(seconds, durations.shortest), durations.longest)
    return min((each for each in durations.listed if each >= seconds), default=durations.maximum)


def continued(brief: Brief, asset_id: str) -> Brief:
    """The brief, begun on a picture."""
    return replace(brief, keyframes=(Keyframe(asset_id), *brief.keyframes))


def state_of(
    *, is_waiting: bool, is_refused: bool, newest: GenerationState | None, has_take: bool, is_picked: bool
) -> ShotState:
    """How far a shot is; what is under way comes before what was made earlier."""
    if is_waiting:
        return ShotState.WAITING
    if newest is not None and newest not in GENERATION.terminal:
        return ShotState.DRAFTING
    if is_picked:
        return ShotState.PICKED
    if is_refused:
        return ShotState.REFUSED
    if has_take:
        return ShotState.DRAFTED
    return ShotState.EMPTY if newest is None else ShotState.FAILED


def brief_to_json(brief: Brief) -> dict[str, Any]:
    """A brief as a storyboard keeps it: what was left out stays open until it is generated."""
    said = brief.to_json()
    return {name: value for name, value in said.items() if name not in set(brief.left_out)}


def brief_from_json(data: Mapping[str, Any]) -> Brief:
    """Read back what `brief_to_json` wrote."""
    left_out = frozenset(each for each in LeftOut if each.value not in data)
    return replace(Brief.from_json({**Brief().to_json(), **data}), left_out=left_out)
