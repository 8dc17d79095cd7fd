"""The whole circle: marks become directives, the engine does them, its pixels are measured against them."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest

from plugin_backend.domain.annotations import Annotation, AnnotationTool
from plugin_backend.domain.brief import Brief
from plugin_backend.domain.direction.evaluation import Standing
from plugin_backend.domain.direction.marks import directives_of_brief
from tests.animatic.briefs import spec_of
from worker.animatic.render import bake
from worker.animatic.spec import ShotSpec
from worker.director.evaluate import evaluate
from worker.director.frames import ClipFacts, SmallFrame, small_frame
from worker.providers.drawn import strokes_of

RATE = Fraction(12)
BOX = ((0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7))


def frames(spec: ShotSpec) -> Iterator[SmallFrame]:
    for number, light in enumerate(bake(spec).frames()):
        shown = np.clip(light, 0, 1) ** (1 / 2.2)
        yield small_frame(number, (shown * 255).astype(np.uint8))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tool", "note", "points"),
    [
        ("arrow", "pan", ((0.3, 0.5), (0.6, 0.5))),
        ("arrow", "", ((0.6, 0.5), (0.35, 0.5))),
        ("outline", "", BOX),
        ("arrow", "roll", ((0.35, 0.5), (0.65, 0.5))),
    ],
)
def test_what_was_drawn_is_measured_as_followed(
    tool: str, note: str, points: tuple[tuple[float, float], ...]
) -> None:
    mark = Annotation(tool=AnnotationTool(tool), points=points, note=note)
    brief = Brief(duration_seconds=Fraction(2), annotations=(mark,))
    asked = directives_of_brief(brief)
    spec = spec_of(
        "pine forest in the morning",
        width=192,
        height=108,
        seconds=2,
        rate=RATE,
        annotations=strokes_of(brief),
    )
    facts = ClipFacts(frame_rate=RATE, frame_count=spec.frame_count)
    (seen,) = evaluate(frames(spec), asked, facts=facts).adherence
    assert seen.standing is Standing.FOLLOWED, seen
