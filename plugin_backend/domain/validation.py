"""The limits every request keeps, whatever the model: all problems at once, each with its JSON pointer."""

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import isfinite
from typing import Final

from plugin_backend.domain.annotations import annotation_problems
from plugin_backend.domain.brief import (
    AUTO,
    Brief,
    Direct,
    GenerationRequest,
    Keyframe,
    Kind,
    Operation,
    Source,
)
from plugin_backend.domain.direction.problems import plan_problems
from plugin_backend.domain.errors import FieldProblem, ValidationFailedError
from plugin_backend.domain.seconds import as_number
from plugin_backend.domain.sequence import Sequence, frames_for

MAX_PROMPT_CHARACTERS: Final = 10_000
MAX_DURATION_SECONDS: Final = 3_600  # beyond any model; keeps a mistyped figure out of the arithmetic
MAX_TAKES: Final = 8
MAX_ITERATIONS: Final = 3
MAX_KEYFRAMES: Final = 64
MAX_REFERENCES: Final = 16
MAX_ANNOTATIONS: Final = 64
MAX_LABEL_CHARACTERS: Final = 120
MAX_FALLBACK_MODELS: Final = 8
MAX_SEED: Final = 2**53  # the largest whole number every JSON reader keeps exact
MAX_CREDITS: Final = 10**12

_ASPECT_RATIO: Final = re.compile(r"[1-9][0-9]{0,2}:[1-9][0-9]{0,2}")


def validate_request(request: GenerationRequest) -> None:
    """Refuse what no model could mean; what this model can do is `capabilities.check_capabilities`."""
    problems = tuple(_problems(request))
    if problems:
        raise ValidationFailedError(problems)


def _problems(request: GenerationRequest) -> Iterator[FieldProblem]:
    brief = request.brief
    yield from _prompt_problems(brief)
    yield from _picture_problems(brief)
    yield from _keyframe_problems(brief.keyframes, duration=brief.duration_seconds)
    yield from _count("/brief/references", "references", len(brief.references), most=MAX_REFERENCES)
    yield from _annotation_problems(brief)
    yield from _source_problems(brief.source)
    yield from _order_problems(request)
    yield from _direct_problems(request.direct, kind=request.kind)
    yield from _sequence_problems(request.sequence, duration=brief.duration_seconds)
    yield from _fallback_problems(request.fallback_models)
    if request.plan is not None:
        yield from plan_problems(request.plan, duration=brief.duration_seconds)


def _prompt_problems(brief: Brief) -> Iterator[FieldProblem]:
    length = len(brief.prompt)
    if length > MAX_PROMPT_CHARACTERS:
        detail = f"A prompt has 1 to {MAX_PROMPT_CHARACTERS:,} characters; this one has {length:,}."
        yield FieldProblem("/brief/prompt", detail)
    elif not brief.prompt.strip() and not (brief.first_frame and brief.annotations):
        detail = "Say what the shot shows, or give a first frame and draw on it."
        yield FieldProblem("/brief/prompt", detail)


def _picture_problems(brief: Brief) -> Iterator[FieldProblem]:
    if not 0 < brief.duration_seconds <= MAX_DURATION_SECONDS:
        detail = f"A duration is above 0 and at most {MAX_DURATION_SECONDS:,} s."
        yield FieldProblem("/brief/duration_seconds", detail)
    if _ASPECT_RATIO.fullmatch(brief.aspect_ratio) is None:
        yield FieldProblem("/brief/aspect_ratio", 'Write the ratio as "16:9".')
    if brief.seed is not None and not 0 <= brief.seed <= MAX_SEED:
        yield FieldProblem("/brief/seed", f"A seed is a whole number from 0 to {MAX_SEED:,}.")


