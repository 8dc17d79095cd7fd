"""Frames between frames, in pictures of any aspect: strips, towers, and bars beside them."""

from fractions import Fraction

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from plugin_backend.domain.delivering.placing import Fit, place
from plugin_backend.domain.sequence import ColourSpace
from worker.media.sources.display import HeldDisplay
from worker.media.sources.mixing import MixedFrame

HALF = Fraction(1, 2)


def filmed(width: int, height: int, *, step: int) -> HeldDisplay:
    """Waves that have gone so many pixels along the long side."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    along, across = (x + step, y) if width >= height else (y + step, x)
    waves = 15_000 * np.sin(along / 23 + across / 3) + 9_000 * np.sin(along / 11 - across / 4)
    grey = (32_768 + waves).astype(np.uint16)
    return HeldDisplay(np.repeat(grey[..., None], 3, axis=-1), ColourSpace.REC709, None)


def between(picture: tuple[int, int], frame: tuple[int, int], *, follows_motion: bool) -> NDArray[np.uint16]:
    """Half the way over eight pixels."""
    before, after = (filmed(*picture, step=step) for step in (0, 8))
    placement, _ = place(picture, frame, fit=Fit.FIT)
    mixed = MixedFrame(before, after, HALF, follows_motion)
    return mixed.placed(placement, width=frame[0], height=frame[1]).shown(ColourSpace.REC709)


@pytest.mark.parametrize(
    "picture", [(960, 9), (960, 12), (640, 32), (640, 120), (320, 180), (120, 640), (64, 1280), (64, 2560)]
)
def test_what_moves_is_followed_at_any_aspect(picture: tuple[int, int]) -> None:
    wanted = filmed(*picture, step=4).rgb.astype(int)
    inside = np.s_[:, 32:-32] if picture[0] >= picture[1] else np.s_[32:-32]
    flow, blend = (
        np.abs(between(picture, picture, follows_motion=follows).astype(int) - wanted)[inside].mean()
        for follows in (True, False)
    )
    assert flow < blend / 2


@pytest.mark.parametrize(
    ("picture", "frame"), [((640, 8), (640, 360)), ((640, 12), (640, 640)), ((12, 640), (640, 640))]
)
def test_a_sliver_between_bars_leaves_the_bars_black(
    picture: tuple[int, int], frame: tuple[int, int]
) -> None:
    made = between(picture, frame, follows_motion=True)
    lit = cv2.boundingRect((made[..., 0] > 0).astype(np.uint8))
    assert (lit[2], lit[3]) == picture
