"""A delivery read back by others: OpenImageIO for frames, a static ffmpeg for movies."""

import hashlib
import itertools
import json
import re
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - its documentation's own name
import pytest
from numpy.typing import NDArray

from plugin_backend.domain.delivering.placing import Fit
from plugin_backend.domain.delivering.retiming import RateMethod
from tests.conform.take import Delivered, deliver, pixels_of, store_take, take
from tests.domain.conforms import EXR, PRORES, PROXY
from tests.media import readers
from tests.media.scenes import SUN, sunrise
from worker.media.kernels import ACESCG_TO_AP0

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    """24 to 24000/1001, twice the size, in two chunks, with handles."""
    folder = tmp_path_factory.mktemp("delivered")
    store_take(folder, take())
    sequence = {
        "frame_rate": "24000/1001",
        "width": 320,
        "height": 180,
        "playhead_timecode": "01:00:10:00",
        "handles_frames": 10,
    }
    return deliver(folder, take(), [EXR, PRORES, PROXY], sequence=sequence)


def as_aces(frame: int) -> NDArray[np.float32]:
    converted = sunrise(frame) @ ACESCG_TO_AP0.T
    return np.asarray(converted, dtype=np.float32)


def test_the_delivery_was_made_in_chunks_and_is_whole(delivered: Delivered) -> None:
    assert len(delivered.plan.chunks) == 2
    assert delivered.plan.rate_method is RateMethod.RELABEL
    assert len(delivered.frames) == 100
    assert len(readers.stamps(delivered.movie)) == 100
    assert len(readers.stamps(delivered.proxy)) == 100


def test_every_file_has_the_bytes_and_checksum_it_is_listed_with(delivered: Delivered) -> None:
    sequence = delivered.file(role="master", media_type="image/x-exr")
    listed = [f for f in delivered.result["files"] if "sequence" not in f] + sequence["frames"]
    assert len(listed) == 105
    for entry in listed:
        data = delivered.path(entry).read_bytes()
        assert len(data) == entry["bytes"]
        assert hashlib.sha256(data).hexdigest() == entry["sha256"]
    assert sequence["bytes"] == sum(frame["bytes"] for frame in sequence["frames"])


def test_frames_are_aces_half_float_with_rate_timecode_reel_and_counter(delivered: Delivered) -> None:
    first = delivered.plan.frame_number(0)
    assert first == (3600 + 10) * 24 - 10
    for index in (0, 47, 99):
        spec = oiio.ImageBuf(str(delivered.frames[index])).spec()
        assert delivered.frames[index].name == f"sunrise.{first + index:07d}.exr"
        assert (spec.width, spec.height, str(spec.format)) == (320, 180, "half")
        assert spec.getattribute("FramesPerSecond") == (24000, 1001)
        assert spec.getattribute("reelName") == delivered.plan.reel
        assert spec.getattribute("imageCounter") == first + index
        assert oiio_timecode(spec) == str(delivered.plan.timecode(index))
        assert spec.getattribute("chromaticities") == pytest.approx(
            (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767)
        )
        assert spec.getattribute("pluginbackend:take_id") == "take_0123"


def oiio_timecode(spec: oiio.ImageSpec) -> str:
    return str(spec.get_string_attribute("smpte:TimeCode"))


def test_frames_hold_the_source_light_at_the_new_size(delivered: Delivered) -> None:
    found = pixels_of(delivered.frames[50])
    shrunk = found.reshape(90, 2, 160, 2, 3).mean(axis=(1, 3))
    source = as_aces(50)
    assert np.median(np.abs(shrunk - source) / (source + 0.05)) < 0.03
    assert found.max() == pytest.approx(source.max(), rel=0.02)
    assert found.max() > 0.7 * SUN


def test_scaling_up_leaves_no_dark_or_bright_ring_around_the_sun(delivered: Delivered) -> None:
    found, source = pixels_of(delivered.frames[0]), as_aces(0)
    assert found.min() >= source.min() - 0.01
    assert found.max() <= source.max() * 1.001


def test_the_movie_carries_rate_timecode_reel_and_tags(delivered: Delivered) -> None:
    report = readers.report(delivered.movie)
    assert readers.timecode(delivered.movie) == "01:00:09:14"
    assert "23.98 fps" in report
    assert "320x180" in report
    assert re.search(r"prores \(HQ\).*bt709", report)
    assert delivered.plan.reel in report
    assert "take_0123" in report
    assert readers.index_comes_first(delivered.movie)


def test_the_proxy_is_h264_with_the_same_timecode(delivered: Delivered) -> None:
    report = readers.report(delivered.proxy)
    assert "h264" in report
    assert readers.timecode(delivered.proxy) == "01:00:09:14"
    assert readers.index_comes_first(delivered.proxy)


def test_movie_time_runs_evenly_over_the_seam_of_the_chunks(delivered: Delivered) -> None:
    shown = [stamp.show for stamp in readers.stamps(delivered.movie)]
    steps = {after - before for before, after in itertools.pairwise(shown)}
    assert len(steps) == 1


def test_movie_and_frames_show_the_same_moments(delivered: Delivered) -> None:
    """The sun drifts: where it stands in the movie is where it stands in the frames."""
    movie = readers.luma(delivered.movie, width=320, height=180)
    for index in (0, 49, 50, 99):
        shown = sun_column(movie[index])
        assert shown == pytest.approx(sun_column(pixels_of(delivered.frames[index]).mean(axis=-1)), abs=3)
    assert sun_column(movie[99]) - sun_column(movie[0]) > 50


