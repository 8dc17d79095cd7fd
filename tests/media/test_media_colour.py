import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - as in worker.media.colour
import pytest

from plugin_backend.domain.sequence import ColourSpace
from tests.media.scenes import sunrise
from worker.media import colour, kernels

DISPLAYS = [ColourSpace.REC709, ColourSpace.P3_D65, ColourSpace.REC2100_PQ, ColourSpace.REC2100_HLG]
# The largest error allowed, in 10-bit codes: mean, 99.9th percentile, any pixel.
BOUNDS = {
    ColourSpace.REC709: (0.5, 4.5, 12.0),
    ColourSpace.P3_D65: (0.5, 4.5, 12.0),
    ColourSpace.REC2100_PQ: (0.16, 1.5, 3.5),
    ColourSpace.REC2100_HLG: (0.4, 3.5, 6.0),
}


@pytest.mark.parametrize("space", DISPLAYS)
def test_the_baked_transform_shows_a_scene_as_the_exact_one_does(space: ColourSpace) -> None:
    scene = sunrise(20, height=180, width=320)
    exact = np.clip(colour.exact_display(scene, space=space), 0, 1) * 1023
    error = np.abs(colour.display_transform(space).apply(scene) / 65535 * 1023 - exact)
    mean, most, worst = BOUNDS[space]
    assert error.mean() < mean
    assert np.percentile(error, 99.9) < most
    assert error.max() < worst


def pq_nits(signal: float) -> float:
    """SMPTE ST 2084, written out."""
    root = signal ** (32 / 2523)
    return float(10000 * (max(root - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * root)) ** (16384 / 2610))


def test_mid_grey_and_white_land_where_aces_2_puts_them() -> None:
    grey = np.full((2, 2, 3), 0.18, dtype=np.float32)
    bright = np.full((2, 2, 3), 1000.0, dtype=np.float32)
    sdr = colour.display_transform(ColourSpace.REC709).apply(grey)[0, 0, 1] / 65535
    hdr = colour.display_transform(ColourSpace.REC2100_PQ)
    assert 100 * sdr**2.4 == pytest.approx(10.0, rel=0.01)
    assert pq_nits(hdr.apply(grey)[0, 0, 1] / 65535) == pytest.approx(14.51, rel=0.01)
    assert pq_nits(hdr.apply(bright)[0, 0, 1] / 65535) == pytest.approx(1000, rel=0.01)


@pytest.mark.parametrize("space", DISPLAYS)
def test_black_stays_black_and_greys_stay_neutral_and_rise(space: ColourSpace) -> None:
    ramp = np.repeat(np.linspace(0, 4, 512, dtype=np.float32)[None, :, None], 3, axis=2)
    shown = colour.display_transform(space).apply(ramp).astype(int)
    assert not shown[0, 0].any()
    assert np.ptp(shown, axis=2).max() <= 16  # of 65535
    assert np.all(np.diff(shown[0, :, 1]) >= 0)


def test_halves_and_singles_show_the_same() -> None:
    scene = sunrise(3)
    transform = colour.display_transform(ColourSpace.REC709)
    assert np.array_equal(transform.apply(scene), transform.apply(kernels.to_half(scene)))


def test_what_no_display_can_show_stays_within_its_range() -> None:
    extremes = np.array([[[np.inf] * 3, [-5.0] * 3, [65504.0] * 3, [np.nan] * 3]], dtype=np.float32)
    shown = colour.display_transform(ColourSpace.REC709).apply(extremes)
    assert shown[0, :3].tolist() == [[65535] * 3, [0] * 3, [65535] * 3]


def test_aces2065_1_agrees_with_opencolorio() -> None:
    scene = sunrise(5)
    rgba = np.ones((*scene.shape[:2], 4), dtype=np.float32)
    rgba[..., :3] = scene
    config = ocio.Config.CreateFromBuiltinConfig(colour.CONFIG_NAME)
    processor = config.getProcessor("ACEScg", "ACES2065-1").getDefaultCPUProcessor()
    processor.apply(ocio.PackedImageDesc(rgba, scene.shape[1], scene.shape[0], 4))
    np.testing.assert_allclose(colour.to_aces2065_1(scene), rgba[..., :3], rtol=2e-6, atol=1e-6)
    np.testing.assert_allclose(colour.from_aces2065_1(rgba[..., :3]), scene, rtol=1e-5, atol=1e-5)


def test_an_srgb_image_comes_back_from_acescg_unchanged() -> None:
    image = np.random.default_rng(6).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    image[0, 0], image[0, 1] = 255, 0
    scene = colour.srgb_to_acescg(image)
    assert scene[0, 0] == pytest.approx([1, 1, 1], abs=1e-4)
    assert np.array_equal(colour.acescg_to_srgb(scene), image)


@pytest.mark.parametrize("space", sorted(colour.SCENE_SPACES))
def test_a_scene_linear_space_is_not_a_display(space: ColourSpace) -> None:
    with pytest.raises(ValueError, match="scene-linear"):
        colour.display_transform(space)
    with pytest.raises(ValueError, match="scene-linear"):
        colour.colour_tags(space)


def test_tags_are_the_code_points_of_h_273() -> None:
    assert [colour.colour_tags(space).nclc for space in DISPLAYS] == ["1-1-1", "12-13-1", "9-16-9", "9-18-9"]
