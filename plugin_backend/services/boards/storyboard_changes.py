"""Changing a storyboard: its order, its shots' briefs, and which takes were picked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import null, update

from plugin_backend.db.tables import storyboard_shots
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.brief import Brief
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.errors import ConflictError, FieldProblem, ValidationFailedError
from plugin_backend.domain.looks import Look, look_problems
from plugin_backend.domain.sequence import Sequence as Timebase
from plugin_backend.domain.storyboard import AskedShot, brief_from_json, brief_to_json, problems_of_shot
from plugin_backend.domain.words_said import Said, said_in_shot, said_in_storyboard
from plugin_backend.services.allowed import check_words
from plugin_backend.services.house import House
from plugin_backend.services.storyboards import (
    ShotView,
    StoryboardView,
    check_references,
    mine,
    touch,
    view_of,
)
from plugin_backend.services.takes import picked_within

_OF_THE_SHOT: Final = ("label", "brief", "continues")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotChange:
    """What is said anew of one shot: of `label, brief, handles_frames, continues, take_id` those named."""

    id: str
    says: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryboardChange:
    """What is said anew: of `title, sequence, look` those named, the order, and shots."""

    says: Mapping[str, Any] = field(default_factory=dict)
    order: tuple[str, ...] | None = None
    shots: tuple[ShotChange, ...] = ()


def change(house: House, caller: Caller, storyboard_id: str, wanted: StoryboardChange) -> StoryboardView:
    """All of it or nothing; what is being generated keeps the brief that it was asked for with."""
    caller.require(Scope.GENERATE)
    with house.begin() as work:
        row = mine(work, caller, storyboard_id, lock=True)
        board = view_of(work, row)
        problems = tuple(_problems(board, wanted))
        if problems:
            raise ValidationFailedError(problems)
        check_words(caller, _said(board, wanted))
        shots = {shot.row.id: shot for shot in board.shots}
        for number, each in enumerate(wanted.shots):
            _change_shot(work, caller, shots[each.id], each, number=number)
        _reorder(work, wanted.order)
        touch(work, row, **_changes(work, caller, wanted.says))
        return view_of(work, mine(work, caller, storyboard_id))


def _problems(board: StoryboardView, wanted: StoryboardChange) -> Iterator[FieldProblem]:
    ids = {shot.row.id: shot for shot in board.shots}
    if wanted.order is not None and sorted(wanted.order) != sorted(ids):
        yield FieldProblem("/order", "Name every shot of the storyboard, each once.")
    timebase: Timebase | None = wanted.says.get("sequence", board.timebase)
    look: Look | None = wanted.says.get("look")
    yield from () if look is None else look_problems(look)
    said = {each.id: each for each in wanted.shots}
    if len(said) < len(wanted.shots):
        yield FieldProblem("/shots", "Each shot is changed once.")
    for number, each in enumerate(wanted.shots):
        if each.id not in ids:
            yield FieldProblem(f"/shots/{number}/id", f"This storyboard has no shot {each.id}.")
        else:
            asked = _asked(ids[each.id], each.says)
            yield from problems_of_shot(asked, timebase, pointer=f"/shots/{number}")
    if "sequence" in wanted.says:
        yield from _handles_left(board, timebase, but=set(said))


def _said(board: StoryboardView, wanted: StoryboardChange) -> Said:
    """Everything that is said anew, with where."""
    yield from said_in_storyboard(wanted.says.get("title", ""), (), look=wanted.says.get("look"))
    shots = {shot.row.id: shot for shot in board.shots}
    for number, each in enumerate(wanted.shots):
        yield from said_in_shot(_asked(shots[each.id], each.says), number)


def _handles_left(
    board: StoryboardView, timebase: Timebase | None, *, but: set[str]
) -> Iterator[FieldProblem]:
    """Of the shots that are not spoken of: their handles may not fit the new sequence."""
    for shot in board.shots:
        if shot.row.id not in but:
            for problem in problems_of_shot(_asked(shot, {}), timebase, pointer=""):
                detail = f"Shot {shot.row.label}: {problem.detail}"
                yield FieldProblem("/sequence/handles_frames", detail)


def _asked(shot: ShotView, says: Mapping[str, Any]) -> AskedShot:
    """The shot as it would stand."""
    row = shot.row
    now = AskedShot(
        brief=brief_from_json(row.brief),
        label=row.label,
        handles_frames=row.handles_frames,
        continues=row.continues,
    )
    return replace(now, **{name: value for name, value in says.items() if name != "take_id"})


def _change_shot(
    work: UnitOfWork, caller: Caller, shot: ShotView, wanted: ShotChange, *, number: int
) -> None:
    says = dict(wanted.says)
    if shot.is_busy and any(name in says for name in _OF_THE_SHOT):
        raise ConflictError(
            f"Shot {shot.row.label} is being generated; wait for it, or cancel its generation first."
        )
    if "take_id" in says:
        _pick(work, caller, shot, says["take_id"], pointer=f"/shots/{number}/take_id")
    brief: Brief | None = says.get("brief")
    if brief is not None:
        says["brief"] = brief_to_json(brief)
    if says:
        mine_only = storyboard_shots.c.id == shot.row.id
        work.connection.execute(update(storyboard_shots).where(mine_only).values(**says))


def _pick(work: UnitOfWork, caller: Caller, shot: ShotView, take_id: str | None, *, pointer: str) -> None:
    """A take of its own; the one that was picked before is so no more."""
    if take_id is not None and take_id not in {take.id for take in shot.takes}:
        detail = f"{take_id} is no stored take of shot {shot.row.label}."
        raise ValidationFailedError([FieldProblem(pointer, detail)])
    before = shot.picked
    if before is not None and before.id != take_id:
        picked_within(work, caller, before.id, picked=False)
    if take_id is not None:
        picked_within(work, caller, take_id, picked=True)


def _reorder(work: UnitOfWork, order: Sequence[str] | None) -> None:
    for place, shot_id in enumerate(order or ()):
        moved = update(storyboard_shots).where(storyboard_shots.c.id == shot_id)
        work.connection.execute(moved.values(position=place))


def _changes(work: UnitOfWork, caller: Caller, says: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of the storyboard's own row."""
    found = dict(says)
    for name in ("sequence", "look"):
        if name in found:
            value: Timebase | Look | None = found[name]
            if isinstance(value, Look):
                check_references(work, caller, value)
            found[name] = value.to_json() if value else null()
    return found
