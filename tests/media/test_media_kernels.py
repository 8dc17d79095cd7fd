import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from worker.media import kernels, limited_range

BT709 = (0.2126, 0.0722)
BT2020 = (0.2627, 0.0593)
HALVES = np.arange(65536, dtype=np.uint16).view(np.float16)


def exact_half(values: NDArray[np.float32]) -> NDArray[np.float16]:
    with np.errstate(over="ignore"):
        half = values.astype(np.float16)
    overflown = np.isfinite(values) & np.isinf(half)
    return np.where(overflown, np.copysign(np.float16(65504), half), half)


def same_bits(left: NDArray[np.float16], right: NDArray[np.float16]) -> bool:
    both_nan = np.isnan(left) & np.isnan(right)
    return bool(np.all((left.view(np.uint16) == right.view(np.uint16)) | both_nan))


def test_every_half_survives_the_way_to_single_and_back() -> None:
    singles = kernels.to_float(HALVES)
    assert np.array_equal(singles, HALVES.astype(np.float32), equal_nan=True)
    assert same_bits(kernels.to_half(singles), HALVES)


def test_ties_between_two_halves_go_to_the_even_one() -> None:
    finite = HALVES[:0x7C00].astype(np.float64)
    middles = ((finite[:-1] + finite[1:]) / 2).astype(np.float32)
    around = np.concatenate([middles, np.nextafter(middles, 0), np.nextafter(middles, np.float32(1e9))])
    both = np.concatenate([around, -around]).astype(np.float32)
    assert same_bits(kernels.to_half(both), exact_half(both))


@given(arrays.arrays(np.float32, st.integers(1, 64), elements=st.floats(width=32)))
def test_any_single_rounds_as_the_standard_says_and_never_overflows_to_infinity(
    values: NDArray[np.float32],
) -> None:
    assert same_bits(kernels.to_half(values), exact_half(values))


def test_aces2065_1_halves_are_the_matrix_rounded_once() -> None:
    picture = np.random.default_rng(1).gamma(0.5, 4, (40, 30, 3)).astype(np.float32)
    exact = picture.astype(np.float64) @ kernels.ACESCG_TO_AP0.T
    half_step = np.spacing(np.abs(exact).astype(np.float16)).astype(np.float64) / 2
    in_single = 2e-7 * picture.max(axis=2, keepdims=True)  # what the sums before the rounding may be off by
    error = np.abs(kernels.to_ap0_half(picture).astype(np.float64) - exact)
    assert np.all(error <= half_step + in_single)
    halves = kernels.to_half(picture)
    assert same_bits(kernels.to_ap0_half(halves), kernels.to_ap0_half(kernels.to_float(halves)))


def test_the_way_back_from_aces2065_1_is_the_inverse() -> None:
    picture = np.random.default_rng(2).random((8, 8, 3), dtype=np.float32)
    assert np.abs(kernels.from_ap0(kernels.to_ap0(picture)) - picture).max() < 1e-6


def reference(rgb: kernels.Rgb16, *, weights: tuple[float, float], bits: int) -> list[NDArray[np.float64]]:
    """Luma and full-size chroma by definition, unrounded."""
    red, blue = weights
    r, g, b = (rgb[..., i] / 65535 for i in range(3))
    luma = red * r + (1 - red - blue) * g + blue * b
    scale = 2 ** (bits - 8)
    u = 128 * scale + 224 * scale * (b - luma) / (2 * (1 - blue))
    v = 128 * scale + 224 * scale * (r - luma) / (2 * (1 - red))
    return [16 * scale + 219 * scale * luma, u, v]


def sited_left(chroma: NDArray[np.float64]) -> NDArray[np.float64]:
    padded = np.pad(chroma, ((0, 0), (1, 1)), mode="edge")
    return (padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:])[:, ::2] / 4


@pytest.mark.parametrize("weights", [BT709, BT2020])
def test_ten_bit_422_is_within_half_a_code_of_the_definition(weights: tuple[float, float]) -> None:
    rgb = np.random.default_rng(3).integers(0, 65536, (34, 58, 3)).astype(np.uint16)
    rgb[:2], rgb[2:4], rgb[4] = 0, 65535, [65535, 0, 0]
    y = np.zeros((34, 64), np.uint16)  # encoders pad their rows
    u, v = np.zeros((34, 32), np.uint16), np.zeros((34, 32), np.uint16)
    limited_range.rgb16_to_yuv422p10(rgb, y, u, v, luma_weights=weights)
    luma, blue, red = reference(rgb, weights=weights, bits=10)
    assert np.abs(y[:, :58] - luma).max() <= 0.501
    assert np.abs(u[:, :29] - sited_left(blue)).max() <= 0.501
    assert np.abs(v[:, :29] - sited_left(red)).max() <= 0.501
    assert set(y[:2, :58].flat) == {64}
    assert set(y[2:4, :58].flat) == {940}
    assert set(u[:4, :29].flat) == {512}
    assert not y[:, 58:].any()


