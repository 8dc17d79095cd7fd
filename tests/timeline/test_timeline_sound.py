"""Sound beside the picture: where the movie has it, in sync, and nothing said of it where there is none."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import opentimelineio as otio
import pytest
from lxml import etree

from worker.timeline.model import Clip, MediaKind, Sound, Timeline, UnwritableTimelineError
from worker.timeline.render import TimelineFormat, render

TimelineMaker = Callable[..., Timeline]
STEREO = 2


def text(timeline: Timeline, fmt: TimelineFormat) -> str:
    return render(timeline, fmt).decode()


def xml(timeline: Timeline, fmt: TimelineFormat) -> Any:
    return etree.fromstring(render(timeline, fmt))


def spans(track: Any) -> list[tuple[str, float, float]]:
    return [
        (type(item).__name__, round(item.source_range.start_time.value), round(item.duration().value))
        for item in track
    ]


@pytest.fixture
def loud(timeline: Timeline, make_timeline: TimelineMaker) -> Timeline:
    return make_timeline(timeline.sequence.frame_rate, drop=timeline.start.drop, channels=STEREO)


def test_otio_has_a_track_of_sound_cut_as_the_picture_is(loud: Timeline) -> None:
    document = otio.adapters.read_from_string(text(loud, TimelineFormat.OTIO), "otio_json")
    (picture,) = document.video_tracks()
    (sound,) = document.audio_tracks()
    assert spans(sound) == spans(picture)
    # Frames have no sound: theirs is the movie's beside them.
    named = [clip.media_reference.target_url for clip in sound.find_clips()]
    assert named == ["sh010.mov", "sh020.mov", "sh010.mov"]
    facts = next(iter(sound.find_clips())).media_reference.metadata["plugin_backend"]
    assert (facts["channels"], facts["sample_rate"]) == (2, 48_000)


def test_fcp7_xml_has_a_track_a_channel_that_an_independent_reader_finds_in_sync(loud: Timeline) -> None:
    document = otio.adapters.read_from_string(text(loud, TimelineFormat.FCP7XML), "fcp_xml")
    (picture,) = document.video_tracks()
    left, right = document.audio_tracks()
    assert spans(left) == spans(right) == spans(picture)
    named = [clip.media_reference.target_url for clip in left.find_clips()]
    assert named == ["sh010.mov", "sh020.mov", "sh010.mov"]


def test_fcp7_xml_links_picture_and_sound_and_tells_the_channels_apart(loud: Timeline) -> None:
    root = xml(loud, TimelineFormat.FCP7XML)
    items = root.xpath("//sequence//clipitem")
    places = {
        item.get("id"): (kind.tag, str(number), str(index))
        for kind in root.xpath("//sequence/media/*")
        for number, track in enumerate(kind.iterfind("track"), 1)
        for index, item in enumerate(track.iterfind("clipitem"), 1)
    }
    assert len(items) == len(places) == 9
    for item in items:
        links = item.findall("link")
        assert item.get("id") in [link.findtext("linkclipref") for link in links]
        assert {link.findtext("linkclipref").split("-")[1] for link in links} == {
            item.get("id").split("-")[1]
        }
        for link in links:
            said = tuple(link.findtext(name) for name in ("mediatype", "trackindex", "clipindex"))
            assert said == places[link.findtext("linkclipref")]
    channels = root.xpath("//sequence/media/audio/track/clipitem/sourcetrack/trackindex/text()")
    assert channels == ["1", "1", "1", "2", "2", "2"]
    assert root.xpath("//sequence/media/audio/format//samplerate/text()") == ["48000"]


def test_fcp7_xml_describes_each_file_once_also_where_only_its_sound_is_used(loud: Timeline) -> None:
    root = xml(loud, TimelineFormat.FCP7XML)
    described = {file.get("id"): file.findtext("pathurl") for file in root.xpath("//file[pathurl]")}
    assert sorted(described.values()) == ["sh010.mov", "sh020.mov", "sh020_exr/sh020.0001001.exr"]
    assert set(root.xpath("//file/@id")) == set(described)
    assert root.xpath("//file[pathurl='sh020.mov']//channelcount/text()") == ["2"]
    assert root.xpath("//file[contains(pathurl, 'exr')]/media/audio") == []
    assert set(root.xpath("//masterclipid/text()")) == set(root.xpath("//clip/@id"))


def test_fcpxml_says_that_its_movies_are_heard(loud: Timeline) -> None:
    root = xml(loud, TimelineFormat.FCPXML)
    for asset in root.iter("asset"):
        said = [asset.get(name) for name in ("hasAudio", "audioSources", "audioChannels", "audioRate")]
        assert said == ["1", "1", "2", "48000"]
    assert {clip.get("audioRole") for clip in root.iter("asset-clip")} == {"dialogue"}
    sequence = root.find(".//sequence")
    assert (sequence.get("audioLayout"), sequence.get("audioRate")) == ("stereo", "48k")


@pytest.mark.parametrize(
    ("channels", "tracks", "kinds"),
    [(0, "V", 1), (1, "B", 2), (2, "AA/V", 3), (3, "AA/V", 3), (6, "AA/V", 3)],
)
def test_an_edl_names_the_tracks_of_sound_it_can(
    channels: int, tracks: str, kinds: int, make_timeline: TimelineMaker
) -> None:
    written = text(make_timeline(channels=channels), TimelineFormat.EDL)
    events = re.findall(r"^(\d{3})  (\S+) +(\S+) +C ", written, flags=re.MULTILINE)
    assert [kind for _, _, kind in events] == [tracks, "V", tracks, tracks]
    known = re.sub(r"^AUD.*\n", "", written, flags=re.MULTILINE)  # the reader stops at such a line
    document: Any = otio.adapters.read_from_string(known, "cmx_3600")
    assert len(document.tracks) == kinds
    beyond = re.findall(r"^AUD  (.+)$", written, flags=re.MULTILINE)
    assert beyond == {3: ["3"] * 3, 6: ["3  4"] * 3}.get(channels, [])


@pytest.mark.parametrize("fmt", list(TimelineFormat))
def test_a_silent_timeline_says_nothing_of_sound(fmt: TimelineFormat, make_timeline: TimelineMaker) -> None:
    written = render(make_timeline(), fmt)
    assert re.search(rb"48000|48k|<audio|AudioTrack|\"Audio\"|AA/V|soundOnly\": true", written) is None


def test_a_silent_clip_between_loud_ones_is_a_gap_of_sound(make_timeline: TimelineMaker) -> None:
    whole = make_timeline(channels=1)
    first, gap, images, again = whole.clips
    assert isinstance(images, Clip)
    assert images.alternate is not None
    silent = replace(images, alternate=replace(images.alternate, sound=None))
    mixed = replace(whole, clips=(first, gap, silent, again))
    document = otio.adapters.read_from_string(text(mixed, TimelineFormat.OTIO), "otio_json")
    (sound,) = document.audio_tracks()
    assert [type(item).__name__ for item in sound] == ["Clip", "Gap", "Gap", "Clip"]
    (track,) = otio.adapters.read_from_string(text(mixed, TimelineFormat.FCP7XML), "fcp_xml").audio_tracks()
    kinds = [(type(item).__name__, round(item.duration().value)) for item in track]
    assert kinds == [("Clip", 136), ("Gap", 92), ("Clip", 36)]


def test_images_have_no_sound_and_sound_has_channels(make_timeline: TimelineMaker) -> None:
    clip = make_timeline().clips[2]
    assert isinstance(clip, Clip)
    assert clip.media.kind is MediaKind.IMAGE_SEQUENCE
    with pytest.raises(UnwritableTimelineError, match="no sound"):
        replace(clip.media, sound=Sound(channels=2))
    for channels in (0, 17):
        with pytest.raises(UnwritableTimelineError, match="1 to 16 channels"):
            Sound(channels=channels)


def test_a_proxy_is_named_where_a_format_has_a_place_for_it(make_timeline: TimelineMaker) -> None:
    timeline = make_timeline(proxies=True)
    document = otio.adapters.read_from_string(text(timeline, TimelineFormat.OTIO), "otio_json")
    first, images, _ = document.find_clips()
    assert first.media_references()["PROXY"].target_url == "sh010_proxy.mp4"
    assert first.media_reference.target_url == "sh010.mov"
    assert "PROXY" not in images.media_references()
    final_cut = xml(timeline, TimelineFormat.FCPXML)
    kinds = [(each.get("kind"), each.get("src")) for each in final_cut.iter("media-rep")]
    assert kinds == [
        ("original-media", "./sh010.mov"),
        ("proxy-media", "./sh010_proxy.mp4"),
        ("original-media", "./sh020.mov"),
    ]
    comments = xml(timeline, TimelineFormat.FCP7XML).xpath("//clipitem/comments/mastercomment3/text()")
    assert comments == ["proxy: sh010_proxy.mp4"]
    assert "* COMMENT: proxy: sh010_proxy.mp4" in text(timeline, TimelineFormat.EDL)


def test_frames_whose_only_movie_is_their_proxy_are_cut_from_that(
    make_timeline: TimelineMaker,
) -> None:
    whole = make_timeline()
    images = whole.clips[2]
    assert isinstance(images, Clip)
    only = replace(whole, clips=(replace(images, alternate=None, proxy=images.alternate),), markers=())
    (asset,) = xml(only, TimelineFormat.FCPXML).iter("asset")
    assert [(each.get("kind"), each.get("src")) for each in asset.iter("media-rep")] == [
        ("original-media", "./sh020.mov")
    ]
