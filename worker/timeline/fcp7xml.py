"""Final Cut Pro 7 XML (xmeml 5): the interchange Premiere and Resolve read most repeatably."""

from collections.abc import Mapping
from typing import Final

from plugin_backend.domain.sequence import FrameRate, Timecode
from worker.timeline.markup import Element, add, document
from worker.timeline.model import SAMPLE_RATE, Clip, Marker, MediaReference, Sound, Timeline

_METADATA_PREFIX: Final = "plugin-backend."
_MARKER_RGB: Final[Mapping[str, tuple[int, int, int]]] = {
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "cyan": (0, 255, 255),
    "magenta": (255, 0, 255),
    "yellow": (255, 255, 0),
    "white": (255, 255, 255),
    "black": (0, 0, 0),
}


def write(timeline: Timeline) -> bytes:
    """A project holding the sequence, then the master clips it is cut from in the bins they name."""
    root = Element("xmeml", version="5")
    project = add(root, "project")
    add(project, "name", timeline.name)
    children = add(project, "children")
    # The sequence comes first and describes the files: some readers look nowhere else.
    _sequence(children, timeline)
    _masters(children, timeline)
    return document(root, doctype="xmeml")


def _first_uses(timeline: Timeline) -> dict[MediaReference, Clip]:
    """Each media with the first clip cut from it, in order: a host relinks each file once."""
    uses: dict[MediaReference, Clip] = {}
    for _, clip in timeline.placed_clips():
        uses.setdefault(clip.media, clip)
        uses.setdefault(clip.audible or clip.media, clip)
    return uses


class _Files:
    """Numbers every file, and describes it where it is named first."""

    def __init__(self, timeline: Timeline) -> None:
        self._uses = _first_uses(timeline)
        self._numbers = {media: number for number, media in enumerate(self._uses, 1)}
        self._described: set[MediaReference] = set()

    def number(self, media: MediaReference) -> int:
        return self._numbers[media]

    def name(self, parent: Element, media: MediaReference) -> None:
        file = add(parent, "file", id=f"file-{self._numbers[media]}")
        if media not in self._described:
            self._described.add(media)
            _describe(file, media, self._uses[media].metadata)


def _sequence(children: Element, timeline: Timeline) -> None:
    sequence = add(children, "sequence", id="sequence-1")
    add(sequence, "name", timeline.name)
    add(sequence, "duration", timeline.frame_count)
    _rate(sequence, timeline.sequence.frame_rate)
    _timecode(sequence, timeline.start)
    media, files = add(sequence, "media"), _Files(timeline)
    video = add(media, "video")
    # Without a format Resolve shows black clips, and every host falls back to its own frame size.
    _characteristics(
        add(video, "format"),
        rate=timeline.sequence.frame_rate,
        width=timeline.sequence.width,
        height=timeline.sequence.height,
    )
    _picture_track(video, timeline, files)
    if timeline.channels:
        _sound_tracks(add(media, "audio"), timeline, files)
    for marker in timeline.markers:
        _marker(sequence, marker)


def _picture_track(video: Element, timeline: Timeline, files: _Files) -> None:
    track = add(video, "track")
    for ordinal, (record, clip) in enumerate(timeline.placed_clips(), 1):
        item = add(track, "clipitem", id=f"clipitem-{ordinal}")
        _clip_item(item, clip, record=record, number=files.number(clip.media))
        files.name(item, clip.media)
        _links(item, timeline, ordinal)
        for marker in clip.markers:
            _marker(item, marker)
        _log(item, clip)


def _sound_tracks(audio: Element, timeline: Timeline, files: _Files) -> None:
    """A track for each channel: the format knows no clip of two."""
    add(audio, "numOutputChannels", timeline.channels)
    _samples(add(audio, "format"), None)
    for channel in range(1, timeline.channels + 1):
        track = add(audio, "track")
        for ordinal, (record, clip) in enumerate(timeline.placed_clips(), 1):
            heard = clip.audible
            if heard is None or channel > _channels(clip):
                continue
            item = add(track, "clipitem", id=f"clipitem-{ordinal}-{channel}")
            _clip_item(item, clip, record=record, number=files.number(heard))
            files.name(item, heard)
            _source_track(item, channel)
            _links(item, timeline, ordinal)
        add(track, "outputchannelindex", channel)


def _links(item: Element, timeline: Timeline, ordinal: int) -> None:
    """Picture and sound of one clip move together; each of them names all of them."""
    clips = [clip for _, clip in timeline.placed_clips()]
    count = _channels(clips[ordinal - 1])
    if not count:
        return
    _link(item, f"clipitem-{ordinal}", kind="video", track=1, index=ordinal)
    for channel in range(1, count + 1):
        index = sum(_channels(clip) >= channel for clip in clips[:ordinal])
        _link(item, f"clipitem-{ordinal}-{channel}", kind="audio", track=channel, index=index)


def _link(item: Element, identifier: str, *, kind: str, track: int, index: int) -> None:
    link = add(item, "link")
    add(link, "linkclipref", identifier)
    add(link, "mediatype", kind)
    add(link, "trackindex", track)
    add(link, "clipindex", index)


def _channels(clip: Clip) -> int:
    heard = clip.audible
    return heard.sound.channels if heard is not None and heard.sound is not None else 0


def _masters(children: Element, timeline: Timeline) -> None:
    bins = {"": children}
    for number, (media, clip) in enumerate(_first_uses(timeline).items(), 1):
        master = add(_bin(bins, clip.bin), "clip", id=f"masterclip-{number}")
        _master_head(master, clip, number)
        add(master, "ismasterclip", "TRUE")
        add(master, "duration", media.frame_count)
        add(master, "in", -1)
        add(master, "out", -1)
        tracks = add(master, "media")
        _master_item(add(tracks, "video"), clip, number)
        if media.sound is not None:
            audio = add(tracks, "audio")
            for channel in range(1, media.sound.channels + 1):
                _master_item(audio, clip, number, channel=channel)
        _log(master, clip)


