"""AAF for Avid Media Composer, Premiere and Resolve: a composition that points at the files beside it.

Equal timelines give equal files: nothing here is random or says when it was written.
"""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import aaf2
from aaf2.auid import AUID

from worker.timeline.aaf_mobs import Mobs, identity, rate_of, stored
from worker.timeline.model import Clip, Gap, Marker, Timeline
from worker.timeline.text import one_line

_NO_TIME: Final = datetime(1980, 1, 1)  # noqa: DTZ001 - the format has no time zones; as our zips, from their first day
# Apart from the numbers of the master clips' tracks: who mixes them up would hang markers on the wrong one.
_TIMECODE_SLOT: Final = 100
_PICTURE_SLOT: Final = 101
_MARKER_SLOT: Final = 1000
_FULL: Final = 65_535
_RGB: Final = {
    "red": (1, 0, 0),
    "green": (0, 1, 0),
    "blue": (0, 0, 1),
    "cyan": (0, 1, 1),
    "magenta": (1, 0, 1),
    "yellow": (1, 1, 0),
    "white": (1, 1, 1),
    "black": (0, 0, 0),
}


def write(timeline: Timeline) -> bytes:
    """The file; no media is inside, each file is found by its name, reel and timecode."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "timeline.aaf"
        with aaf2.open(str(path), "w") as file:
            _compose(file, timeline)
            _sign_off(file, timeline)
        return path.read_bytes()


def _compose(file: Any, timeline: Timeline) -> None:
    mobs = Mobs(file)
    composition = file.create.CompositionMob(stored(timeline.name))
    composition.mob_id = identity("composition", timeline.name, *_marks_of_origin(timeline))
    composition.usage = "Usage_TopLevel"
    file.content.mobs.append(composition)
    _timecode(file, composition, timeline)
    for channel in range(timeline.channels + 1):
        kind = "sound" if channel else "picture"
        slot = composition.create_empty_sequence_slot(
            rate_of(timeline.start.rate), slot_id=_PICTURE_SLOT + channel, media_kind=kind
        )
        slot.name, slot["PhysicalTrackNumber"].value = f"A{channel}" if channel else "V1", max(1, channel)
        _fill(slot, timeline, create=file.create, mobs=mobs, channel=channel)
    _mark(file, composition, timeline)


def _marks_of_origin(timeline: Timeline) -> Iterator[str]:
    for _, clip in timeline.placed_clips():
        yield clip.metadata.get("delivery_id", clip.name)


def _timecode(file: Any, composition: Any, timeline: Timeline) -> None:
    start = timeline.start
    slot = composition.create_timeline_slot(rate_of(start.rate), slot_id=_TIMECODE_SLOT)
    slot.name, slot["PhysicalTrackNumber"].value = "TC", 1
    slot.segment = file.create.Timecode(start.rate.nominal, drop=start.drop, length=timeline.frame_count)
    slot.segment.start = start.frames


def _fill(slot: Any, timeline: Timeline, *, create: Any, mobs: Mobs, channel: int) -> None:
    components, kind = slot.segment.components, "sound" if channel else "picture"
    for item in timeline.clips:
        source = None if isinstance(item, Gap) else mobs.source(item, channel=channel)
        if isinstance(item, Gap) or source is None:
            components.append(create.Filler(kind, item.frame_count))
            continue
        master, slot_id = source
        components.append(
            master.create_source_clip(
                slot_id=slot_id, start=item.source_start_frame, length=item.frame_count, media_kind=kind
            )
        )
    slot.segment.length = timeline.frame_count


def _mark(file: Any, composition: Any, timeline: Timeline) -> None:
    """Markers lie on a slot of their own and name the track they speak of."""
    marks = sorted(_recorded(timeline), key=lambda each: each[0])
    if not marks:
        return
    slot = file.create.EventMobSlot()
    slot.slot_id, slot.name = _MARKER_SLOT, "Markers"
    slot["EditRate"].value = rate_of(timeline.start.rate)
    slot["PhysicalTrackNumber"].value = 1
    events = file.create.Sequence(media_kind="DescriptiveMetadata")
    for at, marker in marks:
        event = file.create.DescriptiveMarker()
        event.media_kind = "DescriptiveMetadata"
        event["Position"].value, event["Length"].value = at, marker.frame_count
        words = f"{marker.name}: {marker.note}" if marker.note else marker.name
        event["Comment"].value = stored(one_line(words))
        event["DescribedSlots"].value = {_PICTURE_SLOT}
        levels = zip(("red", "green", "blue"), _RGB[marker.colour.value], strict=True)
        event["CommentMarkerColor"].value = {name: level * _FULL for name, level in levels}
        events.components.append(event)
    slot.segment = events
    composition.slots.append(slot)


def _recorded(timeline: Timeline) -> Iterator[tuple[int, Marker]]:
    """Every marker that the cut shows, with its record frame."""
    for record, item in timeline.placed():
        if isinstance(item, Clip):
            for marker in item.markers:
                if item.source_start_frame <= marker.frame < item.source_end_frame:
                    yield record + marker.frame - item.source_start_frame, marker
    for marker in timeline.markers:
        if marker.frame < timeline.frame_count:
            yield marker.frame, marker


def _sign_off(file: Any, timeline: Timeline) -> None:
    """Put what the library fills with chance and the hour."""
    for mob in file.content.mobs:
        mob["CreationTime"].value = mob["LastModified"].value = _NO_TIME
    file.header["LastModified"].value = _NO_TIME
    (writer,) = file.header["IdentificationList"].value
    writer["CompanyName"].value = writer["ProductName"].value = "plugin-backend"
    writer["ProductVersionString"].value = "1"
    writer["Platform"].value = "any"
    writer["Date"].value = _NO_TIME
    material = identity("writing", timeline.name, *_marks_of_origin(timeline)).material
    writer["GenerationAUID"].value = AUID(str(material))
