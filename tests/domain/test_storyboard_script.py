"""A script as shots: what begins one, what is not drawn, how long each lasts, and that nothing is lost."""

import re
from collections import Counter
from fractions import Fraction
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.boards.storyboard_pacing import seconds_of, sentences_of
from plugin_backend.domain.boards.storyboard_script import NoteKind, Split, split_script
from plugin_backend.domain.storyboard import MAX_SCRIPT_CHARACTERS

LONGEST = Fraction(10)
SCRIPT = """FADE IN:

EXT. HARBOUR - DAWN

Fog lies over the water. A red boat drifts in from the left.

ANNA (O.S.)
(whispering)
Is anybody there?

She steps onto the pier for 4 seconds.

CUT TO:

INT./EXT. BOAT CABIN - CONTINUOUS

INT. KITCHEN - NIGHT
1. A kettle boils on the stove. (6s)
2) Steam rises slowly through the lamplight.
MARK: Turn it off.
SH040: A hand reaches in suddenly.
"""


def split(script: str) -> Split:
    return split_script(script, longest=LONGEST)


def test_a_screenplay_comes_to_its_shots_in_order() -> None:
    shots = split(SCRIPT).shots

    assert [shot.prompt for shot in shots] == [
        "Exterior, harbour, dawn. Fog lies over the water. A red boat drifts in from the left.",
        "Exterior, harbour, dawn. She steps onto the pier for 4 seconds.",
        "Interior and exterior, boat cabin, continuous.",
        "Interior, kitchen, night. A kettle boils on the stove. (6s)",
        "Interior, kitchen, night. Steam rises slowly through the lamplight.",
        "Interior, kitchen, night. A hand reaches in suddenly.",
    ]
    assert [shot.mark for shot in shots] == ["", "", "", "1.", "2)", "SH040:"]
    assert shots[1].seconds == 4
    assert shots[3].seconds == 6


def test_dialogue_and_transitions_are_noted_with_their_lines() -> None:
    notes = [(note.kind, note.line, note.text) for note in split(SCRIPT).notes]

    assert notes == [
        (NoteKind.TRANSITION, 1, "FADE IN:"),
        (NoteKind.DIALOGUE, 7, "ANNA (O.S.)\n(whispering)\nIs anybody there?"),
        (NoteKind.TRANSITION, 13, "CUT TO:"),
        (NoteKind.DIALOGUE, 20, "MARK: Turn it off."),
    ]


def test_plain_sentences_are_put_together_as_long_as_they_fit() -> None:
    found = split("A man walks. " * 12)

    assert [shot.seconds for shot in found.shots] == [10, 10, 4]
    assert sum(shot.text.count("A man walks.") for shot in found.shots) == 12


def test_a_sentence_longer_than_the_limit_is_cut_to_it_and_noted() -> None:
    found = split("The train rolls through the valley for 30 seconds.")

    assert [shot.seconds for shot in found.shots] == [LONGEST]
    assert [note.kind for note in found.notes] == [NoteKind.TOO_LONG]


@pytest.mark.parametrize(
    ("sentence", "seconds"),
    [
        ("A dog runs.", 2),
        ("A boat drifts past an old grey lighthouse far out at sea.", 5),
        ("The camera slowly pushes in on the old grey lighthouse.", 6),
        ("A door snaps shut behind the tall man in the coat.", 3),
        ("Hold for 3.5 seconds on the empty chair.", Fraction(7, 2)),
        ("A 2-second flash.", 2),
        ("At 3 seconds the lamp goes out.", 3),
        ("She waits (4s) and leaves for 2 sec.", 6),
    ],
)
def test_a_sentence_lasts_as_it_says_or_as_it_reads(sentence: str, seconds: Fraction) -> None:
    assert seconds_of(sentence) == seconds


def test_an_abbreviation_ends_no_sentence() -> None:
    told = "Mr. Hall meets Dr. B. Ames at 5 p.m. sharp. They leave! Do they? \u201cYes.\u201d He nods."

    assert sentences_of(told) == (
        "Mr. Hall meets Dr. B. Ames at 5 p.m. sharp.",
        "They leave!",
        "Do they?",
        "\u201cYes.\u201d",
        "He nods.",
    )


lines = st.one_of(
    st.sampled_from(
        [
            "",
            "INT. KITCHEN - NIGHT",
            "12A. EXT. BEACH",
            "CUT TO:",
            "ANNA",
            "(quietly)",
            "MARK: Go now.",
            "1. A dog runs.",
            "- a cat sits",
            "SH010: Rain.",
            "THE END",
            "Fog. Then sun! (4s)",
            "Mr. Hall waits for 30 seconds.",
        ]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=60),
)
scripts = st.lists(lines, max_size=25).map("\n".join)


def letters(text: str) -> Counter[str]:
    return Counter(re.sub(r"\s+", "", text))


@given(scripts)
def test_nothing_of_a_script_is_lost_or_said_twice(script: str) -> None:
    found = split(script)

    scenes = {shot.scene for shot in found.shots}
    headings = [line for line in script.splitlines() if line.strip() in scenes - {""}]
    kept = [f"{shot.mark}{shot.text}" for shot in found.shots]
    kept += [note.text for note in found.notes if note.kind is not NoteKind.TOO_LONG]
    assert letters("".join(kept + headings)) == letters(script)


@given(scripts)
def test_the_same_script_is_the_same_shots_and_none_is_beyond_the_limit(script: str) -> None:
    found = split(script)

    assert found == split(script)
    assert all(0 < shot.seconds <= LONGEST for shot in found.shots)
    assert all(shot.prompt for shot in found.shots)


@pytest.mark.parametrize("awkward", ["Mr. ", "1s ", "a 0.001s. ", ". ", "1. ", "INT. ", "ANNA (x)", "at 1s "])
def test_no_script_takes_longer_than_its_length_does(awkward: str) -> None:
    script = (awkward * MAX_SCRIPT_CHARACTERS)[:MAX_SCRIPT_CHARACTERS]
    began = process_time()

    split(script)

    assert process_time() - began < 2
