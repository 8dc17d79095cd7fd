"""FCPXML 1.10 for Final Cut Pro (and Resolve): every time an exact number of frames, as a rational."""

from collections.abc import Mapping
from typing import Final

from plugin_backend.domain.sequence import ColourSpace, FrameRate, Timecode
from worker.timeline.markup import Element, add, document
from worker.timeline.model import SAMPLE_RATE, Clip, Gap, Marker, MediaReference, Timeline

_KEY_PREFIX: Final = "plugin-backend."
_REEL_KEY: Final = "com.apple.proapps.studio.reel"
_REC_709: Final = "1-1-1 (Rec. 709)"
_REC_2020: Final = "9-1-9 (Rec. 2020)"
# What Final Cut Pro can work in; a wider space than Rec. 709 that it has no name for becomes Rec. 2020.
_WORKING: Final[Mapping[ColourSpace, str]] = {
    ColourSpace.REC709: _REC_709,
    ColourSpace.P3_D65: _REC_2020,
    ColourSpace.REC2100_PQ: "9-16-9 (Rec. 2020 PQ)",
    ColourSpace.REC2100_HLG: "9-18-9 (Rec. 2020 HLG)",
    ColourSpace.ACESCG: _REC_2020,
    ColourSpace.ACES2065_1: _REC_2020,
}
# A movie in a space without a name here is left to its own tags.
_UNNAMED: Final = frozenset({ColourSpace.P3_D65, ColourSpace.ACESCG, ColourSpace.ACES2065_1})


def write(timeline: Timeline) -> bytes:
    """A library of one event and project. Final Cut Pro reads no EXR sequence: each clip needs a movie."""
    root = Element("fcpxml", version="1.10")
    resources = _Resources(add(root, "resources"), timeline)
    wide = _WORKING[timeline.sequence.colour_space] != _REC_709
    library = add(root, "library", colorProcessing="wide-hdr" if wide else "standard")
    named = [clip.bin for _, clip in timeline.placed_clips() if clip.bin]
    event = add(library, "event", name=(named or [timeline.name])[0])
    project = add(event, "project", name=timeline.name)
    sequence = add(
        project,
        "sequence",
        format=resources.sequence_format,
        duration=_time(timeline.frame_count, timeline.start.rate),
        tcStart=_time(timeline.start.frames, timeline.start.rate),
        tcFormat=_counting(timeline.start),
        **_heard_as(timeline.channels),
    )
    _spine(sequence, timeline, resources)
    return document(root, doctype="fcpxml")


def _heard_as(channels: int) -> Mapping[str, str]:
    """The sequence's mix; a silent one keeps the host's own."""
    if not channels:
        return {}
    layout = {1: "mono", 2: "stereo"}.get(channels, "surround")
    return {"audioLayout": layout, "audioRate": f"{SAMPLE_RATE // 1000}k"}


