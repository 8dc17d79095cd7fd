"""Marks and the director's notes, on the delivered frames that show what they speak of."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.annotations import Annotation, AnnotationTarget, AnnotationTool
from plugin_backend.domain.brief import Brief
from plugin_backend.domain.delivering.conform import plan_conform
from plugin_backend.domain.delivering.conform_plan import ConformPlan, OutputRole, OutputSpec, SourceFacts
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat
from plugin_backend.domain.delivering.parts import Part
from plugin_backend.domain.delivering.retiming import RateMethod
from plugin_backend.domain.direction.directives import Directive, DirectiveKind, DirectiveSource
from plugin_backend.domain.direction.evaluation import (
    Adherence,
    Defect,
    DefectKind,
    Evaluation,
    Standing,
)
from plugin_backend.domain.direction.plan import plan_shot
from plugin_backend.domain.sequence import Sequence
from worker.markers import frame_at, markers_of
from worker.timeline.model import MarkerColour

FIVE = Fraction(5)
POINT = Annotation(tool=AnnotationTool.POINT, target=AnnotationTarget.SUBJECT, points=((0.5, 0.5),))


def conformed(
    rate: str,
    *,
    handles: int = 0,
    source: int = 24,
    frames: int = 120,
    frames_listed: tuple[int, ...] | None = None,
) -> ConformPlan:
    return plan_conform(
        SourceFacts(frame_rate=Fraction(source), frame_count=frames, width=640, height=360),
        Sequence.from_json({"frame_rate": rate, "width": 640, "height": 360, "handles_frames": handles}),
        (OutputSpec(OutputRole.MASTER, DeliveryFormat.PRORES_422_HQ),),
        name_stem="shot",
        part=Part(frames=frames_listed),
    )


def marked(plan: ConformPlan, *marks: Annotation) -> list[tuple[int, int]]:
    brief = Brief(prompt="x", duration_seconds=FIVE, annotations=marks)
    return [(marker.frame, marker.frame_count) for marker in markers_of(brief, None, plan)]


@pytest.mark.parametrize(("rate", "first", "count"), [("24", 24, 48), ("25", 25, 50), ("60", 60, 120)])
def test_a_mark_spans_the_frames_of_its_seconds(rate: str, first: int, count: int) -> None:
    mark = replace(POINT, from_seconds=Fraction(1), to_seconds=Fraction(3))
    assert marked(conformed(rate), mark) == [(first, count)]


def test_a_mark_without_an_end_runs_to_the_last_frame() -> None:
    assert marked(conformed("25"), POINT) == [(0, 125)]


def test_relabelled_frames_keep_their_own_numbers() -> None:
    plan = conformed("24000/1001", frames=240)
    assert plan.rate_method is RateMethod.RELABEL
    # 8.98 s are 215.52 frames of 24 and 215.30 of 23.976: what was drawn on frame 216 stays on it.
    assert frame_at(Fraction("8.98"), plan) == 216


def test_what_begins_in_the_handles_is_marked_where_the_shot_shows_it() -> None:
    plan = conformed("24", handles=12)
    inside = replace(POINT, from_seconds=Fraction(0), to_seconds=Fraction(1, 4))
    across = replace(POINT, from_seconds=Fraction(0), to_seconds=Fraction(5))
    after = replace(POINT, from_seconds=Fraction(19, 4))
    assert marked(plan, across, inside, after) == [(12, 96), (0, 6), (114, 6)]


def test_the_director_s_notes_begin_with_the_shot_and_moves_where_they_begin() -> None:
    shot = plan_shot("a lighthouse in the rain, slow push in, pan left", duration_seconds=FIVE)
    push, pan = shot.motion.camera
    later = replace(pan, from_seconds=Fraction(2), to_seconds=Fraction(4))
    shot = replace(shot, motion=replace(shot.motion, camera=(push, later)))
    notes, *moves = markers_of(Brief(duration_seconds=FIVE), shot, conformed("25", handles=5))
    assert (notes.name, notes.frame, notes.colour) == ("director", 5, MarkerColour.GREEN)
    assert [line.partition(":")[0] for line in notes.note.split("\n")] == ["concept", "motion", "lighting"]
    told = [(move.name, move.frame, move.frame_count) for move in moves]
    assert told == [("camera dolly-in", 5, 115), ("camera pan-left", 50, 50)]


def test_of_several_runs_each_has_the_moves_it_shows_and_the_first_the_notes() -> None:
    shot = plan_shot("a lighthouse in the rain, slow push in, then pan left", duration_seconds=FIVE)
    push, pan = shot.motion.camera
    parted = (replace(push, to_seconds=Fraction(2)), replace(pan, from_seconds=Fraction(2), to_seconds=FIVE))
    shot = replace(shot, motion=replace(shot.motion, camera=parted))
    plan = conformed("24", frames_listed=(*range(40, 44), *range(46, 50)))
    brief = Brief(duration_seconds=FIVE)

    early, late = (
        [(each.name, each.frame, each.frame_count) for each in markers_of(brief, shot, run, is_first=first)]
        for run, first in ((plan.of_run(0), True), (plan.of_run(1), False))
    )
    assert early == [("director", 0, 1), ("camera dolly-in", 0, 4)]
    assert late == [("camera dolly-in", 0, 2), ("camera pan-left", 2, 2)]


def test_a_camera_that_stands_still_is_no_move() -> None:
    shot = plan_shot("a static shot of a red ball, locked-off camera", duration_seconds=FIVE)
    (notes,) = markers_of(Brief(prompt="x", duration_seconds=FIVE), shot, conformed("24"))
    assert notes.name == "director"


def _asked(name: str, standing: str, since: int = 1, source: str = "words") -> tuple[Directive, Adherence]:
    directive = Directive(
        id=name,
        kind=DirectiveKind.CAMERA,
        source=DirectiveSource(source),
        says=f"{name}: the camera pans left.",
        from_seconds=Fraction(since),
        to_seconds=Fraction(3),
    )
    seen = Adherence(
        directive_id=name, standing=Standing(standing), score=None, confidence=0.5, says="It pans right."
    )
    return directive, seen


def test_what_a_take_fell_short_of_is_marked_where_it_was_asked() -> None:
    pairs = [
        _asked("camera-1", "missed"),
        _asked("mark-1", "partly", since=2, source="mark"),
        _asked("camera-2", "followed"),
        _asked("light-1", "not-measured"),
        _asked("camera-3", "missed", source="default"),
    ]
    evaluation = Evaluation(
        adherence=tuple(seen for _, seen in pairs), defects=(), camera=(), move="pan-right"
    )
    found = markers_of(
        Brief(duration_seconds=FIVE),
        None,
        conformed("25", handles=5),
        directives=[directive for directive, _ in pairs],
        evaluation=evaluation,
    )
    assert [(each.name, each.frame, each.frame_count) for each in found] == [
        ("missed: camera", 25, 50),
        ("partly followed: camera", 50, 25),
    ]
    assert found[0].note == "camera-1: the camera pans left.\nIt pans right."
    assert {each.colour for each in found} == {MarkerColour.YELLOW}


def test_faults_are_marked_on_their_own_frames_and_those_close_together_once() -> None:
    faults = [
        Defect(kind=kind, severity=0.5, at_seconds=moments, measured=1, limit=1, unit="x", says=f"A {kind}.")
        for kind, moments in ((DefectKind.CUT, (2.0,)), (DefectKind.FLICKER, (1.1, 1.0, 1.2, 4.0, 9.0)))
    ]
    evaluation = Evaluation(adherence=(), defects=tuple(faults), camera=(), move="unknown")
    found = markers_of(Brief(duration_seconds=FIVE), None, conformed("25"), evaluation=evaluation)
    assert [(each.name, each.frame, each.frame_count, each.note) for each in found] == [
        ("fault: cut", 50, 1, "A cut."),
        ("fault: flicker", 25, 5, "A flicker."),
        ("fault: flicker", 100, 1, "A flicker."),
    ]


def test_without_an_evaluation_nothing_is_marked_as_missed() -> None:
    directive, _ = _asked("camera-1", "missed")
    assert markers_of(Brief(duration_seconds=FIVE), None, conformed("25"), directives=[directive]) == ()


@given(
    start=st.fractions(0, 5, max_denominator=1000),
    length=st.fractions(0, 5, max_denominator=1000),
    rate=st.sampled_from(["24000/1001", "25", "30000/1001", "50", "120"]),
    handles=st.integers(0, 30),
)
def test_every_mark_lies_on_frames_that_there_are(
    start: Fraction, length: Fraction, rate: str, handles: int
) -> None:
    plan = conformed(rate, handles=handles)
    mark = replace(POINT, from_seconds=start, to_seconds=min(FIVE, start + length))
    for frame, count in marked(plan, mark):
        assert 0 <= frame < frame + count <= plan.frame_count
