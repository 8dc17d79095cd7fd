"""Coded samples to RGB and to other layouts, against the arithmetic written out and another library."""

from dataclasses import dataclass

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_backend.domain.sequence import ColourSpace
from tests.ingest.filming import numbered
from worker.media import kernels
from worker.media.colour import exact_display, scene_transform
from worker.media.light import shown_luminance
from worker.media.sources.display import planes_of
from worker.media.sources.tags import Tags
from worker.media.yuv import Planes, Samples, relaid, to_rgb16

BT709 = (0.2126, 0.0722)
BT2020 = (0.2627, 0.0593)


def plane(columns: int, rows: int, *, depth: int, value: int | None = None) -> Samples:
    """Samples all of one value, or as they come."""
    top = 1 << depth
    drawn = np.random.default_rng(columns * rows).integers(0, top, (rows, columns))
    if value is not None:
        drawn[:] = value
    return drawn.astype(np.uint8) if depth == 8 else drawn.astype(np.uint16)


def flat(samples: tuple[int, int, int], *, depth: int, full: bool, weights: tuple[float, float]) -> Planes:
    y, u, v = samples
    return Planes(
        y=plane(8, 4, depth=depth, value=y),
        u=plane(4, 2, depth=depth, value=u),
        v=plane(4, 2, depth=depth, value=v),
        width=6,
        height=4,
        depth=depth,
        halved_across=True,
        halved_down=True,
        full_range=full,
        luma_weights=weights,
    )


codes = st.integers(0, 255)


@given(
    st.tuples(codes, codes, codes),
    st.sampled_from([8, 10, 12]),
    st.sampled_from(["full", "limited"]),
    st.sampled_from([BT709, BT2020, (0.299, 0.114)]),
)
def test_a_flat_colour_comes_out_as_the_standard_says(
    samples: tuple[int, int, int], depth: int, span: str, weights: tuple[float, float]
) -> None:
    unit, top = 1 << (depth - 8), (1 << depth) - 1
    y, u, v = (sample * unit for sample in samples)
    if span == "full":
        luma, blue, red = y / top, (u - (1 << (depth - 1))) / top, (v - (1 << (depth - 1))) / top
    else:
        luma = (y - 16 * unit) / (219 * unit)
        blue, red = (u - 128 * unit) / (224 * unit), (v - 128 * unit) / (224 * unit)
    kr, kb = weights
    r, b = luma + 2 * (1 - kr) * red, luma + 2 * (1 - kb) * blue
    g = (luma - kr * r - kb * b) / (1 - kr - kb)
    wanted = np.clip(np.array([r, g, b]), 0, 1) * 65535
    found = to_rgb16(flat((y, u, v), depth=depth, full=span == "full", weights=weights))
    assert found.shape == (4, 6, 3)
    assert np.abs(found - wanted).max() <= 1


@pytest.mark.parametrize(
    ("pixels", "most"), [("yuv420p", 7), ("yuv422p10le", 4), ("yuv444p12le", 1.5), ("yuvj422p", 6)]
)
def test_every_layout_comes_back_to_the_picture_it_was_made_of(pixels: str, most: float) -> None:
    """Another library coded it; chroma at half size costs a little at hard edges."""
    picture = np.ascontiguousarray(numbered(3, width=333, height=187)[40:])
    span = 2 if "j" in pixels else 1
    frame = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(
        format=pixels, dst_colorspace=1, dst_color_range=span
    )
    planes = planes_of(frame, Tags(1, 1, 1, span), ColourSpace.REC709)
    found = kernels.rgb16_to_rgb8(to_rgb16(planes)).astype(int)
    assert np.quantile(np.abs(found - picture.astype(int)), 0.99) <= most


def test_quartered_chroma_and_foreign_layouts_are_refused_by_name() -> None:
    frame = av.VideoFrame(64, 32, "yuv410p")
    with pytest.raises(ValueError, match="yuv410p"):
        planes_of(frame, Tags(1, 1, 1, 1), ColourSpace.REC709)
    with pytest.raises(ValueError, match="matrix 8"):
        planes_of(av.VideoFrame(64, 32, "yuv420p"), Tags(1, 1, 8, 1), ColourSpace.REC709)


