"""The one door: a timeline and a format in, the file's bytes out."""

from enum import StrEnum
from typing import assert_never

from worker.timeline import after_effects, cmx3600, fcp7xml, fcpxml, nuke, otio_json
from worker.timeline.model import Timeline


class TimelineFormat(StrEnum):
    """The timeline files we write, by the API's names."""

    OTIO = "otio"
    FCP7XML = "fcp7xml"
    FCPXML = "fcpxml"
    EDL = "edl"
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


def render(timeline: Timeline, fmt: TimelineFormat) -> bytes:
    """The timeline as a file of that format; `UnwritableTimelineError` when the format cannot carry it."""
    match fmt:
        case TimelineFormat.OTIO:
            return otio_json.write(timeline)
        case TimelineFormat.FCP7XML:
            return fcp7xml.write(timeline)
        case TimelineFormat.FCPXML:
            return fcpxml.write(timeline)
        case TimelineFormat.EDL:
            return cmx3600.write(timeline)
        case TimelineFormat.NUKE:
            return nuke.write(timeline)
        case TimelineFormat.AFTER_EFFECTS:
            return after_effects.write(timeline)
        case _:
            assert_never(fmt)
