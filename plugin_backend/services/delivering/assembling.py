"""Assembling a storyboard: one delivery of the picked takes, cut one after the other."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from plugin_backend.db.generations import find_taken, hold_generation_of
from plugin_backend.db.rows import GenerationRow, TakeRow
from plugin_backend.db.tables import generations, takes
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.brief import Kind
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.delivering.conform_plan import ConformPlan
from plugin_backend.domain.delivering.cut_plan import cut_plan, part_prefix
from plugin_backend.domain.delivering.delivery import DeliveryRequest
from plugin_backend.domain.errors import FieldProblem, ValidationFailedError
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.keeping import Kept
from plugin_backend.domain.lifecycle import TakeState
from plugin_backend.domain.sequence import Sequence as Timebase
from plugin_backend.domain.sequence import frames_for
from plugin_backend.services.deliveries import DeliveryView, view_of_delivery
from plugin_backend.services.delivering.delivery_openings import Opening, check_there, opened
from plugin_backend.services.delivering.delivery_plans import check_room, own_sequence_of, plan_of
from plugin_backend.services.delivering.delivery_sounds import check_files, sound_of
from plugin_backend.services.delivering.naming import cut_name, named
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency, begin, keep
from plugin_backend.services.keeping.storage_room import require_room
from plugin_backend.services.storyboards import ShotView, StoryboardView, mine, touch, view_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembling:
    """For which host, in which files; shots that have no picked take are left out only where that is said."""

    delivery: DeliveryRequest
    handles_frames: int | None = None
    """Of the shots that say none themselves; None: as many as the sequence says."""
    skip_unpicked: bool = False


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A shot of the cut, and the take that is cut in: the picked one, or its master."""

    place: int
    shot: ShotView
    take: TakeRow
    generation: GenerationRow


def assemble(
    house: House,
    caller: Caller,
    storyboard_id: str,
    wanted: Assembling,
    *,
    idempotency: Idempotency | None = None,
) -> DeliveryView:
    """One delivery with every picked take in order, each with its handles, and the timelines of the cut."""
    caller.require(Scope.GENERATE)
    with house.begin() as work:
        kept = begin(work, idempotency)
        if kept is not None:
            return view_of_delivery(work, caller, kept["id"])
        require_room(work, caller.user_id)
        board = view_of(work, mine(work, caller, storyboard_id, lock=True))
        chosen = tuple(_chosen(work, board, wanted))
        for each in chosen:
            check_there(each.take, each.generation)
        delivery = replace(wanted.delivery, sequence=_timebase(board, wanted, chosen))
        check_files(work, caller, delivery, delivery.sequence)
        made = _opening(work, caller, board, chosen, delivery)
        row = opened(work, made, [each.take.id for each in chosen])
        check_room(house, row)
        touch(work, board.row)
        keep(work, idempotency, {"id": row.id})
        return DeliveryView(delivery=row)


def _chosen(work: UnitOfWork, board: StoryboardView, wanted: Assembling) -> Iterator[_Chosen]:
    picked = [(place, shot) for place, shot in enumerate(board.shots) if shot.picked is not None]
    left = [place for place, shot in enumerate(board.shots) if shot.picked is None]
    if left and not wanted.skip_unpicked:
        detail = "No take of this shot is picked: pick one, or say skip_unpicked."
        raise ValidationFailedError([FieldProblem(f"/shots/{place}/take_id", detail) for place in left])
    if not picked:
        detail = "No take of any shot is picked: there is nothing to cut."
        raise ValidationFailedError([FieldProblem("/skip_unpicked", detail)])
    used = _masters(work, [shot.picked.id for _, shot in picked if shot.picked is not None])
    for take_id in sorted(used.values()):
        hold_generation_of(work.connection, take_id)
    found = find_taken(work.connection, list(used.values()))
    for place, shot in picked:
        assert shot.picked is not None
        yield _Chosen(place, shot, *found[used[shot.picked.id]])


