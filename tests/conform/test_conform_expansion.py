"""A provider's SDR movie as a larger HDR delivery: what its few bits and pixels may cost, in figures."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import av
import numpy as np
import OpenImageIO as oiio  # noqa: N813 - its documentation's own name
import pytest
from av.video.stream import VideoStream
from numpy.typing import NDArray

from tests.conform.desk import Desk
from tests.conform.take import Delivered
from tests.domain.conforms import EXR, PRORES, PROXY
from tests.media import readers
from tests.media.perception import pq_light

pytestmark = pytest.mark.slow

WIDTH, HEIGHT, FRAMES = 480, 270, 6
SLOPE, RISE, BOX, GRAIN = slice(0, 90), slice(90, 180), slice(180, 225), slice(225, 270)
Luma = NDArray[np.uint8]


def scene(number: int) -> Luma:
    """Limited-range luma: a shallow slope, all greys to white, a bright box, and grain that moves."""
    picture = np.empty((HEIGHT, WIDTH), dtype=np.float64)
    picture[SLOPE] = np.linspace(170, 182, WIDTH)
    picture[RISE] = np.linspace(16, 235, WIDTH)
    picture[BOX] = 60
    picture[BOX, 160:320] = 200
    picture[GRAIN] = 150 + np.random.default_rng(number).normal(0, 2, (45, WIDTH))
    return np.rint(picture).astype(np.uint8)


def film_luma(path: Path, frames: Iterable[Luma]) -> Path:
    """Grey H.264 of eight bits, tagged as Rec. 709, written without a loss."""
    with av.open(str(path), "w") as movie:
        stream = movie.add_stream("libx264", rate=24, options={"qp": "0"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        codec = stream.codec_context
        codec.color_primaries, codec.color_trc, codec.colorspace, codec.color_range = 1, 1, 1, 1
        for number, luma in enumerate(frames):
            frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
            for plane in frame.planes:
                rows = np.full((plane.height, plane.line_size), 128, np.uint8)
                if plane.width == WIDTH:
                    rows[:, :WIDTH] = luma
                plane.update(rows.tobytes())
            frame.pts = number
            movie.mux(stream.encode(frame))
        movie.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def delivered(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    path = film_luma(tmp_path_factory.mktemp("sdr") / "a.mp4", map(scene, range(FRAMES)))
    sequence = {"width": 2 * WIDTH, "height": 2 * HEIGHT, "colour_space": "rec2100-pq"}
    return desk.deliver(desk.take(path), [EXR, PRORES, PROXY], sequence=sequence)


@pytest.fixture(scope="module")
def luma(delivered: Delivered) -> NDArray[np.float64]:
    """Of the delivered movie, in codes of ten bits."""
    return readers.luma(delivered.movie, width=2 * WIDTH, height=2 * HEIGHT).astype(np.float64)


@pytest.fixture(scope="module")
def light(delivered: Delivered) -> NDArray[np.float64]:
    """The green of a delivered frame, in ACES2065-1, where greys are as in ACEScg."""
    pixels: Any = oiio.ImageBuf(str(delivered.frames[3])).get_pixels(oiio.FLOAT)
    return np.asarray(pixels, dtype=np.float64)[..., 1]


def rows(part: slice, *, inset: int = 16) -> slice:
    """A part of the scene in the delivered picture, without what borders on the next."""
    return slice(2 * part.start + inset, 2 * part.stop - inset)


def test_a_shallow_slope_shows_no_bands(luma: NDArray[np.float64], light: NDArray[np.float64]) -> None:
    """Twelve codes of luma become 27 of PQ: as two or three at a time they would be seen."""
    columns = np.median(luma[:, rows(SLOPE)], axis=(0, 1))
    assert np.abs(np.diff(columns)).max() <= 1
    assert len(np.unique(columns)) > 24
    steps = np.diff(np.log(light[:90].mean(axis=0)))  # where nothing else is near
    assert np.abs(steps).max() < 0.005  # the eye sees half a percent; a code of the take is more than two


def test_highlights_rise_to_a_bounded_white(luma: NDArray[np.float64], light: NDArray[np.float64]) -> None:
    columns = np.median(luma[:, rows(RISE)], axis=(0, 1))
    assert np.diff(columns).min() >= -1
    peak = pq_light((columns.max() - 64) / 876)
    assert 680 < peak < 730
    assert light.max() <= 16.05


def test_edges_do_not_ring(light: NDArray[np.float64]) -> None:
    box = light[rows(BOX)]
    dark, bright = np.median(box[:, :200]), np.median(box[:, 400:560])
    assert box.min() > 0.99 * dark
    assert box.max() < 1.01 * bright


def test_still_things_stand_still_and_grain_moves_no_more_than_it_is_stretched(
    luma: NDArray[np.float64],
) -> None:
    still = np.abs(np.diff(luma[:, rows(SLOPE)], axis=0))
    assert still.mean() < 0.02
    sent = np.stack([scene(number)[GRAIN].astype(np.float64) for number in range(FRAMES)])
    ratio = np.abs(np.diff(luma[:, rows(GRAIN)], axis=0)).mean() / np.abs(np.diff(sent, axis=0)).mean()
    assert ratio < 2.4  # codes of ten bits for one of eight; the same in SDR is 4, of a quarter of the light


def test_everything_says_that_it_was_enlarged_and_expanded(delivered: Delivered) -> None:
    report = json.loads(
        delivered.path(delivered.file(role="report", media_type="application/json")).read_text()
    )
    assert (report["clip"]["upscaled"], report["clip"]["expanded"]) == (True, True)
    reasons = {each["about"]: each["reason"] for each in report["decisions"]}
    assert "480 x 270 in 960 x 540" in reasons["size"]
    assert "16 times diffuse white" in reasons["colour of the master exr-aces"]
    assert "700 cd/m2" in reasons["colour of the master prores-422-hq"]
