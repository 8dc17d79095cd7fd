"""Nuke scripts, read as TCL: every frame where its timecode says, every colour by a name the host has."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import PyOpenColorIO
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_backend.domain.sequence import ColourSpace, Timecode
from tests.timeline import tcl
from worker.timeline.model import Clip, Timeline
from worker.timeline.nuke import COLOUR_NAMES
from worker.timeline.render import TimelineFormat, render

TimelineMaker = Callable[..., Timeline]


def text(timeline: Timeline) -> str:
    return render(timeline, TimelineFormat.NUKE).decode()


def named(timeline: Timeline, kind: str) -> list[dict[str, str]]:
    return [knobs for found, knobs in tcl.nodes(text(timeline)) if found == kind]


def comments(written: str, key: str) -> list[Any]:
    return [json.loads(found) for found in re.findall(rf"^# {key}: (.+)$", written, flags=re.MULTILINE)]


def test_each_file_is_read_at_the_frames_its_timecode_counts(timeline: Timeline) -> None:
    movie, images, stand_in = named(timeline, "Read")
    start = timeline.sequence.playhead.frames
    assert [each["file"] for each in (movie, images, stand_in)] == [
        "sh010.mov",
        "sh020_exr/sh020.%07d.exr",
        "sh020.mov",
    ]
    assert (movie["first"], movie["last"]) == ("1", "136")
    assert (movie["frame_mode"], int(movie["frame"])) == ("start at", start - 8)
    assert (images["first"], images["last"]) == ("1001", "1096")
    assert (images["frame_mode"], int(images["frame"])) == ("start at", start + 120)


def test_frames_numbered_by_their_timecode_are_not_moved(make_timeline: TimelineMaker) -> None:
    whole = make_timeline()
    images = whole.clips[2]
    assert isinstance(images, Clip)
    start = images.media.start_timecode.frames
    ours = replace(images, media=replace(images.media, first_image=start), alternate=None)
    (read,) = named(replace(whole, clips=(ours,), markers=()), "Read")
    assert (read["first"], read["last"]) == (str(start), str(start + 95))
    assert "frame_mode" not in read


def test_frames_past_midnight_are_read_where_the_whole_clip_s_would_be(make_timeline: TimelineMaker) -> None:
    """A part that begins after midnight of a clip that began before it: its images' numbers run on."""
    whole = make_timeline()
    (clip,) = [each for _, each in whole.placed_clips() if each.name == "SH020"]
    day = 24 * 86_400
    start = Timecode(6, whole.sequence.frame_rate)
    late = replace(clip.media, start_timecode=start, first_image=day + 6)
    cut = replace(clip, media=late, alternate=None, source_start_frame=0, handles=0)
    found = tcl.nodes(render(replace(whole, clips=(cut,), markers=()), TimelineFormat.NUKE).decode())

    (read,) = (knobs for kind, knobs in found if kind == "Read")
    (root,) = (knobs for kind, knobs in found if kind == "Root")
    assert "frame_mode" not in read
    assert read["first"] == root["first_frame"] == str(day + 6)
    assert read["last"] == root["last_frame"] == str(day + 6 + late.frame_count - 1)


def test_the_project_is_set_as_the_sequence_is(timeline: Timeline) -> None:
    (root,) = named(timeline, "Root")
    start = timeline.sequence.playhead.frames
    assert float(root["fps"]) == pytest.approx(float(timeline.sequence.frame_rate.fraction), abs=1e-8)
    assert root["format"].split()[:2] == ["3840", "2160"]
    assert (int(root["first_frame"]), int(root["last_frame"])) == (start - 8, start + 215)
    assert root["project_directory"] == "[python {nuke.script_directory()}]"
    assert root["colorManagement"] == "OCIO"


def test_each_read_has_its_own_colour_and_size(make_timeline: TimelineMaker) -> None:
    movie, proxy, images, stand_in = named(make_timeline(proxies=True), "Read")
    assert movie["colorspace"] == "Rec.2100-PQ - Display"
    assert images["colorspace"] == "ACES2065-1"
    assert proxy["colorspace"] == stand_in["colorspace"] == "Rec.1886 Rec.709 - Display"
    assert [each["format"].split()[0] for each in (movie, proxy, images)] == ["3840", "1280", "4096"]


