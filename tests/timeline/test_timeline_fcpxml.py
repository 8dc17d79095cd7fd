"""FCPXML: times are free text to a DTD, so the meaning is checked: rationals, offsets, references, order."""

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from plugin_backend.domain.sequence import ColourSpace, FrameRate
from worker.timeline.model import Clip, Timeline, UnwritableTimelineError
from worker.timeline.render import TimelineFormat, render

TIMES: Final = {"start", "duration", "offset", "tcStart", "frameDuration"}
SOUND: Final = {"hasAudio", "audioSources", "audioChannels", "audioRate"}
# What version 1.10 has of the elements written here: attributes required and allowed, children in order.
GRAMMAR: Final[dict[str, tuple[set[str], set[str], str]]] = {
    "fcpxml": ({"version"}, set(), "resources library"),
    "resources": (set(), set(), "(format|asset)*"),
    "format": ({"id"}, {"frameDuration", "width", "height", "colorSpace"}, ""),
    "asset": (
        {"id"},
        {"name", "start", "duration", "hasVideo", "videoSources", "format", *SOUND},
        "media-rep media-rep? metadata",
    ),
    "media-rep": ({"src"}, {"kind"}, ""),
    "metadata": (set(), set(), "md*"),
    "md": ({"key"}, {"value", "type", "displayName"}, ""),
    "library": (set(), {"colorProcessing"}, "event"),
    "event": (set(), {"name"}, "project"),
    "project": (set(), {"name"}, "sequence"),
    "sequence": ({"format"}, {"duration", "tcStart", "tcFormat", "audioLayout", "audioRate"}, "spine"),
    "spine": (set(), set(), "(asset-clip|gap)*"),
    "asset-clip": (
        {"ref"},
        {"name", "offset", "start", "duration", "format", "tcFormat", "audioRole"},
        "note? marker* metadata",
    ),
    "note": (set(), set(), ""),
    "gap": ({"duration"}, {"name", "offset", "start"}, "marker*"),
    "marker": ({"start", "value"}, {"duration", "note"}, ""),
}


def parse(timeline: Timeline) -> Any:
    return etree.fromstring(render(timeline, TimelineFormat.FCPXML))


def frames(time: str, timeline: Timeline) -> int:
    match = re.fullmatch(r"(\d+)/(\d+)s", time)
    assert match is not None, time
    count = Fraction(int(match[1]), int(match[2])) * timeline.sequence.frame_rate.fraction
    assert count.denominator == 1, f"{time} is no whole number of frames"
    return int(count)


def follows(children: list[str], order: str) -> bool:
    pattern = "".join(
        f"(?:{part.rstrip('*?')},){part[-1] if part[-1] in '*?' else ''}" for part in order.split()
    )
    return re.fullmatch(pattern, "".join(f"{child}," for child in children)) is not None


@pytest.mark.parametrize("channels", [0, 1, 2, 6])
@pytest.mark.parametrize("proxies", [False, True])
def test_every_element_has_what_the_version_demands_in_the_order_it_demands(
    channels: int, *, proxies: bool, make_timeline: Callable[..., Timeline]
) -> None:
    root = parse(make_timeline(prompt="<&>", channels=channels, proxies=proxies))
    assert root.get("version") == "1.10"
    for element in root.iter():
        required, allowed, order = GRAMMAR[element.tag]
        assert required <= set(element.attrib) <= required | allowed, element.tag
        assert follows([child.tag for child in element], order), element.tag


def test_every_time_is_a_whole_number_of_frames(timeline: Timeline) -> None:
    root = parse(timeline)
    times = [value for element in root.iter() for name, value in element.attrib.items() if name in TIMES]
    assert len(times) > 20
    for time in times:
        frames(time, timeline)
    assert {frames(duration, timeline) for duration in root.xpath("//format/@frameDuration")} == {1}


def test_every_reference_points_back_at_one_thing_of_its_kind(timeline: Timeline) -> None:
    seen: dict[str, str] = {}
    for element in parse(timeline).iter():
        for attribute, kind in (("format", "format"), ("ref", "asset")):
            if attribute in element.attrib:
                assert seen[element.get(attribute)] == kind
        if "id" in element.attrib:
            assert element.get("id") not in seen
            seen[element.get("id")] = element.tag


def test_the_spine_runs_without_a_hole_from_the_timecode_origin(timeline: Timeline) -> None:
    root = parse(timeline)
    (sequence,) = root.iter("sequence")
    position = frames(sequence.get("tcStart"), timeline)
    assert position == timeline.sequence.playhead.frames - 8
    for item in root.find(".//spine"):
        assert frames(item.get("offset"), timeline) == position
        position += frames(item.get("duration"), timeline)
    assert position - frames(sequence.get("tcStart"), timeline) == frames(sequence.get("duration"), timeline)


