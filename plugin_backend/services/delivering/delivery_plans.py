"""The conform plan of a delivery, made when it is asked for: what cannot be met is refused at once."""

import re
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from plugin_backend.db.rows import DeliveryRow, GenerationRow, TakeRow
from plugin_backend.domain.brief import GenerationRequest
from plugin_backend.domain.delivering.conform import own_sequence, plan_conform
from plugin_backend.domain.delivering.conform_plan import (
    ConformPlan,
    OutputRole,
    OutputSpec,
    SourceFacts,
)
from plugin_backend.domain.delivering.cut_plan import parts_of
from plugin_backend.domain.delivering.delivery import DeliveryRequest, Host, validate_delivery
from plugin_backend.domain.delivering.delivery_formats import DELIVERY_FORMATS, HDR_SPACES, DeliveryFormat
from plugin_backend.domain.delivering.parts import Part
from plugin_backend.domain.delivering.picture_size import picture_size
from plugin_backend.domain.delivering.placing import Fit
from plugin_backend.domain.delivering.plan_version import TAKE_VERSION
from plugin_backend.domain.errors import FieldProblem, ValidationFailedError
from plugin_backend.domain.sequence import ColourSpace, FrameRate, Sequence, frames_for
from plugin_backend.services.delivering.media_room import check_conform
from plugin_backend.services.delivering.naming import Named
from plugin_backend.services.house import House

_NATIVE_RATE: Final = "24"


def plan_of(
    wanted: DeliveryRequest,
    generation: GenerationRow,
    take: TakeRow,
    *,
    prefix: str,
    sound: Mapping[str, Any] | None = None,
    named: Named | None = None,
) -> Mapping[str, Any]:
    """The arguments of the conform operations, whose files lie below `prefix`.

    ValidationFailedError names what cannot be met.
    """
    facts, source = take.facts or {}, take.source or {}
    stem = name_stem(generation, take) if named is None else named.stem
    plan = _plan(wanted, _found(take), name_stem=stem)
    return {
        "version": TAKE_VERSION,
        "plan": plan.to_json(),
        "source": dict(source),
        "prefix": prefix,
        "sound": sound,
        "metadata": {
            "generation_id": generation.id,
            "take_id": take.id,
            "generator": facts["label"],
        },
        **({} if named is None else {"bin": named.bin}),
    }


def own_sequence_of(take: TakeRow) -> Sequence:
    """A sequence of the take's own shape."""
    return own_sequence(_found(take))


def _found(take: TakeRow) -> SourceFacts:
    facts, source = take.facts or {}, take.source or {}
    return SourceFacts(
        frame_rate=Fraction(facts["frame_rate"]),
        frame_count=facts["frame_count"],
        width=facts["width"],
        height=facts["height"],
        space=ColourSpace(source["colour_space"]),
    )


def planned(delivery: DeliveryRow) -> tuple[ConformPlan, ...]:
    """The conform plans that a delivery's row holds: one for each of its takes."""
    assert delivery.plan is not None
    return tuple(ConformPlan.from_json(part["plan"]) for part in parts_of(delivery.plan))


def check_room(house: House, delivery: DeliveryRow) -> None:
    """Refuse a delivery of which some part does not fit into the media processes here."""
    for plan in planned(delivery):
        check_conform(plan, bound_mb=house.media_memory_mb)


def check_deliver_to(asked: GenerationRequest, *, memory_mb: int) -> None:
    """Refuse a `deliver_to` that the finished take could not be delivered as, here."""
    if asked.deliver_to is None:
        return
    brief = asked.brief
    rate = FrameRate.parse(_NATIVE_RATE) if asked.sequence is None else asked.sequence.frame_rate
    width, height = picture_size(brief.resolution, brief.aspect_ratio)
    count = max(1, frames_for(brief.duration_seconds, rate))
    source = SourceFacts(frame_rate=rate.fraction, frame_count=count, width=width, height=height)
    try:
        plan = _plan(delivery_request(asked), source, name_stem="shot")
        check_conform(plan, bound_mb=memory_mb)
    except ValidationFailedError as refusal:
        raise ValidationFailedError([_in_generation(problem) for problem in refusal.problems]) from refusal


def _in_generation(problem: FieldProblem) -> FieldProblem:
    """Where the field stands in a request for a generation: the sequence beside `deliver_to`, not in it."""
    if problem.pointer.startswith("/sequence"):
        return problem
    return replace(problem, pointer=f"/deliver_to{problem.pointer}")


def delivery_request(asked: GenerationRequest) -> DeliveryRequest:
    """What a generation's `deliver_to` means as a delivery."""
    assert asked.deliver_to is not None
    return replace(asked.deliver_to, sequence=asked.sequence)


def with_sequence(wanted: DeliveryRequest, source: SourceFacts) -> Sequence:
    """The sequence asked for, else one of the take's own shape."""
    return wanted.sequence or own_sequence(source)


def name_stem(generation: GenerationRow, take: TakeRow) -> str:
    """The shot's name: the same for a draft and the master made of it, so that one replaces the other."""
    label = re.sub(r"[^A-Za-z0-9]+", "_", generation.label or "").strip("_")[:40]
    origin = generation.from_take_id or take.id
    return f"{label or 'shot'}_{origin.rpartition('_')[2][-8:]}"


def _plan(wanted: DeliveryRequest, source: SourceFacts, *, name_stem: str) -> ConformPlan:
    sequence, part = with_sequence(wanted, source), wanted.part
    if part == Part() and wanted.host is Host.PHOTOSHOP and DELIVERY_FORMATS[wanted.format].is_still:
        sequence, part = _middle(sequence, source)
    validate_delivery(wanted, duration=source.duration, sequence=sequence)
    return plan_conform(
        source,
        sequence,
        _outputs(wanted, sequence),
        name_stem=name_stem,
        fit=Fit.FILL if wanted.shapes else wanted.fit,
        position=wanted.position,
        retime=wanted.retime,
        part=part,
    )


def _middle(sequence: Sequence, source: SourceFacts) -> tuple[Sequence, Part]:
    """Where somebody wants a picture and did not say which: the one in the middle, at its own timecode."""
    middle = frames_for(source.duration, sequence.frame_rate) // 2
    return replace(sequence, playhead=sequence.clip_start, handles_frames=0), Part(middle, middle)


def _outputs(wanted: DeliveryRequest, sequence: Sequence) -> tuple[OutputSpec, ...]:
    """Frames come with a movie beside them, as some programs read nothing else; an HDR movie with its trim.

    Shapes come alone: they are for publishing, not for cutting with.
    """
    facts = DELIVERY_FORMATS[wanted.format]
    if wanted.shapes is not None:
        return tuple(OutputSpec(OutputRole.MASTER, wanted.format, shape=shape) for shape in wanted.shapes)
    master = OutputSpec(OutputRole.MASTER, wanted.format, wanted.exr_profile)
    is_trim = facts.is_movie and facts.colour_in(sequence.colour_space) in HDR_SPACES
    if wanted.is_pictures or (wanted.proxy is False and not is_trim):
        return (master,)
    return (master, OutputSpec(OutputRole.PROXY, DeliveryFormat.H264))