@pytest.mark.parametrize("colour_space", ColourSpace)
@pytest.mark.parametrize(
    "config",
    [
        "studio-config-v1.0.0_aces-v1.3_ocio-v2.1",
        "studio-config-v2.2.0_aces-v1.3_ocio-v2.4",
        "studio-config-v4.0.0_aces-v2.0_ocio-v2.5",
    ],
)
def test_the_colours_are_named_as_the_aces_configurations_name_them(
    colour_space: ColourSpace, config: str
) -> None:
    found = PyOpenColorIO.Config.CreateFromBuiltinConfig(config).getColorSpace(COLOUR_NAMES[colour_space])
    assert found is not None


def test_timecode_is_counted_from_the_media_s_first_frame(make_timeline: TimelineMaker) -> None:
    first, *_ = named(make_timeline(), "AddTimeCode")
    assert (first["startcode"], first["fps"], first["useFrame"]) == ("01:00:09:16", "24", "true")
    (movie, *_) = named(make_timeline(), "Read")
    assert first["frame"] == movie["frame"]


def test_drop_frame_is_left_to_the_files_that_say_it(timeline: Timeline) -> None:
    assert bool(named(timeline, "AddTimeCode")) is not timeline.start.drop


def test_a_file_cut_twice_is_read_once_and_every_node_has_its_own_name(make_timeline: TimelineMaker) -> None:
    found = tcl.nodes(text(make_timeline(proxies=True)))
    files = [knobs["file"] for kind, knobs in found if kind == "Read"]
    names = [knobs["name"] for kind, knobs in found if kind != "Root"]
    assert len(files) == len(set(files)) == 4
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[A-Za-z0-9_]+", name) for name in names)


def test_marks_are_noted_at_the_script_s_own_frames(make_timeline: TimelineMaker) -> None:
    first, second, _ = [note["label"].split("\n") for note in named(make_timeline(), "StickyNote")]
    start = make_timeline().sequence.playhead.frames - 8
    assert first[0] == f"SH010: frames {start} to {start + 135}, handles 8"
    assert first[-1] == f"{start + 10} lightning:"
    assert second[-1] == f"{start + 128 + 20} span:"


def test_hostile_prompts_come_back_whole_from_comments_and_run_nothing(
    hostile: str, make_timeline: TimelineMaker
) -> None:
    written = text(make_timeline(prompt=hostile, name=hostile))
    spoken = hostile.replace("\x1c", "\ufffd")
    assert comments(written, "prompt") == [spoken, spoken]
    assert comments(written, "timeline") == [spoken]
    calm = [kind for kind, _ in tcl.nodes(text(make_timeline()))]
    assert [kind for kind, _ in tcl.nodes(written)] == calm


@settings(deadline=None)
@given(prompt=st.text(st.sampled_from('[]{}$\\"#;\n <exec>a\u2028中🎬'), max_size=40))
def test_no_prompt_runs_anything_or_leaves_its_place(prompt: str, make_timeline: TimelineMaker) -> None:
    written = text(make_timeline(prompt=prompt))
    found = tcl.nodes(written)
    assert [kind for kind, _ in found] == [kind for kind, _ in tcl.nodes(text(make_timeline()))]
    assert comments(written, "prompt") == [prompt, prompt]
    # A label is read as TCL once more when it is shown.
    for _, knobs in found[1:]:
        list(tcl.commands(knobs.get("label", "").replace("\n", " ")))


@pytest.mark.skipif(shutil.which("tclsh") is None, reason="no tclsh on this machine")
def test_tcl_itself_reads_it_as_so_many_nodes(tmp_path: Path, make_timeline: TimelineMaker) -> None:
    script = tmp_path / "shot.nk"
    script.write_text(text(make_timeline(prompt='[exit 3] {$x "\\')), encoding="utf-8")
    count = "proc unknown {kind body} { incr ::seen; if {[llength $body] % 2} { exit 4 } }; set seen 0;"
    read = f"{count} source -encoding utf-8 {{{script}}}; puts $seen"
    told = subprocess.run(["tclsh"], input=read, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == str(len(tcl.nodes(script.read_text())))