def test_clips_and_their_markers_lie_inside_their_asset(timeline: Timeline) -> None:
    root = parse(timeline)
    assets = {asset.get("id"): asset for asset in root.iter("asset")}
    for clip in root.iter("asset-clip"):
        asset = assets[clip.get("ref")]
        first = frames(asset.get("start"), timeline)
        end = first + frames(asset.get("duration"), timeline)
        start = frames(clip.get("start"), timeline)
        assert first <= start < start + frames(clip.get("duration"), timeline) <= end
        assert all(first <= frames(marker.get("start"), timeline) < end for marker in clip.iter("marker"))
    playhead = timeline.sequence.playhead.frames
    starts = [frames(start, timeline) for start in root.xpath("//asset-clip[1]/marker/@start")]
    assert starts == [playhead - 8 + 10]
    assert [frames(start, timeline) for start in root.xpath("//gap/marker/@start")] == [4]
    assert frames(root.xpath("//marker[@value='close']/@start")[0], timeline) == playhead + 92 + 2


def test_a_clip_is_named_by_a_movie_even_where_its_first_form_is_exr(timeline: Timeline) -> None:
    root = parse(timeline)
    assert root.xpath("//media-rep/@src") == ["./sh010.mov", "./sh020.mov"]
    sizes = {form.get("id"): form.get("width") for form in root.iter("format")}
    assert [sizes[asset.get("format")] for asset in root.iter("asset")] == ["3840", "1920"]


def test_an_image_sequence_without_a_movie_is_refused(make_timeline: Callable[..., Timeline]) -> None:
    whole = make_timeline()
    clips = tuple(replace(item, alternate=None) if isinstance(item, Clip) else item for item in whole.clips)
    with pytest.raises(UnwritableTimelineError, match=r"SH020.*needs a movie"):
        render(replace(whole, clips=clips), TimelineFormat.FCPXML)


def test_drop_frame_is_said_on_sequence_and_clips(timeline: Timeline) -> None:
    said = set(parse(timeline).xpath("//@tcFormat"))
    assert said == {"DF" if timeline.sequence.playhead.drop else "NDF"}


@pytest.mark.parametrize("colour_space", list(ColourSpace))
def test_colour_is_said_in_the_format_s_own_names(
    colour_space: ColourSpace, make_timeline: Callable[..., Timeline]
) -> None:
    whole = make_timeline()
    root = parse(replace(whole, sequence=replace(whole.sequence, colour_space=colour_space)))
    formats = {form.get("id"): form.get("colorSpace") for form in root.iter("format")}
    spoken = formats[root.find(".//sequence").get("format")]
    expected = {
        ColourSpace.REC709: "1-1-1 (Rec. 709)",
        ColourSpace.REC2100_PQ: "9-16-9 (Rec. 2020 PQ)",
        ColourSpace.REC2100_HLG: "9-18-9 (Rec. 2020 HLG)",
    }
    assert spoken == expected.get(colour_space, "9-1-9 (Rec. 2020)")
    wide = "standard" if colour_space is ColourSpace.REC709 else "wide-hdr"
    assert root.find("library").get("colorProcessing") == wide


@pytest.mark.parametrize("rate", ["24", "25", "30", "50", "60"])
def test_an_independent_reader_sees_the_same_cut_at_whole_rates(
    rate: str, make_timeline: Callable[..., Timeline]
) -> None:
    timeline = make_timeline(FrameRate.parse(rate))
    document: Any = otio.adapters.read_from_string(
        render(timeline, TimelineFormat.FCPXML).decode(), "fcpx_xml"
    )
    (read,) = document
    (track,) = read.tracks
    # The reader takes the timecode origin for a leading gap, and works in floats.
    cut = [(type(item).__name__, round(item.source_range.duration.value)) for item in track][1:]
    assert cut == [("Clip", 136), ("Gap", 12), ("Clip", 80), ("Clip", 36)]


def test_hostile_prompts_come_back_whole(hostile: str, make_timeline: Callable[..., Timeline]) -> None:
    root = parse(make_timeline(prompt=hostile))
    spoken = hostile.replace("\x1c", "\ufffd")
    carried = root.xpath("//asset-clip/metadata/md[@key='plugin-backend.prompt']/@value")
    assert carried == [spoken, spoken]
    assert root.xpath("//marker[@value='lightning']/@note") == [spoken, spoken]


def test_line_ends_of_every_machine_become_one(make_timeline: Callable[..., Timeline]) -> None:
    root = parse(make_timeline(prompt="one\r\ntwo\rthree\n\rfour"))
    (carried, _) = root.xpath("//asset-clip/metadata/md[@key='plugin-backend.prompt']/@value")
    assert carried == "one\ntwo\nthree\n\nfour"


@settings(deadline=None)
@given(prompt=st.text(st.characters(min_codepoint=0, max_codepoint=0x10FFFF)))
def test_no_prompt_at_all_breaks_the_document(prompt: str, make_timeline: Callable[..., Timeline]) -> None:
    root = parse(make_timeline(prompt=prompt, name=prompt))
    (carried, _) = root.xpath("//asset-clip/metadata/md[@key='plugin-backend.prompt']/@value")
    assert len(carried) == len(prompt.replace("\r\n", "\n"))
