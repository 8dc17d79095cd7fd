"""Good movies, through the real door: what is kept, what is said of it, what a panel is given."""

import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.ingest.filming import film_numbers, numbered, numbers_in
from tests.ingest.takes import Door
from tests.media import readers
from tests.media_process import corpus
from worker.media.operations import OperationContext, operation
from worker.media.proxy import proxy_size
from worker.providers.protocol import StoredTake

pytestmark = pytest.mark.slow

FRAMES = 50


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sent") / "a.mp4"
    options = {"g": "24", "crf": "12", "bf": "2"}
    return film_numbers(path, range(FRAMES), rate=Fraction(24000, 1001), options=options)


@pytest.fixture(scope="module")
def taken(door: Door, sent: Path) -> StoredTake:
    return door.take(sent)


def test_the_source_is_the_coded_movie_in_a_clean_container(
    door: Door, sent: Path, taken: StoredTake
) -> None:
    assert taken.source["kind"] == "movie"
    assert (taken.source["colour_space"], taken.source["frame_rate"]) == ("rec709", "24000/1001")
    (part,) = taken.source["parts"]
    assert (part["frame_count"], part["skip"], part["media_type"]) == (FRAMES, 0, "video/mp4")
    kept = door.path(part)
    assert kept.parent.name == "source"
    before, after = (readers.luma(path, width=320, height=180, pixels="yuv420p") for path in (sent, kept))
    assert np.array_equal(before, after)
    assert "handler" not in taken.source["originals"][0]
    assert (door.folder / taken.source["originals"][0]).read_bytes() == sent.read_bytes()


def test_the_facts_are_what_was_decoded(taken: StoredTake) -> None:
    facts = taken.facts
    assert (facts["frame_rate"], facts["frame_count"]) == ("24000/1001", FRAMES)
    assert Fraction(facts["duration"]) == FRAMES / Fraction(24000, 1001)
    assert (facts["width"], facts["height"], facts["bit_depth"]) == (320, 180, 8)
    assert (facts["codec"], facts["pixel_format"], facts["range"]) == ("h264", "yuv420p", "limited")
    assert (facts["primaries"], facts["transfer"], facts["matrix"]) == (1, 1, 1)
    assert (facts["dynamic_range"], facts["audio"], facts["evenly_timed"]) == ("sdr", False, True)
    assert (facts["label"], facts["joints"]) == ("ray-3.2", [])


def test_the_proxy_plays_everywhere_and_shows_every_frame(door: Door, taken: StoredTake) -> None:
    proxy = door.path(taken.files["proxy"])
    report = readers.report(proxy)
    assert re.search(r"h264 \(High\).*yuv420p\(tv, bt709", report)
    assert "23.98 fps" in report
    assert "ray-3.2" in report
    assert readers.index_comes_first(proxy)
    assert readers.key_frames(proxy) == [0, 24, 48]
    luma = readers.luma(proxy, width=320, height=180, pixels="yuv420p")
    assert numbers_in(luma, middle=110) == list(range(FRAMES))


def test_the_first_and_last_frame_are_png_of_full_size(door: Door, taken: StoredTake) -> None:
    for role, number in (("first_frame", 0), ("last_frame", FRAMES - 1)):
        path = door.path(taken.files[role])
        assert path.suffix == ".png"
        assert picture(path).shape == (180, 320, 3)
        assert np.median(np.abs(picture(path) - numbered(number))) <= 3
    assert door.path(taken.files["poster"]).read_bytes()[:3] == b"\xff\xd8\xff"
    assert picture(door.path(taken.files["contact_sheet"])).shape[1] == 1920


@pytest.mark.parametrize("number", [0, 17, FRAMES - 1])
def test_any_frame_of_it_can_be_taken_out_as_a_picture(
    door: Door, taken: StoredTake, number: int, tmp_path: Path
) -> None:
    context = OperationContext(scratch=tmp_path, progress=lambda *_: None, lent_storage=door.storage)
    facts = {name: taken.facts[name] for name in ("frame_rate", "frame_count", "width", "height")}
    asked = {"source": dict(taken.source), "facts": facts, "frame": number, "key": f"incoming/{number}.png"}

    made = operation("take_frame")(asked, context)

    assert (made["width"], made["height"]) == (320, 180)
    assert np.median(np.abs(picture(door.folder / made["key"]) - numbered(number))) <= 3


