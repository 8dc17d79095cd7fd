"""Skies: gradient, sun or moon, clouds and stars, painted behind every outdoor scene."""

import numpy as np

from plugin_backend.domain.direction.terms import SubjectKind, Weather
from worker.animatic import noise
from worker.animatic.camera import FAR
from worker.animatic.canvas import Canvas, stroke
from worker.animatic.ink import Colour, lit, luminance, mix
from worker.animatic.items import Strokes
from worker.animatic.scenes.shells import show
from worker.animatic.stage import Flare, Stage


def sky(
    stage: Stage,
    *,
    horizon: float | None = None,
    cover: float | None = None,
    flare: float = 0.0,
    moon: bool = True,
    shells: bool = True,
) -> None:
    """The whole sky down to a horizon (units), with the weather's clouds and the brief's fireworks."""
    line = stage.vanish[1] if horizon is None else horizon
    weather = stage.plan.concept.weather
    amount = (
        cover
        if cover is not None
        else {Weather.CLOUDS: 0.75, Weather.STORM: 0.95, Weather.RAIN: 0.9}.get(weather, 0.35)
    )

    def paint(canvas: Canvas) -> None:
        look = stage.look
        top = min(canvas.top, line - 0.6)
        canvas.gradient(
            [(top, look.zenith), (line - 0.28, look.sky), (line - 0.04, look.horizon), (line + 0.3, look.fog)]
        )
        _clouds(stage, canvas, line, amount)
        centre = sun_at(stage, line)
        glow = lit(look.sun, 0.012)
        if moon:
            canvas.glow(centre, 0.30, lit(glow, 0.5), 1.6)
            canvas.glow(centre, 0.085, lit(glow, 2.2), 1.8)

    stage.backdrop("sky", paint, depth=FAR, detail=0.34)
    if stage.look.stars:
        stars(stage, line, lit((1.0, 0.95, 0.9), 1.6 * stage.look.stars))
    if moon and luminance(stage.look.sun) > 1.0:
        disc(stage, line, flare=flare)
    if shells and stage.subject(SubjectKind.FIREWORKS):
        show(stage)


def sun_at(stage: Stage, line: float) -> tuple[float, float]:
    """Where the sun or moon stands."""
    x, y = stage.look.sun_at
    return x * stage.half, line + y if abs(y) < 0.2 else y


def disc(stage: Stage, line: float, *, flare: float) -> None:
    """The sun's or moon's disc, so bright that only the bloom can show it."""
    centre, radius = sun_at(stage, line), stage.look.sun_size
    box = (centre[0] - 2 * radius, centre[1] - 2 * radius, centre[0] + 2 * radius, centre[1] + 2 * radius)

    def paint(canvas: Canvas) -> None:
        canvas.disc(centre, radius, stage.look.sun, 1.0, soft=radius * 0.25)

    stage.sprite("sun", box, paint, depth=FAR)
    if flare:
        stage.finish.flare = Flare(*centre, FAR, flare)


def stars(stage: Stage, line: float, colour: Colour, count: int = 420) -> None:
    """Stars, fewer and fainter towards the horizon."""
    box = stage.bounds(FAR)
    rows = []
    for x, y, power in stage.rng("stars").random((count, 3)):
        at = (box[0] + x * (box[2] - box[0]), line - y * (line - box[1]))
        radius = 0.0006 + 0.0011 * power**6
        rows.append(
            stroke((*at, radius), (*at, radius), lit(colour, (0.15 + power**5) * min(1.0, 2 * y)), 0.0)
        )
    points = np.array(rows, np.float32)
    stage.add(
        Strokes(lambda _: points, FAR, still=True)
    )  # a picture of them would be empty almost everywhere


def _clouds(stage: Stage, canvas: Canvas, line: float, amount: float) -> None:
    look = stage.look
    field = canvas.noise((1.3, 5.2), stage.seed("clouds"), octaves=6, roughness=0.52)
    rise = np.clip((line - canvas.rows()) / 0.5, 0.0, 1.0)
    low = 0.74 - 0.34 * amount
    mask = noise.band(field, low, low + 0.22) * np.asarray(
        noise.band(rise, 0.0, 0.3) * (1.0 - 0.45 * rise), np.float32
    )
    under = mix(look.sky, look.fog, 0.5) if not look.stars else lit(look.horizon, 0.6)
    canvas.wash(mask * np.float32(0.75), mix(under, lit(look.key, 0.55), 0.45))
    lining = mask * (1.0 - mask) * np.float32(2.2)
    sun = sun_at(stage, line)
    near = 1.0 / (1.0 + ((canvas.columns() - sun[0]) ** 2 + 2 * (canvas.rows() - sun[1]) ** 2) / 0.09)
    canvas.wash(np.asarray(lining * near, np.float32), lit(look.key, 1.6), 0.6)
