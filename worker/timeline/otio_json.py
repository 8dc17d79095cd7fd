"""`.otio`: OpenTimelineIO's own document, for Resolve, Premiere 26 and every pipeline that reads it."""

from typing import Any, Final

import opentimelineio as otio

from plugin_backend.domain.sequence import FrameRate, Timecode
from worker.timeline.model import SAMPLE_RATE, Clip, Gap, Marker, MediaKind, MediaReference, Timeline
from worker.timeline.text import legible

NAMESPACE: Final = "plugin_backend"
ALTERNATE: Final = "ALTERNATE"
PROXY: Final = "PROXY"
_DEFAULT: Final = otio.schema.Clip.DEFAULT_MEDIA_KEY


def write(timeline: Timeline) -> bytes:
    """The document, as `Clip.2` with all forms of the media: what Resolve expects too."""
    text: str = document(timeline).to_json_string(indent=2)
    return f"{text}\n".encode()


def document(timeline: Timeline) -> Any:
    """The timeline in OpenTimelineIO's own objects: a track of picture and, where there is any, of sound."""
    written = otio.schema.Timeline(
        name=legible(timeline.name),
        global_start_time=_time(timeline.start.frames, timeline.start.rate),
        metadata={NAMESPACE: {**timeline.sequence.to_json(), "start_timecode": _timecode(timeline.start)}},
    )
    track = otio.schema.Track(name="V1", kind=otio.schema.TrackKind.Video)
    track.extend([_item(item, timeline) for item in timeline.clips])
    written.tracks.append(track)
    if timeline.channels:
        heard = otio.schema.Track(name="A1", kind=otio.schema.TrackKind.Audio)
        heard.extend([_heard(item, timeline) for item in timeline.clips])
        written.tracks.append(heard)
    # A stack's own time starts at 0, whatever the timecode: its markers count as ours do.
    written.tracks.markers.extend(
        _marker(marker, rate=timeline.start.rate, origin=0) for marker in timeline.markers
    )
    return written


def _heard(item: Clip | Gap, timeline: Timeline) -> Any:
    """The same stretch of the same clip, of the form that has the sound; silence is a gap."""
    rate = timeline.sequence.frame_rate
    if isinstance(item, Gap) or item.audible is None:
        return otio.schema.Gap(source_range=_range(0, item.frame_count, rate))
    return otio.schema.Clip(
        name=legible(item.name),
        source_range=_range(item.source_position, item.frame_count, rate),
        media_reference=_reference(item.audible, runs=timeline.runs),
    )


def _item(item: Clip | Gap, timeline: Timeline) -> Any:
    rate = timeline.sequence.frame_rate
    if isinstance(item, Gap):
        return otio.schema.Gap(source_range=_range(0, item.frame_count, rate))
    clip = otio.schema.Clip(
        name=legible(item.name),
        # In the media's own timecode: Resolve and OTIO both count from there, not from 0.
        source_range=_range(item.source_position, item.frame_count, rate),
        markers=[
            _marker(marker, rate=rate, origin=item.media.start_timecode.frames) for marker in item.markers
        ],
        metadata={
            NAMESPACE: {
                "bin": legible(item.bin),
                "handles_frames": item.handles,
                "metadata": {legible(key): legible(value) for key, value in item.metadata.items()},
            }
        },
    )
    forms = {_DEFAULT: item.media, ALTERNATE: item.alternate, PROXY: item.proxy}
    clip.set_media_references(
        {key: _reference(form, runs=timeline.runs) for key, form in forms.items() if form is not None},
        _DEFAULT,
    )
    return clip


def _reference(media: MediaReference, *, runs: bool) -> Any:
    shared = {
        "available_range": _range(media.start_timecode.frames, media.frame_count, media.frame_rate),
        "metadata": {NAMESPACE: _facts(media), "cmx_3600": {"reel": legible(media.reel)}},
    }
    # A plain relative name, without "./": the form Resolve finds beside the document.
    match media.kind:
        case MediaKind.MOVIE:
            reference = otio.schema.ExternalReference(target_url=media.file, **shared)
        case MediaKind.IMAGE_SEQUENCE if runs:
            reference = otio.schema.ExternalReference(target_url=media.run, **shared)
        case MediaKind.IMAGE_SEQUENCE:
            prefix, suffix = media.around_number
            folder, _, stem = prefix.rpartition("/")
            reference = otio.schema.ImageSequenceReference(
                target_url_base=folder,
                name_prefix=stem,
                name_suffix=suffix,
                start_frame=media.first_image,
                frame_zero_padding=media.digits,
                rate=float(media.frame_rate.fraction),
                **shared,
            )
    reference.name = media.file
    return reference


def _facts(media: MediaReference) -> dict[str, str | int]:
    sound = {} if media.sound is None else {"channels": media.sound.channels, "sample_rate": SAMPLE_RATE}
    return {
        **sound,
        "reel": legible(media.reel),
        "width": media.width,
        "height": media.height,
        "colour_space": media.colour_space.value,
        "frame_rate": str(media.frame_rate),
        "start_timecode": _timecode(media.start_timecode),
    }


def _marker(marker: Marker, *, rate: FrameRate, origin: int) -> Any:
    return otio.schema.Marker(
        name=legible(marker.name),
        marked_range=_range(origin + marker.frame, marker.frame_count, rate),
        color=marker.colour.value.upper(),
        comment=legible(marker.note),
    )


def _timecode(timecode: Timecode) -> str:
    # OTIO guesses drop-frame from the rate; the label with its ";" or ":" says it.
    return str(timecode)


def _time(frames: int, rate: FrameRate) -> Any:
    return otio.opentime.RationalTime(frames, float(rate.fraction))


def _range(start: int, count: int, rate: FrameRate) -> Any:
    return otio.opentime.TimeRange(_time(start, rate), _time(count, rate))
