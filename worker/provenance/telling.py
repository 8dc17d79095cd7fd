"""What a delivery's credentials will say, put together from its rows."""

from collections.abc import Iterator
from datetime import UTC
from typing import Any, Final

from plugin_backend.db.rows import GenerationRow, TakeRow
from plugin_backend.db.terms import TermsByModel
from plugin_backend.domain.delivering.conform_plan import ConformPlan, PlannedOutput
from plugin_backend.domain.delivering.delivery_formats import SDR_SPACES
from plugin_backend.services.delivering.conforming import DeliveredTake
from plugin_backend.services.house import House
from plugin_backend.services.making.lineage import lineage_of, terms_when_asked
from plugin_backend.services.reviewing import approvals
from plugin_backend.signing import Credential
from worker.provenance.claims import Statement, TakeClaim, told_as

_PROCEDURES: Final = frozenset({"animatic"})
"""Providers that draw by rule; every other is a learned model."""


def provenance_of(house: House, part: DeliveredTake, credential: Credential | None) -> dict[str, Any] | None:
    """The `provenance` argument of the operation that finishes a take's files; None where nobody signs."""
    if credential is None:
        return None
    lineage, plan = lineage_of(house, part.take, part.generation), part.plan
    terms = terms_when_asked(house, [generation.id for _, generation in lineage])
    statement = Statement(
        delivery_id=part.delivery.id,
        host=part.delivery.host,
        lineage=tuple(
            _claim(house, take, generation, terms.get(generation.id, {})) for take, generation in lineage
        ),
        done=(f"A still of the frame at {plan.timecode(plan.poster_frame)}.",),
        deeds=deeds(plan),
    )
    return {"credential": credential.to_json(), "statement": statement.to_json()}


def deeds(plan: ConformPlan) -> dict[str, tuple[str, ...]]:
    """What the delivery does to the take, a sentence each, by the name that `claims.told_as` gives a file."""
    return {told_as(_a_name(plan, output)): tuple(_done(plan, output)) for output in plan.outputs}


def _a_name(plan: ConformPlan, output: PlannedOutput) -> str:
    return output.name if output.is_movie else output.frame_name(plan.frame_number(0))


def _done(plan: ConformPlan, output: PlannedOutput) -> Iterator[str]:
    size = f"{output.width} by {output.height} pixels"
    yield f"Conformed to {size} at {plan.frame_rate} frames a second: {_runs(plan.shown_by(output))}."
    if output.shape is not None:
        yield f"Cut to {output.shape}: {size}."
    if _is_enlarged(plan, output):
        yield f"Enlarged from {plan.source.width} by {plan.source.height} pixels."
    if plan.source.space in SDR_SPACES and output.colour_space not in SDR_SPACES:
        yield "Its range of light was expanded: the take was made for an ordinary display."


def _runs(plan: ConformPlan) -> str:
    if len(plan.runs) == 1:
        frames = "1 frame" if plan.frame_count == 1 else f"{plan.frame_count} frames"
        return f"{frames} from {plan.start_timecode}"
    runs = (f"{run.count} from {plan.of_run(number).start_timecode}" for number, run in enumerate(plan.runs))
    return f"{plan.frame_count} frames in {len(plan.runs)} runs, {', '.join(runs)}"


def _is_enlarged(plan: ConformPlan, output: PlannedOutput) -> bool:
    """A proxy may be smaller than the take though the sequence's frame, where it was placed, is larger."""
    placement = plan.placement_of(output)
    frame = plan.sequence.width if output.placement is None else output.width
    return placement.upscaled and placement.width * output.width > plan.source.width * frame


def _claim(house: House, take: TakeRow, generation: GenerationRow, terms: TermsByModel) -> TakeClaim:
    provider = take.provider or generation.provider
    model = take.model or generation.model
    allowed = terms.get(model, {})
    files = {} if take.media_deleted_at else take.files or {}
    return TakeClaim(
        generation_id=generation.id,
        take_id=take.id,
        take_number=take.number,
        kind=str(generation.kind),
        model=model,
        provider=provider,
        generator=(take.facts or {}).get("label") or generation.model,
        is_trained=provider not in _PROCEDURES,
        seed=None if take.seed is None else str(take.seed),
        proxy_key=files.get("proxy", {}).get("key"),
        commercial_use=allowed.get("commercial_use"),
        terms_as_of=allowed.get("as_of"),
        terms_url=allowed.get("url"),
        approval=_approval(house, take),
    )


def _approval(house: House, take: TakeRow) -> dict[str, Any] | None:
    """Whoever it was, by their opaque id: names can be deleted, this cannot."""
    found = approvals.standing(house, take)
    if found is None:
        return None
    return {
        "status": found.status,
        "as": found.label,
        "at": f"{found.created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "by": found.owner_id,
    }
