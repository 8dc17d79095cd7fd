"""An After Effects script: what the timeline is made of, as a literal in front of a fixed program.

ExtendScript is ECMAScript 3 without JSON. The literal is plain ASCII, so that a prompt can neither end a
string nor begin a comment; the program is `after_effects.jsx` beside this module.
"""

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any, Final

from plugin_backend.domain.sequence import ColourSpace
from worker.timeline.model import (
    Clip,
    Marker,
    MediaKind,
    MediaReference,
    Timeline,
    UnwritableTimelineError,
)
from worker.timeline.text import legible

MAX_RATE: Final = 99
_COMMENT_BYTES: Final = 15_000  # After Effects refuses a comment of 16,000
_DISPLAY_DEPTH: Final = 16
_LIGHT_DEPTH: Final = 32
_DISPLAY_SDR: Final = frozenset({ColourSpace.REC709, ColourSpace.P3_D65})


def write(timeline: Timeline) -> bytes:
    """The script; to be run where the files lie."""
    if timeline.sequence.frame_rate.nominal > MAX_RATE:
        raise UnwritableTimelineError(f"After Effects counts at most {MAX_RATE} frames a second.")
    program = files(__package__).joinpath("after_effects.jsx").read_text()
    return program.replace("__BUNDLE__", json.dumps(_bundle(timeline), indent=4)).encode()


def _bundle(timeline: Timeline) -> dict[str, Any]:
    uses = _uses(timeline)
    names = [media.file for media in uses]
    places = {media: index for index, media in enumerate(uses)}
    rate, first = timeline.sequence.frame_rate.fraction, next(iter(uses.values()))
    return {
        "name": legible(timeline.name),
        "tag": f"plugin-backend {legible(first.metadata.get('delivery_id', timeline.name))}",
        "folder": [legible(part) for part in first.bin.split("/") if part],
        "width": timeline.sequence.width,
        "height": timeline.sequence.height,
        "rate": [rate.numerator, rate.denominator],
        "frames": timeline.frame_count,
        "start": timeline.start.frames,
        "timecode": str(timeline.start),
        "drop": timeline.start.drop,
        "depth": max(_depth(media) for media in uses),
        "footage": [
            _footage(media, clip, is_alone=names.count(media.file) == 1) for media, clip in uses.items()
        ],
        "layers": [
            layer for record, clip in timeline.placed_clips() for layer in _layers(record, clip, places)
        ],
        "markers": _markers(timeline.markers),
    }


def _uses(timeline: Timeline) -> dict[MediaReference, Clip]:
    """Each file that is seen or heard, with the first clip that does."""
    uses: dict[MediaReference, Clip] = {}
    for _, clip in timeline.placed_clips():
        uses.setdefault(clip.media, clip)
        uses.setdefault(clip.audible or clip.media, clip)
    return uses


def _footage(media: MediaReference, clip: Clip, *, is_alone: bool) -> dict[str, Any]:
    """One frame is a still; a run among others of the same numbering says which of its images it means."""
    is_sequence = media.kind is MediaKind.IMAGE_SEQUENCE and media.frame_count > 1
    said = {"colour_space": media.colour_space.value, "reel": media.reel, **clip.metadata}
    return {
        "name": legible(f"{clip.name} {media.first_file.rpartition('/')[2]}"),
        "file": media.first_file,
        "sequence": is_sequence,
        "images": None if is_alone or not is_sequence else [media.first_image, media.last_image],
        "proxy": clip.proxy.file if clip.proxy is not None and media is clip.media else None,
        "comment": _comment(said),
    }


def _comment(said: Mapping[str, str]) -> str:
    text = legible("\n".join(f"{key}: {value}" for key, value in said.items()))
    return text.encode()[:_COMMENT_BYTES].decode(errors="ignore")


def _layers(record: int, clip: Clip, places: dict[MediaReference, int]) -> list[dict[str, Any]]:
    """The picture's; sound that another file has gets one of its own."""
    cut = {"record": record, "source": clip.source_start_frame, "frames": clip.frame_count}
    name = legible(clip.name)
    seen = {
        **cut,
        "footage": places[clip.media],
        "name": name,
        "soundOnly": False,
        "markers": _markers(clip.markers),
    }
    if clip.audible is None or clip.audible is clip.media:
        return [seen]
    return [
        {**seen, "footage": places[clip.audible], "name": f"{name} sound", "soundOnly": True, "markers": []},
        seen,
    ]


def _markers(markers: Iterable[Marker]) -> list[dict[str, Any]]:
    """One a frame: a second on the same frame would take the first one's place."""
    frames: dict[int, list[Marker]] = {}
    for marker in markers:
        frames.setdefault(marker.frame, []).append(marker)
    return [
        {
            "frame": frame,
            "frames": max(marker.frame_count for marker in together),
            "text": legible(
                "\n".join(f"{each.name}: {each.note}" if each.note else each.name for each in together)
            ),
        }
        for frame, together in frames.items()
    ]


def _depth(media: MediaReference) -> int:
    """Bits per channel of a project that holds all of it."""
    return _DISPLAY_DEPTH if media.colour_space in _DISPLAY_SDR else _LIGHT_DEPTH
