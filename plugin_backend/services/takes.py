"""Takes: reading one, and asking for the master of one."""

from dataclasses import dataclass, replace
from typing import Any

from plugin_backend.db.generations import find_generation, find_take
from plugin_backend.db.rows import GenerationRow, TakeRow
from plugin_backend.domain.brief import (
    Brief,
    DeliverTo,
    Direct,
    DynamicRange,
    GenerationRequest,
    Kind,
    Resolution,
)
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.capabilities import capability_problems
from plugin_backend.domain.catalogue import Model
from plugin_backend.domain.errors import NotFoundError
from plugin_backend.domain.promotion import Method, method_for, promoted
from plugin_backend.domain.sequence import Sequence
from plugin_backend.services.generations import Asked, Lineage, request
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterRequest:
    """What `POST /v1/takes/{id}/master` asks; left out, as the take was asked for."""

    model: str | None = None
    resolution: Resolution | None = None
    dynamic_range: DynamicRange | None = None
    exr: bool | None = None
    sequence: Sequence | None = None
    deliver_to: DeliverTo | None = None
    label: str | None = None
    max_credits: int | None = None


def get(house: House, caller: Caller, take_id: str) -> TakeRow:
    """One take of the caller's workspace."""
    return _with_generation(house, caller, take_id)[0]


def master(
    house: House,
    caller: Caller,
    take_id: str,
    wanted: MasterRequest,
    *,
    idempotency: Idempotency | None = None,
) -> Asked:
    """Render the picked take again at full quality: a new generation, the same shot and seed."""
    caller.require(Scope.GENERATE)
    take, generation = _with_generation(house, caller, take_id)
    draft_model = take.model or generation.model
    asked = _master_of(GenerationRequest.from_json(generation.request), take, wanted, house, draft_model)
    asked, method = _promoted(house, asked, take, draft_model=draft_model)
    promotion = {
        "method": method.value,
        "draft_take_id": take.id,
        "draft_model": draft_model,
        "similarity": None,
    }
    lineage = Lineage(from_take_id=take.id, promotion=promotion)
    return request(house, caller, [asked], idempotency=idempotency, lineage=lineage)


def _promoted(
    house: House, asked: GenerationRequest, take: TakeRow, *, draft_model: str
) -> tuple[GenerationRequest, Method]:
    """The closest way to the draft that the model has for this very shot; else its words once more."""
    model = house.catalogue.model(asked.brief.model)
    method = method_for(
        model.promotion,
        draft_model=draft_model,
        resolution=asked.brief.resolution,
        has_frames=bool((take.files or {}).get("first_frame")),
        is_one=take.parts == 1 and take.provider_ref is not None,
    )
    tied = promoted(asked, method, draft_take_id=take.id)
    if tied is not asked and capability_problems(tied, model):
        return asked, Method.RESUBMIT
    return tied, method


def _master_of(
    draft: GenerationRequest, take: TakeRow, wanted: MasterRequest, house: House, draft_model: str
) -> GenerationRequest:
    model = _model(house, wanted, draft_model)
    seed = take.seed if model.seed else None
    brief = replace(draft.brief, seed=seed, **_picture(draft.brief, wanted, model))
    return replace(
        draft,
        kind=Kind.MASTER,
        brief=brief,
        takes=1,
        direct=Direct(),
        max_credits=wanted.max_credits,
        sequence=wanted.sequence or draft.sequence,
        deliver_to=wanted.deliver_to or draft.deliver_to,
        label=wanted.label or draft.label,
    )


def _model(house: House, wanted: MasterRequest, draft_model: str) -> Model:
    """The one asked for, else the draft's partner where it can be used here, else the draft's own."""
    if wanted.model is not None:
        return house.catalogue.model(wanted.model, pointer="/model")
    partner = house.catalogue.master_of(draft_model)
    return partner if partner.is_available(house.configured_providers) else house.catalogue.model(draft_model)


def _picture(brief: Brief, wanted: MasterRequest, model: Model) -> dict[str, Any]:
    """The master's size and range: as asked, else the model's own master tier."""
    tier = model.tier(Kind.MASTER)
    return {
        "model": model.id,
        "resolution": wanted.resolution or (tier.resolution if tier else brief.resolution),
        "dynamic_range": wanted.dynamic_range or (tier.dynamic_range if tier else brief.dynamic_range),
        "exr": brief.exr if wanted.exr is None else wanted.exr,
    }


def _with_generation(house: House, caller: Caller, take_id: str) -> tuple[TakeRow, GenerationRow]:
    with house.begin() as work:
        take = find_take(work.connection, take_id, workspace_id=caller.workspace_id)
        if take is None:
            raise NotFoundError("take")
        generation = find_generation(work.connection, take.generation_id)
        assert generation is not None
        return take, generation
