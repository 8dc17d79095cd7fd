"""A shot longer than its model makes at once: parts, each going on from the end of the one before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

from plugin_backend.domain.annotations import Annotation
from plugin_backend.domain.brief import Brief, GenerationRequest, Keyframe, Operation, Source
from plugin_backend.domain.catalogue import Model
from plugin_backend.domain.making.additions import Addition

MAX_PARTS: Final = 6  # every part is judged by the end of the last: beyond this a shot drifts from its brief

_ITSELF: Final = "take"  # a part goes on from the take it belongs to


@dataclass(frozen=True, slots=True)
class Part:
    """One POST of a take: so much of the shot, or something added to the part before it."""

    seconds: Fraction
    addition: Addition | None = None


def parts_for(model: Model, operation: Operation, duration: Fraction) -> tuple[Fraction, ...]:
    """How long each part is, in order; one where a single POST makes it, none where the model cannot.

    As few parts as possible, and the longer ones first: what follows only goes on from what is there.
    """
    if operation not in model.operations:
        return ()
    whole = model.durations_for(operation)
    if duration in whole:
        return (duration,)
    if operation not in (Operation.GENERATE, Operation.EXTEND) or Operation.EXTEND not in model.operations:
        return ()
    further = sorted(model.durations_for(Operation.EXTEND).listed, reverse=True)
    for count in range(2, MAX_PARTS + 1):
        for first in sorted(whole.listed, reverse=True):
            rest = next(_sums(duration - first, further, count=count - 1), None)
            if rest is not None:
                return (first, *rest)
    return ()


def nearest_lengths(model: Model, operation: Operation, duration: Fraction) -> tuple[Fraction, ...]:
    """The lengths next to this one, below and above, where the model makes longer shots as extensions."""
    if Operation.EXTEND not in model.operations:
        return ()
    further = model.durations_for(Operation.EXTEND).listed
    layer = found = frozenset(model.durations_for(operation).listed)
    for _ in range(MAX_PARTS - 1):
        layer = frozenset(length + more for length in layer for more in further)
        found |= layer
    below, above = (
        (length for length in found if length < duration),
        (length for length in found if length > duration),
    )
    return tuple(length for length in (max(below, default=None), min(above, default=None)) if length)


def parts_of(brief: Brief, model: Model) -> tuple[Part, ...]:
    """The POSTs that make a shot; a length the model does not make (any more) is asked for as it is."""
    lengths = parts_for(model, brief.operation, brief.duration_seconds) or (brief.duration_seconds,)
    film = tuple(Part(seconds) for seconds in lengths)
    if brief.audio and not model.audio and model.add_on(Addition.AUDIO) is not None:
        return (*film, Part(lengths[-1], Addition.AUDIO))
    return film


def requests_of(request: GenerationRequest, model: Model) -> tuple[GenerationRequest, ...]:
    """What each part of a shot is asked for, as the model's rules and prices see it."""
    brief = request.brief
    parts = parts_of(brief, model)
    if len(parts) == 1:
        return (request,)
    return tuple(
        replace(request, brief=brief_of_part(brief, parts, number, take_id=_ITSELF))
        for number in range(len(parts))
    )


def brief_of_part(brief: Brief, parts: Sequence[Part], number: int, *, take_id: str) -> Brief:
    """What one part (from 0) is asked for: its own length, and the frames and marks that lie in it.

    Every part but the first extends the take itself, which is its source; what is added to a part is asked
    for as the part itself was.
    """
    if sum(part.addition is None for part in parts) <= 1:
        return brief
    begins, ends = span_of_part(parts, number)
    return replace(
        brief,
        duration_seconds=ends - begins,
        source=brief.source if begins == 0 else Source(operation=Operation.EXTEND, take_id=take_id),
        loop=False,
        keyframes=tuple(_keyframes(brief.keyframes, begins=begins, ends=ends)),
        annotations=tuple(_annotations(brief.annotations, begins=begins, ends=ends)),
    )


def span_of_part(parts: Sequence[Part], number: int) -> tuple[Fraction, Fraction]:
    """Where a part (from 0) begins and ends in the shot; what is added to a part lies where that does."""
    while parts[number].addition is not None and number > 0:
        number -= 1
    begins = sum((part.seconds for part in parts[:number] if part.addition is None), Fraction(0))
    return begins, begins + parts[number].seconds


def joined(parts: Sequence[Part], outputs: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """What the parts made so far come to: the files of each in order, saying whose they are.

    What was added to a part stands in its place.
    """
    following = parts[1 : len(outputs)]
    replaced = [part.addition is not None for part in following]
    kept = [each for each, is_replaced in zip(outputs, [*replaced, False], strict=True) if not is_replaced]
    if len(kept) == 1:
        return kept[0]
    numbered = (
        {**file, "part": number} for number, each in enumerate(kept) for file in each.get("files", ())
    )
    return {**kept[0], "files": list(numbered)}


def shares(credits: int, parts: Sequence[Part]) -> tuple[int, ...]:
    """The price of a take, divided among its parts by their length; the sum is exact."""
    return divided(credits, [Fraction(0) if part.addition else part.seconds for part in parts])


def divided(credits: int, weights: Sequence[Fraction | int]) -> tuple[int, ...]:
    """A price in proportion to some weights, of which one is not 0; the sum is exact."""
    total = Fraction(sum(weights))
    upto = [int(credits * sum(weights[: number + 1]) / total) for number in range(len(weights))]
    return tuple(after - before for before, after in zip([0, *upto], upto, strict=False))


def _sums(wanted: Fraction, lengths: Sequence[Fraction], *, count: int) -> Iterator[tuple[Fraction, ...]]:
    """Every way to add up to `wanted` with so many lengths, each no longer than the one before."""
    if count == 0:
        if wanted == 0:
            yield ()
        return
    for index, length in enumerate(lengths):
        for rest in _sums(wanted - length, lengths[index:], count=count - 1):
            yield (length, *rest)


def _keyframes(frames: Sequence[Keyframe], *, begins: Fraction, ends: Fraction) -> Iterator[Keyframe]:
    """Those within a part, in its own time; one between two parts ends the earlier."""
    for frame in frames:
        if begins < frame.at_seconds <= ends or frame.at_seconds == begins == 0:
            yield replace(frame, at_seconds=frame.at_seconds - begins)


def _annotations(marks: Sequence[Annotation], *, begins: Fraction, ends: Fraction) -> Iterator[Annotation]:
    """Those that hold for some of a part, in its own time."""
    for mark in marks:
        until = ends if mark.to_seconds is None else min(mark.to_seconds, ends)
        if mark.from_seconds < ends and (until > begins or mark.from_seconds >= begins):
            since = max(mark.from_seconds, begins)
            yield replace(mark, from_seconds=since - begins, to_seconds=until - begins)
