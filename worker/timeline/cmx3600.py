"""CMX 3600 EDL: a list of cuts by reel and timecode, the form every finishing system reads."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from plugin_backend.domain.sequence import Timecode
from worker.timeline.model import (
    Clip,
    Gap,
    Marker,
    MediaReference,
    Timeline,
    UnwritableTimelineError,
)
from worker.timeline.text import one_line

_REEL_LENGTH: Final = 8
_MAX_EVENTS: Final = 999
_MAX_TITLE: Final = 70
_MAX_COMMENT: Final = 240  # a prompt is not read in an EDL, and some readers keep fixed line buffers
_TRACKS: Final = ("V", "B", "AA/V")  # picture alone, with the first track of sound, with the first two
_MAX_TRACKS: Final = 4  # of sound: the list names no more
_RESERVED_REELS: Final = frozenset({"AX", "BL", "BLACK", "BARS"})  # sources that stand for no reel


def write(timeline: Timeline) -> bytes:
    """The list; reels are cut to eight characters without two becoming one."""
    if timeline.sequence.frame_rate.nominal > 100:
        raise UnwritableTimelineError(
            "An EDL has two digits for frames; use another format above 100 frames a second."
        )
    if len(timeline.clips) > _MAX_EVENTS:
        raise UnwritableTimelineError(f"An EDL numbers at most {_MAX_EVENTS} events; use another format.")
    return "".join(f"{line}\n" for line in _lines(timeline)).encode()


def reel_names(timeline: Timeline) -> Mapping[str, str]:
    """Each full reel name with the one the EDL gives it."""
    names: dict[str, str] = {}
    for _, clip in timeline.placed_clips():
        if clip.media.reel not in names:
            names[clip.media.reel] = _short_reel(clip.media.reel, taken=_RESERVED_REELS.union(names.values()))
    return names


def _lines(timeline: Timeline) -> Iterator[str]:
    yield f"TITLE: {one_line(timeline.name)[:_MAX_TITLE]}"
    yield f"FCM: {'DROP FRAME' if timeline.start.drop else 'NON-DROP FRAME'}"
    reels = reel_names(timeline)
    for number, (record, item) in enumerate(timeline.placed(), 1):
        yield ""
        if isinstance(item, Gap):
            # Black, spelt out: a hole at the start or the end would otherwise be lost.
            nothing = Timecode(0, timeline.start.rate, timeline.start.drop)
            yield _event(number, "BL", nothing, timeline.start + record, item.frame_count)
        else:
            reel = reels[item.media.reel]
            channels = _channels(item)
            start = timeline.start + record
            yield _event(number, reel, item.source_in, start, item.frame_count, channels=channels)
            if channels > 2:
                yield f"AUD  {'  '.join('34'[: channels - 2])}"  # the list's own line for tracks beyond two
            yield from _clip_comments(item, reel)
        yield from _locators(item, record, timeline)


def _event(
    number: int, reel: str, source: Timecode, record: Timecode, frames: int, *, channels: int = 0
) -> str:
    spans = f"{source} {source + frames} {record} {record + frames}"
    return f"{number:03}  {reel:<8} {_TRACKS[min(channels, 2)]:<5} C        {spans}"


def _channels(clip: Clip) -> int:
    heard = clip.audible
    return 0 if heard is None or heard.sound is None else min(heard.sound.channels, _MAX_TRACKS)


def _clip_comments(clip: Clip, reel: str) -> Iterator[str]:
    # Resolve and Premiere relink by reel and by this name, so it is the file's, not the clip's.
    yield f"* FROM CLIP NAME: {_file_name(clip.media)}"
    yield f"* FROM FILE: {clip.media.run}"
    said = [("clip", clip.name), ("colour_space", clip.media.colour_space.value), ("bin", clip.bin)]
    if clip.proxy is not None:
        said.append(("proxy", clip.proxy.file))
    if reel != clip.media.reel:
        said.append(("reel", clip.media.reel))
    for key, value in (*said, *clip.metadata.items()):
        yield f"* COMMENT: {one_line(f'{key}: {value}')[:_MAX_COMMENT]}"


def _locators(item: Clip | Gap, record: int, timeline: Timeline) -> Iterator[str]:
    """Markers by record timecode, under the event they fall in; others have no place in an EDL."""
    if isinstance(item, Clip):
        for marker in item.markers:
            if item.source_start_frame <= marker.frame < item.source_end_frame:
                yield _locator(marker, timeline.start + (record + marker.frame - item.source_start_frame))
    for marker in timeline.markers:
        if record <= marker.frame < record + item.frame_count:
            yield _locator(marker, timeline.start + marker.frame)


def _locator(marker: Marker, at: Timecode) -> str:
    words = one_line(f"{marker.name} {marker.note}")[:_MAX_COMMENT]
    return f"* LOC: {at} {marker.colour.value.upper():<7} {words}".rstrip()


def _file_name(media: MediaReference) -> str:
    return media.run.rpartition("/")[2]


def _short_reel(reel: str, *, taken: frozenset[str]) -> str:
    clean = re.sub(r"[^A-Za-z0-9_]", "_", reel) or "REEL"
    short, ordinal = clean[:_REEL_LENGTH], 1
    while short.upper() in {name.upper() for name in taken}:
        ordinal += 1
        short = f"{clean[: _REEL_LENGTH - len(str(ordinal))]}{ordinal}"
    return short
