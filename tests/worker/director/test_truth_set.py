"""A cross-section of the truth set (bench/truth_set.py): animatic's own camera against what is measured."""

from itertools import chain

import pytest

from bench.truth_clips import Asked
from bench.truth_set import Result, animatic, measured
from plugin_backend.domain.direction.terms import Move

_EXACT = {Move.PAN_LEFT, Move.PAN_RIGHT, Move.TILT_UP, Move.TILT_DOWN}


def cross_section() -> list[Asked]:
    """Two clips of every move that has a direction, each of another scene, and eight that stand still."""
    every = list(animatic())
    directed = [
        [clip for clip in every if clip.move is move][number % 12 :: 6][:2]
        for number, move in enumerate(each for each in Move if each.other_way is not None)
    ]
    still = [clip for clip in every if clip.move is Move.STATIC][::14]
    return [*chain.from_iterable(directed), *still]


@pytest.fixture(scope="module")
def results() -> list[Result]:
    return [measured(clip) for clip in cross_section()]


@pytest.mark.slow
def test_of_clips_whose_camera_is_known_the_director_is_seldom_wrong(results: list[Result]) -> None:
    directed = [each for each in results if each.is_directed]
    wrong = [each.what for each in directed if not each.direction_right]
    assert len(directed) >= 20
    assert len(wrong) <= 2, wrong
    exact = [each for each in directed if each.move in _EXACT]
    assert len(exact) >= 6
    assert not [each.what for each in exact if not each.direction_right or each.speed_off > 0.15]
    assert not [each.what for each in results if each.is_still and each.seen.move != "static"]
