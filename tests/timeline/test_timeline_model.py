"""What a timeline refuses to hold, and that every file it names lies beside it."""

import re
import tempfile
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import aaf2
import opentimelineio as otio
import pytest
from lxml import etree

from plugin_backend.domain.sequence import FrameRate, Timecode
from plugin_backend.files.media_types import UNKNOWN, media_type_of
from tests.timeline import tcl
from worker.timeline.model import Clip, Gap, Marker, MediaKind, Timeline, UnwritableTimelineError
from worker.timeline.render import TimelineFormat, render

TimelineMaker = Callable[..., Timeline]


def first_clip(timeline: Timeline) -> Clip:
    clip = timeline.clips[0]
    assert isinstance(clip, Clip)
    return clip


@pytest.mark.parametrize(
    "file",
    [
        "/abs/a.mov",
        "../a.mov",
        "a b.mov",
        "中文.mov",
        "a%20b.mov",
        "c:\\a.mov",
        "a//b.mov",
        "",
        "-a.mov",
        "a.%04d.mov",
        "a\n",
    ],
)
def test_a_name_that_needs_escaping_or_leaves_the_folder_is_refused(
    file: str, make_timeline: TimelineMaker
) -> None:
    with pytest.raises(UnwritableTimelineError, match="no portable relative name"):
        replace(first_clip(make_timeline()).media, file=file)


@pytest.mark.parametrize("file", ["a.exr", "a.%d.exr", "a.%04d.%04d.exr", "a.####.exr"])
def test_an_image_sequence_needs_one_counter(file: str, make_timeline: TimelineMaker) -> None:
    with pytest.raises(UnwritableTimelineError, match="no portable relative name"):
        replace(first_clip(make_timeline()).media, file=file, kind=MediaKind.IMAGE_SEQUENCE)


def test_a_clip_longer_than_its_media_is_refused(make_timeline: TimelineMaker) -> None:
    with pytest.raises(UnwritableTimelineError, match=r"runs past the end of sh010\.mov"):
        replace(first_clip(make_timeline()), source_start_frame=1)


def test_an_alternate_of_another_length_or_timecode_is_refused(make_timeline: TimelineMaker) -> None:
    clip = first_clip(make_timeline())
    for changed in (
        replace(clip.media, frame_count=200),
        replace(clip.media, start_timecode=clip.media.start_timecode + 1),
    ):
        with pytest.raises(UnwritableTimelineError, match="another timecode or length"):
            replace(clip, alternate=changed)


def test_media_at_another_rate_must_be_conformed_first(make_timeline: TimelineMaker) -> None:
    timeline, other = make_timeline(FrameRate(Fraction(24))), make_timeline(FrameRate(Fraction(25)))
    with pytest.raises(UnwritableTimelineError, match="conform it"):
        replace(timeline, clips=other.clips)


def test_a_timeline_of_gaps_and_empty_markers_and_gaps_are_refused(make_timeline: TimelineMaker) -> None:
    with pytest.raises(UnwritableTimelineError, match="at least one clip"):
        replace(make_timeline(), clips=(Gap(frame_count=1),))
    with pytest.raises(UnwritableTimelineError, match="at least one frame"):
        Gap(frame_count=0)
    with pytest.raises(UnwritableTimelineError, match="at least one frame"):
        Marker(name="nowhere", frame=-1)


def test_the_shot_falls_on_the_playhead_whether_its_handles_are_shown_or_cut(
    make_timeline: TimelineMaker,
) -> None:
    timeline = make_timeline()
    clip = first_clip(timeline)
    shown = replace(timeline, clips=(clip,), markers=())
    cut = replace(timeline, clips=(replace(clip, source_start_frame=8, frame_count=120),), markers=())
    later = replace(timeline, clips=(Gap(frame_count=5), clip), markers=())
    playhead = timeline.sequence.playhead
    assert (shown.start, cut.start, later.start) == (playhead - 8, playhead, playhead)