@dataclass(frozen=True, slots=True)
class Layout:
    depth: int
    across: bool
    down: bool

    def drawn(self, width: int, height: int) -> Planes:
        chroma = ((width + 1) // 2 if self.across else width, (height + 1) // 2 if self.down else height)
        return Planes(
            y=plane(width, height, depth=self.depth),
            u=plane(*chroma, depth=self.depth),
            v=plane(*chroma, depth=self.depth),
            width=width,
            height=height,
            depth=self.depth,
            halved_across=self.across,
            halved_down=self.down,
            full_range=False,
            luma_weights=BT709,
        )


evens = st.integers(4, 40).map(lambda half: 2 * half)
layouts = st.builds(Layout, st.sampled_from([8, 10, 12]), st.booleans(), st.booleans())


@settings(deadline=None)
@given(evens, evens, layouts, st.sampled_from([(8, True), (10, False), (10, True)]))
def test_relaying_keeps_luma_and_invents_no_colour(
    width: int, height: int, layout: Layout, wanted: tuple[int, bool]
) -> None:
    planes = layout.drawn(width, height)
    y, u, v = relaid(planes, depth=wanted[0], halved_down=wanted[1])
    scale = 2.0 ** (wanted[0] - layout.depth)
    exact = np.minimum(planes.y * scale, (1 << wanted[0]) - 1)
    assert np.abs(y[:height, :width] - exact).max() <= (0 if scale >= 1 else 0.5)
    rows = height // 2 if wanted[1] else height
    for before, after in ((planes.u, u), (planes.v, v)):
        assert after.shape == (rows, width // 2)
        assert after.min() >= np.floor(before.min() * scale)
        assert after.max() <= np.ceil(before.max() * scale)
        assert abs(after.mean() - before.mean() * scale) <= 0.12 * scale * (1 << layout.depth)


def test_a_colour_that_does_not_change_is_relaid_as_it_is() -> None:
    flat_planes = flat((90, 60, 200), depth=8, full=False, weights=BT709)
    _, u, v = relaid(flat_planes, depth=10, halved_down=False)
    assert (set(u[:, :3].reshape(-1).tolist()), set(v[:, :3].reshape(-1).tolist())) == ({240}, {800})


def test_the_same_layout_is_the_same_samples() -> None:
    planes = Layout(8, across=True, down=True).drawn(32, 16)
    assert relaid(planes, depth=8, halved_down=True)[0] is planes.y
    with pytest.raises(ValueError, match="Full-range"):
        relaid(flat((0, 0, 0), depth=8, full=True, weights=BT709), depth=10, halved_down=False)


@pytest.mark.parametrize(
    ("space", "code", "stops"),
    [
        (ColourSpace.REC709, 1.0, 0.0),
        (ColourSpace.REC709, 0.5, 2.4 * np.log2(0.5)),
        (ColourSpace.P3_D65, 0.5, np.log2(0.21404)),
        (ColourSpace.REC2100_PQ, 0.5806, 0.0),  # 203 cd/m2, the reference white of BT.2408
        (ColourSpace.REC2100_PQ, 0.7518, np.log2(1000 / 203)),
        (ColourSpace.REC2100_HLG, 0.75, 0.0),
        (ColourSpace.REC2100_HLG, 1.0, np.log2(1000 / 203)),
    ],
)
def test_light_is_counted_from_each_displays_diffuse_white(
    space: ColourSpace, code: float, stops: float
) -> None:
    grey = np.full((32, 64, 3), round(code * 65535), dtype=np.uint16)
    luminance, peak = shown_luminance(grey, space=space)
    assert np.log2(peak) == pytest.approx(stops, abs=0.02)
    assert np.log2(luminance.mean()) == pytest.approx(stops, abs=0.02)


@pytest.mark.parametrize("space", [ColourSpace.REC709, ColourSpace.P3_D65, ColourSpace.REC2100_PQ])
def test_the_way_back_through_aces_shows_the_same_again(space: ColourSpace) -> None:
    """Colours of ordinary saturation, and greys to the end of the display's range."""
    chance = np.random.default_rng(5)
    grey = np.linspace(0, 0.74 if space is ColourSpace.REC2100_PQ else 1, 4096).reshape(64, 64, 1)
    picture = np.clip(grey + chance.normal(0, 0.03, (64, 64, 3)) * np.minimum(grey, 0.2), 0, 1)
    if space is ColourSpace.REC2100_PQ:
        picture = np.minimum(picture, 0.74)
    codes = np.rint(picture * 65535).astype(np.uint16)
    light = scene_transform(space).apply(codes)
    assert np.isfinite(light.astype(np.float32)).all()
    again = exact_display(light.astype(np.float32), space=space)
    away = np.abs(again - picture) * 255
    assert away.mean() < 0.25
    assert np.quantile(away, 0.99) < 2
