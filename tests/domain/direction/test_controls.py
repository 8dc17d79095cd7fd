"""A model's own controls: set for the one asked move, left alone where there are several or none."""

from fractions import Fraction
from typing import Any

import pytest

from plugin_backend.domain.catalogue import Catalogue
from plugin_backend.domain.direction.compiling import directives_of_plan
from plugin_backend.domain.direction.controls import Controls, controls_for, the_move
from plugin_backend.domain.direction.directives import Directive, DirectiveKind, DirectiveSource
from plugin_backend.domain.direction.plan import plan_shot
from plugin_backend.domain.direction.terms import Move

FIVE = Fraction(5)
MODELS = Catalogue.load()


def camera(move: Move, source: str = "words", **more: Any) -> Directive:
    fields: dict[str, Any] = {"says": "x", "to_seconds": FIVE, **more}
    kind, whose = DirectiveKind.CAMERA, DirectiveSource(source)
    return Directive(id=f"{source}-{move}", kind=kind, source=whose, move=move, **fields)


@pytest.mark.parametrize(
    ("model", "controls"),
    [
        ("ray-2", Controls(concepts=("pan_left",))),
        ("firefly-video", Controls(camera="camera pan left")),
        ("hailuo-02", Controls()),
        ("ray-3.2", Controls()),
        ("animatic", Controls()),
    ],
)
def test_each_provider_is_set_in_its_own_terms(model: str, controls: Controls) -> None:
    directives = directives_of_plan(plan_shot("slow pan left over a harbour", duration_seconds=FIVE))
    assert controls_for(directives, MODELS.model(model), duration=FIVE) == controls


@pytest.mark.parametrize(
    ("directives", "move"),
    [
        ([camera(Move.PAN_LEFT)], Move.PAN_LEFT),
        ([camera(Move.PAN_LEFT, "default")], None),
        ([camera(Move.PAN_LEFT), camera(Move.ZOOM_IN)], None),
        ([camera(Move.PAN_LEFT), camera(Move.ZOOM_IN, "mark")], Move.ZOOM_IN),
        ([camera(Move.PAN_LEFT, to_seconds=Fraction(2))], None),
        ([camera(Move.TRUCK_RIGHT, "mark", vector=(0.1, 0.02))], Move.TRUCK_RIGHT),
        ([camera(Move.TRUCK_RIGHT, "mark", vector=(0.1, 0.06))], None),
    ],
)
def test_one_move_for_most_of_the_shot_is_set(directives: list[Directive], move: Move | None) -> None:
    assert the_move(directives, duration=FIVE) is move
