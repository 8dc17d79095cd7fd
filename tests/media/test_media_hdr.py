"""The light of HDR frames beside CTA-861.3's and BT.2100's definitions, written out pixel by pixel."""

import numpy as np
import pytest
from numpy.typing import NDArray

from plugin_backend.domain.sequence import ColourSpace
from worker.media.hdr import light_levels
from worker.media.kernels import Rgb16


def any_codes(seed: int, *, darkest: int = 0) -> Rgb16:
    return np.random.default_rng(seed).integers(darkest, 65536, (67, 121, 3)).astype(np.uint16)


def pq(rgb: Rgb16) -> NDArray[np.float64]:
    power = (rgb / 65535) ** (32 / 2523)
    light = np.maximum(power - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * power)
    return np.asarray(10_000 * light ** (16384 / 2610))


def hlg(rgb: Rgb16) -> NDArray[np.float64]:
    code = rgb / 65535
    scene = np.where(code <= 0.5, code**2 / 3, (np.exp((code - 0.55991073) / 0.17883277) + 0.28466892) / 12)
    luminance = scene @ np.array([0.2627, 0.6780, 0.0593])
    return np.asarray(1000 * scene * np.maximum(luminance, 1e-9)[..., None] ** 0.2)


@pytest.mark.parametrize(
    "rgb", [any_codes(1), any_codes(2, darkest=60_000), any_codes(3) // 64, any_codes(4) * 0]
)
@pytest.mark.parametrize("space", [ColourSpace.REC2100_PQ, ColourSpace.REC2100_HLG])
def test_the_brightest_pixel_and_the_average_are_those_of_every_pixel(space: ColourSpace, rgb: Rgb16) -> None:
    shown = (pq if space is ColourSpace.REC2100_PQ else hlg)(rgb).max(axis=-1)
    found = light_levels(rgb, space=space)
    assert found.peaks[0] == pytest.approx(shown.max(), rel=1e-5, abs=1e-4)
    assert found.averages[0] == pytest.approx(shown.mean(), rel=1e-5, abs=1e-4)


@pytest.mark.parametrize("space", [ColourSpace.REC2100_PQ, ColourSpace.REC2100_HLG])
def test_only_what_lies_beyond_p3_is_counted_as_outside_it(space: ColourSpace) -> None:
    grey = np.full((40, 40, 3), 40_000, dtype=np.uint16)
    green = grey.copy()
    green[:, :, (0, 2)] = 0
    assert light_levels(grey, space=space).outside == 0
    found = light_levels(green, space=space)
    assert found.outside == found.looked_at == 100