def sun_column(luma: NDArray[np.uint16] | NDArray[np.float32]) -> float:
    brightest = luma >= np.quantile(luma.astype(np.float32), 0.995)
    return float(np.nonzero(brightest)[1].mean())


def test_the_report_says_what_was_asked_made_decided_and_measured(delivered: Delivered) -> None:
    report = json.loads(
        delivered.path(delivered.file(role="report", media_type="application/json")).read_text()
    )
    assert report["made_by"] == "animatic"
    assert report["asked"]["host"] == "premiere-pro"
    assert report["clip"]["start_timecode"] == "01:00:09:14"
    assert report["clip"]["end_timecode"] == "01:00:13:17"
    assert report["clip"]["upscaled"] is True
    assert {decision["about"] for decision in report["decisions"]} >= {"frame-rate", "size"}
    assert [file["role"] for file in report["files"]] == ["master", "master", "proxy", "poster"]
    assert report["files"][0]["sequence"]["pattern"] == "sunrise.%07d.exr"
    assert report["files"][1]["colour"] == {
        "primaries": 1,
        "transfer": 1,
        "matrix": 1,
        "range": "limited",
        "label": "Rec. 709",
    }
    assert len(report["files"][0]["frames"]) == 100
    assert report["measures"]["frame_count"] == 100
    assert report["measures"]["frozen_frame_count"] == 0
    assert {name: found["count"] for name, found in report["noticed"].items() if found["count"]} == {}
    curves = report["over_time"]
    assert curves["step_frames"] == 1
    assert len(curves["motion_widths_per_second"]) == 100
    peak = report["measures"]["luminance_peak_stops"]
    assert max(curves["luminance_stops"]["peak"]) == pytest.approx(peak, abs=0.001)
    assert 0.5 < report["gamut"]["inside"]["rec709"] <= report["gamut"]["inside"]["bt2020"] <= 1
    assert "key" not in json.dumps(report["files"])


def test_the_poster_is_a_jpeg_of_the_middle(delivered: Delivered) -> None:
    entry = delivered.file(role="poster", media_type="image/jpeg")
    image = oiio.ImageBuf(str(delivered.path(entry)))
    assert (image.spec().width, image.spec().height) == (320, 180)


def test_segments_are_named_as_leftovers_and_nothing_else_is_left(delivered: Delivered) -> None:
    leftovers = set(delivered.result["leftovers"])
    assert len(leftovers) == 4
    kept = {file["key"] for file in delivered.result["files"]}
    kept |= {frame["key"] for frame in delivered.file(role="master", media_type="image/x-exr")["frames"]}
    assert {file.key for file in delivered.storage.list("deliveries/one")} == kept | leftovers


def test_the_same_conform_again_makes_the_same_bytes(delivered: Delivered) -> None:
    again = deliver(
        delivered.folder,
        delivered.plan.source,
        [EXR, PRORES, PROXY],
        sequence=delivered.plan.sequence.to_json(),
        prefix="deliveries/again",
    )
    digests = [[file["sha256"] for file in made.result["files"]] for made in (delivered, again)]
    assert digests[0][:4] == digests[1][:4]


def test_24_to_30_drop_frame_repeats_frames_exactly_as_planned(tmp_path: Path) -> None:
    facts = take(frames=24)
    store_take(tmp_path, facts)
    sequence = {"frame_rate": "30000/1001", "width": 160, "height": 90, "playhead_timecode": "01:00:00;00"}
    made = deliver(tmp_path, facts, [EXR, PRORES], sequence=sequence)
    assert made.plan.rate_method is RateMethod.NEAREST
    assert readers.timecode(made.movie) == "01:00:00;00"
    assert len(made.frames) == made.plan.frame_count == 30
    for index, path in enumerate(made.frames):
        expected = as_aces(made.plan.source_frame(index))
        assert np.abs(pixels_of(path) - expected).max() < 0.001 * expected.max()
    luma = readers.luma(made.movie, width=160, height=90).astype(int)
    still = [bool((a == b).all()) for a, b in itertools.pairwise(luma)]
    shown = [made.plan.source_frame(i) for i in range(30)]
    assert still == [a == b for a, b in itertools.pairwise(shown)]


@pytest.mark.parametrize(("fit", "bars"), [(Fit.FIT, True), (Fit.FILL, False)])
def test_another_aspect_is_letterboxed_or_cut_by_choice(tmp_path: Path, fit: Fit, bars: bool) -> None:  # noqa: FBT001 - the table's column
    facts = take(frames=2)
    store_take(tmp_path, facts)
    made = deliver(tmp_path, facts, [EXR, PRORES], sequence={"width": 128, "height": 128}, fit=fit)
    picture = pixels_of(made.frames[0])
    assert picture.shape == (128, 128, 3)
    assert bool((picture[:24] == 0).all()) is bars
    assert bool((picture[-24:] == 0).all()) is bars
    assert picture[40:88].min() > 0


def test_an_hdr_sequence_gets_an_hdr_movie_and_an_sdr_proxy(tmp_path: Path) -> None:
    facts = take(frames=2)
    store_take(tmp_path, facts)
    sequence = {"width": 160, "height": 90, "colour_space": "rec2100-pq"}
    made = deliver(tmp_path, facts, [PRORES, PROXY], sequence=sequence)
    assert re.search(r"bt2020nc/bt2020/smpte2084", readers.report(made.movie))
    assert "smpte2084" not in readers.report(made.proxy)
