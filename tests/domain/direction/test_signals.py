"""The words a brief was understood by, with their places in it."""

from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.direction.signals import SignalKind, signals_of

BRIEF = "At three seconds the camera pans slowly left, warm light from behind, then a dog on the right barks."


def words(kind: SignalKind) -> dict[str, str]:
    return {BRIEF[each.start : each.end]: each.term for each in signals_of(BRIEF) if each.kind is kind}


def test_spatial_temporal_and_tonal_words_are_told_apart() -> None:
    assert words(SignalKind.SPATIAL) == {
        "pans slowly left": "pan-left",
        "from behind": "behind",
        "on the right": "right",
    }
    assert words(SignalKind.TEMPORAL) == {"At three seconds": "from", "slowly": "0.45", "then": "then"}
    assert words(SignalKind.TONAL) == {"warm light": "warm"}


@given(st.text(max_size=300) | st.lists(st.sampled_from(BRIEF.split()), max_size=60).map(" ".join))
def test_every_signal_is_a_part_of_the_prompt(prompt: str) -> None:
    for signal in signals_of(prompt):
        assert 0 <= signal.start < signal.end <= len(prompt)
        assert prompt[signal.start : signal.end].strip()
