"""Marks become directives: which way, when, by which move; what was drawn for whom."""

from collections.abc import Sequence
from fractions import Fraction
from random import Random
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.annotations import Annotation, AnnotationTarget, AnnotationTool
from plugin_backend.domain.brief import Brief, Keyframe
from plugin_backend.domain.direction.directives import Directive, DirectiveKind, DirectiveSource, Relation
from plugin_backend.domain.direction.mark_conflicts import conflicts_of_marks
from plugin_backend.domain.direction.marks import directives_of_brief, directives_of_marks
from plugin_backend.domain.direction.terms import Move
from tests.domain.direction.drawing import mark

_READABLE = Fraction(1, 4)
FIVE = Fraction(5)
WIDE = 16 / 9
BOX = ((0.1, 0.2), (0.5, 0.2), (0.5, 0.6), (0.1, 0.6))


def read(*marks: Annotation, aspect: float = WIDE) -> tuple[Directive, ...]:
    return directives_of_marks(marks, duration=FIVE, aspect=aspect)


def only(*marks: Annotation) -> Directive:
    (found,) = read(*marks)
    return found


@pytest.mark.parametrize(
    ("note", "points", "move"),
    [
        ("", ((0.3, 0.5), (0.7, 0.5)), Move.TRUCK_RIGHT),
        ("", ((0.7, 0.5), (0.3, 0.52)), Move.TRUCK_LEFT),
        ("", ((0.5, 0.8), (0.5, 0.2)), Move.CRANE_UP),
        ("", ((0.5, 0.2), (0.5, 0.8)), Move.CRANE_DOWN),
        ("pan", ((0.3, 0.5), (0.7, 0.5)), Move.PAN_RIGHT),
        ("slow pan please", ((0.7, 0.5), (0.3, 0.5)), Move.PAN_LEFT),
        ("tilt", ((0.5, 0.8), (0.5, 0.2)), Move.TILT_UP),
        ("Tilt!", ((0.5, 0.2), (0.5, 0.8)), Move.TILT_DOWN),
        ("dolly", ((0.5, 0.9), (0.5, 0.5)), Move.DOLLY_IN),
        ("push in", ((0.5, 0.9), (0.5, 0.5)), Move.DOLLY_IN),
        ("pull back", ((0.5, 0.5), (0.5, 0.9)), Move.DOLLY_OUT),
        ("dolly left", ((0.7, 0.5), (0.3, 0.5)), Move.TRUCK_LEFT),
        ("zoom", ((0.5, 0.9), (0.5, 0.5)), Move.ZOOM_IN),
        ("zoom out", ((0.5, 0.5), (0.5, 0.9)), Move.ZOOM_OUT),
        ("orbit", ((0.3, 0.5), (0.7, 0.5)), Move.ORBIT_RIGHT),
        ("orbit", ((0.7, 0.5), (0.3, 0.5)), Move.ORBIT_LEFT),
        ("circle left around her", ((0.3, 0.5), (0.7, 0.5)), Move.ORBIT_LEFT),
        ("roll", ((0.3, 0.2), (0.7, 0.2)), Move.ROLL_RIGHT),
        ("roll anticlockwise", ((0.3, 0.2), (0.7, 0.2)), Move.ROLL_LEFT),
        ("crane", ((0.5, 0.8), (0.5, 0.2)), Move.CRANE_UP),
        ("locked off", ((0.5, 0.8), (0.5, 0.2)), Move.STATIC),
        ("handheld", ((0.5, 0.8), (0.5, 0.2)), Move.HANDHELD),
    ],
)
def test_a_note_chooses_the_camera_s_move_and_else_the_arrow_does(
    note: str, points: tuple[tuple[float, float], ...], move: Move
) -> None:
    found = only(mark("arrow", "camera", *points, note=note))
    assert (found.kind, found.move, found.note) == (DirectiveKind.CAMERA, move, note)


def test_an_arrow_is_a_speed_in_its_own_time() -> None:
    found = only(mark("arrow", "camera", (0.3, 0.5), (0.7, 0.4), note="pan", since=1, until=3))
    assert found.vector == pytest.approx((0.2, -0.05))
    assert (found.from_seconds, found.to_seconds) == (Fraction(1), Fraction(3))
    assert (found.id, found.mark, found.source) == ("mark-1", 0, DirectiveSource.MARK)


def test_the_larger_part_of_a_slanting_arrow_is_judged_on_the_picture_s_own_shape() -> None:
    slanting = mark("arrow", "camera", (0.4, 0.4), (0.6, 0.15))
    assert only(slanting).move is Move.TRUCK_RIGHT  # 0.36 of a height across, 0.25 up
    (upright,) = read(slanting, aspect=9 / 16)
    assert upright.move is Move.CRANE_UP


