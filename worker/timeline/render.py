"""The one door: a timeline and a format in, the file's bytes out."""

from enum import StrEnum
from typing import assert_never

from worker.timeline import cmx3600, fcp7xml, fcpxml, otio_json
from worker.timeline.model import Timeline


class TimelineFormat(StrEnum):
    """The timeline files we write, by the API's names."""

    OTIO = "otio"
    FCP7XML = "fcp7xml"
    FCPXML = "fcpxml"
    EDL = "edl"

    @property
    def suffix(self) -> str:
        """The file name's end that hosts choose their reader by."""
        return ".xml" if self is TimelineFormat.FCP7XML else f".{self.value}"

    @property
    def media_type(self) -> str:
        """What a download says it is."""
        match self:
            case TimelineFormat.OTIO:
                return "application/json"
            case TimelineFormat.FCP7XML | TimelineFormat.FCPXML:
                return "application/xml"
            case TimelineFormat.EDL:
                return "text/plain; charset=utf-8"
            case _:
                assert_never(self)


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
        case _:
            assert_never(fmt)
