"""Conform: what has to be done so that a take drops onto a sequence, decided once and kept.

A plan answers which source frame each delivered frame shows, where the picture sits in the sequence's frame,
in which colour space each file is, what the files are called, and in which ranges the work is cut. Whoever
does the work reads the plan and decides nothing.
"""

import base64
import hashlib
import itertools
import math
import re
from collections.abc import Sequence as Several
from dataclasses import replace
from fractions import Fraction
from typing import Final

from plugin_backend.domain.delivering.conform_plan import (
    ConformPlan,
    Decision,
    OutputRole,
    OutputSpec,
    PlannedOutput,
    SourceFacts,
)
from plugin_backend.domain.delivering.delivery_formats import (
    DELIVERY_FORMATS,
    EXR_COSTS,
    SCENE_SPACES,
)
from plugin_backend.domain.delivering.output_plans import plan_outputs
from plugin_backend.domain.delivering.parts import MOST_MOVIES, FrameRange, Part
from plugin_backend.domain.delivering.placing import Fit, Placement, Position, place
from plugin_backend.domain.delivering.retiming import RateMethod, Retime, choose_method
from plugin_backend.domain.errors import FieldProblem, ValidationFailedError
from plugin_backend.domain.sequence import SUPPORTED_RATES, ColourSpace, Sequence, frames_for

_STEM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
_PROXY_COST: Final = 60
_REEL_LENGTH: Final = 8  # what an EDL has room for

# A chunk is short enough to lose, long enough to be worth a claim: this much work of one core.
_CHUNK_MILLISECONDS: Final = 6000
_CHUNK_FRAMES: Final = range(4, 97)
_READ_COST: Final = 55  # milliseconds of one core per 1080p frame: decode, place, measure
_REFERENCE_PIXELS: Final = 1920 * 1080


def plan_conform(
    source: SourceFacts,
    sequence: Sequence,
    outputs: Several[OutputSpec],
    *,
    name_stem: str,
    fit: Fit = Fit.FIT,
    position: Position | None = None,
    retime: Retime = Retime.AUTO,
    part: Part | None = None,
) -> ConformPlan:
    """The whole plan; ValidationFailedError names what in the sequence cannot be met.

    `name_stem` names the shot, not the take: a draft and its master share it, so that one replaces the other.
    """
    _check_outputs(outputs, name_stem=name_stem)
    frame_count = frames_for(source.duration, sequence.frame_rate)
    _check_sequence(sequence, outputs, frame_count=frame_count, source=source)
    rate_method, rate_decision = _retimed(source, sequence, retime=retime, frame_count=frame_count)
    placement, why = _placed(source, sequence, fit=fit, position=position)
    sizes = () if all(output.shape for output in outputs) else (Decision("size", fit, why),)
    runs = (part or Part()).runs(frame_count, has_handles=sequence.handles_frames > 0)
    numbers = _numbers(part, runs, sequence, outputs)
    sequence = replace(sequence, playhead=sequence.playhead + runs[0].first)
    planned, explained = plan_outputs(
        outputs, source, sequence, name_stem=name_stem, numbers=numbers, position=position
    )
    return ConformPlan(
        source=source,
        sequence=sequence,
        name_stem=name_stem,
        reel=reel_name(name_stem),
        frame_count=sum(run.count for run in runs),
        rate_method=rate_method,
        placement=placement,
        outputs=planned,
        chunks=_cut(runs, planned, size=_chunk_size(sequence, planned)),
        decisions=(rate_decision, *sizes, *explained),
        runs=runs,
    )


def _check_outputs(outputs: Several[OutputSpec], *, name_stem: str) -> None:
    if not _STEM.fullmatch(name_stem):
        raise ValueError(f"{name_stem!r} cannot start a file name on every system.")
    if not outputs or len(set(outputs)) < len(outputs):
        raise ValueError("A delivery has at least one output, and no output twice.")


def own_sequence(source: SourceFacts) -> Sequence:
    """A sequence of the take's own shape, as near as sequences come to it.

    A rate that no editor has becomes the lowest that shows every frame equally often, else the next above;
    odd sides lose one. A display's picture keeps its colour space, light is shown in Rec. 709.
    """
    space = ColourSpace.REC709 if source.space in SCENE_SPACES else source.space
    return Sequence.from_json(
        {
            "frame_rate": str(_own_rate(source.frame_rate)),
            "width": source.width - source.width % 2,
            "height": source.height - source.height % 2,
            "colour_space": space.value,
        }
    )


def reel_name(name_stem: str) -> str:
    """Eight capitals and digits that stand for the shot: the same for its draft and its master."""
    digest = hashlib.sha256(name_stem.encode()).digest()
    return base64.b32encode(digest).decode()[:_REEL_LENGTH]