def test_a_bent_path_is_one_directive_a_leg_at_one_speed() -> None:
    square = mark("path", "camera", (0.2, 0.2), (0.6, 0.2), (0.6, 0.6), until=4)
    first, second = read(square, aspect=1.0)
    assert [first.id, second.id] == ["mark-1.1", "mark-1.2"]
    assert [first.move, second.move] == [Move.TRUCK_RIGHT, Move.CRANE_DOWN]
    assert (first.to_seconds, second.from_seconds, second.to_seconds) == (
        Fraction(2),
        Fraction(2),
        Fraction(4),
    )
    assert first.vector == pytest.approx((0.2, 0.0))
    assert second.vector == pytest.approx((0.0, 0.2))


def test_a_shaky_hand_draws_one_straight_move() -> None:
    wobbling = tuple((0.2 + 0.005 * n, 0.5 + 0.008 * (-1) ** n) for n in range(120))
    assert only(mark("path", "camera", *wobbling)).move is Move.TRUCK_RIGHT


def test_as_many_marks_as_there_may_be_with_as_many_points_are_read_within_a_second() -> None:
    chance = Random(1)
    wild = [
        mark("path", "camera", *((chance.random(), chance.random()) for _ in range(512)), note="pan")
        for _ in range(64)
    ]
    since = process_time()
    found = read(*wild)
    conflicts_of_marks(found)
    assert process_time() - since < 1.0
    assert {each.mark for each in found} == set(range(64))


def test_an_outline_for_the_camera_is_what_the_frame_ends_on() -> None:
    found = only(mark("outline", "camera", *BOX, until=4))
    assert (found.move, found.region) == (Move.ZOOM_IN, BOX)
    assert found.vector == pytest.approx((-0.05, -0.025))
    assert "2.5 times" in found.says
    assert only(mark("outline", "camera", *BOX, note="start here")).move is Move.ZOOM_OUT


def test_a_point_is_what_the_camera_heads_for() -> None:
    turned = only(mark("point", "camera", (0.9, 0.5), until=4))
    assert turned.move is Move.PAN_RIGHT
    assert turned.vector == pytest.approx((0.1, 0.0))
    assert only(mark("point", "camera", (0.9, 0.5), note="push in")).move is Move.DOLLY_IN


def test_words_at_a_place_are_a_move_where_they_name_one() -> None:
    assert only(mark("text", "camera", (0.5, 0.5), note="pan left")).move is Move.PAN_LEFT
    plain = only(mark("text", "camera", (0.9, 0.1), note="keep her sharp, she is holding a letter"))
    noted = only(mark("text", "camera", (0.9, 0.1), note="more air here"))
    assert plain.note
    assert (noted.kind, noted.says) == (
        DirectiveKind.SHOT,
        "For the camera, at the upper right of the frame: more air here",
    )


def test_a_path_for_the_subject_keeps_its_points_and_its_region() -> None:
    found = read(
        mark("outline", "subject", *BOX),
        mark("path", "subject", (0.3, 0.4), (0.5, 0.5), (0.9, 0.4), since=1, until=4),
        mark("arrow", "subject", (0.8, 0.8), (0.6, 0.8)),
    )
    place, path, arrow = found
    assert (place.kind, place.relation, place.region) == (DirectiveKind.PLACE, Relation.LEFT, BOX)
    assert (path.kind, path.path) == (DirectiveKind.SUBJECT, ((0.3, 0.4), (0.5, 0.5), (0.9, 0.4)))
    assert path.vector == pytest.approx((0.2, 0.0))
    assert path.region == BOX
    assert arrow.region == ()
    assert [each.id for each in found] == ["mark-1", "mark-2", "mark-3"]


@pytest.mark.parametrize(
    ("target", "note", "kind"),
    [
        ("background", "", DirectiveKind.KEEP),
        ("foreground", "", DirectiveKind.KEEP),
        ("subject", "keep this", DirectiveKind.KEEP),
        ("subject", "", DirectiveKind.PLACE),
        ("subject", "end framing", DirectiveKind.CAMERA),
        ("light", "", DirectiveKind.LIGHT),
    ],
)
def test_an_outline_means_what_it_was_drawn_for(target: str, note: str, kind: DirectiveKind) -> None:
    found = only(mark("outline", target, *BOX, note=note))
    assert (found.kind, found.region) == (kind, BOX)


