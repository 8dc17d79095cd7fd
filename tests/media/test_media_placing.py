"""Pictures that are enlarged beyond their frame: what is seen is what enlarging all of it would show."""

import numpy as np
import pytest
from numpy.typing import NDArray

from plugin_backend.domain.delivering.placing import Fit, Position, place
from tests.media.scenes import sunrise
from worker.media.sources.placing import placed_light, placed_shown, resized_rgb, scaled_light

POSITIONS = [Position(), Position(0, 0), Position(1, 1), Position(0.3, 0.7)]


def picture(width: int = 160, height: int = 90) -> NDArray[np.uint16]:
    """Waves of every direction, finely grained enough that a pixel's shift would be seen."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    waves = [np.sin(x / 3 + y / 5), np.sin(x / 4 - y / 3), np.cos(x / 7 + y / 2.5)]
    return np.stack([32_768 + 24_000 * wave for wave in waves], axis=-1).astype(np.uint16)


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("frame", [(90, 160), (180, 180), (320, 200), (400, 60)])
def test_a_display_s_picture_is_seen_as_the_window_of_all_of_it(
    frame: tuple[int, int], position: Position
) -> None:
    rgb = picture()
    placement, _ = place((160, 90), frame, fit=Fit.FILL, position=position)
    made = placed_shown(rgb, placement, width=frame[0], height=frame[1])

    whole = resized_rgb(rgb, width=placement.width, height=placement.height).astype(int)
    left, top = -placement.left, -placement.top
    window = whole[top : top + frame[1], left : left + frame[0]]
    assert made.shape == window.shape
    assert np.abs(made - window).mean() < 400
    shifted = np.roll(window, 1, axis=1)
    assert np.abs(made - window).mean() < np.abs(made - shifted).mean() / 5


@pytest.mark.parametrize("position", POSITIONS)
def test_light_is_seen_as_the_window_of_all_of_it(position: Position) -> None:
    light = np.asarray(sunrise(3, width=160, height=90), dtype=np.float32)
    placement, _ = place((160, 90), (90, 160), fit=Fit.FILL, position=position)
    made = np.asarray(placed_light(light, placement, width=90, height=160), dtype=np.float32)

    whole = np.asarray(scaled_light(light, width=placement.width, height=placement.height), dtype=np.float32)
    left, top = -placement.left, -placement.top
    window = whole[top : top + 160, left : left + 90]
    stops = [np.log2(np.maximum(each, 0) + 0.01) for each in (made, window)]
    assert np.abs(stops[0] - stops[1]).mean() < 0.02