def _keyframe_problems(keyframes: tuple[Keyframe, ...], *, duration: Fraction) -> Iterator[FieldProblem]:
    yield from _count("/brief/keyframes", "keyframes", len(keyframes), most=MAX_KEYFRAMES)
    taken: set[Fraction] = set()
    for index, frame in enumerate(keyframes):
        pointer = f"/brief/keyframes/{index}/at_seconds"
        if not 0 <= frame.at_seconds <= duration:
            yield FieldProblem(pointer, f"This lies outside the shot, which ends at {as_number(duration)} s.")
        if frame.at_seconds in taken:
            yield FieldProblem(pointer, "Another keyframe stands at the same moment.")
        taken.add(frame.at_seconds)


def _annotation_problems(brief: Brief) -> Iterator[FieldProblem]:
    annotations, duration = brief.annotations, brief.duration_seconds
    yield from _count("/brief/annotations", "annotations", len(annotations), most=MAX_ANNOTATIONS)
    for index, annotation in enumerate(annotations[:MAX_ANNOTATIONS]):
        yield from annotation_problems(annotation, pointer=f"/brief/annotations/{index}", duration=duration)


def _source_problems(source: Source | None) -> Iterator[FieldProblem]:
    if source is None:
        return
    if (source.take_id is None) == (source.asset_id is None):
        yield FieldProblem("/brief/source", "Name one source: a take_id or an asset_id.")
    if source.operation is Operation.GENERATE:
        yield FieldProblem("/brief/source/operation", "A source is for extend, edit or reframe.")


def _order_problems(request: GenerationRequest) -> Iterator[FieldProblem]:
    if not 1 <= request.takes <= MAX_TAKES:
        yield FieldProblem("/takes", f"Ask for 1 to {MAX_TAKES} takes.")
    if request.max_credits is not None and not 0 <= request.max_credits <= MAX_CREDITS:
        yield FieldProblem("/max_credits", f"Give a whole number of credits from 0 to {MAX_CREDITS:,}.")
    if request.label is not None and len(request.label) > MAX_LABEL_CHARACTERS:
        yield FieldProblem("/label", f"A label has at most {MAX_LABEL_CHARACTERS} characters.")


def _direct_problems(direct: Direct, *, kind: Kind) -> Iterator[FieldProblem]:
    if not 0 <= direct.max_iterations <= MAX_ITERATIONS:
        detail = f"The director refines 0 to {MAX_ITERATIONS} times."
        yield FieldProblem("/direct/max_iterations", detail)
    elif kind is Kind.MASTER and direct.max_iterations:
        yield FieldProblem("/direct/max_iterations", "A master never refines; refine its draft, or give 0.")
    if not (isfinite(direct.accept_score) and 0 <= direct.accept_score <= 1):
        yield FieldProblem("/direct/accept_score", "A score goes from 0 to 1.")


def _sequence_problems(sequence: Sequence | None, *, duration: Fraction) -> Iterator[FieldProblem]:
    if sequence is None or not 0 < duration <= MAX_DURATION_SECONDS:
        return
    frames = frames_for(duration, sequence.frame_rate)
    if 2 * sequence.handles_frames >= frames:
        detail = f"Handles on both sides lie inside the shot, which has {frames} frames here."
        yield FieldProblem("/sequence/handles_frames", detail)


def _fallback_problems(models: tuple[str, ...]) -> Iterator[FieldProblem]:
    yield from _count("/fallback_models", "fallback models", len(models), most=MAX_FALLBACK_MODELS)
    for index in _repeats(models):
        yield FieldProblem(f"/fallback_models/{index}", "This model is already in the list.")
    if AUTO in models:
        detail = f'A fallback is a model\'s id; "{AUTO}" is for /brief/model.'
        yield FieldProblem(f"/fallback_models/{models.index(AUTO)}", detail)


def _count(pointer: str, what: str, count: int, *, most: int) -> Iterator[FieldProblem]:
    if count > most:
        yield FieldProblem(pointer, f"There are {count:,} {what}; at most {most} are read.")


def _repeats(names: Iterable[str]) -> Iterator[int]:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            yield index
        seen.add(name)