def test_light_comes_from_where_it_was_drawn() -> None:
    arrow = only(mark("arrow", "light", (0.05, 0.1), (0.5, 0.5)))
    assert (arrow.kind, arrow.relation) == (DirectiveKind.LIGHT, Relation.LEFT)
    assert arrow.says == "The light comes from the upper left and falls right and down."
    assert only(mark("point", "light", (0.95, 0.5))).relation is Relation.RIGHT


def test_marks_that_contradict_are_both_kept_and_told() -> None:
    left = mark("arrow", "camera", (0.7, 0.5), (0.3, 0.5), until=3)
    right = mark("arrow", "camera", (0.3, 0.5), (0.7, 0.5), since=2)
    later = mark("arrow", "camera", (0.3, 0.5), (0.7, 0.5), since=3)
    still = mark("point", "camera", (0.5, 0.5), note="locked off")
    assert len(read(left, right)) == 2
    assert [each.marks for each in conflicts_of_marks(read(left, right))] == [(0, 1)]
    assert conflicts_of_marks(read(left, later)) == ()
    assert [each.says for each in conflicts_of_marks(read(left, still))] == [
        "Marks 1 and 2 ask for a camera that stands still and one that moves."
    ]


def test_a_kept_part_and_a_path_through_it_are_told() -> None:
    found = conflicts_of_marks(
        read(mark("outline", "background", *BOX), mark("arrow", "subject", (0.2, 0.3), (0.9, 0.3)))
    )
    assert [each.marks for each in found] == [(0, 1)]


def test_two_subjects_may_go_two_ways() -> None:
    crossing = read(
        mark("arrow", "subject", (0.1, 0.5), (0.9, 0.5)), mark("arrow", "subject", (0.9, 0.5), (0.1, 0.5))
    )
    assert conflicts_of_marks(crossing) == ()


def test_a_frame_with_marks_and_no_text_is_a_brief_of_directives() -> None:
    brief = Brief(
        keyframes=(Keyframe("ast_1"),), annotations=(mark("arrow", "camera", (0.4, 0.5), (0.6, 0.5)),)
    )
    (found,) = directives_of_brief(brief)
    assert found.says == "The camera travels right, 0.04 frame widths a second."


_point = st.tuples(st.floats(0, 1), st.floats(0, 1))


@st.composite
def _marks(draw: st.DrawFn) -> Annotation:
    tool = draw(st.sampled_from(AnnotationTool))
    points = draw(st.lists(_point, min_size=tool.fewest_points, max_size=40))
    note = draw(st.sampled_from(["", "pan", "zoom out", "keep", "frame", "roll left", "she waves", "逆光"]))
    note = note or ("here" if tool is AnnotationTool.TEXT else "")
    begins = draw(st.integers(0, 490))
    since, ends = Fraction(begins, 100), draw(st.none() | st.integers(begins + 1, 500))
    until = None if ends is None else Fraction(ends, 100)
    target = draw(st.sampled_from(AnnotationTarget))
    return Annotation(
        tool=tool, target=target, points=tuple(points), from_seconds=since, to_seconds=until, note=note
    )


@given(st.lists(_marks(), min_size=1, max_size=5), st.sampled_from([16 / 9, 1.0, 9 / 16, 21 / 9]))
def test_no_mark_is_lost_and_none_leaves_its_time(marks: Sequence[Annotation], aspect: float) -> None:
    found = read(*marks, aspect=aspect)
    assert {each.mark for each in found} == set(range(len(marks)))
    assert len({each.id for each in found}) == len(found)
    for each in found:
        drawn = marks[each.mark or 0]
        assert drawn.from_seconds <= each.from_seconds <= each.to_seconds <= (drawn.to_seconds or FIVE)
        assert each.note == drawn.note
        assert each.says.strip()
        assert Directive.from_json(each.to_json()) == each
    conflicts_of_marks(found)


@given(_marks())
def test_the_legs_of_a_path_come_to_where_it_ends(drawn: Annotation) -> None:
    legs = [
        each
        for each in read(drawn)
        if len(each.path) > 1 and each.vector and each.kind is DirectiveKind.CAMERA
    ]
    if not legs or legs[-1].to_seconds - legs[0].from_seconds < _READABLE:
        return  # a vector keeps four places: over a flash of a stroke those are much of the way
    for axis in (0, 1):
        gone = sum(
            leg.vector[axis] * float(leg.to_seconds - leg.from_seconds)
            for leg in legs
            if leg.vector is not None
        )
        assert gone == pytest.approx(drawn.points[-1][axis] - drawn.points[0][axis], abs=2e-3)
