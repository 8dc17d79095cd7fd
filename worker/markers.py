"""What was drawn and what the director meant, as markers on the delivered frames."""

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

from plugin_backend.db.reviews import CommentRow
from plugin_backend.domain.annotations import Annotation
from plugin_backend.domain.brief import Brief
from plugin_backend.domain.delivering.conform_plan import ConformPlan
from plugin_backend.domain.delivering.retiming import RateMethod
from plugin_backend.domain.direction.directives import Directive, DirectiveSource
from plugin_backend.domain.direction.evaluation import Evaluation, Standing
from plugin_backend.domain.direction.notes import plan_notes
from plugin_backend.domain.direction.shot import CameraMove, ShotPlan
from plugin_backend.domain.direction.terms import Move
from worker.timeline.model import Marker, MarkerColour

_TOGETHER: Final = 0.25  # seconds: faults of one kind that are nearer than this share a marker
_MOST_FAULTS: Final = 24  # markers of one kind: a take that flickers throughout says so often enough
_SHORTFALLS: Final = {Standing.MISSED: "missed", Standing.PARTLY: "partly followed"}


def markers_of(
    brief: Brief,
    shot: ShotPlan | None,
    plan: ConformPlan,
    *,
    is_first: bool = True,
    directives: Sequence[Directive] = (),
    evaluation: Evaluation | None = None,
    comments: Sequence[CommentRow] = (),
) -> tuple[Marker, ...]:
    """The director's notes, the drawn marks and what the take fell short of, from the first delivered frame.

    What begins or ends in the handles is marked where the shot shows it; what lies in them whole stays there.
    Of several runs of frames the first is told what was meant by the whole shot.
    """
    found = [] if shot is None else [*_directed(shot, plan, is_first=is_first)]
    if evaluation is not None:
        found += [*_missed(directives, evaluation, plan), *_faults(evaluation, plan)]
    found += _said(comments, plan, is_first=is_first)
    found += [_drawn(mark, plan, end=brief.duration_seconds) for mark in brief.annotations]
    return tuple(marker for marker in found if marker is not None)


def _directed(shot: ShotPlan, plan: ConformPlan, *, is_first: bool) -> Iterator[Marker | None]:
    """The notes on the whole shot at its first frame, each move of the camera where it begins."""
    if is_first:
        note = "\n".join(f"{step}: {summary}" for step, summary in plan_notes(shot))
        yield Marker(
            name="director", frame=plan.sequence.handles_frames, note=note, colour=MarkerColour.GREEN
        )
    for move in shot.motion.camera:
        if move.move is not Move.STATIC:
            yield _moved(move, plan)


def _moved(move: CameraMove, plan: ConformPlan) -> Marker | None:
    note = f"{move.ease} at strength {move.strength:g}" + (", tracking" if move.tracking else "")
    return _spanning(
        f"camera {move.move}",
        plan,
        start=move.from_seconds,
        end=move.to_seconds,
        note=note,
        colour=MarkerColour.CYAN,
    )


def _drawn(mark: Annotation, plan: ConformPlan, *, end: Fraction) -> Marker | None:
    return _spanning(
        f"{mark.tool} {mark.target}",
        plan,
        start=mark.from_seconds,
        end=end if mark.to_seconds is None else mark.to_seconds,
        note=mark.note,
        colour=MarkerColour.RED,
    )


def _said(comments: Sequence[CommentRow], plan: ConformPlan, *, is_first: bool) -> Iterator[Marker | None]:
    """Each comment on its frames; what was said of the whole take at its first. Nobody is named."""
    rate = plan.source.frame_rate
    for comment in comments:
        note = (
            comment.words if comment.x is None else f"{comment.words} (at {comment.x:.2f}, {comment.y:.2f})"
        )
        if comment.first_frame is None or comment.last_frame is None:
            if is_first:
                yield Marker(
                    name="comment", frame=plan.sequence.handles_frames, note=note, colour=MarkerColour.BLUE
                )
            continue
        start, end = Fraction(comment.first_frame) / rate, Fraction(comment.last_frame + 1) / rate
        yield _spanning("comment", plan, start=start, end=end, note=note, colour=MarkerColour.BLUE)


def _missed(
    directives: Sequence[Directive], evaluation: Evaluation, plan: ConformPlan
) -> Iterator[Marker | None]:
    """What was asked and not done, where it was to be; what was not measured was not seen to be missed."""
    asked = {each.id: each for each in directives if each.source is not DirectiveSource.DEFAULT}
    for seen in evaluation.adherence:
        if seen.standing in _SHORTFALLS and seen.directive_id in asked:
            directive = asked[seen.directive_id]
            yield _spanning(
                f"{_SHORTFALLS[seen.standing]}: {directive.kind}",
                plan,
                start=directive.from_seconds,
                end=directive.to_seconds,
                note=f"{directive.says}\n{seen.says}",
                colour=MarkerColour.YELLOW,
            )


def _faults(evaluation: Evaluation, plan: ConformPlan) -> Iterator[Marker | None]:
    """Where each fault is seen; moments close together are one."""
    for fault in evaluation.defects:
        for first, last in _runs(fault.at_seconds)[:_MOST_FAULTS]:
            yield _spanning(
                f"fault: {fault.kind}",
                plan,
                start=first,
                end=last,
                note=fault.says,
                colour=MarkerColour.MAGENTA,
            )


def _runs(moments: Sequence[float]) -> list[tuple[Fraction, Fraction]]:
    runs: list[tuple[Fraction, Fraction]] = []
    for moment in sorted(Fraction(each) for each in moments if math.isfinite(each)):
        if runs and moment - runs[-1][1] <= _TOGETHER:
            runs[-1] = (runs[-1][0], moment)
        else:
            runs.append((moment, moment))
    return runs


def _spanning(
    name: str, plan: ConformPlan, *, start: Fraction, end: Fraction, note: str, colour: MarkerColour
) -> Marker | None:
    """None for what lies before the first frame or after the last."""
    first, last = frame_at(start, plan), max(frame_at(start, plan) + 1, frame_at(end, plan))
    if first >= plan.frame_count or last <= 0:
        return None
    first = max(0, first)
    handles = plan.sequence.handles_frames
    shot = range(handles, plan.frame_count - handles)
    seen = range(max(first, shot.start), min(last, shot.stop)) or range(first, min(last, plan.frame_count))
    return Marker(name=name, frame=seen.start, frame_count=len(seen), note=note, colour=colour)


def frame_at(seconds: Fraction, plan: ConformPlan) -> int:
    """The delivered frame that shows a moment of the take; before a part that is delivered it is below zero.

    Relabelled frames keep their own numbers.
    """
    relabelled = plan.rate_method is RateMethod.RELABEL
    rate = plan.source.frame_rate if relabelled else plan.frame_rate.fraction
    return math.floor(seconds * rate + Fraction(1, 2)) - plan.offset
