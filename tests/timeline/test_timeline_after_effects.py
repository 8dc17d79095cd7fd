"""After Effects scripts, run against a stand-in of the program that has only what ECMAScript 3 had."""

import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from plugin_backend.domain.sequence import FrameRate
from worker.timeline.model import Clip, Gap, Marker, Timeline, UnwritableTimelineError
from worker.timeline.render import TimelineFormat, render

HOST: Final = Path(__file__).with_name("after_effects_host.js")
TimelineMaker = Callable[..., Timeline]


@pytest.fixture
def timeline(readable_timeline: Timeline) -> Timeline:
    return readable_timeline


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of the delivery, beside which the script lies."""
    (tmp_path / "sh020_exr").mkdir()
    for name in ("sh010.mov", "sh010_proxy.mp4", "sh020.mov", "sh020_exr/sh020.0001001.exr"):
        (tmp_path / name).touch()
    return tmp_path


def run(timeline: Timeline, folder: Path, *, times: int = 1, fault: str = "") -> Any:
    script = folder / "import.jsx"
    script.write_bytes(render(timeline, TimelineFormat.AFTER_EFFECTS))
    told = subprocess.run(
        ["node", str(HOST), str(script), str(times), fault], capture_output=True, text=True, check=True
    )
    return json.loads(told.stdout)


def frames_apart(make_timeline: TimelineMaker, folder: Path) -> Timeline:
    """Three frames of a sequence, a gap, and one alone."""
    whole = make_timeline()
    (clip,) = [each for _, each in whole.placed_clips() if each.name == "SH020"]
    three = replace(clip.media, first_image=1003, frame_count=3)
    one = replace(three, first_image=1010, start_timecode=three.start_timecode + 7, frame_count=1)
    cut = replace(clip, alternate=None, markers=(), source_start_frame=0, handles=0)
    for number in (1003, 1010):
        (folder / "sh020_exr" / f"sh020.000{number}.exr").touch()
    clips = (
        replace(cut, media=three, frame_count=3),
        Gap(frame_count=4),
        replace(cut, media=one, frame_count=1),
    )
    return replace(whole, clips=clips, markers=())


@pytest.mark.parametrize("fault", ["", "old"])
def test_runs_of_one_numbering_are_brought_in_apart(
    make_timeline: TimelineMaker, folder: Path, fault: str
) -> None:
    made = run(frames_apart(make_timeline, folder), folder, fault=fault)

    three, one = made["footage"]
    assert (three["sequence"], three["images"]) == (True, None if fault else [1003, 1005])
    assert (one["file"], one["sequence"], one["images"]) == ("sh020_exr/sh020.0001010.exr", False, None)
    spans = [[round(layer[name] * 24, 6) for name in ("in", "out")] for layer in made["comps"][0]["layers"]]
    assert sorted(spans) == [[0, 3], [7, 8]]
    assert ("Trim SH020" in made["answers"][0]) is bool(fault)


def test_footage_and_a_composition_are_made_at_the_right_rate_and_start(
    timeline: Timeline, folder: Path
) -> None:
    made = run(timeline, folder)
    rate = float(timeline.sequence.frame_rate.fraction)
    (comp,) = made["comps"]
    assert comp["rate"] == pytest.approx(rate, rel=1e-12)
    assert comp["duration"] * rate == pytest.approx(264)
    assert comp["starts"] * rate == pytest.approx(timeline.sequence.playhead.frames - 8)
    assert comp["dropFrame"] is timeline.start.drop
    assert (comp["width"], comp["height"]) == (3840, 2160)
    movie, images = made["footage"]
    assert (movie["file"], movie["sequence"], movie["rate"]) == ("sh010.mov", False, 0)
    assert (images["file"], images["sequence"]) == ("sh020_exr/sh020.0001001.exr", True)
    assert images["rate"] == pytest.approx(rate, rel=1e-12)
    spans = [
        [round(layer[name] * rate, 6) for name in ("start", "in", "out")]
        for layer in reversed(comp["layers"])
    ]
    assert spans == [[0, 0, 136], [140, 148, 228], [128, 228, 264]]


def test_markers_lie_on_the_frames_they_name(timeline: Timeline, folder: Path) -> None:
    rate = float(timeline.sequence.frame_rate.fraction)
    (comp,) = run(timeline, folder)["comps"]
    first, second, _ = reversed(comp["layers"])
    assert [round(marker["time"] * rate, 6) for marker in first["markers"]] == [10]
    assert [round(marker["time"] * rate, 6) for marker in second["markers"]] == [150, 160]
    assert round(second["markers"][1]["duration"] * rate, 6) == 5
    assert [round(marker["time"] * rate, 6) for marker in comp["markers"]] == [140, 230]


def test_running_it_again_adds_nothing_and_each_run_is_one_step_to_undo(
    make_timeline: TimelineMaker, folder: Path
) -> None:
    once, thrice = (run(make_timeline(), folder, times=times) for times in (1, 3))
    for name in ("footage", "comps", "folders"):
        assert thrice[name] == once[name]
    assert thrice["answers"] == ["Storm was brought in.", *["Storm is there already."] * 2]
    assert thrice["undo"] == ["begin Import Storm", "end"] * 3


def test_what_is_missing_is_named_before_anything_is_touched(
    make_timeline: TimelineMaker, folder: Path
) -> None:
    (folder / "sh010.mov").unlink()
    made = run(make_timeline(), folder)
    assert made["footage"] == made["comps"] == made["folders"] == made["undo"] == []
    (alert,) = made["alerts"]
    assert "sh010.mov" in alert
    assert "exr" not in alert


def test_what_fails_half_way_leaves_no_composition_and_closes_its_undo_group(
    make_timeline: TimelineMaker, folder: Path
) -> None:
    made = run(make_timeline(), folder, fault="import")
    assert made["answers"] == ["threw cannot import"]
    assert made["comps"] == []
    assert made["undo"] == ["begin Import Storm", "end"]


def test_a_new_project_gets_the_depth_that_light_needs_and_one_under_way_keeps_its_own(
    make_timeline: TimelineMaker, folder: Path
) -> None:
    assert run(make_timeline(), folder)["depth"] == 32
    kept = run(make_timeline(), folder, fault="under-way")
    assert kept["depth"] == 8
    assert "32 bits per channel" in kept["answers"][0]


def test_the_proxy_is_attached_but_not_shown(make_timeline: TimelineMaker, folder: Path) -> None:
    movie, images = run(make_timeline(proxies=True), folder)["footage"]
    assert (movie["proxy"], movie["useProxy"]) == ("sh010_proxy.mp4", False)
    assert "proxy" not in images
    (folder / "sh010_proxy.mp4").unlink()
    movie, _ = run(make_timeline(proxies=True), folder)["footage"]
    assert "proxy" not in movie


def test_frames_are_heard_from_the_movie_beside_them(make_timeline: TimelineMaker, folder: Path) -> None:
    (comp,) = run(make_timeline(channels=2), folder)["comps"]
    heard = [(layer["file"], layer["enabled"], layer["audio"]) for layer in reversed(comp["layers"])]
    assert heard == [
        ("sh010.mov", True, True),
        ("sh020.mov", False, True),
        ("sh020_exr/sh020.0001001.exr", True, True),
        ("sh010.mov", True, True),
    ]


def test_everything_lies_in_the_delivery_s_own_folder(make_timeline: TimelineMaker, folder: Path) -> None:
    whole = make_timeline()
    first = whole.clips[0]
    assert isinstance(first, Clip)
    made = run(replace(whole, clips=(replace(first, bin="AI takes/SH010"),), markers=()), folder, times=2)
    assert made["folders"] == ["/AI takes", "/AI takes/SH010"]
    assert {each["folder"] for each in (*made["footage"], *made["comps"])} == {"/AI takes/SH010"}


def test_markers_on_one_frame_share_it(make_timeline: TimelineMaker, folder: Path) -> None:
    whole = make_timeline()
    together = (Marker(name="a", frame=3), Marker(name="b", frame=3, frame_count=9, note="c"))
    (comp,) = run(replace(whole, markers=together), folder)["comps"]
    (marker,) = comp["markers"]
    assert marker["text"] == "a\nb: c"
    assert round(marker["duration"] * 24, 6) == 9


def test_hostile_prompts_come_back_whole(hostile: str, make_timeline: TimelineMaker, folder: Path) -> None:
    made = run(make_timeline(prompt=hostile, name=hostile or "Storm"), folder)
    spoken = hostile.replace("\x1c", "\ufffd")
    assert [each["comment"].partition("prompt: ")[2] for each in made["footage"]] == [spoken, spoken]
    (comp,) = made["comps"]
    assert comp["name"] == (spoken or "Storm")
    assert made["alerts"] == []


def test_a_comment_longer_than_the_program_takes_is_cut_between_characters(
    make_timeline: TimelineMaker, folder: Path
) -> None:
    (movie, _) = run(make_timeline(prompt="🎬" * 5000), folder)["footage"]
    said = movie["comment"].partition("prompt: ")[2]
    assert set(said) == {"🎬"}
    assert len(movie["comment"].encode()) <= 15_000


def test_the_script_is_ascii_and_of_the_third_edition(make_timeline: TimelineMaker) -> None:
    written = render(make_timeline(prompt="中文🎬"), TimelineFormat.AFTER_EFFECTS).decode("ascii")
    program = re.sub(r"//.*", "", re.sub(r'"(?:[^"\\]|\\.)*"', '""', written))
    later = r"\b(let|const|class|of|async|await|yield|import|export)\b|=>|`|\.\.\.|\?\.|\?\?|\*\*|,\s*[}\]]"
    assert re.findall(later, program) == []
    members = r"\.(forEach|map|filter|keys|trim|includes|bind|indexOf|assign|stringify|parse|default|class)\b"
    assert re.findall(members, program) == []


def test_a_rate_that_after_effects_does_not_have_is_refused(make_timeline: TimelineMaker) -> None:
    with pytest.raises(UnwritableTimelineError, match="99 frames a second"):
        render(make_timeline(FrameRate.parse("100")), TimelineFormat.AFTER_EFFECTS)