def picture(path: Path) -> NDArray[np.int16]:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), dtype=np.int16)


def test_it_is_measured_as_drafts_of_ours_are(taken: StoredTake) -> None:
    measures = taken.measures
    assert (measures["frame_count"], measures["frame_rate"]) == (FRAMES, "24000/1001")
    assert (measures["black_frame_count"], measures["frozen_frame_count"], measures["cut_count"]) == (0, 0, 0)
    # The waves drift 4 of 320 pixels a frame: 0.3 widths a second; the blocks on top stand still.
    assert 0.15 < measures["motion_mean_widths_per_second"] < 0.6
    assert -1.5 < measures["luminance_peak_stops"] <= 0


def test_the_lease_is_held_while_files_are_copied(door: Door, taken: StoredTake) -> None:
    del taken
    assert door.runner.renewals >= 7  # at least once for each file of one take


def test_nothing_is_left_in_the_scratch_folder(door: Door, taken: StoredTake) -> None:
    del taken
    (room,) = (door.folder.parent / "scratch").glob("media-*")
    assert [path.name for path in room.iterdir()] == [".in-use"]


KINDS: dict[str, dict[str, Any]] = {
    "hevc.mp4": {"codec": "libx265", "pixels": "yuv420p10le", "options": {"x265-params": "log-level=none"}},
    "prores.mov": {"codec": "prores_ks", "pixels": "yuv422p10le"},
    "vp9.webm": {"codec": "libvpx-vp9", "pixels": "yuv420p", "options": {"deadline": "realtime"}},
    "h264.mkv": {"codec": "libx264"},
    "full.mp4": {"codec": "libx264", "tags": (1, 1, 1, 2)},
    "odd.mp4": {"codec": "libx264", "pixels": "yuv444p", "width": 427, "height": 241},
    "planar_rgb.mp4": {"codec": "libx264rgb", "pixels": "rgb24", "tags": None},
    "fragments.mp4": {"codec": "libx264", "container": {"movflags": "frag_keyframe+empty_moov"}},
    "sixteen.mp4": {"codec": "libx264", "rate": Fraction(16)},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_movie_keeps_its_count_rate_and_pictures(door: Door, tmp_path: Path, name: str) -> None:
    how = dict(KINDS[name])
    rate = how.setdefault("rate", Fraction(30000, 1001))
    made = door.take(film_numbers(tmp_path / name, range(40), **how))
    assert (Fraction(made.facts["frame_rate"]), made.facts["frame_count"]) == (rate, 40)
    width, height = how.get("width", 320), how.get("height", 180)
    assert (made.facts["width"], made.facts["height"]) == (width, height)
    small = proxy_size(width, height)
    proxy = door.path(made.files["proxy"])
    shown = readers.luma(proxy, width=small[0], height=small[1], pixels="yuv420p")
    assert numbers_in(shown, middle=110) == list(range(40))
    last = picture(door.path(made.files["last_frame"]))
    assert np.median(np.abs(last - numbered(39, width=width, height=height))) <= 6


def test_a_movie_trimmed_by_an_edit_list_begins_where_players_begin(door: Door, tmp_path: Path) -> None:
    whole = film_numbers(tmp_path / "whole.mp4", range(48), options={"g": "24", "bf": "2"})
    trimmed = corpus.ffmpeg(tmp_path / "cut.mp4", "-ss", "1.25", "-i", str(whole), "-c", "copy")
    made = door.take(trimmed)
    shown = readers.luma(door.path(made.files["proxy"]), width=320, height=180, pixels="yuv420p")
    assert numbers_in(shown, middle=110) == list(range(30, 48))


def test_frames_that_a_movie_leaves_out_are_held(door: Door, tmp_path: Path) -> None:
    stamps = [number for number in range(48) if number % 12 not in (5, 6)]
    path = film_numbers(tmp_path / "gaps.mp4", stamps, stamps=stamps)
    made = door.take(path)
    assert (made.facts["frame_count"], made.facts["evenly_timed"]) == (48, False)
    shown = readers.luma(door.path(made.files["proxy"]), width=320, height=180, pixels="yuv420p")
    held = [number if number % 12 not in (5, 6) else number // 12 * 12 + 4 for number in range(48)]
    assert numbers_in(shown, middle=110) == held
