"""A Nuke script: a Read for each file with its colour, range and timecode, in a project like the sequence.

It is read as TCL, labels even more than once. So nothing that a person typed stands in a knob as it is: what
a compositor sees has look-alikes for TCL's own characters, and the words themselves are comments, as JSON.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final

from plugin_backend.domain.sequence import ColourSpace
from worker.timeline.model import Clip, MediaKind, MediaReference, Timeline
from worker.timeline.text import legible, one_line

# Nuke has carried this configuration since version 14; the names are the ACES configurations' own.
_CONFIG: Final = "fn-nuke_studio-config-v1.0.0_aces-v1.3_ocio-v2.1"
COLOUR_NAMES: Final[Mapping[ColourSpace, str]] = {
    ColourSpace.REC709: "Rec.1886 Rec.709 - Display",
    ColourSpace.P3_D65: "P3-D65 - Display",
    ColourSpace.REC2100_PQ: "Rec.2100-PQ - Display",
    ColourSpace.REC2100_HLG: "Rec.2100-HLG - Display",
    ColourSpace.ACESCG: "ACEScg",
    ColourSpace.ACES2065_1: "ACES2065-1",
}
_LOOK_ALIKES: Final = str.maketrans('[]{}$\\"<>', "()()\uff04/'\u2039\u203a")
_TCL: Final = re.compile(r'[\[\]{}$\\"]')
_COLUMN: Final = 160  # between nodes side by side


def write(timeline: Timeline) -> bytes:
    """The script; its frames are those of the media's timecode, as the numbers of our EXR frames are."""
    return "".join(f"{line}\n" for line in _lines(timeline)).encode()


def _lines(timeline: Timeline) -> Iterator[str]:
    yield "#! nuke"
    yield from _comments({"timeline": timeline.name})
    yield from _node("Root", _root(timeline))
    names, column = _Names(), 0
    read: set[MediaReference] = set()
    for _, clip in timeline.placed_clips():
        yield from _comments({"clip": clip.name, "bin": clip.bin, **clip.metadata})
        for form in clip.forms:
            if form in read:
                continue
            read.add(form)
            yield from _node("Read", _read(form, name=names.take(_stem(form)), column=column))
            if not form.start_timecode.drop:
                yield from _node("AddTimeCode", _timecode(form, name=names.take("Timecode"), column=column))
            column += 1
        yield from _node("StickyNote", _note(clip, name=names.take("Note"), column=column))
        column += 1


def _root(timeline: Timeline) -> dict[str, str]:
    media = [form for _, clip in timeline.placed_clips() for form in clip.forms]
    rate, size = timeline.sequence.frame_rate, timeline.sequence
    return {
        "inputs": "0",
        "project_directory": r'"\[python \{nuke.script_directory()\}]"',  # files lie beside the script
        "first_frame": str(min(each.position for each in media)),
        "last_frame": str(max(_last(each) for each in media)),
        "lock_range": "true",
        "fps": f"{float(rate.fraction):.12g}",
        "format": _quoted(f"{size.width} {size.height} 0 0 {size.width} {size.height} 1 sequence"),
        "colorManagement": "OCIO",
        "OCIO_config": _CONFIG,
    }


def _read(media: MediaReference, *, name: str, column: int) -> dict[str, str]:
    first = 1 if media.kind is MediaKind.MOVIE else media.first_image
    last = first + media.frame_count - 1
    start = media.position
    knobs = {
        "inputs": "0",
        "file": media.file,
        "format": _quoted(f"{media.width} {media.height} 0 0 {media.width} {media.height} 1 {name}"),
        "first": str(first),
        "last": str(last),
        "origfirst": str(first),
        "origlast": str(last),
        "origset": "true",
        "colorspace": _quoted(COLOUR_NAMES[media.colour_space]),
        "name": name,
        "label": _quoted(f"{_shown(media.reel)}\\n{media.start_timecode} at {media.frame_rate}"),
        "xpos": str(column * _COLUMN),
        "ypos": "0",
    }
    if first != start:  # a movie counts from 1: moved to where its timecode says
        knobs |= {"frame_mode": '"start at"', "frame": str(start)}
    return knobs


def _timecode(media: MediaReference, *, name: str, column: int) -> dict[str, str]:
    """Of each frame; the node knows no drop-frame, which the files then say alone."""
    return {
        "startcode": str(media.start_timecode),
        "metafps": "false",
        "fps": str(media.frame_rate.nominal),
        "useFrame": "true",
        "frame": str(media.position),
        "name": name,
        "xpos": str(column * _COLUMN),
        "ypos": "90",
    }


def _note(clip: Clip, *, name: str, column: int) -> dict[str, str]:
    """What was asked for and what was noted, at the frames of this script."""
    start = clip.media.position
    first = start + clip.source_start_frame
    shot = f"{first} to {first + clip.frame_count - 1}"
    said = [f"{clip.name}: frames {shot}, handles {clip.handles}"]
    said += [f"{key}: {value}" for key, value in clip.metadata.items()]
    said += [f"{start + marker.frame} {marker.name}: {marker.note}" for marker in clip.markers]
    label = "\\n".join(_shown(each) for each in said)
    return {
        "inputs": "0",
        "name": name,
        "label": _quoted(label),
        "xpos": str(column * _COLUMN),
        "ypos": "0",
    }


def _last(media: MediaReference) -> int:
    return media.position + media.frame_count - 1


def _node(kind: str, knobs: Mapping[str, str]) -> Iterator[str]:
    yield f"{kind} {{"
    yield from (f" {knob} {value}" for knob, value in knobs.items())
    yield "}"


def _comments(said: Mapping[str, str]) -> Iterator[str]:
    for key, value in said.items():
        text = json.dumps(legible(value), ensure_ascii=False)
        inert = text[:1] + _escaped(text[1:-1]) + text[-1:]
        yield f"# {one_line(key)}: {_no_line_ends(inert)}"


def _escaped(text: str) -> str:
    """JSON's text with TCL's characters as escapes too; those of JSON's own escapes stay as they are."""
    return re.sub(r"\\.|[\[\]{}$]", lambda found: found[0] if len(found[0]) > 1 else _unicode(found[0]), text)


def _no_line_ends(text: str) -> str:
    return re.sub("[\u0085\u2028\u2029]", lambda found: _unicode(found[0]), text)


def _unicode(character: str) -> str:
    return f"\\u{ord(character):04x}"


def _quoted(text: str) -> str:
    """A word of TCL, of text that holds none of its characters but our own line ends."""
    assert not _TCL.search(text.replace("\\n", "")), text
    return f'"{text}"'


def _shown(text: str) -> str:
    return one_line(text).translate(_LOOK_ALIKES)


def _stem(media: MediaReference) -> str:
    return re.sub(r"\W", "_", media.file.rpartition("/")[2].split(".")[0], flags=re.ASCII)


class _Names:
    """Each node's own name."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, wanted: str) -> str:
        name, ordinal = wanted, 1
        while name in self._taken:
            ordinal += 1
            name = f"{wanted}_{ordinal}"
        self._taken.add(name)
        return name
