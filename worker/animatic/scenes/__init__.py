"""Scene composition: one file per environment, chosen by the plan."""

from collections.abc import Callable
from typing import Final

from plugin_backend.domain.direction.terms import Environment
from worker.animatic.scenes.bottle import tabletop
from worker.animatic.scenes.cabin import cabin
from worker.animatic.scenes.city import city
from worker.animatic.scenes.coast import coast
from worker.animatic.scenes.counter import counter
from worker.animatic.scenes.desert import desert
from worker.animatic.scenes.fireworks import lake
from worker.animatic.scenes.forest import forest
from worker.animatic.scenes.gallery import gallery
from worker.animatic.scenes.harbour import harbour
from worker.animatic.scenes.landscapes import meadow, mountains
from worker.animatic.scenes.pendulum import wall
from worker.animatic.scenes.platform import platform
from worker.animatic.scenes.space import space
from worker.animatic.scenes.street import street
from worker.animatic.scenes.workshop import workshop
from worker.animatic.spec import ShotSpec
from worker.animatic.stage import Picture, Stage

Builder = Callable[[Stage], None]
_SCENES: Final[dict[Environment, Builder]] = {
    Environment.FOREST: forest,
    Environment.STREET: street,
    Environment.HARBOUR: harbour,
    Environment.LAKE: lake,
    Environment.WALL: wall,
    Environment.GALLERY: gallery,
    Environment.COUNTER: counter,
    Environment.DESERT: desert,
    Environment.WORKSHOP: workshop,
    Environment.TABLETOP: tabletop,
    Environment.PLATFORM: platform,
    Environment.CABIN: cabin,
    Environment.COAST: coast,
    Environment.MOUNTAINS: mountains,
    Environment.MEADOW: meadow,
    Environment.CITY: city,
    Environment.SPACE: space,
}


def build(spec: ShotSpec, store: dict[str, Picture]) -> Stage:
    """A stage with the planned scene on it."""
    environment = spec.plan.concept.environment
    stage = Stage.of(spec, store)
    _SCENES[environment](stage)
    return stage
