"""Asking for generations: everything is decided, taken and written in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from plugin_backend.db.acceptance import accept
from plugin_backend.db.generations import (
    GenerationFilter,
    GenerationView,
    find_generation,
    list_generations,
    views_of,
)
from plugin_backend.db.keys import KeyClaim
from plugin_backend.db.rows import GenerationRow, TakeRow
from plugin_backend.db.terms import snapshot
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.brief import GenerationRequest, Kind
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.capabilities import check_available, check_capabilities
from plugin_backend.domain.catalogue import Model
from plugin_backend.domain.delivering.expected_size import of_takes
from plugin_backend.domain.errors import (
    BackendError,
    GoneError,
    IdempotencyInProgressError,
    NotFoundError,
    PriceChangedError,
    below,
)
from plugin_backend.domain.ids import Prefix, ids_in_order, new_id
from plugin_backend.domain.lifecycle import GenerationState, TakeState
from plugin_backend.domain.making.routing import choices, dearest, taken
from plugin_backend.domain.making.seeds import seed_of_take
from plugin_backend.domain.money.pricing import expected_seconds, for_model, price
from plugin_backend.domain.money.quotes import Price
from plugin_backend.domain.quota import day_of
from plugin_backend.domain.validation import validate_request
from plugin_backend.domain.work import Lane
from plugin_backend.services import traced
from plugin_backend.services.allowed import asked_of, check_request, narrowed
from plugin_backend.services.delivering.delivery_plans import check_deliver_to
from plugin_backend.services.delivering.media_room import check_take
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency, claim_of, claiming, remembered
from plugin_backend.services.keeping.retention import aged
from plugin_backend.services.keeping.storage_room import require_room
from plugin_backend.services.looks import wardrobe_of
from plugin_backend.services.making import lateness
from plugin_backend.services.making.inputs import check_inputs
from plugin_backend.services.money import alerting
from plugin_backend.services.money.plan_grants import paying
from plugin_backend.services.money.shortfalls import Sums, shortfall


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """Where a generation comes from, and the `places` of several in the body that asks for them."""

    from_take_id: str | None = None
    retried_from: str | None = None
    promotion: Mapping[str, Any] | None = None
    """For the master of a draft: how it is held to it."""
    batch_id: str | None = None
    places: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A request that passed every check that needs no database."""

    request: GenerationRequest
    model: Model
    price: Price
    held: int
    lineage: Lineage
    routing: tuple[dict[str, Any], ...] | None = None
    """The models that may make it, the first one first; None: only that one."""
    models: tuple[Model, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, and whether the answer is a replay of an earlier one."""

    views: tuple[GenerationView, ...]
    replayed: bool = False


def request(
    house: House,
    caller: Caller,
    wanted: Sequence[GenerationRequest],
    *,
    idempotency: Idempotency | None = None,
    lineage: Lineage | None = None,
) -> Asked:
    """Accept all of the requests or none: quota, credits, rows and events in one transaction."""

    def ask() -> Asked:
        with house.begin() as work:
            return request_within(work, house, caller, wanted, idempotency=idempotency, lineage=lineage)

    return paying(house, caller, ask)


def request_within(
    work: UnitOfWork,
    house: House,
    caller: Caller,
    wanted: Sequence[GenerationRequest],
    *,
    idempotency: Idempotency | None = None,
    lineage: Lineage | None = None,
) -> Asked:
    """The same as part of a larger transaction, which a refusal ends."""
    caller.require(Scope.GENERATE)
    ids = ids_in_order(Prefix.GENERATION, len(wanted), at=work.now)
    lineage = lineage or Lineage()
    where = lineage.places or [""] * len(wanted)
    claim = None if idempotency is None else claim_of(work, idempotency, result={"ids": ids})
    try:
        orders: list[Order] = []
        for place, each in zip(where, wanted, strict=True):
            with below(place):
                orders.append(order_of(work, house, caller, each, lineage))
        before = sum(of_takes(each.request, each.model) for each in orders[:-1])
        require_room(work, caller.user_id, further=before + 1)
        opened: list[tuple[GenerationView, bool]] = []
        for place, each_id in zip(where, ids, strict=True):
            with below(place):
                first = None if opened else claim
                opened.append(_open(work, caller, orders, len(opened), each_id, claim=first))
    except IdempotencyInProgressError:
        raise  # the transaction is over
    except BackendError:
        # A replay is answered as before, even where the same request would be refused today.
        kept = remembered(work, idempotency)
        if kept is None or kept["ids"] == ids:
            raise
        return Asked(_replayed(work, kept["ids"], caller.workspace_id), replayed=True)
    if any(is_watched for _, is_watched in opened):
        alerting.look(work, caller.user_id, caller.workspace_id)
    traced.keep(work, ids)
    return Asked(tuple(view for view, _ in opened))


def weigh(house: House, caller: Caller, wanted: GenerationRequest, lineage: Lineage) -> Order:
    """What a request would hold, or the refusal it would meet but for quota and credits; nothing is spent."""
    caller.require(Scope.READ)
    with house.begin() as work:
        order = order_of(work, house, caller, wanted, lineage)
        check_inputs(work, caller, order.request, order.models, from_take_id=lineage.from_take_id)
    return order


def get(house: House, caller: Caller, generation_id: str) -> GenerationView:
    """One generation of the caller's workspace, with when it is expected."""
    with house.begin() as work:
        row = find_generation(work.connection, generation_id, workspace_id=caller.workspace_id)
        if row is None:
            raise NotFoundError("generation")
        views, now = aged(work, views_of(work.connection, [row])), work.now
    return lateness.timed(house, views, now=now)[0]


def find(house: House, caller: Caller, chosen: GenerationFilter) -> tuple[GenerationView, ...]:
    """Generations of the caller's workspace, newest first, with when each is expected."""
    with house.begin() as work:
        rows = list_generations(work.connection, chosen, workspace_id=caller.workspace_id)
        views, now = aged(work, views_of(work.connection, rows)), work.now
    return lateness.timed(house, views, now=now)


def order_of(
    work: UnitOfWork, house: House, caller: Caller, wanted: GenerationRequest, lineage: Lineage
) -> Order:
    """Check and price a request before anything is touched."""
    validate_request(wanted)
    model = asked_of(house, caller, wanted, within=work)
    if wanted.brief.model != model.id:
        wanted = replace(wanted, brief=replace(wanted.brief, model=model.id))
    wanted = wardrobe_of(work, caller, wanted).dress(for_model(wanted, model), model)
    check_request(caller, wanted, model)
    check_capabilities(wanted, model)
    check_available(model, house.configured_providers)
    check_take(wanted, model, bound_mb=house.media_memory_mb)
    check_deliver_to(wanted, memory_mb=house.media_memory_mb)
    cost = price(wanted, model)
    if wanted.max_credits is not None and cost.credits_total > wanted.max_credits:
        raise PriceChangedError(credits=cost.credits_total, max_credits=wanted.max_credits)
    held = cost.credits_total
    order = Order(request=wanted, model=model, price=cost, held=held, lineage=lineage, models=(model,))
    return _routed(house, caller, order) if wanted.fallback_models else order


def _routed(house: House, caller: Caller, order: Order) -> Order:
    """With the models that may follow; what is held covers the dearest of them."""
    configured = house.configured_providers
    asked = choices(order.request, order.model, house.catalogue, configured)
    found = taken(narrowed(caller, order.request, asked))
    if len(found) == 1:
        return order
    routing = tuple(choice.to_json() for choice in found)
    models = tuple(choice.model for choice in found)
    return replace(order, held=dearest(found), routing=routing, models=models)


def _open(
    work: UnitOfWork,
    caller: Caller,
    orders: Sequence[Order],
    place: int,
    generation_id: str,
    *,
    claim: KeyClaim | None,
) -> tuple[GenerationView, bool]:
    """One statement takes key, place, units and credits and writes the rows, or nothing happens.

    Returned beside it: whether a threshold may freeze whoever spends here.
    """
    order = orders[place]
    check_inputs(work, caller, order.request, order.models, from_take_id=order.lineage.from_take_id)
    row = _generation(work, caller, order, generation_id)
    rows = tuple(_take(row, order, number) for number in range(1, row.takes_wanted + 1))
    lane = Lane.STEP_DRAFT if row.kind is Kind.DRAFT else Lane.STEP_MASTER
    with claiming(claim):
        terms = snapshot(order.models)
        size = of_takes(order.request, order.model)
        accepted = accept(
            work.connection, row, rows, lane=lane, terms=terms, claim=claim, expected_bytes=size
        )
    if accepted is None or not accepted.is_accepted:
        raise shortfall(work, row, accepted, taken=_sums(orders[:place]), wanted=_sums(orders))
    work.hint(row.id, lane)
    view = GenerationView(generation=replace(row, account_id=accepted.account_id), takes=rows)
    return view, accepted.is_watched


def _sums(orders: Sequence[Order]) -> Sums:
    units = sum(order.price.draft_units for order in orders)
    return Sums(units, sum(order.held for order in orders))


def _generation(work: UnitOfWork, caller: Caller, order: Order, generation_id: str) -> GenerationRow:
    """The row as it will stand; its account is found while it is written."""
    wanted, cost = order.request, order.price
    return GenerationRow(
        id=generation_id,
        workspace_id=caller.workspace_id,
        owner_id=caller.user_id,
        account_id="",
        project_id=wanted.project_id,
        kind=wanted.kind,
        state=GenerationState.QUEUED,
        label=wanted.label,
        model=order.model.id,
        provider=order.model.provider,
        request=wanted.to_json(),
        takes_wanted=wanted.takes,
        max_iterations=wanted.direct.max_iterations if wanted.kind is Kind.DRAFT else 0,
        credits_per_take=cost.credits_per_take,
        credits_quoted=cost.credits_total,
        credits_held=order.held,
        draft_units=cost.draft_units,
        draft_day=day_of(work.now) if cost.draft_units else None,
        from_take_id=order.lineage.from_take_id,
        retried_from=order.lineage.retried_from,
        expected_seconds=expected_seconds(wanted, order.model),
        routing=order.routing,
        promotion=order.lineage.promotion,
        batch_id=order.lineage.batch_id,
        created_at=work.now,
        updated_at=work.now,
    )


def _take(row: GenerationRow, order: Order, number: int) -> TakeRow:
    asked = order.request.brief.seed
    return TakeRow(
        id=new_id(Prefix.TAKE, at=row.created_at),
        workspace_id=row.workspace_id,
        owner_id=row.owner_id,
        generation_id=row.id,
        number=number,
        state=TakeState.WANTED,
        seed=seed_of_take(order.models, asked, generation_id=row.id, number=number),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _replayed(work: UnitOfWork, ids: Sequence[str], workspace_id: str) -> tuple[GenerationView, ...]:
    chosen = GenerationFilter(ids=tuple(ids), limit=len(ids))
    found = views_of(work.connection, list_generations(work.connection, chosen, workspace_id=workspace_id))
    by_id = {view.generation.id: view for view in found}
    if len(by_id) < len(ids):
        raise GoneError("What this Idempotency-Key asked for has been deleted since; use a fresh key.")
    return tuple(by_id[each] for each in ids)
