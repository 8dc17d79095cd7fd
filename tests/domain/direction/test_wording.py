"""What models are told: the editor's words first and whole, marks always, misses again and stronger."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.annotations import Annotation, AnnotationTarget, AnnotationTool
from plugin_backend.domain.direction.compiling import directives_of_plan
from plugin_backend.domain.direction.directives import Directive, DirectiveKind, DirectiveSource, within
from plugin_backend.domain.direction.marks import directives_of_marks
from plugin_backend.domain.direction.plan import plan_shot
from plugin_backend.domain.direction.terms import Move
from plugin_backend.domain.direction.wording import Family, family_of, prompt_with, words_for

FIVE = Fraction(5)


def directive(name: str = "camera-1", source: str = "words", **more: Any) -> Directive:
    fields: dict[str, Any] = {
        "kind": DirectiveKind.CAMERA,
        "move": Move.PAN_LEFT,
        "says": "The camera pans left.",
        "to_seconds": FIVE,
        **more,
    }
    return Directive(id=name, source=DirectiveSource(source), **fields)


def told(*directives: Directive, family: Family = Family.SENTENCES, **more: Any) -> str:
    return words_for(directives, family=family, duration=FIVE, **more).text


def test_what_the_editor_said_is_not_said_twice_until_it_was_missed() -> None:
    asked = directive()
    assert told(asked) == ""
    assert told(asked, stronger={"camera-1": 1}) == (
        "The camera pans left: the camera turns to the left and the whole view slides to the right."
    )


def test_each_miss_is_said_more_strongly_than_the_one_before() -> None:
    asked = directive()
    levels = [told(asked, stronger={"camera-1": level}) for level in (1, 2, 3)]
    assert "must be clearly visible" in levels[1]
    assert "with no other movement of the camera meanwhile" in levels[2]
    assert not any("pans right" in level for level in levels)  # naming it may be all that a model reads
    assert [len(each) for each in levels] == sorted({len(each) for each in levels})


def test_what_the_plan_says_is_told_as_sentences() -> None:
    brief = "a woman walks right, the coat on the left of the frame, at night. no people, light from the left"
    said = {
        each.kind: told(each, stronger={each.id: 1})
        for each in directives_of_plan(plan_shot(brief, duration_seconds=FIVE))
    }
    assert said[DirectiveKind.SUBJECT] == "The woman walks to the right."
    assert said[DirectiveKind.PLACE].startswith("The ")
    assert said[DirectiveKind.LIGHT].startswith("Light and weather: ")
    avoided = directives_of_plan(plan_shot(brief, duration_seconds=FIVE))
    (people,) = (each for each in avoided if each.kind is DirectiveKind.AVOID)
    assert told(people, stronger={people.id: 1}) == "No people."
    assert told(people, stronger={people.id: 2}) == "No people, anywhere in the picture, at any time."


def test_a_way_that_the_editor_left_open_stays_open() -> None:
    asked = directive(either_way=True, about="tower")
    said = told(asked, stronger={"camera-1": 1})
    assert said == "The camera pans on the tower: one way all through, whichever it is."


def test_a_time_is_told_once() -> None:
    asked = directive(
        "subject-1",
        kind=DirectiveKind.SUBJECT,
        move=None,
        about="woman",
        says="woman: turns, from 2 to 5 s",
        from_seconds=Fraction(2),
    )
    assert told(asked, stronger={"subject-1": 1}) == "From 2 s on, the woman turns."


def test_a_choice_of_ours_is_never_said() -> None:
    assert told(directive(source="default"), stronger={"camera-1": 3}) == ""


def test_a_mark_is_said_at_once_in_its_time_with_what_was_written_beside_it() -> None:
    drawn = Annotation(
        tool=AnnotationTool.ARROW,
        target=AnnotationTarget.CAMERA,
        points=((0.3, 0.5), (0.7, 0.5)),
        from_seconds=Fraction(1),
        to_seconds=Fraction(3),
        note="pan, as if surprised",
    )
    marks = directives_of_marks([drawn], duration=FIVE, aspect=16 / 9)
    assert told(*marks) == "From 1 to 3 s, the camera pans right (pan, as if surprised)."
    assert told(*marks, family=Family.COMMANDS) == "from 1 to 3 s, [Pan right] (pan, as if surprised)"


@pytest.mark.parametrize(
    ("move", "vector", "command"),
    [
        (Move.PAN_LEFT, (-0.1, 0.0), "[Pan left]"),
        (Move.TRUCK_RIGHT, (0.1, -0.08), "[Truck right,Pedestal up]"),
        (Move.CRANE_DOWN, (-0.05, 0.1), "[Pedestal down,Truck left]"),
        (Move.TILT_UP, (0.06, -0.1), "[Tilt up,Pan right]"),
        (Move.DOLLY_IN, None, "[Push in]"),
        (Move.HANDHELD, None, "[Shake]"),
        (Move.STATIC, None, "[Static shot]"),
    ],
)
def test_a_model_that_reads_commands_gets_them(
    move: Move, vector: tuple[float, float] | None, command: str
) -> None:
    mark = directive("mark-1", "mark", move=move, vector=vector, mark=0)
    assert told(mark, family=family_of("hailuo-02")) == command


def test_what_has_no_command_stays_a_sentence() -> None:
    roll = directive("mark-1", "mark", move=Move.ROLL_LEFT, mark=0)
    assert told(roll, family=Family.COMMANDS) == "The camera rolls to the left."


def test_only_hailuo_reads_commands() -> None:
    assert family_of("hailuo-02") is Family.COMMANDS
    assert {family_of(each) for each in ("ray-3.2", "veo-3.1", "kling-3.0")} == {Family.SENTENCES}


def test_where_room_is_short_the_weakest_goes_first_and_it_is_told() -> None:
    looks = directive("look-1", "look", kind=DirectiveKind.AVOID, says="No lens flare.", move=None)
    faint = directive("mark-2", "mark", move=Move.TILT_UP, strength=0.1, mark=1)
    strong = directive("mark-1", "mark", strength=0.9, mark=0)
    missed = directive("camera-1", move=Move.ZOOM_IN)
    everything = words_for(
        [looks, faint, strong, missed], family=Family.SENTENCES, stronger={"camera-1": 1}, duration=FIVE
    )
    assert everything.note is None
    dropped = []
    for room in range(len(everything.text), -1, -1):
        short = words_for(
            [looks, faint, strong, missed],
            family=Family.SENTENCES,
            stronger={"camera-1": 1},
            duration=FIVE,
            room=room,
        )
        assert len(short.text) <= room
        for each in short.left_out:
            if each.id not in dropped:
                dropped.append(each.id)
    assert dropped == ["look-1", "mark-2", "mark-1", "camera-1"]
    assert short.note is not None
    assert short.note.startswith("The model's limit of characters left no room for: No lens flare;")


def test_a_part_of_a_longer_shot_is_told_its_own_times() -> None:
    late = directive(from_seconds=Fraction(6), to_seconds=Fraction(9))
    early = directive("camera-2", to_seconds=Fraction(4))
    (found,) = within([late, early], Fraction(5), Fraction(10))
    assert (found.id, found.from_seconds, found.to_seconds) == ("camera-1", Fraction(1), Fraction(4))


_directives = st.lists(
    st.builds(
        directive,
        name=st.uuids().map(str),
        source=st.sampled_from([each.value for each in DirectiveSource]),
        kind=st.sampled_from(DirectiveKind),
        move=st.none() | st.sampled_from(Move),
        vector=st.none() | st.tuples(st.floats(-1, 1), st.floats(-1, 1)),
        says=st.text(min_size=1, max_size=60),
        note=st.text(max_size=30),
        strength=st.floats(0, 1),
        from_seconds=st.fractions(0, 2, max_denominator=10),
        to_seconds=st.fractions(3, 5, max_denominator=10),
    ),
    max_size=8,
    unique_by=lambda each: each.id,
)


@given(
    prompt=st.text(max_size=400),
    directives=_directives,
    family=st.sampled_from(Family),
    level=st.integers(0, 3),
    room=st.none() | st.integers(0, 600),
)
def test_the_editor_s_words_always_stand_first_and_whole(
    prompt: str, directives: list[Directive], family: Family, level: int, room: int | None
) -> None:
    stronger = {each.id: level for each in directives}
    found = prompt_with(prompt, directives, family=family, stronger=stronger, duration=FIVE, room=room)
    if prompt.strip():
        assert found.text.startswith(prompt)
    if room is not None:
        assert len(found.text) <= max(room, len(prompt))
    spoken = [each for each in directives if each.source in ("mark", "look")]
    assert room is not None or not found.left_out
    for each in spoken:
        assert each in found.left_out or not each.note or each.note in found.text
