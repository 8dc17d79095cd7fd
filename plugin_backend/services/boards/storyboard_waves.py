"""The storyboard's own steps: once a shot has a take, what continues it begins with its last frame."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import insert, null, update

from plugin_backend.db.assets import find_asset
from plugin_backend.db.rows import TakeRow
from plugin_backend.db.storyboards import caller_of, find_storyboard
from plugin_backend.db.tables import assets, storyboard_shots
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.work import Due
from plugin_backend.domain.brief import GenerationRequest
from plugin_backend.domain.callers import SYSTEM
from plugin_backend.domain.errors import BackendError, ForbiddenError
from plugin_backend.domain.lifecycle import AssetState
from plugin_backend.domain.storyboard import continued
from plugin_backend.domain.work import Claim, Lane
from plugin_backend.services import stepping
from plugin_backend.services.boards.storyboard_drafts import asked_for, waiting_shots
from plugin_backend.services.house import House
from plugin_backend.services.money.plan_grants import grant_month, owed
from plugin_backend.services.storyboards import ShotView, StoryboardView, touch, view_of

_LOOK_AGAIN: Final = timedelta(seconds=2)


class Turn(StrEnum):
    """What a waiting shot needs next."""

    TAKE = "take"  # of the shot before
    FRAME = "frame"  # the last one of that take, as a picture
    CHECK = "check"  # of that picture, like every asset's
    REQUEST = "request"
    NOTHING = "nothing"  # there will be no take to go on from


@dataclass(frozen=True, slots=True)
class Waiting:
    """A shot that waits, and the take it goes on from."""

    shot: ShotView
    turn: Turn
    take: TakeRow | None = None

    @property
    def asset_id(self) -> str:
        """The picture it begins with, once it is there."""
        found: str = _kept(self.shot)["asset_id"]
        return found


def look(house: House, claim: Claim) -> tuple[Waiting, ...]:
    """The shots that wait, in order; none (and the row closed) when nobody waits any more."""
    with house.begin() as work:
        row = find_storyboard(work.connection, claim.subject_id, lock=True)  # who adds a shot waits for us
        found = () if row is None else tuple(_turns(work, view_of(work, row)))
        if not found:
            stepping.done(work, claim)
        return found


def wait(house: House, claim: Claim, *, lane: Lane | None = None) -> None:
    """Look again, at once in another lane."""
    after = _LOOK_AGAIN if lane in (None, claim.lane) else timedelta(0)
    with house.begin() as work:
        stepping.again(work, claim, after=after, lane=lane)


def framed(house: House, claim: Claim, waiting: Waiting) -> None:
    """The picture is in storage: it is checked like one that an editor supplies."""
    take = waiting.take
    assert take is not None
    with house.begin() as work:
        if find_asset(work.connection, waiting.asset_id) is None:
            work.connection.execute(
                insert(assets).values(
                    id=waiting.asset_id,
                    **take.owned.columns,
                    state=AssetState.CHECKING,
                    filename=f"last frame of {take.id}.png",
                    media_type="image/png",
                    created_at=work.now,
                    updated_at=work.now,
                    attested_by=SYSTEM,  # made here, uploaded by nobody
                    attested_at=work.now,
                )
            )
            stepping.make_due(work, Due(waiting.asset_id, Lane.MEDIA_DRAFT, take.owned))
        stepping.again(work, claim, after=timedelta(0), lane=Lane.STEP_DRAFT)


def begun(house: House, claim: Claim, waiting: Waiting) -> None:
    """Its turn has come: it is asked for, by who asked for the storyboard; or a refusal says why not."""
    kept = _kept(waiting.shot)
    try:
        with house.begin() as work:
            row = find_storyboard(work.connection, claim.subject_id, lock=True)
            caller = caller_of(work.connection, kept["asked_by"])
            if caller is None or (row is not None and row.workspace_id != caller.workspace_id):
                raise ForbiddenError("Who asked for this may ask for nothing any more.")
            if owed(caller):
                grant_month(work, caller.user_id)
            request = GenerationRequest.from_json(kept["request"])
            request = replace(request, brief=continued(request.brief, waiting.asset_id))
            shot_id = waiting.shot.row.id
            asked_for(work, house, caller, [(shot_id, request)], batch_id=kept["batch_id"])
            if row is not None:
                touch(work, row)
            stepping.again(work, claim, after=timedelta(0))
    except BackendError as refusal:
        refused(house, claim, waiting, detail=refusal.detail)


def refused(house: House, claim: Claim, waiting: Waiting, *, detail: str) -> None:
    """It is not generated; the board says why."""
    with house.begin() as work:
        row = find_storyboard(work.connection, claim.subject_id, lock=True)
        work.connection.execute(
            update(storyboard_shots)
            .where(storyboard_shots.c.id == waiting.shot.row.id)
            .values(waiting=null(), problem={"detail": detail})
        )
        if row is not None:
            touch(work, row)
        stepping.again(work, claim, after=timedelta(0), lane=Lane.STEP_DRAFT)


def given_up(house: House, claim: Claim, *, detail: str) -> None:
    """Its step broke for good: what waits is told so."""
    with house.begin() as work:
        row = find_storyboard(work.connection, claim.subject_id, lock=True)
        work.connection.execute(
            update(storyboard_shots)
            .where(
                storyboard_shots.c.storyboard_id == claim.subject_id,
                storyboard_shots.c.waiting.is_not(None),
            )
            .values(waiting=null(), problem={"detail": detail})
        )
        if row is not None:
            touch(work, row)
        stepping.done(work, claim)


def _turns(work: UnitOfWork, board: StoryboardView) -> Iterator[Waiting]:
    for before, shot in waiting_shots(board):
        turn, take = _turn(work, before, shot)
        yield Waiting(shot, turn, take)


def _turn(work: UnitOfWork, before: ShotView, shot: ShotView) -> tuple[Turn, TakeRow | None]:
    asset = find_asset(work.connection, _kept(shot)["asset_id"])
    if asset is not None:
        if asset.state is AssetState.READY:
            return Turn.REQUEST, None
        return (Turn.CHECK if asset.state is AssetState.CHECKING else Turn.NOTHING), None
    if before.is_busy and before is not shot:
        return Turn.TAKE, None
    take = before.shown
    return (Turn.NOTHING, None) if take is None else (Turn.FRAME, take)


def _kept(shot: ShotView) -> Mapping[str, Any]:
    assert shot.row.waiting is not None
    return shot.row.waiting
