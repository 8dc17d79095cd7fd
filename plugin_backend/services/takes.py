"""Takes: reading one, and asking for the master of one."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import update

from plugin_backend.db.generations import find_generation, find_take
from plugin_backend.db.journal import record_event
from plugin_backend.db.reviews import clear_rejection
from plugin_backend.db.rows import GenerationRow, TakeRow
from plugin_backend.db.tables import takes
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.brief import (
    Brief,
    Direct,
    DynamicRange,
    GenerationRequest,
    Kind,
    Resolution,
)
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.capabilities import capability_problems
from plugin_backend.domain.catalogue import Model, Tier
from plugin_backend.domain.delivering.delivery import DeliveryRequest
from plugin_backend.domain.errors import ConflictError, GoneError, NotFoundError
from plugin_backend.domain.lifecycle import TakeState
from plugin_backend.domain.making.promotion import Method, in_words, method_for, promoted
from plugin_backend.domain.money.pricing import quote_on, reasons_against
from plugin_backend.domain.money.quotes import Quote
from plugin_backend.domain.sequence import Sequence
from plugin_backend.services.generations import Asked, Lineage, request, weigh
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency
from plugin_backend.services.making.sources import seconds_of
from plugin_backend.services.moves import touch_generation
from plugin_backend.services.quoting import Routing, routing_from


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterRequest:
    """What `POST /v1/takes/{id}/master` asks; left out, as the take was asked for."""

    model: str | None = None
    resolution: Resolution | None = None
    dynamic_range: DynamicRange | None = None
    exr: bool | None = None
    sequence: Sequence | None = None
    deliver_to: DeliveryRequest | None = None
    label: str | None = None
    max_credits: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """From a draft to its master: what is asked of which model, how it is held to the draft, and why."""

    request: GenerationRequest
    model: Model
    method: Method
    why: str
    take_id: str
    draft_model: str

    @property
    def lineage(self) -> Lineage:
        """As the master keeps it."""
        promotion = {
            "method": self.method.value,
            "draft_take_id": self.take_id,
            "draft_model": self.draft_model,
            "similarity": None,
        }
        return Lineage(from_take_id=self.take_id, promotion=promotion)


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterQuote:
    """What a master would cost before it is asked for: the model's quote, what is held, and the way."""

    quote: Quote
    routing: Routing
    way: Way


def get(house: House, caller: Caller, take_id: str) -> TakeRow:
    """One take of the caller's workspace."""
    return _with_generation(house, caller, take_id)[0]


def pick(house: House, caller: Caller, take_id: str, *, picked: bool) -> tuple[TakeRow, GenerationRow]:
    """Remember that a take was chosen, or is not any more; any number of a generation's may be."""
    caller.require(Scope.GENERATE)
    with house.begin() as work:
        return picked_within(work, caller, take_id, picked=picked)


def picked_within(
    work: UnitOfWork, caller: Caller, take_id: str, *, picked: bool
) -> tuple[TakeRow, GenerationRow]:
    """The same as part of a larger transaction."""
    take, generation = held(work, caller, take_id)
    if picked and take.state is not TakeState.STORED:
        raise ConflictError(f"A take that is {take.state} cannot be picked; wait until it is stored.")
    if picked is (take.picked_at is None):
        take = _picked(work, take, work.now if picked else None)
    return take, generation


def held(work: UnitOfWork, caller: Caller, take_id: str) -> tuple[TakeRow, GenerationRow]:
    """A take that has its media, until this transaction ends: its generation first, as whoever deletes it."""
    take = find_take(work.connection, take_id, workspace_id=caller.workspace_id)
    if take is None:
        raise NotFoundError("take")
    generation = find_generation(
        work.connection, take.generation_id, workspace_id=caller.workspace_id, lock=True
    )
    take = find_take(work.connection, take_id, lock=True)  # anew, behind the generation's lock
    if generation is None or take is None or take.media_deleted_at is not None:
        raise GoneError("The media of this take has been deleted.")
    return take, generation


