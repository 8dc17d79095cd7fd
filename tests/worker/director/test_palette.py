"""The colours of a take: known ones are found again with their shares, whatever moves and whatever noise."""

import numpy as np
import pytest

from plugin_backend.domain.direction.drift import PaletteColour, distance
from worker.director.frames import Rgb, small_frame
from worker.director.palette import PaletteWatch

SEA, SAND, RED = (20, 40, 90), (200, 180, 120), (190, 30, 40)


def picture(*parts: tuple[tuple[int, int, int], float], noise: float = 0.0, shift: int = 0) -> Rgb:
    """Bands of known colours with known shares, moved along and with grain."""
    rows = np.zeros((144, 256, 3), np.float64)
    edge = 0.0
    for colour, share in parts:
        rows[:, round(256 * edge) : round(256 * (edge + share))] = colour
        edge += share
    grain = np.random.default_rng(7).normal(0, noise, rows.shape)
    return np.asarray(np.clip(np.roll(rows, shift, axis=1) + grain, 0, 255), np.uint8)


def colours_of(*pictures: Rgb) -> tuple[PaletteColour, ...]:
    watch = PaletteWatch()
    for number, each in enumerate(pictures):
        watch.add(small_frame(6 * number, each))
    return tuple(PaletteColour(*each) for each in watch.colours())


@pytest.mark.parametrize("noise", [0.0, 3.0])
def test_known_colours_come_back_with_their_shares(noise: float) -> None:
    parts = ((SEA, 0.625), (SAND, 0.25), (RED, 0.125))
    found = colours_of(*(picture(*parts, noise=noise, shift=32 * n) for n in range(4)))

    assert [each.share for each in found[:3]] == pytest.approx([0.625, 0.25, 0.125], abs=0.05)
    for each, (colour, _) in zip(found, parts, strict=False):
        codes = [int(each.code[at : at + 2], 16) for at in (1, 3, 5)]
        assert codes == pytest.approx(colour, abs=4)


def test_takes_of_the_same_colours_are_near_and_of_others_far() -> None:
    night = colours_of(picture((SEA, 0.75), (SAND, 0.25), noise=3))
    again = colours_of(picture((SAND, 0.25), (SEA, 0.75), noise=3))
    other = colours_of(picture((RED, 0.5), (SAND, 0.5), noise=3))

    assert distance(night, again) < 4
    assert distance(night, other) > 20


def test_nothing_seen_is_no_palette() -> None:
    assert PaletteWatch().colours() == ()