def test_media_that_runs_past_midnight_keeps_its_frames_inside_its_range(
    make_timeline: TimelineMaker,
) -> None:
    timeline = make_timeline()
    clip = first_clip(timeline)
    late = Timecode.parse("23:59:59:00", rate=timeline.sequence.frame_rate)
    clip = replace(
        clip, media=replace(clip.media, start_timecode=late), source_start_frame=100, frame_count=36
    )
    text = render(replace(timeline, clips=(clip,), markers=()), TimelineFormat.OTIO).decode()
    (read,) = otio.adapters.read_from_string(text, "otio_json").find_clips()
    assert read.source_range.start_time.value == late.frames + 100
    assert read.source_range.end_time_exclusive() == read.available_range().end_time_exclusive()
    assert str(clip.source_in) == "00:00:03:04"


@pytest.mark.parametrize("fmt", list(TimelineFormat))
def test_every_file_that_a_timeline_names_lies_beside_it(
    fmt: TimelineFormat, tmp_path: Path, make_timeline: TimelineMaker
) -> None:
    (tmp_path / "sh020_exr").mkdir()
    for number in range(1001, 1097):
        (tmp_path / f"sh020_exr/sh020.{number:07}.exr").touch()
    for movie in ("sh010.mov", "sh020.mov"):
        (tmp_path / movie).touch()
    named = named_files(render(make_timeline(), fmt), fmt)
    assert len(named) > 1
    assert [name for name in named if not (tmp_path / name).is_file()] == []


def texts(document: bytes, path: str) -> list[str]:
    found: Any = etree.fromstring(document).xpath(path)
    return [str(name) for name in found]


def named_files(document: bytes, fmt: TimelineFormat) -> list[str]:
    match fmt:
        case TimelineFormat.OTIO:
            return otio_files(otio.adapters.read_from_string(document.decode(), "otio_json"))
        case TimelineFormat.FCP7XML | TimelineFormat.FCPXML:
            return texts(document, "//pathurl/text() | //media-rep/@src")
        case TimelineFormat.EDL:
            names = re.findall(r"^\* FROM FILE: (.+)$", document.decode(), flags=re.MULTILINE)
            return [re.sub(r"\[(\d+)-\d+\]", r"\1", name) for name in names]
        case TimelineFormat.AAF:
            return aaf_files(document)
        case TimelineFormat.NUKE:
            reads = [knobs for kind, knobs in tcl.nodes(document.decode()) if kind == "Read"]
            return [name for read in reads for name in read_files(read)]
        case TimelineFormat.AFTER_EFFECTS:
            return re.findall(r'^ +"(?:file|proxy)": "(.+)"', document.decode(), flags=re.MULTILINE)


def aaf_files(document: bytes) -> list[str]:
    with tempfile.NamedTemporaryFile(suffix=".aaf") as copy:
        copy.write(document)
        copy.flush()
        with aaf2.open(copy.name) as file:
            found = [mob.descriptor for mob in file.content.sourcemobs() if "Locator" in mob.descriptor]
            return [place["URLString"].value for each in found for place in each["Locator"].value]


def read_files(read: dict[str, str]) -> list[str]:
    if "%" not in read["file"]:
        return [read["file"]]
    return [read["file"] % number for number in range(int(read["first"]), int(read["last"]) + 1)]


def otio_files(document: Any) -> list[str]:
    names: list[str] = []
    for clip in document.find_clips():
        for reference in clip.media_references().values():
            if isinstance(reference, otio.schema.ImageSequenceReference):
                count = reference.number_of_images_in_sequence()
                names += [reference.target_url_for_image_number(index) for index in range(count)]
            else:
                names.append(reference.target_url)
    return names


def test_each_format_says_how_its_file_ends_and_its_media_type_is_known() -> None:
    suffixes = [fmt.suffix for fmt in TimelineFormat]
    assert suffixes == [".otio", ".xml", ".fcpxml", ".edl", ".aaf", ".nk", ".jsx"]
    named = [suffix for suffix in suffixes if media_type_of(f"shot{suffix}") != UNKNOWN]
    assert named == [suffix for suffix in suffixes if suffix != ".aaf"]


@pytest.mark.parametrize("fmt", list(TimelineFormat))
def test_a_shot_of_one_frame_can_be_written(fmt: TimelineFormat, make_timeline: TimelineMaker) -> None:
    whole = make_timeline()
    clip = first_clip(whole)
    one = replace(clip, media=replace(clip.media, frame_count=1), frame_count=1, handles=0, markers=())
    named = named_files(render(replace(whole, clips=(one,), markers=()), fmt), fmt)
    assert [name.removeprefix("./") for name in named] == ["sh010.mov"]
