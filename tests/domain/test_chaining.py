"""Long shots in parts: which lengths, what each part is asked for, and that nothing of the brief is lost."""

from fractions import Fraction
from itertools import combinations_with_replacement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.annotations import Annotation, AnnotationTool
from plugin_backend.domain.brief import Brief, Keyframe, Operation, Source
from plugin_backend.domain.catalogue import Durations, Model
from plugin_backend.domain.making.additions import Addition
from plugin_backend.domain.making.chaining import (
    MAX_PARTS,
    Part,
    brief_of_part,
    joined,
    nearest_lengths,
    parts_for,
    parts_of,
    shares,
)


def _model(generate: tuple[int, ...], extend: tuple[int, ...]) -> Model:
    lengths = {Operation.GENERATE: generate, Operation.EXTEND: extend}
    durations = tuple(
        (operation, Durations(listed=tuple(map(Fraction, listed))))
        for operation, listed in lengths.items()
        if listed
    )
    return Model(id="m", label="M", provider="p", durations=durations)


TEN_AND_FIVE = _model((5, 10), (5,))
NINE_OR_FIVE = _model((5, 9), (5, 9))
lengths = st.lists(st.integers(1, 12), min_size=1, max_size=3, unique=True).map(tuple)
lists_of_parts = st.lists(st.integers(1, 20).map(Fraction).map(Part), min_size=1, max_size=MAX_PARTS)


@pytest.mark.parametrize(
    ("model", "seconds", "expected"),
    [
        (TEN_AND_FIVE, 5, (5,)),
        (TEN_AND_FIVE, 10, (10,)),
        (TEN_AND_FIVE, 15, (10, 5)),
        (TEN_AND_FIVE, 20, (10, 5, 5)),
        (TEN_AND_FIVE, 35, (10, 5, 5, 5, 5, 5)),
        (TEN_AND_FIVE, 40, ()),
        (TEN_AND_FIVE, 12, ()),
        (NINE_OR_FIVE, 14, (9, 5)),
        (NINE_OR_FIVE, 15, (5, 5, 5)),
        (_model((5, 10), ()), 15, ()),
    ],
)
def test_a_shot_over_the_limit_is_as_few_parts_as_can_be(
    model: Model, seconds: int, expected: tuple[int, ...]
) -> None:
    assert parts_for(model, Operation.GENERATE, Fraction(seconds)) == expected


def test_a_long_extension_is_several_and_an_edit_is_never_cut() -> None:
    edits = Model(
        id="m",
        label="M",
        provider="p",
        durations=(
            *TEN_AND_FIVE.durations,
            (Operation.EDIT, Durations(shortest=Fraction(1), longest=Fraction(18))),
        ),
    )

    def cut(operation: Operation, seconds: int) -> list[int]:
        return [int(part) for part in parts_for(edits, operation, Fraction(seconds))]

    assert cut(Operation.EXTEND, 15) == [5, 5, 5]
    assert cut(Operation.EDIT, 18) == [18]
    assert cut(Operation.EDIT, 20) == []
    assert cut(Operation.REFRAME, 5) == []


@pytest.mark.parametrize(
    ("model", "seconds", "expected"),
    [
        (TEN_AND_FIVE, 7, (5, 10)),
        (TEN_AND_FIVE, 23, (20, 25)),
        (TEN_AND_FIVE, 36, (35,)),
        (TEN_AND_FIVE, 3, (5,)),
        (NINE_OR_FIVE, 16, (15, 18)),
        (_model((5, 10), ()), 23, ()),
    ],
)
def test_a_length_that_cannot_be_made_has_neighbours_that_can(
    model: Model, seconds: int, expected: tuple[int, ...]
) -> None:
    found = nearest_lengths(model, Operation.GENERATE, Fraction(seconds))

    assert found == expected
    assert all(parts_for(model, Operation.GENERATE, each) for each in found)


@given(generate=lengths, extend=lengths, seconds=st.integers(1, 60))
def test_the_parts_make_up_the_shot_and_no_fewer_would(
    generate: tuple[int, ...], extend: tuple[int, ...], seconds: int
) -> None:
    found = parts_for(_model(generate, extend), Operation.GENERATE, Fraction(seconds))

    reachable = {
        count
        for count in range(1, MAX_PARTS + 1)
        for first in generate
        for rest in combinations_with_replacement(extend, count - 1)
        if first + sum(rest) == seconds
    }
    assert len(found) == min(reachable, default=0)
    if found:
        assert sum(found) == seconds
        assert found[0] in generate
        assert set(found[1:]) <= set(map(Fraction, extend))