class _Resources:
    """Formats and assets: one for each that differs, under an id."""

    def __init__(self, parent: Element, timeline: Timeline) -> None:
        self._parent = parent
        self._formats: dict[tuple[str, ...], str] = {}
        self._assets: dict[MediaReference, str] = {}
        given = timeline.sequence
        self.sequence_format = self._format(
            given.frame_rate, width=given.width, height=given.height, colour=_WORKING[given.colour_space]
        )
        for _, clip in timeline.placed_clips():
            self._declare(clip)

    def asset(self, media: MediaReference) -> str:
        return self._assets[media]

    def format_of(self, media: MediaReference) -> str:
        colour = None if media.colour_space in _UNNAMED else _WORKING[media.colour_space]
        return self._format(media.frame_rate, width=media.width, height=media.height, colour=colour)

    def _declare(self, clip: Clip) -> None:
        media = clip.movie
        if media in self._assets:
            return
        form = self.format_of(media)  # before the asset: a reference points backwards
        identifier = self._assets[media] = f"r{len(self._parent) + 1}"
        asset = add(
            self._parent,
            "asset",
            id=identifier,
            name=clip.name,
            start=_time(media.start_timecode.frames, media.frame_rate),
            duration=_time(media.frame_count, media.frame_rate),
            hasVideo="1",
            videoSources="1",
            format=form,
            **_sound_of(media),
        )
        # Relative to this document, which the format allows and a download needs.
        add(asset, "media-rep", kind="original-media", src=f"./{media.file}")
        if clip.proxy is not None and clip.proxy is not media:
            add(asset, "media-rep", kind="proxy-media", src=f"./{clip.proxy.file}")
        metadata = add(asset, "metadata")
        add(metadata, "md", key=_REEL_KEY, value=media.reel)
        _metadata(metadata, clip)

    def _format(self, rate: FrameRate, *, width: int, height: int, colour: str | None) -> str:
        said = {"frameDuration": _time(1, rate), "width": str(width), "height": str(height)}
        if colour is not None:
            said["colorSpace"] = colour
        key = tuple(said.values())
        if key not in self._formats:
            self._formats[key] = f"r{len(self._parent) + 1}"
            add(self._parent, "format", id=self._formats[key], **said)
        return self._formats[key]


def _sound_of(media: MediaReference) -> Mapping[str, str]:
    if media.sound is None:
        return {}
    return {
        "hasAudio": "1",
        "audioSources": "1",
        "audioChannels": str(media.sound.channels),
        "audioRate": str(SAMPLE_RATE),
    }


def _spine(sequence: Element, timeline: Timeline, resources: _Resources) -> None:
    spine = add(sequence, "spine")
    rate = timeline.start.rate
    for record, item in timeline.placed():
        # Offsets count from the sequence's own timecode origin, not from 0.
        offset = _time(timeline.start.frames + record, rate)
        if isinstance(item, Gap):
            local = 0
            element = add(
                spine,
                "gap",
                name="Gap",
                offset=offset,
                start=_time(local, rate),
                duration=_time(item.frame_count, rate),
            )
        else:
            local = item.source_position
            element = _asset_clip(spine, item, offset=offset, resources=resources)
        for marker in timeline.markers:
            if record <= marker.frame < record + item.frame_count:
                _marker(element, marker, at=local + marker.frame - record, rate=rate)
        if isinstance(item, Clip):
            _metadata(add(element, "metadata"), item)


def _asset_clip(spine: Element, clip: Clip, *, offset: str, resources: _Resources) -> Element:
    media = clip.movie
    element = add(
        spine,
        "asset-clip",
        ref=resources.asset(media),
        name=clip.name,
        offset=offset,
        start=_time(clip.source_position, media.frame_rate),
        duration=_time(clip.frame_count, media.frame_rate),
        format=resources.format_of(media),
        tcFormat=_counting(media.start_timecode),
        **({} if media.sound is None else {"audioRole": "dialogue"}),
    )
    if prompt := clip.metadata.get("prompt"):
        add(element, "note", prompt)  # a column that Final Cut Pro shows; metadata of ours it only keeps
    for marker in clip.markers:
        _marker(element, marker, at=media.start_timecode.frames + marker.frame, rate=media.frame_rate)
    return element


def _marker(parent: Element, marker: Marker, *, at: int, rate: FrameRate) -> None:
    start, duration = _time(at, rate), _time(marker.frame_count, rate)
    add(parent, "marker", start=start, duration=duration, value=marker.name, note=marker.note)


def _metadata(metadata: Element, clip: Clip) -> None:
    for key, value in clip.metadata.items():
        add(metadata, "md", key=f"{_KEY_PREFIX}{key}", value=value, type="string", displayName=key)


def _counting(timecode: Timecode) -> str:
    return "DF" if timecode.drop else "NDF"


def _time(frames: int, rate: FrameRate) -> str:
    """Whole frames as seconds: 10 frames at 24000/1001 are `10010/24000s`."""
    return f"{frames * rate.fraction.denominator}/{rate.fraction.numerator}s"