def _picked(work: UnitOfWork, take: TakeRow, moment: datetime | None) -> TakeRow:
    changes: dict[str, Any] = {"picked_at": moment, "version": take.version + 1, "updated_at": work.now}
    work.connection.execute(update(takes).where(takes.c.id == take.id).values(changes))
    if moment is not None:
        clear_rejection(work.connection, take.id)
    touch_generation(work, take.generation_id)
    event = "take.picked" if moment else "take.unpicked"
    record_event(
        work, event, subject_id=take.id, owned=take.owned, data={"generation_id": take.generation_id}
    )
    return replace(take, **changes)


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
    way = _way(house, caller, take_id, wanted)
    return request(house, caller, [way.request], idempotency=idempotency, lineage=way.lineage)


def quote_master(house: House, caller: Caller, take_id: str, wanted: MasterRequest) -> MasterQuote:
    """What `master` would take and hold, chosen and refused by the same code; nothing is spent."""
    caller.require(Scope.READ)
    way = _way(house, caller, take_id, wanted)
    order = weigh(house, caller, way.request, way.lineage)
    return MasterQuote(
        quote=quote_on(order.request, order.model, house.configured_providers),
        routing=replace(routing_from(house, caller, order.request, order.model), credits_held=order.held),
        way=way,
    )


def _way(house: House, caller: Caller, take_id: str, wanted: MasterRequest) -> Way:
    take, generation = _with_generation(house, caller, take_id)
    draft = GenerationRequest.from_json(generation.request)
    draft_model = take.model or generation.model
    if wanted.model is not None:
        asked = house.catalogue.model(wanted.model, pointer="/model")
        return _way_of(caller, asked, draft, take, wanted, draft_model=draft_model)
    usual = _usual(house, caller, draft_model)
    ways = [_way_of(caller, model, draft, take, wanted, draft_model=draft_model) for model in usual]
    return _closest([way for way in ways if not reasons_against(way.request, way.model)] or ways)


def _usual(house: House, caller: Caller, draft_model: str) -> tuple[Model, ...]:
    """The draft's partner where it can be used here, and the draft's own model."""
    partner, own = house.catalogue.master_of(draft_model), house.catalogue.model(draft_model)
    is_allowed = not [*caller.allowance.against_model(partner.id)]
    is_usable = is_allowed and partner.is_available(house.configured_providers)
    return (partner, own) if is_usable and partner is not own else (own,)


def _closest(ways: list[Way]) -> Way:
    """The one that keeps closest to the draft, and the partner's where two do alike."""
    chosen = min(ways, key=lambda way: way.method.distance)  # min: the first of equals
    others = [way for way in ways if way is not chosen]
    if not others:
        return chosen
    then = " ".join(f"{way.model.id} would go by {way.method}; ask for it by name." for way in others)
    return replace(chosen, why=f"{chosen.why} {then}")


def _way_of(
    caller: Caller,
    model: Model,
    draft: GenerationRequest,
    take: TakeRow,
    wanted: MasterRequest,
    *,
    draft_model: str,
) -> Way:
    """The closest way to the draft that the model has for this very shot; else its words once more."""
    asked = _master_of(caller, draft, take, wanted, model)
    method = method_for(
        model.promotion,
        draft_model=draft_model,
        resolution=asked.brief.resolution,
        has_frames=bool((take.files or {}).get("first_frame")),
        is_one=take.parts == 1 and take.provider_ref is not None,
    )
    tied = promoted(asked, method, draft_take_id=take.id, seconds=seconds_of(take.facts))
    if tied is not asked and capability_problems(tied, model):
        tied, method = asked, Method.RESUBMIT
    why = in_words(method, model.id)
    return Way(request=tied, model=model, method=method, why=why, take_id=take.id, draft_model=draft_model)


def _master_of(
    caller: Caller, draft: GenerationRequest, take: TakeRow, wanted: MasterRequest, model: Model
) -> GenerationRequest:
    seed = take.seed if model.seed else None
    brief = replace(draft.brief, seed=seed, **_picture(caller, draft.brief, wanted, model))
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


def _picture(caller: Caller, brief: Brief, wanted: MasterRequest, model: Model) -> dict[str, Any]:
    """The master's size and range: as asked, else the model's own master tier, as far as the plan goes."""
    usual = model.tier(Kind.MASTER) or Tier(brief.resolution, brief.dynamic_range)
    tier = caller.allowance.fitted(usual, model)
    return {
        "model": model.id,
        "resolution": wanted.resolution or tier.resolution,
        "dynamic_range": wanted.dynamic_range or tier.dynamic_range,
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