@given(lists_of_parts, st.data())
def test_every_keyframe_is_in_one_part_at_its_own_moment(parts: list[Part], data: st.DataObject) -> None:
    total = sum((part.seconds for part in parts), Fraction(0))
    moments = data.draw(st.lists(st.integers(0, int(total)).map(Fraction), unique=True, max_size=6))
    frames = tuple(Keyframe(f"ast_{at}", at) for at in moments)
    brief = Brief(prompt="p", duration_seconds=total, keyframes=frames)

    found = [
        (frame.asset_id, frame.at_seconds + sum(part.seconds for part in parts[:number]))
        for number in range(len(parts))
        for frame in brief_of_part(brief, parts, number, take_id="take_1").keyframes
    ]

    assert sorted(found) == sorted((frame.asset_id, frame.at_seconds) for frame in frames)


@given(lists_of_parts)
def test_the_parts_of_a_brief_last_as_long_as_the_brief(parts: list[Part]) -> None:
    brief = Brief(prompt="p", duration_seconds=sum((part.seconds for part in parts), Fraction(0)))
    made = [brief_of_part(brief, parts, number, take_id="take_1") for number in range(len(parts))]

    assert [each.duration_seconds for each in made] == [part.seconds for part in parts]
    assert made[0].operation is Operation.GENERATE
    assert all(each.source == Source(operation=Operation.EXTEND, take_id="take_1") for each in made[1:])


TEN_FIVE_FIVE = (Part(Fraction(10)), Part(Fraction(5)), Part(Fraction(5)))
SOUND = Part(Fraction(5), Addition.AUDIO)


def test_a_mark_holds_in_every_part_it_reaches_into() -> None:
    mark = Annotation(
        tool=AnnotationTool.POINT, points=((0.5, 0.5),), from_seconds=Fraction(8), to_seconds=Fraction(12)
    )
    brief = Brief(prompt="p", duration_seconds=Fraction(20), annotations=(mark,))

    found = [
        [(int(each.from_seconds), int(each.to_seconds or 0)) for each in part.annotations]
        for part in (brief_of_part(brief, TEN_FIVE_FIVE, number, take_id="take_1") for number in range(3))
    ]

    assert found == [[(8, 10)], [(0, 2)], []]


def test_a_shot_in_one_part_is_the_brief_itself() -> None:
    brief = Brief(prompt="p", loop=True)

    assert parts_of(brief, TEN_AND_FIVE) == (Part(Fraction(5)),)
    assert brief_of_part(brief, parts_of(brief, TEN_AND_FIVE), 0, take_id="take_1") is brief


def test_a_length_the_model_does_not_make_any_more_is_asked_for_as_it_is() -> None:
    brief = Brief(prompt="p", duration_seconds=Fraction(7))

    assert parts_of(brief, TEN_AND_FIVE) == (Part(Fraction(7)),)


def test_what_is_added_to_a_part_is_asked_for_as_the_part_was() -> None:
    brief = Brief(prompt="p", duration_seconds=Fraction(20))
    parts = (*TEN_FIVE_FIVE, SOUND)

    assert brief_of_part(brief, parts, 3, take_id="take_1") == brief_of_part(
        brief, parts, 2, take_id="take_1"
    )


def test_the_files_of_all_parts_stand_in_order_and_say_whose_they_are() -> None:
    first = {"files": [{"role": "movie", "url": "a"}], "id": "1"}
    second = {"files": [{"role": "movie", "url": "b"}, {"role": "exr", "url": "c"}], "id": "2"}

    assert joined(TEN_FIVE_FIVE, [first]) is first
    assert joined(TEN_FIVE_FIVE, [first, second]) == {
        "id": "1",
        "files": [
            {"role": "movie", "url": "a", "part": 0},
            {"role": "movie", "url": "b", "part": 1},
            {"role": "exr", "url": "c", "part": 1},
        ],
    }


def test_what_was_added_to_a_part_stands_in_its_place() -> None:
    silent, loud = {"files": [{"url": "a"}]}, {"files": [{"url": "b"}]}
    parts = (Part(Fraction(5)), SOUND)

    assert joined(parts, [silent]) is silent
    assert joined(parts, [silent, loud]) is loud


@given(st.integers(0, 10**6), lists_of_parts)
def test_the_shares_of_a_price_are_its_sum_and_none_is_negative(credits: int, parts: list[Part]) -> None:
    found = shares(credits, parts)

    assert sum(found) == credits
    assert len(found) == len(parts)
    assert min(found) >= 0
