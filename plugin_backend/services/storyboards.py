"""Storyboards: made of shots or a script, looked at as a board, changed, closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import insert, null, update

from plugin_backend.db import work as work_rows
from plugin_backend.db.generations import GenerationView
from plugin_backend.db.journal import record_event
from plugin_backend.db.rows import DeliveryRow, TakeRow
from plugin_backend.db.storyboards import (
    ShotRow,
    StoryboardRow,
    cuts_of,
    drafts_of,
    find_storyboard,
    list_storyboards,
    seen_in,
    shots_of,
)
from plugin_backend.db.tables import storyboard_shots, storyboards
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.boards.storyboard_script import split_script
from plugin_backend.domain.brief import Brief, GenerationRequest, Kind, Operation
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.direction.drift import Drift, drifts
from plugin_backend.domain.errors import FieldProblem, NotFoundError, ValidationFailedError
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.lifecycle import DELIVERY, GENERATION, TakeState
from plugin_backend.domain.looks import Look, look_problems
from plugin_backend.domain.sequence import Sequence as Timebase
from plugin_backend.domain.storyboard import (
    MAX_SHOTS,
    AskedShot,
    ShotState,
    asked_of_script,
    brief_to_json,
    shot_problems,
    state_of,
)
from plugin_backend.domain.words_said import said_in_storyboard
from plugin_backend.services.allowed import asked_of, check_words
from plugin_backend.services.assets import require_ready
from plugin_backend.services.director.evaluating import best_of
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency, begin
from plugin_backend.services.making.inputs import require_project


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStoryboard:
    """Shots, or a script that is split into them; `brief` is what those of a script have in common."""

    title: str
    shots: tuple[AskedShot, ...] = ()
    script: str | None = None
    brief: Brief = field(default_factory=Brief)
    sequence: Timebase | None = None
    look: Look = field(default_factory=Look)
    project_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotView:
    """A shot on the board: what was generated for it, the newest first, and how far it is."""

    row: ShotRow
    drafts: tuple[GenerationView, ...] = ()
    evaluation: Mapping[str, Any] | None = None
    """What was seen in the take that it is shown by; None: it was not looked at."""

    @property
    def takes(self) -> tuple[TakeRow, ...]:
        """Everything that can be picked."""
        every = (take for draft in self.drafts for take in draft.takes)
        return tuple(take for take in every if take.state is TakeState.STORED and not take.media_deleted_at)

    @property
    def picked(self) -> TakeRow | None:
        """The take that was picked, while it is there."""
        return next((take for take in self.takes if take.id == self.row.take_id), None)

    @property
    def shown(self) -> TakeRow | None:
        """The take that stands for the shot: the picked one, else the best of the newest draft with any."""
        if self.picked is not None or not self.takes:
            return self.picked
        newest = self.takes[0].generation_id
        return best_of([take for take in self.takes if take.generation_id == newest])

    @property
    def state(self) -> ShotState:
        """How far it is."""
        return state_of(
            is_waiting=self.row.waiting is not None,
            is_refused=self.row.problem is not None,
            newest=self.drafts[0].generation.state if self.drafts else None,
            has_take=bool(self.takes),
            is_picked=self.picked is not None,
        )

    @property
    def is_busy(self) -> bool:
        """Whether it is being made or about to be."""
        return self.state in (ShotState.WAITING, ShotState.DRAFTING)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryboardView:
    """The whole board, read in one moment."""

    row: StoryboardRow
    shots: tuple[ShotView, ...]
    cuts: tuple[DeliveryRow, ...] = ()

    @property
    def timebase(self) -> Timebase | None:
        """The sequence that its shots are cut into."""
        return None if self.row.sequence is None else Timebase.from_json(self.row.sequence)

    @property
    def look(self) -> Look:
        """What its shots share, its project's look aside."""
        return Look() if self.row.look is None else Look.from_json(self.row.look)

    @property
    def worn(self) -> Look:
        """The look of the newest draft there is: the storyboard's over its project's, as it was asked for."""
        drafts = [shot.drafts[0].generation for shot in self.shots if shot.drafts]
        looks = [draft.request.get("look") for draft in drafts]
        return next((Look.from_json(each) for each in looks if each), self.look)

    def drifts(self) -> tuple[Drift, ...]:
        """How far each shot's take is from the look and from the other shots."""
        return drifts([shot.evaluation for shot in self.shots], self.worn.palette)

    @property
    def is_unfinished(self) -> bool:
        """Whether something of it will change by itself."""
        making = any(
            shot.is_busy or any(each.generation.state in GENERATION.unfinished for each in shot.drafts)
            for shot in self.shots
        )
        return making or any(cut.state in DELIVERY.unfinished for cut in self.cuts)


def create(
    house: House, caller: Caller, wanted: NewStoryboard, *, idempotency: Idempotency | None = None
) -> StoryboardView:
    """A new storyboard; nothing of it is generated yet."""
    caller.require(Scope.GENERATE)
    check_words(
        caller,
        said_in_storyboard(
            wanted.title, wanted.shots, script=wanted.script, brief=wanted.brief, look=wanted.look
        ),
    )
    shots, notes = _shots(house, caller, wanted)
    problems = (*shot_problems(shots, wanted.sequence), *look_problems(wanted.look))
    if problems:
        raise ValidationFailedError(problems)
    with house.begin() as work:
        storyboard_id = new_id(Prefix.STORYBOARD, at=work.now)
        kept = begin(work, idempotency, result={"id": storyboard_id})
        if kept is not None:
            return view_of(work, mine(work, caller, kept["id"]))
        if wanted.project_id is not None:
            require_project(work, caller, wanted.project_id)
        check_references(work, caller, wanted.look)
        _write(work, caller, wanted, storyboard_id=storyboard_id, notes=notes)
        work.connection.execute(
            insert(storyboard_shots),
            [_shot(work, shot, storyboard_id, place) for place, shot in enumerate(shots)],
        )
        row = mine(work, caller, storyboard_id)
        record_event(work, "storyboard.created", subject_id=row.id, owned=row.owned)
        return view_of(work, row)