def test_ten_bit_444_is_within_half_a_code_of_the_definition() -> None:
    rgb = np.random.default_rng(5).integers(0, 65536, (34, 58, 3)).astype(np.uint16)
    y, u, v = (np.zeros((34, 64), np.uint16) for _ in range(3))
    limited_range.rgb16_to_yuv444p10(rgb, y, u, v, luma_weights=BT2020)
    for made, wanted in zip((y, u, v), reference(rgb, weights=BT2020, bits=10), strict=True):
        assert np.abs(made[:, :58] - wanted).max() <= 0.501
        assert not made[:, 58:].any()


@pytest.mark.parametrize(("depth", "sample"), [(8, np.uint8), (10, np.uint16), (12, np.uint16)])
def test_420_is_within_half_a_code_of_the_definition(depth: int, sample: type[np.uint8]) -> None:
    rgb = np.random.default_rng(4).integers(0, 65536, (36, 58, 3)).astype(np.uint16)
    y = np.zeros((36, 58), sample)
    u, v = np.zeros((18, 29), sample), np.zeros((18, 29), sample)
    limited_range.rgb16_to_yuv420(rgb, y, u, v, luma_weights=BT709, depth=depth)
    luma, blue, red = reference(rgb, weights=BT709, bits=depth)
    assert np.abs(y - luma).max() <= 0.502
    for made, full in ((u, blue), (v, red)):
        across = sited_left(full)
        assert np.abs(made - (across[::2] + across[1::2]) / 2).max() <= 0.501


def test_sixteen_bits_round_to_the_nearest_eight() -> None:
    every = np.arange(65536, dtype=np.uint16)
    assert np.array_equal(kernels.rgb16_to_rgb8(every), np.rint(every / 257).astype(np.uint8))


def test_a_thumbnail_keeps_the_mean_luminance_and_the_brightest_pixel() -> None:
    picture = np.full((90, 320, 3), 0.5, dtype=np.float32)
    picture[41, 77] = 40.0
    thumbnail, peak = kernels.luminance_thumbnail(picture)
    assert thumbnail.shape == (45, 160)
    assert peak == pytest.approx(40.0, rel=1e-5)
    assert thumbnail.mean() == pytest.approx((0.5 * (90 * 320 - 1) + 40) / (90 * 320), rel=1e-5)


def test_halves_are_measured_as_the_same_numbers_in_single_precision() -> None:
    picture = np.random.default_rng(7).uniform(0, 40, (77, 331, 3)).astype(np.float32)
    halves = kernels.to_half(picture)

    thumbnail, peak = kernels.luminance_thumbnail(halves)

    expected, brightest = kernels.luminance_thumbnail(kernels.to_float(halves))
    assert np.array_equal(thumbnail, expected)
    assert peak == brightest


def test_every_half_becomes_aces2065_1_as_the_same_number_in_single_precision_does() -> None:
    every = np.arange(65536, dtype=np.uint16)
    halves = np.stack([every, np.roll(every, 7), np.roll(every, 4099)], axis=-1).view(np.float16)
    picture = halves.reshape(256, 256, 3)

    made = kernels.to_ap0_half(picture)

    expected = kernels.to_ap0_half(kernels.to_float(picture))
    is_number = ~np.isnan(expected)
    assert np.array_equal(np.isnan(made), ~is_number)
    assert np.array_equal(made.view(np.uint16)[is_number], expected.view(np.uint16)[is_number])


@pytest.mark.parametrize("width", [16, 17, 32])
def test_a_spent_picture_is_converted_in_its_own_place_and_others_stay_as_they_are(width: int) -> None:
    halves = kernels.to_half(np.random.default_rng(9).uniform(-1, 90, (5, width, 3)).astype(np.float32))
    before = halves.copy()
    expected = kernels.to_ap0_half(halves)
    assert same_bits(halves, before)

    made = kernels.to_ap0_half(halves, is_spent=True)

    assert same_bits(made, expected)
    assert np.shares_memory(made, halves) == (width % 16 == 0)  # else some pixels would be converted twice


@pytest.mark.parametrize("width", [1, 15, 16, 17, 33])
def test_a_pixel_is_measured_and_converted_alike_in_any_width(width: int) -> None:
    halves = kernels.to_half(np.random.default_rng(8).uniform(0, 9, (5, 48, 3)).astype(np.float32))
    some = np.ascontiguousarray(halves[:, :width])

    assert np.array_equal(kernels.to_ap0_half(some), kernels.to_ap0_half(halves)[:, :width])
    thumbnail, peak = kernels.luminance_thumbnail(some)
    expected, brightest = kernels.luminance_thumbnail(kernels.to_float(some))
    assert np.array_equal(thumbnail, expected)
    assert peak == brightest
