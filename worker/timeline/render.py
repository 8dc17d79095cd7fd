"""The one door: a timeline and a format in, the file's bytes out."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from worker.timeline import aaf, after_effects, cmx3600, fcp7xml, fcpxml, nuke, otio_json
from worker.timeline.model import Timeline


class TimelineFormat(StrEnum):
    """The timeline files we write, by the API's names."""

    OTIO = "otio"
    FCP7XML = "fcp7xml"
    FCPXML = "fcpxml"
    EDL = "edl"
    AAF = "aaf"
    NUKE = "nuke"
    AFTER_EFFECTS = "after-effects"

    @property
    def suffix(self) -> str:
        """The file name's end that hosts choose their reader by."""
        match self:
            case TimelineFormat.FCP7XML:
                return ".xml"
            case TimelineFormat.NUKE:
                return ".nk"
            case TimelineFormat.AFTER_EFFECTS:
                return ".jsx"
            case _:
                return f".{self.value}"


_WRITERS: Final[Mapping[TimelineFormat, Callable[[Timeline], bytes]]] = {
    TimelineFormat.OTIO: otio_json.write,
    TimelineFormat.FCP7XML: fcp7xml.write,
    TimelineFormat.FCPXML: fcpxml.write,
    TimelineFormat.EDL: cmx3600.write,
    TimelineFormat.AAF: aaf.write,
    TimelineFormat.NUKE: nuke.write,
    TimelineFormat.AFTER_EFFECTS: after_effects.write,
}


def render(timeline: Timeline, fmt: TimelineFormat) -> bytes:
    """The timeline as a file of that format; `UnwritableTimelineError` when the format cannot carry it."""
    return _WRITERS[fmt](timeline)
