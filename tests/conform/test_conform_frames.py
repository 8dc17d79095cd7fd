"""A list of frames, read back by others: each at its own number and timecode, with its stretch of sound."""

import json
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - its documentation's own name
import pytest

from plugin_backend.domain.delivering.conform_plan import OutputRole, OutputSpec
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat
from plugin_backend.domain.delivering.parts import Part
from tests.conform.desk import Desk
from tests.conform.take import Delivered
from tests.domain.conforms import EXR, PRORES, PROXY
from tests.ingest.filming import film_numbers, numbers_in
from tests.ingest.sounds import RATE, clicks, decoded, with_sound
from tests.journeys.hosts import label
from tests.media import readers
from worker.providers.protocol import StoredTake

pytestmark = pytest.mark.slow

LIST = (3, 10, 11, 12, 29, 30, 31)
RUNS = {86_403: [3], 86_410: [10, 11, 12], 86_429: [29, 30, 31]}
SEQUENCE = {"frame_rate": "24", "width": 320, "height": 180, "playhead_timecode": "01:00:00:00"}


@pytest.fixture(scope="module")
def take(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> StoredTake:
    """Two seconds, with a burst at 1.25 s: as frame 30 begins."""
    folder = tmp_path_factory.mktemp("listed")
    picture = film_numbers(folder / "p.mp4", range(48))
    return desk.take(with_sound(folder / "a.mov", picture, clicks(2, at=1.25)))


@pytest.fixture(scope="module")
def movies(desk: Desk, take: StoredTake) -> Delivered:
    sound = {"key": take.files["sound"]["key"], "from": "take", "offset_seconds": "0", "gain_db": 0.0}
    outputs = [PRORES, PROXY]
    return desk.deliver(take, outputs, sequence=SEQUENCE, part=Part(frames=LIST), sound=sound)


def test_every_run_is_a_movie_and_a_proxy_at_its_own_timecode(movies: Delivered) -> None:
    files = [file for file in movies.result["files"] if file["role"] in ("master", "proxy")]
    names = [f"shot_00{number}.mov" for number in RUNS] + [f"shot_00{number}_proxy.mp4" for number in RUNS]
    assert [file["name"] for file in files] == names
    for file, (number, frames) in zip(files, [*RUNS.items(), *RUNS.items()], strict=True):
        path = movies.path(file)
        second, frame = divmod(number - 86_400, 24)
        said = f"01:00:{second:02}:{frame:02}"
        assert readers.timecode(path) == file["start_timecode"] == said
        assert len(readers.stamps(path)) == file["frame_count"] == len(frames)
        pixels, middle = ("yuv422p10le", 512) if path.suffix == ".mov" else ("yuv420p", 128)
        shown = readers.luma(path, width=320, height=180, pixels=pixels)
        assert numbers_in(shown, middle=middle) == frames


def test_sound_is_cut_to_each_run(movies: Delivered) -> None:
    paths = [movies.path(file) for file in movies.result["files"] if file["role"] == "master"]
    heard = [decoded(path) for path in paths]

    assert [len(samples) for samples in heard] == [len(frames) * RATE // 24 for frames in RUNS.values()]
    loud = [int(np.abs(samples.astype(int)).max()) for samples in heard]
    assert max(loud[:2]) < 100
    assert loud[2] > 10_000
    first = int(np.flatnonzero(np.abs(heard[2].astype(int)).reshape(len(heard[2]), -1).max(axis=1) > 1000)[0])
    assert first == pytest.approx(RATE // 24, abs=100), "the burst is on the second frame of its run"


def test_the_report_tells_every_movie_and_its_sound(movies: Delivered) -> None:
    entry = movies.file(role="report", media_type="application/json")
    report = json.loads(movies.path(entry).read_text())

    assert report["clip"]["frame_count"] == len(LIST)
    assert report["clip"]["end_timecode"] == "01:00:01:07"
    masters = [file for file in report["files"] if file["role"] == "master"]
    assert [round(file["sound"]["seconds"] * 24, 3) for file in masters] == [1, 3, 3]
    assert report["sound"]["seconds"] == pytest.approx(len(LIST) / 24, abs=1e-6)
    loudest = max(file["sound"]["peak_dbfs"] or -100 for file in masters)
    assert report["sound"]["peak_dbfs"] == loudest > -20
    (page,) = (file for file in movies.result["files"] if file["name"] == "report.html")
    assert f"{loudest:.1f} dBFS" in movies.path(page).read_text()


@pytest.mark.parametrize("form", [EXR, OutputSpec(OutputRole.MASTER, DeliveryFormat.PNG)])
def test_frames_are_just_those_at_their_own_numbers(desk: Desk, take: StoredTake, form: OutputSpec) -> None:
    made = desk.deliver(take, [form], sequence=SEQUENCE, part=Part(frames=LIST))

    assert [file["role"] for file in made.result["files"]] == ["master", "poster", "report", "report"]
    (master, *_) = made.result["files"]
    numbers = [number for first, run in RUNS.items() for number in range(first, first + len(run))]
    assert [frame["frame"] for frame in master["frames"]] == numbers
    runs = [{"first": first, "last": first + len(run) - 1} for first, run in RUNS.items()]
    told = {"first": numbers[0], "last": numbers[-1], "count": len(LIST), "runs": runs}
    assert {**told, "pattern": master["sequence"]["pattern"]} == master["sequence"]
    read = [oiio.ImageBuf(str(made.path(frame))) for frame in master["frames"]]
    pictures = np.stack([np.asarray(each.get_pixels(oiio.FLOAT))[..., 1] for each in read])
    assert numbers_in((pictures * 65_535).clip(0, 65_535).astype(np.uint16), middle=20_000) == [*LIST]
    if form is EXR:
        said = [label(each.spec().getattribute("smpte:TimeCode")[0]) for each in read]
        assert said[0] == "01:00:00:03"
        assert said[-1] == "01:00:01:07"


def test_hdr_movies_of_a_list_tell_each_their_own_light(desk: Desk, tmp_path: Path) -> None:
    movie = film_numbers(tmp_path / "b.mp4", range(12))
    hdr = OutputSpec(OutputRole.MASTER, DeliveryFormat.PRORES_422_HQ)
    made = desk.deliver(
        desk.take(movie),
        [hdr, PROXY],
        sequence={**SEQUENCE, "colour_space": "rec2100-pq"},
        part=Part(frames=(0, 1, 8)),
    )

    masters = [file for file in made.result["files"] if file["role"] == "master"]
    whole = json.loads(made.path(made.file(role="report", media_type="application/json")).read_text())
    assert [file["frame_count"] for file in masters] == [2, 1]
    levels = [file["hdr"]["max_fall"] for file in masters]
    assert max(levels) == whole["light"]["max_fall"]
    assert len(whole["light"]["max_cd_m2"]) == 3
