"""An SDR picture made into more: how its white ends, what becomes of its steps, and of its edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from plugin_backend.domain.sequence import ColourSpace
from tests.media.perception import hue_turn, pq_code, pq_light
from worker.media import colour
from worker.media.kernels import Rgb16
from worker.media.smoothing import smoothed
from worker.media.sources.placing import resized_rgb
from worker.media.yuv import Planes

SDR = [ColourSpace.REC709, ColourSpace.P3_D65]
LARGEST_STEP = 4.0
"""Ten-bit codes of PQ between two eight-bit codes of the take, from a fifth of its white upwards."""


def greys() -> Rgb16:
    """Every grey of eight bits in one row."""
    return np.repeat((np.arange(256) * 257).astype(np.uint16)[None, :, None], 3, axis=2)


def shown_in_hdr(rgb: Rgb16, space: ColourSpace) -> NDArray[np.float64]:
    """As the PQ display shows it, in its codes from 0 to 1."""
    light = colour.expansion(space).apply(rgb)
    return colour.display_transform(ColourSpace.REC2100_PQ).apply(light) / 65535


@pytest.mark.parametrize("space", SDR)
def test_greys_rise_evenly_to_a_bounded_peak(space: ColourSpace) -> None:
    codes = shown_in_hdr(greys(), space)[0, :, 1] * 1023
    assert (np.diff(codes) > 0.5).all()
    assert np.diff(codes)[110:].max() < LARGEST_STEP
    assert 690 < pq_light(codes[-1] / 1023) < 720
    hlg = colour.display_transform(ColourSpace.REC2100_HLG).apply(colour.expansion(space).apply(greys()))
    nits = 1000 * ((np.exp((hlg[0, -1, 1] / 65535 - 0.55991073) / 0.17883277) + 0.28466892) / 12) ** 1.2
    assert 690 < nits < 720


@pytest.mark.parametrize("space", SDR)
def test_below_its_highlights_aces_shows_the_light_as_the_take_was(space: ColourSpace) -> None:
    light = colour.expansion(space).apply(greys())
    back = colour.display_transform(space).apply(light)[0, :, 1] / 257
    assert np.abs(back[16:232] - np.arange(16, 232)).max() < 0.3
    assert np.abs(back - np.arange(256)).max() < 7.0
    assert float(light.max()) <= 16.01


@pytest.mark.parametrize("space", SDR)
def test_ordinary_conversions_end_at_the_white_they_began_with(space: ColourSpace) -> None:
    other = next(each for each in SDR if each is not space)
    light = colour.scene_transform(space).apply(greys())
    assert colour.display_transform(other).apply(light)[0, -1].min() > 254 * 257


RAMPS = {
    "skin": (1.0, 0.80, 0.68),
    "sunset": (1.0, 0.62, 0.30),
    "sky": (0.62, 0.83, 1.0),
    "leaf": (0.7, 1, 0.5),
}


@pytest.mark.parametrize("name", RAMPS)
def test_highlights_keep_their_hue_while_they_clip(name: str) -> None:
    """Light of one colour, ever brighter, as a camera clips it: one channel after the other."""
    exposure = np.geomspace(0.1, 4, 256)[None, :, None]
    linear = np.clip(exposure * np.array(RAMPS[name]) ** 2.4, 0, 1)
    rgb = np.rint(linear ** (1 / 2.4) * 65535).astype(np.uint16)
    shown = shown_in_hdr(rgb, ColourSpace.REC709)
    assert hue_turn(rgb / 65535, shown) < 6  # degrees, where there is colour to speak of
    luminance = pq_code(pq_light(shown[0]) @ np.array([0.2627, 0.6780, 0.0593]))
    assert (np.diff(luminance) * 1023 > -1.5).all()


@given(
    depth=st.sampled_from([8, 10]),
    seed=st.integers(0, 2**32 - 1),
    grain=st.sampled_from([0.0, 0.4, 1.0, 30.0]),
    size=st.tuples(st.integers(1, 90), st.integers(1, 90)),
)
@settings(deadline=None, max_examples=40)
def test_smoothed_samples_round_to_those_of_the_take(
    depth: int, seed: int, grain: float, size: tuple[int, int]
) -> None:
    chance, (height, width) = np.random.default_rng(seed), size
    slope = np.add.outer(np.arange(height) * chance.normal(0, 0.3), np.arange(width) * chance.normal(0, 0.3))
    top = (1 << depth) - 1
    samples = np.clip(slope + chance.normal(top / 2, grain + 1e-9, (height, width)), 0, top)
    made = planes(np.rint(samples).astype(np.uint8 if depth == 8 else np.uint16), depth=depth)
    after = smoothed(made)
    for before, smooth in ((made.y, after.y), (made.u, after.u), (made.v, after.v)):
        assert np.array_equal((smooth.astype(int) + (1 << (15 - depth))) >> (16 - depth), before)


def planes(samples: NDArray[np.uint8] | NDArray[np.uint16], *, depth: int) -> Planes:
    height, width = samples.shape
    half = samples[::2, ::2]
    return Planes(samples, half, half, width, height, depth, True, True, False, (0.2126, 0.0722))


@pytest.mark.parametrize("codes", [6, 12, 40])
def test_a_shallow_slope_loses_its_steps(codes: int) -> None:
    true = np.tile(np.linspace(180, 180 + codes, 960), (64, 1))
    after = smoothed(planes(np.rint(true).astype(np.uint8), depth=8)).y / 256
    assert np.abs(np.diff(after, axis=1)).max() < 0.2
    assert np.abs(after - true).mean() < 0.85 * np.abs(np.rint(true) - true).mean()


def test_texture_grain_and_edges_are_left_alone() -> None:
    chance = np.random.default_rng(3)
    grain = np.rint(chance.normal(128, 3, (96, 160))).astype(np.uint8)
    edge = np.full((96, 160), 40, dtype=np.uint8)
    edge[:, 80:] = 220
    for samples in (grain, edge):
        assert np.array_equal(smoothed(planes(samples, depth=8)).y, samples.astype(np.uint16) << 8)


@given(seed=st.integers(0, 2**32 - 1), size=st.tuples(st.integers(2, 40), st.integers(2, 40)))
@settings(deadline=None, max_examples=40)
def test_nothing_rings_where_a_picture_grows(seed: int, size: tuple[int, int]) -> None:
    """Twice the size: every pixel lies between the least and the most of those around its own."""
    height, width = size
    small = np.random.default_rng(seed).choice([0, 20_000, 65_535], (height, width, 3)).astype(np.uint16)
    large = resized_rgb(small, width=2 * width, height=2 * height)
    framed = np.pad(small, ((1, 1), (1, 1), (0, 0)), mode="edge")
    near = np.stack([framed[j : j + height, i : i + width] for j in range(3) for i in range(3)])
    for bound, holds in ((near.min(axis=0), np.less_equal), (near.max(axis=0), np.greater_equal)):
        assert holds(bound.repeat(2, axis=0).repeat(2, axis=1), large).all()
