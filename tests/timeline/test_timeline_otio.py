"""`.otio` files, read back by OpenTimelineIO itself."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import opentimelineio as otio

from worker.timeline.model import Timeline
from worker.timeline.render import TimelineFormat, render


def read(timeline: Timeline) -> Any:
    return otio.adapters.read_from_string(render(timeline, TimelineFormat.OTIO).decode(), "otio_json")


def test_the_timeline_starts_where_the_playhead_minus_the_shown_handles_is(timeline: Timeline) -> None:
    document = read(timeline)
    assert document.global_start_time.value == timeline.sequence.playhead.frames - 8
    assert document.global_start_time.rate == float(timeline.sequence.frame_rate.fraction)
    assert document.metadata["plugin_backend"]["start_timecode"] == str(timeline.sequence.playhead - 8)


def test_clips_lie_end_to_end_in_their_media_s_own_timecode(timeline: Timeline) -> None:
    (track,) = read(timeline).tracks
    playhead = timeline.sequence.playhead.frames
    assert [item.source_range.start_time.value for item in track] == [
        playhead - 8,
        0,
        playhead + 128,
        playhead + 92,
    ]
    assert [track.range_of_child(item).start_time.value for item in track] == [0, 136, 148, 228]
    assert [item.source_range.duration.value for item in track] == [136, 12, 80, 36]
    for clip in track.find_clips():
        # Not `contains`, for which a range does not contain itself.
        available = clip.available_range()
        assert available.start_time <= clip.source_range.start_time
        assert clip.source_range.end_time_inclusive() <= available.end_time_inclusive()


def test_an_image_sequence_names_each_of_its_files_and_carries_the_movie_beside_it(
    timeline: Timeline,
) -> None:
    clip = read(timeline).find_clips()[1]
    images = clip.media_reference
    assert images.number_of_images_in_sequence() == 96
    assert (images.start_frame, images.end_frame()) == (1001, 1096)
    assert images.target_url_for_image_number(0) == "sh020_exr/sh020.0001001.exr"
    assert images.frame_for_time(clip.source_range.start_time) == 1009
    assert clip.media_references()["ALTERNATE"].target_url == "sh020.mov"


def test_for_who_knows_no_numbered_references_a_sequence_is_named_as_a_run(timeline: Timeline) -> None:
    clip = read(replace(timeline, runs=True)).find_clips()[1]
    images = clip.media_reference
    assert images.target_url == "sh020_exr/sh020.[0001001-0001096].exr"
    assert images.available_range.start_time.value == timeline.sequence.playhead.frames + 120
    assert images.available_range.duration.value == 96
    assert clip.media_references()["ALTERNATE"].target_url == "sh020.mov"


def test_markers_lie_on_the_frames_they_name(timeline: Timeline) -> None:
    document = read(timeline)
    first, second, _ = document.find_clips()
    start = timeline.sequence.playhead.frames
    assert [marker.marked_range.start_time.value for marker in first.markers] == [start - 8 + 10]
    assert [marker.marked_range.start_time.value for marker in second.markers] == [start + 130, start + 140]
    assert second.markers[1].marked_range.duration.value == 5
    assert first.markers[0].color == "CYAN"
    assert [marker.marked_range.start_time.value for marker in document.tracks.markers] == [140, 230]


def test_hostile_prompts_come_back_whole(hostile: str, make_timeline: Callable[..., Timeline]) -> None:
    clip = read(make_timeline(prompt=hostile)).find_clips()[0]
    spoken = hostile.replace("\x1c", "\ufffd")
    assert clip.metadata["plugin_backend"]["metadata"] == {"generation_id": "gen_06d9t2", "prompt": spoken}
    assert clip.markers[0].comment == spoken


def test_the_document_is_json_with_clip_2_as_resolve_reads_it(timeline: Timeline) -> None:
    document = json.loads(render(timeline, TimelineFormat.OTIO))
    first = document["tracks"]["children"][0]["children"][0]
    assert first["OTIO_SCHEMA"] == "Clip.2"
    assert first["media_references"]["DEFAULT_MEDIA"]["target_url"] == "sh010.mov"
    assert (
        first["media_references"]["DEFAULT_MEDIA"]["metadata"]["plugin_backend"]["colour_space"]
        == "rec2100-pq"
    )
