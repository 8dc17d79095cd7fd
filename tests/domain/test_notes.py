"""The plan in sentences, as the trace shows it to an editor."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.direction.notes import plan_notes
from plugin_backend.domain.direction.plan import plan_shot


def test_the_notes_say_what_the_brief_said() -> None:
    plan = plan_shot(
        "slow dolly in through a misty forest at golden hour", duration_seconds=Fraction(5), loop=False
    )
    notes = dict(plan_notes(plan))

    assert list(notes) == ["concept", "motion", "lighting"]
    assert "forest" in notes["concept"]
    assert "golden" in notes["concept"]
    assert "dolly in" in notes["motion"]


@given(st.text(max_size=200))
def test_any_words_make_three_sentences_a_person_can_read(prompt: str) -> None:
    for _, sentence in plan_notes(plan_shot(prompt, duration_seconds=Fraction(5), loop=False)):
        assert sentence.strip()
        assert "_" not in sentence
