"""What an editor's program is told beside the media: the clip's facts, and the timeline files."""

import hashlib
from collections.abc import Sequence
from typing import Any

from plugin_backend.domain.annotations import AnnotationTarget
from plugin_backend.domain.brief import GenerationRequest
from plugin_backend.domain.conform_plan import ConformPlan
from plugin_backend.domain.delivery import TimelineFile
from plugin_backend.domain.sequence import ColourSpace, frames_for
from plugin_backend.files.media_types import media_type_of
from plugin_backend.files.storage import Storage
from plugin_backend.services.conforming import DeliveryInHand
from worker.timeline.model import Clip, Marker, MediaKind, MediaReference, Timeline
from worker.timeline.render import TimelineFormat, render

_FORMATS = {
    TimelineFile.OTIO: TimelineFormat.OTIO,
    TimelineFile.FCP7XML: TimelineFormat.FCP7XML,
    TimelineFile.FCPXML: TimelineFormat.FCPXML,
    TimelineFile.EDL: TimelineFormat.EDL,
}


def clip_facts(hand: DeliveryInHand, files: Sequence[dict[str, Any]], *, label: str) -> dict[str, Any]:
    """What a host is told of the clip: as the file holds it, never as it was asked for."""
    plan, master = _plan(hand), files[0]
    return {
        "name": plan.name_stem,
        "bin": _bin(hand),
        "frame_rate": str(plan.frame_rate),
        "frame_count": plan.frame_count,
        "start_timecode": str(plan.start_timecode),
        "reel": plan.reel,
        "colour": master["colour"],
        "hdr": None,
        "bit_depth": master["bit_depth"],
        "upscaled": plan.placement.upscaled,
        "expanded": plan.expanded,
        "source": label,
        "handles_frames": plan.sequence.handles_frames,
        "decisions": [
            {"about": each.about, "choice": each.choice, "reason": each.reason} for each in plan.decisions
        ],
    }


def timeline_files(
    storage: Storage, hand: DeliveryInHand, files: Sequence[dict[str, Any]], *, prefix: str
) -> list[dict[str, Any]]:
    """Write the asked timeline files beside the media; each as a file of the delivery."""
    timeline = _timeline(hand, files)
    made = []
    for asked in hand.request.timelines:
        form = _FORMATS[asked]
        data = render(timeline, form)
        name = f"{timeline.name}{form.suffix}"
        storage.put_bytes(f"{prefix}/{name}", data)
        made.append(
            {
                "role": "timeline",
                "name": name,
                "key": f"{prefix}/{name}",
                "media_type": media_type_of(name),
                "bytes": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
            }
        )
    return made


def _timeline(hand: DeliveryInHand, files: Sequence[dict[str, Any]]) -> Timeline:
    plan = _plan(hand)
    references = [
        _reference(plan, file) for file in files if file["role"] in ("master", "proxy") and "colour" in file
    ]
    movies = [each for each in references if each.kind is MediaKind.MOVIE]
    master = references[0]
    alternate = movies[0] if master.kind is MediaKind.IMAGE_SEQUENCE and movies else None
    handles = plan.sequence.handles_frames
    clip = Clip(
        name=plan.name_stem,
        media=master,
        alternate=alternate,
        source_start_frame=handles,
        frame_count=plan.frame_count - 2 * handles,
        handles=handles,
        bin=_bin(hand),
        markers=_markers(hand, plan),
        metadata=_metadata(hand),
    )
    return Timeline(name=plan.name_stem, sequence=plan.sequence, clips=(clip,))


def _reference(plan: ConformPlan, file: dict[str, Any]) -> MediaReference:
    is_movie = "sequence" not in file
    return MediaReference(
        file=file["name"] if is_movie else file["sequence"]["pattern"],
        kind=MediaKind.MOVIE if is_movie else MediaKind.IMAGE_SEQUENCE,
        width=file["width"],
        height=file["height"],
        start_timecode=plan.start_timecode,
        frame_count=plan.frame_count,
        colour_space=plan.sequence.colour_space if is_movie else ColourSpace.ACES2065_1,
        reel=plan.reel,
        first_image=0 if is_movie else file["sequence"]["first"],
    )


def _markers(hand: DeliveryInHand, plan: ConformPlan) -> tuple[Marker, ...]:
    """The drawn marks, at the frames they speak of."""
    brief = GenerationRequest.from_json(hand.generation.request).brief
    markers = []
    for mark in brief.annotations:
        start = frames_for(mark.from_seconds, plan.frame_rate)
        until = brief.duration_seconds if mark.to_seconds is None else mark.to_seconds
        length = max(1, frames_for(until, plan.frame_rate) - start)
        if start < plan.frame_count:
            about = "camera" if mark.target is AnnotationTarget.CAMERA else mark.target.value
            count = min(length, plan.frame_count - start)
            markers.append(
                Marker(name=f"{mark.tool} {about}", frame=start, frame_count=count, note=mark.note)
            )
    return tuple(markers)


def _metadata(hand: DeliveryInHand) -> dict[str, str]:
    return {
        "generation_id": hand.generation.id,
        "take_id": hand.take.id,
        "delivery_id": hand.delivery.id,
        "model": hand.generation.model,
        "generator": (hand.take.facts or {})["label"],
        "prompt": hand.generation.request["brief"]["prompt"],
        "seed": str(hand.take.seed),
    }


def _plan(hand: DeliveryInHand) -> ConformPlan:
    return ConformPlan.from_json((hand.delivery.plan or {})["plan"])


def _bin(hand: DeliveryInHand) -> str:
    return f"AI takes/{hand.generation.label}" if hand.generation.label else "AI takes"
