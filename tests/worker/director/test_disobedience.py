"""A model that does not do as it was told is found out, and one that does is believed."""

from pathlib import Path

import pytest

from bench.director import ACCEPTED, Clip, judged
from tests.fakes.flaws import Flaw

pytestmark = pytest.mark.slow

_PROMPT = "slow pan left over a harbour at dawn"


@pytest.mark.parametrize("flaw", Flaw)
def test_a_film_that_nobody_would_use_is_not_accepted(flaw: Flaw, tmp_path: Path) -> None:
    seen = judged(Clip(_PROMPT, seed=5, flaw=flaw), tmp_path / "clip.mp4", seconds=2)

    assert seen.score is not None
    assert seen.score < ACCEPTED


def test_a_film_as_it_was_asked_for_is_accepted(tmp_path: Path) -> None:
    seen = judged(Clip(_PROMPT, seed=5, flaw=""), tmp_path / "clip.mp4", seconds=2)

    assert seen.score is not None
    assert seen.score >= ACCEPTED