def _bin(bins: dict[str, Element], path: str) -> Element:
    """The children of the bin at a path such as `AI takes/SH010`, made where it is not there yet."""
    if path not in bins:
        above, _, name = path.rpartition("/")
        element = add(_bin(bins, above), "bin")
        add(element, "name", name)
        bins[path] = add(element, "children")
    return bins[path]


def _master_item(kind: Element, clip: Clip, number: int, *, channel: int = 0) -> None:
    identifier = f"masteritem-{number}" + (f"-{channel}" if channel else "")
    item = add(add(kind, "track"), "clipitem", id=identifier)
    _master_head(item, clip, number)
    add(item, "file", id=f"file-{number}")
    if channel:
        _source_track(item, channel)


def _source_track(item: Element, channel: int) -> None:
    source = add(item, "sourcetrack")
    add(source, "mediatype", "audio")
    add(source, "trackindex", channel)


def _master_head(parent: Element, clip: Clip, number: int) -> None:
    add(parent, "masterclipid", f"masterclip-{number}")
    add(parent, "name", clip.name)
    _rate(parent, clip.media.frame_rate)


def _clip_item(item: Element, clip: Clip, *, record: int, number: int) -> None:
    _master_head(item, clip, number)
    add(item, "enabled", "TRUE")
    add(item, "duration", clip.media.frame_count)
    # start and end count from the sequence's first frame, in and out from the media's: none holds timecode.
    add(item, "start", record)
    add(item, "end", record + clip.frame_count)
    add(item, "in", clip.source_start_frame)
    add(item, "out", clip.source_end_frame)


def _describe(file: Element, media: MediaReference, metadata: Mapping[str, str]) -> None:
    add(file, "name", media.first_file.rpartition("/")[2])
    # A plain relative name: Resolve finds it beside this document, where it finds no file: URL without a full
    # path; Premiere asks once and relinks the rest by name. An image sequence is named by its first image.
    add(file, "pathurl", media.first_file)
    _rate(file, media.frame_rate)
    add(file, "duration", media.frame_count)
    reel = add(_timecode(file, media.start_timecode), "reel")
    add(reel, "name", media.reel)
    for key, value in metadata.items():
        _metadata(file, key, value)
    tracks = add(file, "media")
    video = add(tracks, "video")
    add(video, "duration", media.frame_count)
    _characteristics(video, rate=media.frame_rate, width=media.width, height=media.height)
    if media.sound is not None:
        audio = add(tracks, "audio")
        _samples(audio, media.sound)
        add(audio, "channelcount", media.sound.channels)


def _metadata(file: Element, key: str, value: str) -> None:
    # No updatebehavior: "add" would write into the movie, and break its signature.
    metadata = add(file, "metadata")
    add(metadata, "storage", "QuickTime")
    add(metadata, "key", f"{_METADATA_PREFIX}{key}")
    add(metadata, "type", "UTF8")
    carried = add(metadata, "value", value).text or ""
    size = Element("size")
    size.text = str(len(carried.encode()))
    metadata.insert(2, size)


def _log(parent: Element, clip: Clip) -> None:
    """The columns an editor sees: the file's own metadata is hidden in most hosts."""
    info = add(parent, "logginginfo")
    add(info, "description", "\n".join(f"{key}: {value}" for key, value in clip.metadata.items()))
    comments = add(parent, "comments")
    add(comments, "mastercomment1", f"colour space: {clip.media.colour_space.value}")
    add(comments, "mastercomment2", f"handles: {clip.handles} frames")
    if clip.proxy is not None:
        # The format has no place for a proxy: this is what "attach proxies" is to be pointed at.
        add(comments, "mastercomment3", f"proxy: {clip.proxy.file}")


def _marker(parent: Element, marker: Marker) -> None:
    element = add(parent, "marker")
    add(element, "name", marker.name)
    add(element, "comment", marker.note)
    add(element, "in", marker.frame)
    add(element, "out", -1 if marker.frame_count == 1 else marker.frame + marker.frame_count)
    colour = add(element, "color")
    add(colour, "alpha", 0)
    for channel, level in zip(("red", "green", "blue"), _MARKER_RGB[marker.colour], strict=True):
        add(colour, channel, level)


def _timecode(parent: Element, timecode: Timecode) -> Element:
    element = add(parent, "timecode")
    _rate(element, timecode.rate)
    add(element, "string", str(timecode))
    add(element, "frame", timecode.frames)
    add(element, "displayformat", "DF" if timecode.drop else "NDF")
    return element


def _rate(parent: Element, rate: FrameRate) -> None:
    element = add(parent, "rate")
    add(element, "timebase", rate.nominal)
    add(element, "ntsc", "TRUE" if rate.is_ntsc else "FALSE")


def _samples(parent: Element, sound: Sound | None) -> None:
    element = add(parent, "samplecharacteristics")
    add(element, "depth", 16 if sound is None else sound.bit_depth)
    add(element, "samplerate", SAMPLE_RATE)


def _characteristics(parent: Element, *, rate: FrameRate, width: int, height: int) -> None:
    element = add(parent, "samplecharacteristics")
    _rate(element, rate)
    add(element, "width", width)
    add(element, "height", height)
    add(element, "anamorphic", "FALSE")
    add(element, "pixelaspectratio", "square")
    add(element, "fielddominance", "none")