def _masters(work: UnitOfWork, take_ids: Sequence[str]) -> Mapping[str, str]:
    """For each picked draft its newest master's take, where there is one; else itself."""
    found = work.connection.execute(
        select(generations.c.from_take_id, takes.c.id)
        .join_from(generations, takes, takes.c.generation_id == generations.c.id)
        .where(
            generations.c.from_take_id.in_(take_ids),
            generations.c.kind == Kind.MASTER,
            generations.c.deleted_at.is_(None),
            takes.c.state == TakeState.STORED,
            takes.c.media_deleted_at.is_(None),
        )
        .order_by(generations.c.id, takes.c.number.desc())
    )
    masters = {row.from_take_id: row.id for row in found}  # the last one of each stays
    return {take_id: masters.get(take_id, take_id) for take_id in take_ids}


def _timebase(board: StoryboardView, wanted: Assembling, chosen: Sequence[_Chosen]) -> Timebase:
    """The sequence asked for, else the storyboard's, else one like the first take."""
    given = wanted.delivery.sequence or board.timebase or own_sequence_of(chosen[0].take)
    if wanted.handles_frames is None:
        return given
    return replace(given, handles_frames=wanted.handles_frames)


def _opening(
    work: UnitOfWork,
    caller: Caller,
    board: StoryboardView,
    chosen: Sequence[_Chosen],
    wanted: DeliveryRequest,
) -> Opening:
    delivery_id = new_id(Prefix.DELIVERY, at=work.now)
    prefix, timebase = Kept.DELIVERY.prefix(delivery_id), wanted.sequence
    assert timebase is not None
    parts: list[Mapping[str, Any]] = []
    record = 0
    for number, each in enumerate(chosen):
        handles = each.shot.row.handles_frames
        own = replace(
            timebase,
            playhead=timebase.playhead + record,
            handles_frames=timebase.handles_frames if handles is None else handles,
        )
        part = _part(work, each, replace(wanted, sequence=own), prefix=part_prefix(prefix, number))
        parts.append(part)
        record += _length(part, own)
    return Opening(
        id=delivery_id,
        workspace_id=board.row.workspace_id,
        owner_id=caller.user_id,
        wanted=wanted,
        plan=cut_plan(parts, prefix=prefix, name=_name(work, board), sequence=timebase.to_json()),
        is_draft=all(each.generation.kind is Kind.DRAFT for each in chosen),
        storyboard_id=board.row.id,
    )


def _part(work: UnitOfWork, chosen: _Chosen, wanted: DeliveryRequest, *, prefix: str) -> Mapping[str, Any]:
    """One take's own plan; handles that do not fit are a problem of its shot."""
    sound = sound_of(work, wanted, chosen.take)
    try:
        return plan_of(
            wanted,
            chosen.generation,
            chosen.take,
            prefix=prefix,
            sound=sound,
            named=named(work, chosen.generation, chosen.take),
        )
    except ValidationFailedError as refusal:
        found = [_in_shot(problem, chosen.place) for problem in refusal.problems]
        raise ValidationFailedError(found) from refusal


def _in_shot(problem: FieldProblem, place: int) -> FieldProblem:
    if problem.pointer != "/sequence/handles_frames":
        return problem
    return replace(problem, pointer=f"/shots/{place}/handles_frames")


def _length(part: Mapping[str, Any], own: Timebase) -> int:
    """Frames of the cut: all of the shot without its handles, where a single picture stands for it too."""
    source = ConformPlan.from_json(part["plan"]).source
    return frames_for(source.duration, own.frame_rate) - 2 * own.handles_frames


def _name(work: UnitOfWork, board: StoryboardView) -> str:
    """What the timelines and the archive are called."""
    own = cut_name(work, board.row.project_id, title=board.row.title, storyboard_id=board.row.id)
    title = re.sub(r"[^A-Za-z0-9]+", "_", board.row.title).strip("_")[:40]
    return own or f"{title or 'cut'}_{board.row.id[-8:]}"
