"""Outlines that keep a part of the picture as it is: behind the subject, or in front of it."""

import numpy as np
import pytest

from plugin_backend.domain.annotations import Annotation
from tests.animatic.strokes import drawn, frame
from tests.domain.direction.drawing import mark


def test_what_is_kept_stays_while_the_rest_goes_on() -> None:
    kept = ((0.05, 0.55), (0.45, 0.55), (0.45, 0.95), (0.05, 0.95))
    words = "heavy rain on a street at night, static shot, locked off"

    def moved(*marks: Annotation) -> tuple[float, float]:
        spec = drawn(*marks, words=words)
        early, late = frame(spec, 1.0), frame(spec, 2.6)
        changed = np.abs(early - late).mean(axis=2)
        return float(changed[105:165, 25:135].mean()), float(changed[105:165, 185:300].mean())

    free, outside = moved()
    held, still_outside = moved(mark("outline", "foreground", *kept, since=0.5))
    assert held < 0.25 * free
    assert still_outside == pytest.approx(outside, rel=0.02)


def test_a_subject_passes_before_a_background_that_is_kept_and_behind_a_foreground() -> None:
    path = mark("arrow", "subject", (0.1, 0.6), (0.4, 0.6))
    column = ((0.2, 0.3), (0.35, 0.3), (0.35, 0.8), (0.2, 0.8))
    shown = {}
    for target in ("background", "foreground"):
        spec = drawn(
            path,
            mark("outline", target, *column),
            mark("point", "camera", (0.5, 0.5), note="locked off"),
            words="a red ball in an empty white room",
        )
        picture = frame(spec, 2.5)
        shown[target] = int(((picture[:, :, 0] > 2.0 * picture[:, :, 1])[:, 66:110]).sum())
    assert shown["background"] > 200 + shown["foreground"]
