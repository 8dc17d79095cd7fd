"""Deliveries of a provider's take: from its movies, one or several, and from its EXR frames."""

import json
import re
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream

from plugin_backend.domain.delivering.retiming import RateMethod
from plugin_backend.domain.sequence import ColourSpace
from tests.conform.desk import Desk
from tests.conform.take import Delivered, pixels_of
from tests.domain.conforms import EXR, H264, PRORES, PROXY
from tests.ingest.filming import film_numbers, numbers_in
from tests.ingest.pictures import archive, frames, light
from tests.media import readers
from worker.media.colour import exact_display
from worker.media.kernels import Rgb8
from worker.providers.protocol import StoredTake

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def chained(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> StoredTake:
    """Three parts at 24, key frames far apart, the second beginning with the last frame of the first."""
    folder = tmp_path_factory.mktemp("parts")
    ranges = (range(48), range(47, 90), range(90, 120))
    options = {"g": "60", "crf": "8", "bf": "3"}
    parts = [film_numbers(folder / f"{n}.mp4", numbers, options=options) for n, numbers in enumerate(ranges)]
    return desk.take(*parts)


@pytest.fixture(scope="module")
def delivered(desk: Desk, chained: StoredTake) -> Delivered:
    sequence = {
        "frame_rate": "24",
        "width": 320,
        "height": 180,
        "playhead_timecode": "01:00:10:00",
        "handles_frames": 12,
    }
    return desk.deliver(chained, [PRORES, PROXY], sequence=sequence)


def test_parts_play_through_their_joints_with_every_frame_once(delivered: Delivered) -> None:
    assert len(delivered.plan.chunks) == 2
    assert delivered.plan.frame_count == 120
    luma = readers.luma(delivered.movie, width=320, height=180)
    assert numbers_in(luma, middle=440) == list(range(120))
    proxy = readers.luma(delivered.proxy, width=320, height=180, pixels="yuv420p")
    assert numbers_in(proxy, middle=110) == list(range(120))


def test_timecode_reel_and_handles_are_as_of_any_take(delivered: Delivered) -> None:
    assert readers.timecode(delivered.movie) == "01:00:09:12"
    assert readers.timecode(delivered.proxy) == "01:00:09:12"
    report = readers.report(delivered.movie)
    assert delivered.plan.reel in report
    assert re.search(r"prores \(HQ\).*bt709", report)
    assert readers.index_comes_first(delivered.movie)


def test_an_sdr_movie_goes_into_an_sdr_movie_untouched(
    desk: Desk, chained: StoredTake, delivered: Delivered
) -> None:
    """To within one 8-bit code, which is what ProRes itself costs."""
    ours = readers.luma(delivered.movie, width=320, height=180).astype(int)
    sent = np.concatenate(
        [
            readers.luma(desk.door.folder / key, width=320, height=180, pixels="yuv420p")
            for key in chained.source["originals"]
        ]
    ).astype(int)
    sent = np.delete(sent, 48, axis=0)  # the frame that two parts share
    away = np.abs(ours - 4 * sent)
    assert away.max() <= 4
    assert away.mean() < 0.5


def test_the_report_knows_the_take_for_what_it_is(delivered: Delivered) -> None:
    entry = delivered.file(role="report", media_type="application/json")
    report = json.loads(delivered.path(entry).read_text())
    assert (report["clip"]["upscaled"], report["clip"]["expanded"]) == (False, False)
    assert report["source"]["colour_space"] == "rec709"
    assert report["made_by"] == "ray-3.2"
    reasons = {each["about"]: each["reason"] for each in report["decisions"]}
    assert (
        reasons["colour of the master prores-422-hq"] == "As the take was made: its values are not converted."
    )


def test_light_below_black_and_above_white_survives(desk: Desk, tmp_path: Path) -> None:
    """Cameras and codecs leave values outside 16 to 235; a way through RGB would clip them."""
    ramp = np.tile(np.arange(256, dtype=np.uint8), (96, 1))
    wide = np.concatenate([ramp[:, 4:252], ramp[:, 4:252]], axis=1)[:, :480]
    path = tmp_path / "wide.mov"
    grey = np.repeat(wide[..., None], 3, axis=-1)
    film_raw(path, grey, count=6)
    made = desk.take(path)
    sequence = {"width": 480, "height": 96}
    got = desk.deliver(made, [PRORES], sequence=sequence)
    luma = readers.luma(got.movie, width=480, height=96)[2].astype(int)
    sent = readers.luma(path, width=480, height=96, pixels="yuv420p")[2].astype(int)
    assert sent.min() < 12
    assert sent.max() > 240
    assert np.abs(luma - 4 * sent).max() <= 4


def film_raw(path: Path, grey: Rgb8, *, count: int) -> None:
    """Luma as given, footroom and headroom included, written without a loss."""
    with av.open(str(path), "w") as movie:
        stream = movie.add_stream("libx264", rate=24, options={"qp": "0"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = grey.shape[1], grey.shape[0], "yuv420p"
        for number in range(count):
            frame = av.VideoFrame(grey.shape[1], grey.shape[0], "yuv420p")
            for plane, value in zip(frame.planes, (None, 128, 128), strict=True):
                rows = np.full((plane.height, plane.line_size), 128 if value is None else value, np.uint8)
                if value is None:
                    rows[:, : grey.shape[1]] = grey[..., 0]
                plane.update(rows.tobytes())
            frame.pts = number
            movie.mux(stream.encode(frame))
        movie.mux(stream.encode(None))


def test_a_movie_at_another_rate_shows_the_planned_frames(desk: Desk, tmp_path: Path) -> None:
    path = film_numbers(tmp_path / "a.mp4", range(50), rate=Fraction(16), options={"g": "250", "bf": "3"})
    sequence = {"frame_rate": "30000/1001", "width": 320, "height": 180, "playhead_timecode": "01:00:00;00"}
    made = desk.deliver(desk.take(path), [H264], sequence=sequence)
    assert made.plan.rate_method is RateMethod.NEAREST
    assert made.plan.frame_count == 94
    movie = made.path(made.file(role="master", media_type="video/mp4"))
    assert readers.timecode(movie) == "01:00:00;00"
    luma = readers.luma(movie, width=320, height=180, pixels="yuv420p")
    assert numbers_in(luma, middle=110) == [made.plan.source_frame(i) for i in range(94)]


def test_a_movie_enlarged_says_so(desk: Desk, chained: StoredTake) -> None:
    sequence = {"width": 640, "height": 360, "handles_frames": 0}
    made = desk.deliver(chained, [H264], sequence=sequence)
    assert made.plan.placement.upscaled
    movie = made.path(made.file(role="master", media_type="video/mp4"))
    luma = readers.luma(movie, width=640, height=360, pixels="yuv420p")
    assert numbers_in(luma, middle=110) == list(range(120))


def test_an_sdr_movie_as_aces_frames_looks_the_same_through_aces_and_says_it_was_expanded(
    desk: Desk, tmp_path: Path
) -> None:
    path = film_numbers(tmp_path / "a.mp4", range(6), options={"crf": "4"})
    made = desk.deliver(desk.take(path), [EXR, PROXY], sequence={"width": 320, "height": 180})
    assert made.plan.expanded
    assert "nothing was seen above that white" in made.plan.decisions[2].reason
    assert len(made.frames) == 6
    inverse = np.linalg.inv(np.array(oiio_ap1_to_ap0())).T
    light_ap1 = (pixels_of(made.frames[3]) @ inverse).astype(np.float32)
    through = exact_display(light_ap1, space=ColourSpace.REC709) * 255
    luma = through @ np.array([0.2126, 0.7152, 0.0722])
    sent = readers.luma(path, width=320, height=180, pixels="yuv420p")[3].astype(float)
    assert np.abs(luma - (sent - 16) / 219 * 255).mean() < 0.7


def oiio_ap1_to_ap0() -> list[list[float]]:
    """As S-2014-004 prints it, in fewer digits than our own."""
    return [
        [0.69545224, 0.14067870, 0.16386906],
        [0.04479456, 0.85967112, 0.09553432],
        [-0.00552588, 0.00402521, 1.00150067],
    ]


def test_exr_frames_of_a_provider_are_delivered_bit_for_bit(desk: Desk, tmp_path: Path) -> None:
    made = desk.take(exr=[archive(tmp_path / "a.zip", frames(10))])
    sequence = {"width": 160, "height": 90, "frame_rate": "24"}
    got = desk.deliver(made, [EXR, PRORES, PROXY], sequence=sequence)
    assert not got.plan.expanded
    for number, path in enumerate(got.frames):
        assert np.array_equal(pixels_of(path), light(number).astype(np.float32))
    assert len(readers.stamps(got.movie)) == 10


def test_an_sdr_movie_in_an_hdr_sequence_is_expanded_and_says_so(desk: Desk, chained: StoredTake) -> None:
    sequence = {"width": 320, "height": 180, "colour_space": "rec2100-pq"}
    made = desk.deliver(chained, [PRORES], sequence=sequence)
    assert made.plan.expanded
    assert "bt2020nc/bt2020/smpte2084" in readers.report(made.movie)
    assert len(readers.stamps(made.movie)) == 120
