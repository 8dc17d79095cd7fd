"""Dunes at noon: near crests sink as the camera rises, and a caravan shows on the ridge."""

import numpy as np

from plugin_backend.domain.direction.terms import SubjectKind
from worker.animatic import noise
from worker.animatic.canvas import Canvas, stroke
from worker.animatic.figures import Cloth, Row, beast, stacked, walker
from worker.animatic.ink import Colour, Floats, ink, lit, mix
from worker.animatic.items import Shimmer, Strokes
from worker.animatic.mist import mist, shelf
from worker.animatic.scenes.extras import cast
from worker.animatic.scenes.land import weather
from worker.animatic.scenes.sky import sky
from worker.animatic.stage import Stage

_RIDGE = 5.2


def desert(stage: Stage) -> None:
    """Sky, far dunes in haze, the ridge with its caravan, then crest after crest to the lens."""
    stage.vanish, stage.eye = (0.0, -0.03), 0.8
    stage.finish.vignette = 0.3
    sky(stage, horizon=-0.04, cover=0.12)
    _dune(stage, "farthest", 18.0, (0.0, 0.055), 0.004)
    _dune(stage, "far", 11.0, (0.035, 0.07), 0.012)
    _dune(stage, "ridge", _RIDGE, (0.07, 0.09), 0.02)
    if stage.subject(SubjectKind.CAMEL) or not stage.plan.concept.subjects:
        _caravan(stage)
    stage.add(Shimmer(-0.12, 0.13, _RIDGE, 0.0016, lambda time: _clock(stage, time)))
    _dune(stage, "middle", 3.4, (0.15, 0.1), 0.03)
    box = stage.bounds(2.6)
    mist(
        stage,
        "sand",
        (box[0], 0.08, box[2], 0.34),
        depth=2.6,
        colour=stage.look.surface("#f0cf98", facing=0.8),
        alpha=0.3,
        shape=shelf(0.6, 0.4),
        size=(0.25, 2.4),
        drift=(0.09, 0.0),
        cut=(0.45, 0.8),
    )
    _dune(stage, "near", 2.1, (0.15, 0.15), 0.05)
    cast(stage, depth=3.0, tall=0.3, without=frozenset({SubjectKind.CAMEL}))
    _dune(stage, "nearest", 1.35, (0.36, 0.17), 0.09)
    weather(stage)


def _clock(stage: Stage, time: float) -> float:
    """A loop's shimmer turns whole times."""
    return 0.0 if stage.spec.loop else time


def _crest(stage: Stage, name: str, x: Floats, band: tuple[float, float]) -> Floats:
    """A dune's skyline: long smooth swells with a sharp lee side."""
    rng = stage.rng("dune/" + name)
    base, height = band
    shape = np.zeros_like(x)
    for swell in (0.9, 1.7, 3.1):
        turn = (x * swell * 0.62 / (0.6 + height * 3.0) + rng.random() * 7.0) % 1.0
        shape += (
            np.where(
                turn < 0.68,
                np.sin(turn / 0.68 * np.pi / 2) ** 2,
                np.cos((turn - 0.68) / 0.32 * np.pi / 2) ** 2,
            )
            / swell
        )
    return np.asarray(base - height * (shape / 2.0 - 0.4), np.float32)


def _dune(stage: Stage, name: str, depth: float, band: tuple[float, float], ripple: float) -> None:
    """One dune: lit windward face, shadowed lee, wind ripples that follow the slope."""
    box = stage.bounds(depth)

    def paint(canvas: Canvas) -> None:
        columns = np.asarray(canvas.columns()[0], np.float32)
        top = _crest(stage, name, columns, band)
        slope = np.gradient(top) * canvas.density
        below = canvas.rows() - top[None, :]
        cover = np.clip(below * canvas.density + 0.5, 0.0, 1.0)
        spine = (
            0.07 * band[1] * 8 * np.sin(columns * 5.0 + 1.3 + depth)
        )  # where the lit face turns into the lee
        lee = noise.band(
            np.asarray(
                slope[None, :] * 1.6 - below * 2.0 / (0.3 + band[1] * 5) + 0.08 * spine[None, :], np.float32
            ),
            -0.06,
            0.16,
        )
        soft = canvas.noise((1.4, 4.0), stage.seed(name), octaves=4)
        phase = (below * 1.0 + 0.05 * soft + 0.02 * np.sin(columns * 3.0)[None, :]) / max(ripple * 0.16, 1e-3)
        ribs = 0.5 + 0.5 * np.sin(2 * np.pi * phase) * np.clip(canvas.density * ripple * 0.05, 0.0, 1.0)
        grit = canvas.noise((140, 140), stage.seed(name + "/grit"), octaves=3, roughness=0.7)
        bright, dark = stage.look.surface("#d9a45c", facing=0.9), stage.look.surface("#9c6337", facing=0.12)
        light = (0.82 + 0.3 * soft) * (0.86 + 0.2 * ribs) * (0.85 + 0.3 * grit)
        far = 1.0 - float(np.exp(-max(0.0, depth - 1.2) / 9.0))
        for channel in range(3):
            sand = (bright[channel] * (1.0 - lee) + dark[channel] * lee) * light
            sand = sand * (1.0 - far * 0.8) + stage.look.fog[channel] * far * 0.8
            canvas.pixels[:, :, channel] = sand * cover
        canvas.pixels[:, :, 3] = cover

    stage.sprite(name, (box[0], band[0] - band[1] * 0.75, box[2], box[3]), paint, depth=depth)


def _caravan(stage: Stage) -> None:
    """Camels and their drivers in file along the crest, each following its slope."""
    heading = stage.heading(SubjectKind.CAMEL, 1.0)
    tall = 0.062 * stage.fit
    skyline = np.linspace(-3.0, 3.0, 3000, dtype=np.float32)
    crest = _crest(stage, "ridge", skyline, (0.07, 0.09))
    colour = stage.look.air(lit(stage.look.surface("#4a2d1b", facing=0.1), 0.45), 0.28)
    cloth = Cloth(stage.look.air(lit(ink("#8a2f2a"), 0.35), 0.2), colour, colour)
    pace = 0.0 if stage.spec.loop else 0.022

    def rows(time: float) -> Floats:
        parts: list[list[Row]] = []
        for n in range(7):
            x = heading * (pace * (time - stage.seconds / 2) + 0.32 * stage.fit - n * 0.105 * stage.fit)
            y = float(np.interp(x, skyline, crest)) + 0.003
            phase = x / (0.55 * tall) + n * 0.37
            if n in {0, 4}:
                parts.append(walker((x, y), tall * 0.72, phase, heading, cloth))
            else:
                parts.append(beast((x, y), tall, phase, heading=heading, colour=colour, neck=0.9, hump=True))
                parts.append(_load((x, y), tall, n, colour))
        return stacked(*parts)

    stage.add(Strokes(rows, _RIDGE))


def _load(foot: tuple[float, float], tall: float, number: int, colour: Colour) -> list[Row]:
    cloth = mix(ink(("#a8392c", "#2f5d74", "#c9892f", "#7a3b57")[number % 4], 0.55), colour, 0.35)
    x, y = foot[0], foot[1] - 0.7 * tall
    return [stroke((x - 0.13 * tall, y, 0.09 * tall), (x + 0.13 * tall, y, 0.09 * tall), cloth)]
