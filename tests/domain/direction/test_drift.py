"""Drift of colour between shots and from a look: known distances, and what is not measured."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.direction.drift import NEAR, PaletteColour, distance, drifts, lab_of
from plugin_backend.domain.direction.resemblance import HUES, LIGHTS, SIDES, TURNS

codes = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
palettes = st.lists(st.builds(PaletteColour, codes, st.floats(0.02, 1)), min_size=1, max_size=6).map(tuple)


def seen(*palette: tuple[str, float], **figures: float) -> dict[str, Any]:
    return {"palette": [list(each) for each in palette], "figures": figures}


@pytest.mark.parametrize(
    ("code", "lab"),
    [  # as published for sRGB and D65
        ("#ffffff", (100, 0, 0)),
        ("#000000", (0, 0, 0)),
        ("#ff0000", (53.24, 80.09, 67.20)),
        ("#00ff00", (87.73, -86.18, 83.18)),
        ("#0000ff", (32.30, 79.19, -107.86)),
        ("#808080", (53.59, 0, 0)),
    ],
)
def test_colours_lie_where_cielab_has_them(code: str, lab: tuple[float, float, float]) -> None:
    assert lab_of(code) == pytest.approx(lab, abs=0.02)


@given(palettes, palettes)
def test_a_distance_is_the_same_both_ways_and_none_to_itself(one: Any, other: Any) -> None:
    assert distance(one, one) == 0
    assert distance(one, other) == pytest.approx(distance(other, one))
    assert distance(one, other) >= 0


def test_a_shot_in_other_colours_stands_out_from_the_others_and_from_the_look() -> None:
    blue, warm = seen(("#102040", 0.8), ("#304050", 0.2)), seen(("#c06020", 0.9), ("#102040", 0.1))
    first, second, third = drifts([blue, blue, warm], ["#102040"])

    assert first.distance_to_others is not None
    assert third.distance_to_others is not None
    assert first.distance_to_look is not None
    assert third.distance_to_look is not None
    assert first.distance_to_others < third.distance_to_others
    assert first.distance_to_look < NEAR < third.distance_to_look
    assert (first.share_in_look, third.share_in_look) == (1.0, 0.1)
    assert second == first


def test_what_was_not_measured_is_said_and_compared_with_nothing() -> None:
    alone, unseen = drifts([seen(("#102040", 1.0), likeness_of_both_ends=0.9), None], [])

    assert (alone.distance_to_look, alone.share_in_look, alone.distance_to_others) == (None, None, None)
    assert alone.likeness_of_both_ends == 0.9
    assert len(alone.not_measured) == 3
    assert alone.subject_resemblance is None
    assert unseen.palette == ()
    assert unseen.distance_to_others is None
    assert unseen.not_measured[0].startswith("The colours")
    assert unseen.to_json()["palette"] == []


def test_what_moves_is_compared_only_where_the_light_is_alike() -> None:
    signature = bytes([9] * (HUES + LIGHTS + SIDES * SIDES * TURNS)).hex()
    noon, dusk = ("#d0d8e0", 1.0), ("#201830", 1.0)
    takes = [{**seen(light), "subject": signature} for light in (noon, noon, dusk)]

    first, second, third = drifts(takes, [])

    assert (first.subject_resemblance or 0) > 0.8
    assert second.subject_resemblance == first.subject_resemblance
    assert third.subject_resemblance is None
    assert any("like light" in each for each in third.not_measured)