def get(house: House, caller: Caller, storyboard_id: str) -> StoryboardView:
    """One storyboard of the caller's workspace, as a board."""
    with house.begin() as work:
        return view_of(work, mine(work, caller, storyboard_id))


def find(
    house: House, caller: Caller, *, before: str | None, limit: int
) -> tuple[tuple[StoryboardRow, int], ...]:
    """The workspace's storyboards, newest first, each with how many shots it has."""
    with house.begin() as work:
        rows = list_storyboards(work.connection, workspace_id=caller.workspace_id, before=before, limit=limit)
        shots = shots_of(work.connection, [row.id for row in rows])
        return tuple((row, len(shots.get(row.id, ()))) for row in rows)


def delete(house: House, caller: Caller, storyboard_id: str) -> None:
    """Close it: what waits is not generated any more; what was made and delivered stays."""
    caller.require(Scope.GENERATE)
    with house.begin() as work:
        row = mine(work, caller, storyboard_id, lock=True)
        work.connection.execute(
            update(storyboard_shots).where(storyboard_shots.c.storyboard_id == row.id).values(waiting=null())
        )
        touch(work, row, deleted_at=work.now)
        work_rows.drop(work.connection, [row.id])
        record_event(work, "storyboard.deleted", subject_id=row.id, owned=row.owned)


def mine(work: UnitOfWork, caller: Caller, storyboard_id: str, *, lock: bool = False) -> StoryboardRow:
    """A storyboard of the caller's workspace, perhaps locked before anything of its generations is."""
    row = find_storyboard(work.connection, storyboard_id, workspace_id=caller.workspace_id, lock=lock)
    if row is None:
        raise NotFoundError("storyboard")
    return row


def view_of(work: UnitOfWork, row: StoryboardRow) -> StoryboardView:
    """The board of a row."""
    shots = shots_of(work.connection, [row.id]).get(row.id, ())
    drafts = drafts_of(work.connection, [shot.id for shot in shots])
    views = [ShotView(row=shot, drafts=drafts.get(shot.id, ())) for shot in shots]
    seen = seen_in(work.connection, [view.shown.id for view in views if view.shown is not None])
    return StoryboardView(
        row=row,
        shots=tuple(
            view if view.shown is None else replace(view, evaluation=seen.get(view.shown.id))
            for view in views
        ),
        cuts=cuts_of(work.connection, row.id),
    )


def touch(work: UnitOfWork, row: StoryboardRow, **changes: Any) -> None:
    """Something a reader sees has changed."""
    work.connection.execute(
        update(storyboards)
        .where(storyboards.c.id == row.id)
        .values(version=storyboards.c.version + 1, updated_at=work.now, **changes)
    )


def check_references(work: UnitOfWork, caller: Caller, look: Look) -> None:
    """Refuse a look whose pictures are not there."""
    require_ready(work, caller, [each.asset_id for each in look.references], pointer="/look/references")


def _shots(
    house: House, caller: Caller, wanted: NewStoryboard
) -> tuple[Sequence[AskedShot], list[Mapping[str, Any]]]:
    """As they were given, or as the script has them with what is in none of them."""
    if wanted.script is None:
        return wanted.shots, []
    asking = replace(wanted.brief, prompt="a script")
    model = asked_of(house, caller, GenerationRequest(kind=Kind.DRAFT, brief=asking))
    found = split_script(wanted.script, longest=model.durations_for(Operation.GENERATE).maximum)
    if not 1 <= len(found.shots) <= MAX_SHOTS:
        detail = f"This script comes to {len(found.shots)} shots; a storyboard has 1 to {MAX_SHOTS}."
        raise ValidationFailedError([FieldProblem("/script", detail)])
    notes: list[Mapping[str, Any]] = [
        {"kind": each.kind.value, "line": each.line, "text": each.text} for each in found.notes
    ]
    return asked_of_script(found.shots, wanted.brief, model), notes


def _write(
    work: UnitOfWork,
    caller: Caller,
    wanted: NewStoryboard,
    *,
    storyboard_id: str,
    notes: list[Mapping[str, Any]],
) -> None:
    work.connection.execute(
        insert(storyboards).values(
            id=storyboard_id,
            workspace_id=caller.workspace_id,
            owner_id=caller.user_id,
            project_id=wanted.project_id,
            title=wanted.title,
            sequence=null() if wanted.sequence is None else wanted.sequence.to_json(),
            look=wanted.look.to_json() if wanted.look else null(),
            notes=notes,
            created_at=work.now,
            updated_at=work.now,
        )
    )


def _shot(work: UnitOfWork, shot: AskedShot, storyboard_id: str, place: int) -> dict[str, Any]:
    return {
        "id": new_id(Prefix.SHOT, at=work.now),
        "storyboard_id": storyboard_id,
        "position": place,
        "label": shot.label or f"SH{10 * (place + 1):03d}",
        "brief": brief_to_json(shot.brief),
        "handles_frames": shot.handles_frames,
        "continues": shot.continues,
    }
