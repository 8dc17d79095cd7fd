"""What the ranges of a delivery gave, gathered: all of them, what was measured, how bright they are."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from plugin_backend.domain.delivering.conform_plan import ConformPlan
from plugin_backend.domain.delivering.parts import later_starts
from worker.media.course import Course, joined
from worker.media.hdr import LightLevels, summed
from worker.media.measure import Tally
from worker.media.operations import OperationError


def complete(chunks: Sequence[dict[str, Any]], *, plan: ConformPlan) -> list[dict[str, Any]]:
    """What every range gave, in order; OperationError when one is missing."""
    ordered = sorted(chunks, key=lambda chunk: int(chunk["chunk"]))
    if [chunk["chunk"] for chunk in ordered] != list(range(len(plan.chunks))):
        raise OperationError(
            "incomplete", f"The delivery has {len(plan.chunks)} chunks, {len(ordered)} came."
        )
    return ordered


def seen(chunks: Iterable[Mapping[str, Any]], plan: ConformPlan) -> tuple[Tally, Course | None]:
    """What was measured of the whole clip; chunks of an earlier version do not say how it went."""
    found = (
        (
            Tally.from_json(chunk["tally"]),
            Course.from_json(course) if (course := chunk.get("course")) else None,
        )
        for chunk in chunks
    )
    return joined(found, gaps=later_starts(plan.runs))


def light_of(chunks: Sequence[Mapping[str, Any]]) -> LightLevels | None:
    """How bright the frames of an HDR delivery are; chunks made before that was measured do not say."""
    found = [LightLevels.from_json(light) for chunk in chunks if (light := chunk.get("light")) is not None]
    return summed(found) if len(found) == len(chunks) else None
