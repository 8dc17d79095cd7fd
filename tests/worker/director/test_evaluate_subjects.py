import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from plugin_backend.domain.direction.directives import Directive, DirectiveKind, Relation
from plugin_backend.domain.direction.evaluation import Adherence, Standing
from plugin_backend.domain.direction.resemblance import resemblance
from plugin_backend.domain.direction.terms import Move
from tests.worker.director.clips import HEIGHT, WIDTH, Picture, directive, panned, seen, wall, with_disc

ACROSS = directive(DirectiveKind.SUBJECT, about="subject", path=((0.2, 0.5), (0.8, 0.5)), vector=(0.3, 0.0))


def judged(clip: list[Picture], asked: Directive, *others: Directive) -> Adherence:
    return seen(clip, asked, *others).adherence[0]


def rolling(start: tuple[float, float], end: tuple[float, float]) -> Callable[[float], tuple[float, float]]:
    return lambda share: (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))


@pytest.mark.parametrize("x", [0.0, 0.08, -0.08])
def test_a_marked_ball_is_followed_along_its_path_whatever_the_camera_does(x: float) -> None:
    found = judged(with_disc(panned(x=x), rolling((0.2, 0.5), (0.8, 0.5))), ACROSS)
    assert found.standing is Standing.FOLLOWED
    assert found.confidence > 0.6
    for _, across, down in found.measured["path"]:
        assert down == pytest.approx(0.5, abs=0.04)
        assert 0.16 < across < 0.84
    assert found.measured["to"][0] == pytest.approx(0.8, abs=0.04)


@pytest.mark.parametrize(
    "end", [(0.2, 0.5), (0.2, 0.9), (0.05, 0.5), (0.5, 0.1)], ids=["stays", "falls", "back", "aside"]
)
def test_a_ball_that_goes_elsewhere_misses_its_path(end: tuple[float, float]) -> None:
    found = judged(with_disc(panned(), rolling((0.2, 0.5), end)), ACROSS)
    assert found.standing in {Standing.MISSED, Standing.PARTLY}
    assert found.score is not None
    assert found.score < 0.5


