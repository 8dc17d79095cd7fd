"""What a delivery's credentials will say, put together from its rows."""

from collections.abc import Iterator
from typing import Any, Final

from plugin_backend.db.rows import GenerationRow, TakeRow
from plugin_backend.domain.conform_plan import ConformPlan
from plugin_backend.services.conforming import DeliveryInHand
from plugin_backend.services.house import House
from plugin_backend.services.lineage import lineage_of
from plugin_backend.signing import Credential
from worker.provenance.claims import Statement, TakeClaim

_PROCEDURES: Final = frozenset({"animatic"})
"""Providers that draw by rule; every other is a learned model."""


def provenance_of(house: House, hand: DeliveryInHand, credential: Credential | None) -> dict[str, Any] | None:
    """The `provenance` argument of the operation that finishes a delivery; None where nobody signs."""
    if credential is None:
        return None
    lineage = lineage_of(house, hand.take, hand.generation)
    statement = Statement(
        delivery_id=hand.delivery.id,
        host=hand.delivery.host,
        lineage=tuple(_claim(take, generation) for take, generation in lineage),
        done=tuple(_done(ConformPlan.from_json((hand.delivery.plan or {})["plan"]))),
    )
    return {"credential": credential.to_json(), "statement": statement.to_json()}


def _done(plan: ConformPlan) -> Iterator[str]:
    sequence = plan.sequence
    size = f"{sequence.width} by {sequence.height}"
    yield (
        f"Conformed to {size} pixels at {plan.frame_rate} frames a second: "
        f"{plan.frame_count} frames from {plan.start_timecode}."
    )
    for output in plan.outputs:
        if output.shape is not None:
            yield f"Cut to {output.shape}: {output.width} by {output.height} pixels."
    if plan.upscaled:
        yield f"Enlarged from {plan.source.width} by {plan.source.height} pixels."
    if plan.expanded:
        yield "Its range of light was expanded: the take was made for an ordinary display."


def _claim(take: TakeRow, generation: GenerationRow) -> TakeClaim:
    provider = take.provider or generation.provider
    files = {} if take.media_deleted_at else take.files or {}
    return TakeClaim(
        generation_id=generation.id,
        take_id=take.id,
        take_number=take.number,
        kind=str(generation.kind),
        model=take.model or generation.model,
        provider=provider,
        generator=(take.facts or {}).get("label") or generation.model,
        is_trained=provider not in _PROCEDURES,
        seed=None if take.seed is None else str(take.seed),
        proxy_key=files.get("proxy", {}).get("key"),
    )