def _own_rate(rate: Fraction) -> Fraction:
    if rate in SUPPORTED_RATES:
        return rate
    multiples = [each for each in SUPPORTED_RATES if (each / rate).denominator == 1]
    above = [each for each in SUPPORTED_RATES if each >= rate]
    return min(multiples or above, default=max(SUPPORTED_RATES))


def _retimed(
    source: SourceFacts, sequence: Sequence, *, retime: Retime, frame_count: int
) -> tuple[RateMethod, Decision]:
    method, why = choose_method(
        retime,
        source_rate=source.frame_rate,
        source_count=source.frame_count,
        rate=sequence.frame_rate,
        frame_count=frame_count,
    )
    return method, Decision("frame-rate", method, why)


def _placed(
    source: SourceFacts, sequence: Sequence, *, fit: Fit, position: Position | None
) -> tuple[Placement, str]:
    picture, frame = (source.width, source.height), (sequence.width, sequence.height)
    return place(picture, frame, fit=fit, position=position or Position())


def _numbers(
    part: Part | None, runs: Several[FrameRange], sequence: Sequence, outputs: Several[OutputSpec]
) -> list[int] | None:
    """Where frames are listed: the number of each run's first frame."""
    if part is None or part.frames is None:
        return None
    if len(runs) > MOST_MOVIES and any(output.is_movie for output in outputs):
        detail = (
            f"A movie is made of each run of frames, at most {MOST_MOVIES}, and these are {len(runs)} runs: "
            "give fewer, or ask for frames (exr, png, tiff)."
        )
        raise ValidationFailedError([FieldProblem("/frames", detail)])
    return [sequence.clip_start.frames + run.first for run in runs]


def _check_sequence(
    sequence: Sequence, outputs: Several[OutputSpec], *, frame_count: int, source: SourceFacts
) -> None:
    problems = []
    if frame_count < 1:
        detail = (
            f"{source.frame_count} frames at {source.frame_rate} are less than one at {sequence.frame_rate}."
        )
        problems.append(FieldProblem("/sequence/frame_rate", detail))
    elif 2 * sequence.handles_frames >= frame_count:
        detail = (
            f"The take fills {frame_count} frames at {sequence.frame_rate}, which leaves room for handles of "
            f"{(frame_count - 1) // 2} on each side, not {sequence.handles_frames}."
        )
        problems.append(FieldProblem("/sequence/handles_frames", detail))
    if any(output.is_movie for output in outputs):
        problems += _odd_sides(sequence)
    problems += [problem for output in outputs for problem in _too_small(sequence, output)]
    if problems:
        raise ValidationFailedError(problems)


def _too_small(sequence: Sequence, output: OutputSpec) -> list[FieldProblem]:
    least = DELIVERY_FORMATS[output.format].smallest
    return [
        FieldProblem(f"/sequence/{name}", f"{output.format} is at least {least[0]} x {least[1]}.")
        for name, side, fewest in (("width", sequence.width, least[0]), ("height", sequence.height, least[1]))
        if side < fewest
    ]


def _odd_sides(sequence: Sequence) -> list[FieldProblem]:
    way_out = "or ask for stills (png, tiff) or for a list of frames"
    return [
        FieldProblem(f"/sequence/{name}", f"A movie's sides are even: give {side + 1}, {way_out}.")
        for name, side in (("width", sequence.width), ("height", sequence.height))
        if side % 2
    ]


def _chunk_size(sequence: Sequence, outputs: Several[PlannedOutput]) -> int:
    pixels = sequence.width * sequence.height
    at_once = [output for output in outputs if not output.run]  # of several runs one after the other
    cost = _READ_COST * pixels + sum(_cost(output) * output.width * output.height for output in at_once)
    frames = _CHUNK_MILLISECONDS * _REFERENCE_PIXELS // cost
    return min(max(frames, _CHUNK_FRAMES.start), _CHUNK_FRAMES.stop - 1)


def _cost(output: PlannedOutput) -> int:
    """Milliseconds of one core per 1080p frame."""
    if output.exr_profile is not None:
        return EXR_COSTS[output.exr_profile]
    return _PROXY_COST if output.role is OutputRole.PROXY else DELIVERY_FORMATS[output.format].cost


def _cut(runs: Several[FrameRange], outputs: Several[PlannedOutput], *, size: int) -> tuple[FrameRange, ...]:
    """Ranges of nearly equal length, so that two processes finish together; none is of two movies."""
    counts = [run.count for run in runs]
    if all(output.run is None for output in outputs):
        counts = [sum(counts)]
    edges = [0]
    for frames in counts:
        pieces, start = math.ceil(frames / size), edges[-1]
        edges += [start + frames * number // pieces for number in range(1, pieces + 1)]
    return tuple(FrameRange(first, last - first) for first, last in itertools.pairwise(edges))