def test_a_ball_that_rolls_behind_a_column_is_hidden_and_comes_back() -> None:
    clip = with_disc(panned(frames=36), rolling((0.15, 0.5), (0.85, 0.5)))
    column = wall(seed=11)[:HEIGHT, : WIDTH // 5]
    for frame in clip:
        frame[:, 2 * WIDTH // 5 : 3 * WIDTH // 5] = column
    found = judged(
        clip,
        directive(DirectiveKind.SUBJECT, path=((0.15, 0.5), (0.85, 0.5)), to_seconds=Fraction(3)),
    )
    assert found.standing is Standing.FOLLOWED
    assert found.measured["returns"] is True
    assert 0.3 <= found.measured["hidden_seconds"] <= 1.4


def test_a_ball_that_falls_and_bounces_twice_is_seen_to() -> None:
    def bouncing(share: float) -> tuple[float, float]:
        height = 0.55 * abs(math.cos(share * 2.5 * math.pi)) * (1 - 0.35 * share)
        return 0.2 + 0.5 * share, 0.82 - height

    clip = with_disc(panned(frames=48), bouncing)
    asked = directive(
        DirectiveKind.SUBJECT, path=((0.2, 0.27),), terms=("fall", "down"), to_seconds=Fraction(4)
    )
    assert judged(clip, asked).measured["bounces"] == 2


def test_what_moves_without_a_mark_is_told_by_its_heading_and_held_less_firmly() -> None:
    clip = with_disc(panned(), rolling((0.75, 0.4), (0.25, 0.4)))
    left = judged(clip, directive(DirectiveKind.SUBJECT, about="dog", terms=("run", "left")))
    right = judged(clip, directive(DirectiveKind.SUBJECT, about="dog", terms=("run", "right")))
    assert (left.standing, right.standing) == (Standing.FOLLOWED, Standing.MISSED)
    assert left.confidence <= 0.5


def test_an_action_without_a_heading_is_not_measured_unless_nothing_moves_at_all() -> None:
    dance = directive(DirectiveKind.SUBJECT, about="woman", terms=("dance", "none"))
    walk = directive(DirectiveKind.SUBJECT, about="woman", terms=("walk", "none"))
    moving = with_disc(panned(), rolling((0.3, 0.4), (0.6, 0.4)))
    assert judged(moving, dance).standing is Standing.NOT_MEASURED
    assert judged(panned(x=0.02), walk).standing is Standing.MISSED


def test_an_outlined_region_that_stays_is_kept_though_the_camera_moves() -> None:
    corner = ((0.35, 0.3), (0.65, 0.3), (0.65, 0.7), (0.35, 0.7))
    keep = directive(DirectiveKind.KEEP, region=corner)
    assert judged(panned(x=0.05), keep).standing is Standing.FOLLOWED
    assert judged(panned(zoom=0.1), keep).standing is Standing.FOLLOWED


def test_an_outlined_region_that_something_covers_is_not_kept() -> None:
    corner = ((0.35, 0.3), (0.65, 0.3), (0.65, 0.7), (0.35, 0.7))
    clip = with_disc(panned(), rolling((0.2, 0.5), (0.55, 0.5)), radius=0.12)
    assert judged(clip, directive(DirectiveKind.KEEP, region=corner)).standing is Standing.MISSED


def test_a_region_that_leaves_the_frame_is_not_measured() -> None:
    edge = ((0.0, 0.0), (0.08, 0.0), (0.08, 0.5), (0.0, 0.5))
    assert judged(panned(x=0.4), directive(DirectiveKind.KEEP, region=edge)).score is None


def test_a_marked_thing_stands_where_it_was_put_or_does_not() -> None:
    placed = directive(DirectiveKind.PLACE, path=((0.25, 0.4),), relation=Relation.LEFT, about="subject")
    stays = judged(with_disc(panned(x=0.0), rolling((0.25, 0.4), (0.28, 0.4))), placed)
    leaves = judged(with_disc(panned(x=0.0), rolling((0.25, 0.4), (0.85, 0.4))), placed)
    assert stays.standing is Standing.FOLLOWED
    assert leaves.score is not None
    assert leaves.score < 0.6


def test_where_an_unmarked_thing_stands_is_not_measured() -> None:
    placed = directive(DirectiveKind.PLACE, relation=Relation.LEFT, about="dog", beside="man")
    assert judged(panned(frames=12), placed).standing is Standing.NOT_MEASURED


def test_events_in_their_order_follow_it_and_in_another_do_not() -> None:
    pan = directive(
        DirectiveKind.CAMERA, id="camera-1", says="the camera does a pan right", move=Move.PAN_RIGHT
    )
    tilt = directive(DirectiveKind.CAMERA, id="camera-2", says="the camera does a tilt up", move=Move.TILT_UP)
    order = directive(DirectiveKind.ORDER, id="order-1", terms=(pan.says, tilt.says))
    contrary = directive(DirectiveKind.ORDER, id="order-1", terms=(tilt.says, pan.says))
    clip = [*panned(x=0.15, frames=12), *panned(y=-0.2, frames=12)]
    assert judged(clip, order, pan, tilt).standing is Standing.FOLLOWED
    assert judged(clip, contrary, pan, tilt).standing is Standing.MISSED


def test_a_move_that_must_not_be_is_seen_and_people_are_not_looked_for() -> None:
    zoom = directive(DirectiveKind.AVOID, about="zoom", terms=("zoom-in",))
    people = directive(DirectiveKind.AVOID, about="people", terms=("crowd",))
    assert judged(panned(zoom=0.15), zoom).standing is Standing.MISSED
    assert judged(panned(x=0.1), zoom).standing is Standing.FOLLOWED
    assert judged(panned(frames=12), people).standing is Standing.NOT_MEASURED


def tinted(gain: tuple[float, float, float]) -> list[Picture]:
    weights = np.array(gain, np.float32)
    return [np.clip(frame * weights, 0, 255).astype(np.uint8) for frame in panned(x=0.05, frames=12)]


@pytest.mark.parametrize(
    ("term", "asked_for", "contrary"),
    [
        ("night", (0.3, 0.3, 0.4), (1.3, 1.3, 1.3)),
        ("noon", (1.2, 1.2, 1.2), (0.25, 0.25, 0.25)),
        ("warm", (1.2, 1.0, 0.7), (0.7, 1.0, 1.25)),
        ("cold", (0.7, 1.0, 1.25), (1.2, 1.0, 0.7)),
        ("#2f6bff", (0.3, 0.6, 1.6), (1.4, 0.8, 0.3)),
    ],
)
def test_light_is_told_from_the_whole_picture(
    term: str, asked_for: tuple[float, float, float], contrary: tuple[float, float, float]
) -> None:
    asked = directive(DirectiveKind.LIGHT, terms=(term,))
    assert judged(tinted(asked_for), asked).standing is Standing.FOLLOWED
    assert judged(tinted(contrary), asked).standing is Standing.MISSED


def test_a_light_source_is_not_measured() -> None:
    asked = directive(DirectiveKind.LIGHT, terms=("window", "from-left"))
    assert judged(panned(frames=12), asked).standing is Standing.NOT_MEASURED


def test_a_cast_against_the_asked_colours_is_a_fault() -> None:
    blue = directive(DirectiveKind.LIGHT, terms=("#2f6bff", "cold"))
    assert [str(each.kind) for each in seen(tinted((1.4, 0.9, 0.4)), blue).defects] == ["cast"]
    assert seen(tinted((0.7, 1.0, 1.25)), blue).defects == ()


def test_a_take_that_turns_into_another_picture_drifts() -> None:
    one, other = panned()[0].astype(np.float32), panned(seed=8)[0].astype(np.float32)
    clip = [(one + (other - one) * n / 23).astype(np.uint8) for n in range(24)]
    assert "drift" in {str(each.kind) for each in seen(clip).defects}
    assert "drift" not in {str(each.kind) for each in seen(panned(x=0.05)).defects}


def test_the_same_thing_in_two_takes_looks_alike_and_another_does_not() -> None:
    def takes(colour: tuple[int, int, int], seed: int) -> str:
        clip = with_disc(panned(seed=seed), lambda at: (0.2 + 0.6 * at, 0.5), radius=0.12, colour=colour)
        return seen(clip).subject

    red, again, green = takes((225, 60, 40), 3), takes((225, 60, 40), 5), takes((40, 200, 90), 3)

    same, other = resemblance(red, again), resemblance(red, green)
    assert same is not None
    assert other is not None
    assert same > 0.75
    assert other < 0.6


def test_where_nothing_moves_by_itself_nothing_is_compared() -> None:
    assert seen(panned(x=0.1)).subject == ""
