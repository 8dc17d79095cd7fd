"""Space: stars, gas, a lit planet and its moon."""

import numpy as np

from worker.animatic import noise
from worker.animatic.camera import FAR
from worker.animatic.canvas import Canvas
from worker.animatic.ink import Colour, ink
from worker.animatic.scenes.extras import SKY_ONLY, cast
from worker.animatic.scenes.sky import stars
from worker.animatic.stage import Stage


def space(stage: Stage) -> None:
    """Stars, a nebula, a lit planet and its moon."""
    stage.finish.vignette = 0.5
    stage.backdrop("void", lambda canvas: _nebula(stage, canvas), depth=FAR, detail=0.4)
    stars(stage, 0.6, (1.6, 1.55, 1.5), 800)
    _planet(
        stage,
        "planet",
        (0.24 * stage.half, 0.12),
        radius=0.3 * stage.fit,
        codes=("#b8643a", "#e8c493", "#6d3a2a"),
        depth=6.0,
    )
    _planet(
        stage,
        "moon",
        (-0.5 * stage.half, -0.2),
        radius=0.07 * stage.fit,
        codes=("#8d949c", "#d4d6d8", "#55585e"),
        depth=3.0,
    )
    stage.vanish, stage.eye = (0.0, 0.0), 0.75
    cast(stage, depth=2.2, tall=0.3, without=SKY_ONLY)


def _nebula(stage: Stage, canvas: Canvas) -> None:
    canvas.fill(ink("#03050c", 0.4))
    warp = canvas.noise(1.6, stage.seed("warp"), octaves=6, roughness=0.55)
    second = canvas.noise(2.3, stage.seed("gas"), octaves=6, roughness=0.6)
    arm = np.exp(-(((canvas.rows() + 0.35 * canvas.columns() + 0.5 * (warp - 0.5)) / 0.24) ** 2))
    canvas.wash(np.asarray(arm * noise.band(second, 0.3, 0.75), np.float32), ink("#6a3fa8", 0.3), 0.7)
    canvas.wash(np.asarray(arm * noise.band(warp, 0.45, 0.8), np.float32), ink("#e0649a", 0.4), 0.6)
    canvas.wash(np.asarray(arm * noise.band(second, 0.52, 0.8), np.float32), ink("#6fd0ff", 0.45), 0.5)


def _planet(
    stage: Stage,
    name: str,
    centre: tuple[float, float],
    *,
    radius: float,
    codes: tuple[str, str, str],
    depth: float,
) -> None:
    def paint(canvas: Canvas) -> None:
        across, down = (canvas.columns() - centre[0]) / radius, (canvas.rows() - centre[1]) / radius
        squared = across**2 + down**2
        height = np.sqrt(np.clip(1.0 - squared, 0.0, 1.0))
        facing = np.clip(-0.75 * across - 0.35 * down + 0.35 * height, 0.0, 1.0)
        bands = canvas.noise((3.0, 16.0), stage.seed(name), octaves=6, roughness=0.58)
        cover = np.clip((1.0 - np.sqrt(squared)) * radius * canvas.density + 0.5, 0.0, 1.0)
        rim = np.exp(-(((np.sqrt(squared) - 0.97) / 0.03) ** 2)) * facing
        first, second, third = (np.array(ink(code)) for code in codes)
        share = noise.band(bands, 0.3, 0.7)[:, :, None]
        colour = first * (1 - share) + second * share
        colour = colour * (0.7 + 0.3 * share) + third * 0.1
        sun: Colour = ink("#fff2dc", 1.5)
        for channel in range(3):
            canvas.pixels[:, :, channel] = (
                colour[:, :, channel] * sun[channel] * facing + rim * 0.8 * sun[channel]
            ) * cover
        canvas.pixels[:, :, 3] = cover

    reach = radius * 1.05
    stage.sprite(
        name, (centre[0] - reach, centre[1] - reach, centre[0] + reach, centre[1] + reach), paint, depth=depth
    )
