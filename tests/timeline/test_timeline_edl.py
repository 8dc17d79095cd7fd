"""EDLs, read by OpenTimelineIO's cmx_3600 adapter, and line by line where it drops what it does not know."""

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_backend.domain.sequence import FrameRate, Timecode
from worker.timeline.model import Clip, Gap, Timeline, UnwritableTimelineError
from worker.timeline.render import TimelineFormat, render

EVENT = re.compile(r"(\d{3})  (\S{1,8}) +V     C        (\S+) (\S+) (\S+) (\S+)")


@pytest.fixture
def timeline(readable_timeline: Timeline) -> Timeline:
    return readable_timeline


def text(timeline: Timeline) -> str:
    return render(timeline, TimelineFormat.EDL).decode()


def events(timeline: Timeline) -> list[tuple[str, ...]]:
    return [match.groups() for match in map(EVENT.fullmatch, text(timeline).split("\n")) if match]


def frames(label: str, timeline: Timeline) -> float:
    rate = float(timeline.sequence.frame_rate.fraction)
    value: float = otio.opentime.from_timecode(label, rate).value
    return value


def test_an_independent_reader_sees_the_same_cut(timeline: Timeline) -> None:
    rate = float(timeline.sequence.frame_rate.fraction)
    document: Any = otio.adapters.read_from_string(text(timeline), "cmx_3600", rate=rate)
    (track,) = document.tracks
    playhead = timeline.sequence.playhead.frames
    assert [item.source_range.start_time.value for item in track] == [
        playhead - 8,
        0,
        playhead + 128,
        playhead + 92,
    ]
    assert [item.source_range.duration.value for item in track] == [136, 12, 80, 36]
    first, black, images, _ = track
    assert first.media_reference.target_url == "sh010.mov"
    assert black.media_reference.generator_kind == "black"
    assert images.media_reference.start_frame == 1001
    assert images.media_reference.target_url_base == "sh020_exr"


def test_record_timecode_starts_at_the_playhead_minus_the_shown_handles(timeline: Timeline) -> None:
    found = events(timeline)
    assert found[0][4] == str(timeline.sequence.playhead - 8)
    assert [after[4] for after in found[1:]] == [before[5] for before in found[:-1]]
    assert [number for number, *_ in found] == ["001", "002", "003", "004"]


def test_the_fcm_line_says_how_timecode_counts(timeline: Timeline) -> None:
    drop = timeline.sequence.playhead.drop
    assert text(timeline).split("\n")[1] == f"FCM: {'DROP FRAME' if drop else 'NON-DROP FRAME'}"
    assert all((";" in label) == drop for event in events(timeline) for label in event[2:])


def test_markers_become_one_locator_each_at_their_record_timecode(timeline: Timeline) -> None:
    locators = re.findall(r"^\* LOC: (\S+) (\S+) +(\S+)", text(timeline), flags=re.MULTILINE)
    start = timeline.sequence.playhead.frames - 8
    assert [(frames(label, timeline) - start, colour, name) for label, colour, name in locators] == [
        (10, "CYAN", "lightning"),
        (140, "RED", "black"),
        (150, "CYAN", "lightning"),
        (160, "RED", "span"),
        (230, "RED", "close"),
    ]


def test_a_marker_cut_away_has_no_locator(make_timeline: Callable[..., Timeline]) -> None:
    whole = make_timeline()
    first = whole.clips[0]
    assert isinstance(first, Clip)
    trimmed = replace(whole, clips=(replace(first, source_start_frame=20, frame_count=50),), markers=())
    assert "LOC" not in text(trimmed)


def test_reels_are_eight_characters_and_stay_apart(make_timeline: Callable[..., Timeline]) -> None:
    whole = make_timeline()
    first = whole.clips[0]
    assert isinstance(first, Clip)
    reels = ["SH020_take_1", "SH020_take_2", "sh020_ta", "AX", "bl", "中文", ""]
    media = [replace(first.media, reel=reel) for reel in reels]
    clips = tuple(replace(first, media=each) for each in media)
    written = [event[1] for event in events(replace(whole, clips=clips, markers=()))]
    assert written[0] == "SH020_ta"
    assert all(re.fullmatch(r"[A-Za-z0-9_]{1,8}", reel) for reel in written)
    assert len({reel.upper() for reel in [*written, "AX", "BL"]}) == len(reels) + 2
    assert "* COMMENT: reel: SH020_take_1" in text(replace(whole, clips=clips, markers=()))


@settings(deadline=None)
@given(prompt=st.text(st.characters(min_codepoint=0, max_codepoint=0x10FFFF)))
def test_no_prompt_becomes_an_event_or_another_line(
    prompt: str, make_timeline: Callable[..., Timeline]
) -> None:
    calm = text(make_timeline(prompt="calm", name="calm"))
    wild = text(make_timeline(prompt=prompt, name=prompt))
    assert len(wild.splitlines()) == len(calm.splitlines())
    assert EVENT.findall(wild) == EVENT.findall(calm)


def test_hostile_prompts_leave_the_cut_alone(hostile: str, make_timeline: Callable[..., Timeline]) -> None:
    timeline = make_timeline(prompt=hostile)
    document: Any = otio.adapters.read_from_string(text(timeline), "cmx_3600", rate=24)
    clips = document.find_clips()
    names = ["sh010.mov", "002", "sh020.[0001001-0001096].exr", "sh010.mov"]
    assert [clip.name for clip in clips] == names
    spoken = " ".join(f"prompt: {hostile}".replace("\x1c", "\ufffd").split())[:240]
    assert f"COMMENT: {spoken}" in clips[0].metadata["cmx_3600"]["comments"]


def test_100_frames_a_second_fit_an_edl_and_120_do_not(make_timeline: Callable[..., Timeline]) -> None:
    assert events(make_timeline(FrameRate.parse("100")))[0][4] == "01:00:09:92"
    with pytest.raises(UnwritableTimelineError, match="two digits for frames"):
        text(make_timeline(FrameRate.parse("120")))


def test_more_events_than_an_edl_can_number_are_refused(make_timeline: Callable[..., Timeline]) -> None:
    whole = make_timeline()
    with pytest.raises(UnwritableTimelineError, match="999 events"):
        text(replace(whole, clips=(whole.clips[0], *[Gap(frame_count=1)] * 999)))


def test_record_timecode_goes_round_midnight(make_timeline: Callable[..., Timeline]) -> None:
    rate = FrameRate(Fraction(24))
    whole = make_timeline(rate)
    sequence = replace(whole.sequence, playhead=Timecode.parse("00:00:00:02", rate=rate))
    found = events(replace(whole, sequence=sequence))
    assert found[0][4:] == ("23:59:59:18", "00:00:05:10")
