"""Drafting a storyboard: all that can begin is asked for together; what continues a shot waits for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import insert, null, update

from plugin_backend.db.journal import Owned
from plugin_backend.db.people import standing_of
from plugin_backend.db.tables import shot_generations, storyboard_shots
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.work import Due
from plugin_backend.domain.brief import Direct, GenerationRequest, Kind, Route
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.errors import (
    BackendError,
    ConflictError,
    DraftQuotaExhaustedError,
    FieldProblem,
    InsufficientCreditsError,
    PriceChangedError,
    ValidationFailedError,
)
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.quota import day_of
from plugin_backend.domain.sequence import Sequence as Timebase
from plugin_backend.domain.storyboard import below_shot, brief_from_json, continued
from plugin_backend.domain.work import Lane
from plugin_backend.services.generations import Lineage, Order, order_of, request_within
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency, begin, keep
from plugin_backend.services.looks import look_of_project
from plugin_backend.services.making.inputs import check_inputs
from plugin_backend.services.money.plan_grants import paying
from plugin_backend.services.moves import nudge
from plugin_backend.services.stepping import make_due
from plugin_backend.services.storyboards import ShotView, StoryboardView, mine, touch, view_of

_COMING: Final = "ast_of_the_shot_before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafting:
    """How the drafts are asked for; `shots` names some of them, `again` those that have a take too."""

    takes: int = 1
    direct: Direct = field(default_factory=Direct)
    route: Route = Route.CHEAPEST
    fallback_models: tuple[str, ...] = ()
    max_credits: int | None = None
    """For all of them together."""
    shots: tuple[str, ...] | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class _Due:
    """A shot that is to be drafted, at its place, as its request came out."""

    shot: ShotView
    place: int
    order: Order
    is_waiting: bool

    @property
    def request(self) -> GenerationRequest:
        """Without the picture that is still to come."""
        brief = self.order.request.brief
        frames = tuple(each for each in brief.keyframes if each.asset_id != _COMING)
        return replace(self.order.request, brief=replace(brief, keyframes=frames))


def generate(
    house: House,
    caller: Caller,
    storyboard_id: str,
    wanted: Drafting,
    *,
    idempotency: Idempotency | None = None,
) -> StoryboardView:
    """Drafts of every shot that has none, all or none of those that can begin now."""
    caller.require(Scope.GENERATE)
    return paying(
        house, caller, lambda: _generate(house, caller, storyboard_id, wanted, idempotency=idempotency)
    )


def _generate(
    house: House,
    caller: Caller,
    storyboard_id: str,
    wanted: Drafting,
    *,
    idempotency: Idempotency | None,
) -> StoryboardView:
    with house.begin() as work:
        kept = begin(work, idempotency)
        if kept is not None:
            return view_of(work, mine(work, caller, kept["id"]))
        row = mine(work, caller, storyboard_id, lock=True)
        board = view_of(work, row)
        chosen = _chosen(board, wanted)
        due = [_due(work, house, caller, board, wanted=wanted, place=place) for place in chosen]
        _check_predecessors(board, due)
        _check_price(due, wanted)
        _begin(work, house, caller, due)
        touch(work, row)
        keep(work, idempotency, {"id": row.id})
        return view_of(work, mine(work, caller, storyboard_id))


def asked_for(
    work: UnitOfWork,
    house: House,
    caller: Caller,
    requests: Sequence[tuple[str, GenerationRequest]],
    *,
    batch_id: str,
) -> None:
    """Ask for the drafts of some shots (id, request), and keep whose they are."""
    lineage = Lineage(batch_id=batch_id)
    asked = request_within(work, house, caller, [each for _, each in requests], lineage=lineage)
    made = [
        {"shot_id": shot_id, "generation_id": view.generation.id}
        for (shot_id, _), view in zip(requests, asked.views, strict=True)
    ]
    work.connection.execute(insert(shot_generations), made)
    ids = [shot_id for shot_id, _ in requests]
    work.connection.execute(
        update(storyboard_shots).where(storyboard_shots.c.id.in_(ids)).values(waiting=null(), problem=null())
    )


def _chosen(board: StoryboardView, wanted: Drafting) -> list[int]:
    """The places of what is to be drafted."""
    known = {shot.row.id for shot in board.shots}
    unknown = [
        FieldProblem(f"/shots/{number}", f"This storyboard has no shot {each}.")
        for number, each in enumerate(wanted.shots or ())
        if each not in known
    ]
    if unknown:
        raise ValidationFailedError(unknown)
    found = [
        place
        for place, shot in enumerate(board.shots)
        if (wanted.shots is None or shot.row.id in wanted.shots)
        and not shot.is_busy
        and (wanted.again or not shot.takes)
    ]
    if not found:
        raise ConflictError("Every one of these shots has a take or is being made; say `again` for more.")
    return found


def _due(
    work: UnitOfWork, house: House, caller: Caller, board: StoryboardView, *, wanted: Drafting, place: int
) -> _Due:
    """Checked and priced by itself, so that a refusal says which shot it is about."""
    shot = board.shots[place]
    is_waiting = shot.row.continues and place > 0
    request = _request(work, caller, board, wanted, shot)
    if is_waiting:
        request = replace(request, brief=continued(request.brief, _COMING))
    try:
        order = order_of(work, house, caller, request, Lineage())
        due = _Due(shot, place, order, is_waiting)
        check_inputs(work, caller, due.request, order.models, from_take_id=None)
    except BackendError as refusal:
        raise below_shot(refusal, place) from refusal
    return due


def _request(
    work: UnitOfWork, caller: Caller, board: StoryboardView, wanted: Drafting, shot: ShotView
) -> GenerationRequest:
    row, look = board.row, board.look
    worn = look.over(look_of_project(work, caller, row.project_id)) if look else None
    return GenerationRequest(
        kind=Kind.DRAFT,
        brief=brief_from_json(shot.row.brief),
        takes=wanted.takes,
        direct=wanted.direct,
        route=wanted.route,
        fallback_models=wanted.fallback_models,
        sequence=sequence_of(board.timebase, shot),
        project_id=row.project_id,
        label=shot.row.label,
        look=None if worn is None else worn.to_json(),
    )


def sequence_of(timebase: Timebase | None, shot: ShotView) -> Timebase | None:
    """The storyboard's sequence, with the shot's own handles."""
    handles = shot.row.handles_frames
    if timebase is None or handles is None:
        return timebase
    return replace(timebase, handles_frames=handles)


def _check_predecessors(board: StoryboardView, due: Sequence[_Due]) -> None:
    """What continues a shot needs one that has a take, or will have."""
    coming = {each.place for each in due}
    problems = [
        FieldProblem(f"/shots/{each.place}/continue", "The shot before has no take: generate it too.")
        for each in due
        if each.is_waiting and each.place - 1 not in coming and not _goes_on(board.shots[each.place - 1])
    ]
    if problems:
        raise ValidationFailedError(problems)


def _goes_on(shot: ShotView) -> bool:
    return bool(shot.takes) or shot.is_busy


def _check_price(due: Sequence[_Due], wanted: Drafting) -> None:
    """All of them together, those that wait too."""
    credits = sum(each.order.held for each in due)
    if wanted.max_credits is not None and credits > wanted.max_credits:
        raise PriceChangedError(credits=credits, max_credits=wanted.max_credits)


def _begin(work: UnitOfWork, house: House, caller: Caller, due: Sequence[_Due]) -> None:
    batch_id = new_id(Prefix.BATCH, at=work.now)
    now = [(each.shot.row.id, each.request) for each in due if not each.is_waiting]
    if now:
        asked_for(work, house, caller, now, batch_id=batch_id)
    later = [each for each in due if each.is_waiting]
    _check_means(work, caller, later)
    for each in later:
        waiting = _waiting(work, caller, each, batch_id=batch_id)
        of_shot = storyboard_shots.c.id == each.shot.row.id
        work.connection.execute(
            update(storyboard_shots).where(of_shot).values(waiting=waiting, problem=null())
        )
    if later:
        _open(work, caller, later[0].shot.row.storyboard_id)


def _check_means(work: UnitOfWork, caller: Caller, later: Sequence[_Due]) -> None:
    """What waits is held when its turn comes; what could not be paid today is refused with the rest."""
    credits = sum(each.order.held for each in later)
    units = sum(each.order.price.draft_units for each in later)
    standing = standing_of(work.connection, caller.user_id, day=day_of(work.now))
    window, available = standing.drafts, standing.purse.available
    if units > window.remaining:
        raise DraftQuotaExhaustedError(
            requested=units, remaining=window.remaining, limit=window.limit, resets_at=window.resets_at
        )
    if credits > available:
        raise InsufficientCreditsError(required=credits, available=available)


def _waiting(work: UnitOfWork, caller: Caller, due: _Due, *, batch_id: str) -> dict[str, Any]:
    """All that its turn needs: the request at today's price, who asked, where the picture will be."""
    request = replace(due.request, max_credits=due.order.held)
    return {
        "request": request.to_json(),
        "asked_by": caller.user_id,
        "batch_id": batch_id,
        "asset_id": new_id(Prefix.ASSET, at=work.now),
    }


def _open(work: UnitOfWork, caller: Caller, storyboard_id: str) -> None:
    owned = Owned(caller.workspace_id, caller.user_id)
    make_due(work, Due(storyboard_id, Lane.STEP_DRAFT, owned))
    nudge(work, storyboard_id)


def waiting_shots(board: StoryboardView) -> Iterator[tuple[ShotView, ShotView]]:
    """Those that wait, each with the shot before; one that came to stand first waits for itself no longer."""
    for before, shot in zip((board.shots[0], *board.shots), board.shots, strict=False):
        if shot.row.waiting is not None:
            yield before, shot
