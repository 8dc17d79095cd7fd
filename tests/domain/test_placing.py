"""Where a picture lies in a frame: its own pixels or scaled, in the middle or where it was asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.delivering.placing import Fit, Placement, Position, place
from plugin_backend.domain.errors import ValidationFailedError

sides = st.integers(1, 4096)
positions = st.builds(Position, st.floats(0, 1), st.floats(0, 1))


def placed(
    taken: tuple[int, int], frame: tuple[int, int], fit: Fit, position: Position | None = None
) -> tuple[Placement, str]:
    return place(taken, frame, fit=fit, position=position or Position())


@given(
    width=sides,
    height=sides,
    wider=st.integers(0, 500),
    higher=st.integers(0, 500),
    position=positions,
    fit=st.sampled_from([Fit.PAD, Fit.CROP]),
)
def test_what_is_not_scaled_lies_within_two_pixels_of_where_it_was_asked_for(
    *, width: int, height: int, wider: int, higher: int, position: Position, fit: Fit
) -> None:
    small, large = (width, height), (width + wider, height + higher)
    taken, frame = (small, large) if fit is Fit.PAD else (large, small)
    made, _ = placed(taken, frame, fit, position)

    assert (made.width, made.height) == taken
    assert not made.upscaled
    assert made.left % 2 == made.top % 2 == 0
    sign = 1 if fit is Fit.PAD else -1
    for offset, room, share in ((made.left, wider, position.x), (made.top, higher, position.y)):
        assert 0 <= sign * offset <= room
        assert abs(sign * offset - room * share) <= 1 + 1e-9


@pytest.mark.parametrize(
    ("fit", "taken", "frame", "way_out"),
    [
        (Fit.PAD, (1922, 1080), (1920, 1080), "crop, fit or fill"),
        (Fit.PAD, (100, 1081), (1920, 1080), "crop, fit or fill"),
        (Fit.CROP, (1918, 1080), (1920, 1080), "pad, fit or fill"),
        (Fit.CROP, (4000, 1079), (1920, 1080), "pad, fit or fill"),
    ],
)
def test_what_would_have_to_be_scaled_is_refused_with_a_way_out(
    fit: Fit, taken: tuple[int, int], frame: tuple[int, int], way_out: str
) -> None:
    with pytest.raises(ValidationFailedError, match=way_out) as refused:
        placed(taken, frame, fit)
    assert [problem.pointer for problem in refused.value.problems] == ["/fit"]


@pytest.mark.parametrize(
    ("fit", "taken", "frame", "position", "offset", "said"),
    [
        (
            Fit.PAD,
            (1280, 720),
            (1920, 1080),
            Position(0, 1),
            (0, 360),
            "0 from the left and 360 from the top.",
        ),
        (Fit.PAD, (1279, 719), (1920, 1080), Position(1, 1), (640, 360), "Offsets are even, as colour"),
        (Fit.CROP, (1920, 1080), (1280, 720), None, (-320, -180), "the overhang cut off evenly."),
        (Fit.CROP, (1920, 1080), (1280, 720), Position(0.25, 0), (-160, 0), "160 cut off at the left and 0"),
        (Fit.CROP, (1922, 1080), (1920, 1080), None, (0, 0), "Offsets are even, as colour is stored"),
        (Fit.FILL, (1920, 1080), (1080, 1920), Position(1, 0.5), (-2334, 0), "2334 cut off at the left"),
        (Fit.CROP, (1920, 1080), (1920, 1080), Position(1, 1), (0, 0), "pixel for pixel."),
        (Fit.FIT, (853, 480), (1920, 480), None, (534, 0), "its own pixels, centred on black."),
    ],
)
def test_a_position_is_kept_to_even_pixels_and_told(
    *,
    fit: Fit,
    taken: tuple[int, int],
    frame: tuple[int, int],
    position: Position | None,
    offset: tuple[int, int],
    said: str,
) -> None:
    made, reason = placed(taken, frame, fit, position)
    assert (made.left, made.top) == offset
    assert said in reason


@pytest.mark.parametrize("fit", [Fit.FIT, Fit.FILL])
@given(height=st.integers(16, 2048), share=st.floats(0, 0.99), side=st.integers(16, 4096))
def test_a_frame_of_the_picture_s_own_aspect_is_filled_though_its_sides_are_odd(
    fit: Fit, *, height: int, share: float, side: int
) -> None:
    width = height + int(share * height)  # below 2:1, where a height's rounding is less than a pixel of width
    frame = (side, round(side * height / width))
    made, said = placed((width, height), frame, fit)
    assert (made.width, made.height, made.left, made.top) == (*frame, 0, 0)
    assert "black" not in said


@pytest.mark.parametrize("share", [-0.01, 1.01, float("nan"), float("inf")])
def test_a_position_is_a_share_of_the_room(share: float) -> None:
    for wrong in ((share, 0.5), (0.5, share)):
        with pytest.raises(ValueError, match="between 0 and 1"):
            Position(*wrong)
