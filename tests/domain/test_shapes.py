"""The frames that one sequence is published in."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.delivering.conform import plan_conform
from plugin_backend.domain.delivering.conform_plan import ConformPlan, OutputRole, OutputSpec
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat
from plugin_backend.domain.delivering.placing import Fit, Position
from plugin_backend.domain.delivering.shapes import Shape
from tests.domain.conforms import reason, sequence, source

sides = st.integers(32, 2048).map(lambda half: 2 * half)


@pytest.mark.parametrize(
    ("frame", "sizes"),
    [
        ((1920, 1080), [(1920, 1080), (1080, 1920), (1080, 1080)]),
        ((1080, 1920), [(1920, 1080), (1080, 1920), (1080, 1080)]),
        ((3840, 2160), [(3840, 2160), (2160, 3840), (2160, 2160)]),
        ((2048, 858), [(1526, 858), (858, 1526), (858, 858)]),
        ((1440, 1080), [(1440, 810), (810, 1440), (1080, 1080)]),
        ((1080, 1080), [(1080, 608), (608, 1080), (1080, 1080)]),
    ],
)
def test_a_shape_is_the_largest_in_the_sequence_s_frame(
    frame: tuple[int, int], sizes: list[tuple[int, int]]
) -> None:
    assert [shape.size_in(frame) for shape in Shape] == sizes


@given(sides, sides, st.sampled_from(Shape))
def test_a_shape_is_even_no_longer_than_the_sequence_and_as_near_as_pixels_go(
    width: int, height: int, shape: Shape
) -> None:
    made = shape.size_in((width, height))
    across, down = (int(part) for part in shape.split(":"))

    assert made[0] % 2 == made[1] % 2 == 0
    assert max(made) <= max(width, height)
    assert min(made) <= min(width, height)
    assert abs(made[0] * down - made[1] * across) <= 2 * max(across, down)


def planned(position: Position | None = None) -> ConformPlan:
    outputs = [OutputSpec(OutputRole.MASTER, DeliveryFormat.H264, shape=shape) for shape in Shape]
    return plan_conform(
        source(), sequence(), outputs, name_stem="shot", fit=Fit.FILL, position=position or Position()
    )


def test_each_shape_has_a_name_a_placement_and_a_reason_of_its_own() -> None:
    made = planned(Position(0, 0.5))

    assert [output.name for output in made.outputs] == ["shot_16x9.mp4", "shot_9x16.mp4", "shot_1x1.mp4"]
    placed = [made.placement_of(output) for output in made.outputs]
    assert [(each.width, each.height, each.left, each.top) for each in placed] == [
        (1920, 1080, 0, 0),
        (3414, 1920, 0, 0),
        (1920, 1080, 0, 0),
    ]
    assert [each.upscaled for each in placed] == [False, True, False]
    assert reason(made, "size of 9:16") == (
        "1920 x 1080 in 1080 x 1920: scaled to 3414 x 1920, 0 cut off at the left and 0 at the top."
    )
    assert [each.about for each in made.decisions] == [
        "frame-rate",
        "size of 16:9",
        "colour of the master h264",
        "size of 9:16",
        "size of 1:1",
    ]
    assert ConformPlan.from_json(made.to_json()) == made


def test_a_shape_costs_as_its_own_frame_does() -> None:
    """Ranges of the work stay about as long as others', so that losing one loses as little."""
    assert Fraction(12) <= planned().chunks[0].count <= 24
