"""FCP7 XML, read by OpenTimelineIO's adapter and, where that reads less than hosts do, by lxml."""

from collections.abc import Callable
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from worker.timeline.model import Timeline
from worker.timeline.render import TimelineFormat, render


def parse(timeline: Timeline) -> Any:
    return etree.fromstring(render(timeline, TimelineFormat.FCP7XML))


def read(timeline: Timeline) -> Any:
    return otio.adapters.read_from_string(render(timeline, TimelineFormat.FCP7XML).decode(), "fcp_xml")


def test_an_independent_reader_sees_the_same_cut_at_the_same_timecode(timeline: Timeline) -> None:
    document = read(timeline)
    assert document.global_start_time.value == timeline.sequence.playhead.frames - 8
    assert document.global_start_time.rate == pytest.approx(
        float(timeline.sequence.frame_rate.fraction), abs=1e-9
    )
    (track,) = document.tracks
    playhead = timeline.sequence.playhead.frames
    starts = [round(item.source_range.start_time.value, 6) for item in track]
    assert starts == [playhead - 8, 0, playhead + 128, playhead + 92]
    assert [round(item.source_range.duration.value, 6) for item in track] == [136, 12, 80, 36]


def test_an_independent_reader_finds_the_media_by_relative_name(timeline: Timeline) -> None:
    clips = read(timeline).find_clips()
    names = [clip.media_reference.target_url for clip in clips]
    assert names == ["sh010.mov", "sh020_exr/sh020.0001001.exr", "sh010.mov"]
    assert [clip.media_reference.available_range.duration.value for clip in clips] == [136, 96, 136]


def test_markers_count_from_the_media_s_first_frame_and_not_from_its_timecode(timeline: Timeline) -> None:
    document = read(timeline)
    marked = [
        [marker.marked_range.start_time.value for marker in clip.markers] for clip in document.find_clips()
    ]
    assert marked == [[10], [10, 20], []]
    assert [marker.marked_range.start_time.value for marker in document.tracks.markers] == [140, 230]
    outs = parse(timeline).xpath("//clipitem/marker/out/text()")
    assert outs == ["-1", "-1", "25"]


def test_rates_and_drop_frame_are_said_wherever_a_host_looks(timeline: Timeline) -> None:
    root = parse(timeline)
    rate = timeline.sequence.frame_rate
    assert set(root.xpath("//rate/timebase/text()")) == {str(rate.nominal)}
    assert set(root.xpath("//rate/ntsc/text()")) == {"TRUE" if rate.is_ntsc else "FALSE"}
    drop = timeline.sequence.playhead.drop
    assert set(root.xpath("//timecode/displayformat/text()")) == {"DF" if drop else "NDF"}
    assert all((";" in label) == drop for label in root.xpath("//timecode/string/text()"))


def test_sizes_are_the_sequence_s_and_each_media_s_own(timeline: Timeline) -> None:
    root = parse(timeline)
    assert root.xpath("//sequence/media/video/format/samplecharacteristics/width/text()") == ["3840"]
    assert root.xpath("//file/media/video/samplecharacteristics/width/text()") == ["3840", "4096"]
    assert root.xpath("//file/media/video/samplecharacteristics/height/text()") == ["2160", "2160"]


def test_each_media_has_one_file_and_one_master_clip_in_its_bin(timeline: Timeline) -> None:
    root = parse(timeline)
    assert root.xpath("//bin/name/text()") == ["Generated", "Storms"]
    assert root.xpath("//bin/children/clip/name/text()") == ["SH010", "SH020"]
    described = root.xpath("//file[pathurl]/@id")
    assert described == ["file-1", "file-2"]
    assert set(root.xpath("//file/@id")) == set(described)
    assert set(root.xpath("//masterclipid/text()")) == set(root.xpath("//clip/@id"))
    identifiers = root.xpath("//clip/@id | //clipitem/@id | //sequence/@id")
    assert len(identifiers) == len(set(identifiers))


def test_the_reel_is_carried_whole(timeline: Timeline) -> None:
    assert parse(timeline).xpath("//file/timecode/reel/name/text()") == ["SH010", "SH020_take_2"]


def test_hostile_prompts_come_back_whole(hostile: str, make_timeline: Callable[..., Timeline]) -> None:
    root = parse(make_timeline(prompt=hostile))
    spoken = hostile.replace("\x1c", "\ufffd")
    (carried, _) = root.xpath("//file/metadata[key='plugin-backend.prompt']")
    assert (carried.findtext("value") or "") == spoken
    assert carried.findtext("size") == str(len(spoken.encode()))
    (described, *_) = root.xpath("//clipitem/logginginfo/description/text()")
    assert described == f"generation_id: gen_06d9t2\nprompt: {spoken}"


@settings(deadline=None)
@given(prompt=st.text(st.characters(min_codepoint=0, max_codepoint=0x10FFFF)))
def test_no_prompt_at_all_breaks_the_document(prompt: str, make_timeline: Callable[..., Timeline]) -> None:
    root = parse(make_timeline(prompt=prompt, name=prompt))
    (carried, _) = root.xpath("//file/metadata[key='plugin-backend.prompt']/value")
    lines = prompt.replace("\r\n", "\n").replace("\r", "\n")
    assert len(carried.text or "") == len(lines)
