"""Boats and their mirror images."""

import cv2
import numpy as np

from worker.animatic.canvas import Canvas, stroke
from worker.animatic.ink import Colour, Floats, ink, lit
from worker.animatic.items import Motion, Pose
from worker.animatic.stage import Stage, wave


def paint_boat(
    canvas: Canvas, x: float, line: float, *, size: float, paint: tuple[Colour, Colour], kind: int
) -> None:
    """A moored boat, `size` long, afloat on `line`. paint: hull, and the light on its upper edges."""
    hull, light = paint
    bow, stern = x - 0.5 * size, x + 0.46 * size
    deck = line - 0.11 * size
    outline = [
        (bow - 0.06 * size, deck - 0.05 * size),
        (x - 0.2 * size, deck + 0.012 * size),
        (x + 0.3 * size, deck + 0.012 * size),
        (stern, deck - 0.012 * size),
        (stern - 0.03 * size, line + 0.02 * size),
        (bow + 0.1 * size, line + 0.02 * size),
    ]
    canvas.polygon(outline, hull)
    canvas.polygon(
        [outline[0], outline[1], outline[2], outline[3], (stern, deck), (x, deck + 0.03 * size)], light, 0.55
    )
    canvas.polygon(
        [
            (bow + 0.07 * size, line - 0.012 * size),
            (stern - 0.02 * size, line - 0.012 * size),
            (stern - 0.03 * size, line + 0.02 * size),
            (bow + 0.1 * size, line + 0.02 * size),
        ],
        lit(ink("#7a2b22"), 0.25),
    )
    if kind == 0:
        _sails(canvas, x, deck, size, paint)
    else:
        _cabin(canvas, x, deck, size, paint)


def _sails(canvas: Canvas, x: float, deck: float, size: float, paint: tuple[Colour, Colour]) -> None:
    hull, light = paint
    mast = x - 0.03 * size
    top = deck - 1.25 * size
    lines = [
        stroke((mast, deck, 0.011 * size), (mast, top, 0.006 * size), hull),
        stroke((mast, top, 0.002 * size), (x - 0.52 * size, deck - 0.04 * size, 0.002 * size), hull),
        stroke((mast, top, 0.002 * size), (x + 0.44 * size, deck, 0.002 * size), hull),
        stroke(
            (mast, deck - 0.17 * size, 0.03 * size),
            (x + 0.36 * size, deck - 0.13 * size, 0.024 * size),
            light,
        ),
        stroke(
            (mast + 0.01 * size, deck, 0.004 * size), (mast + 0.006 * size, top, 0.002 * size), light, 0.0
        ),
    ]
    canvas.strokes(lines)
    canvas.polygon(
        [
            (x + 0.02 * size, deck + 0.01 * size),
            (x + 0.04 * size, deck - 0.06 * size),
            (x + 0.22 * size, deck - 0.06 * size),
            (x + 0.26 * size, deck + 0.01 * size),
        ],
        hull,
    )


def _cabin(canvas: Canvas, x: float, deck: float, size: float, paint: tuple[Colour, Colour]) -> None:
    hull, light = paint
    left, right, top = x - 0.22 * size, x + 0.06 * size, deck - 0.23 * size
    canvas.polygon(
        [(left, deck + 0.02 * size), (left + 0.02 * size, top), (right, top), (right, deck + 0.02 * size)],
        lit(light, 0.7),
    )
    canvas.polygon(
        [
            (left - 0.03 * size, top),
            (left, top - 0.025 * size),
            (right + 0.02 * size, top - 0.025 * size),
            (right + 0.03 * size, top),
        ],
        hull,
    )
    for n in range(3):
        pane = left + 0.03 * size + n * 0.085 * size
        canvas.polygon(
            [
                (pane, top + 0.09 * size),
                (pane, top + 0.03 * size),
                (pane + 0.06 * size, top + 0.03 * size),
                (pane + 0.06 * size, top + 0.09 * size),
            ],
            lit(hull, 0.6),
        )
    mast = x + 0.14 * size
    lines = [
        stroke((mast, deck, 0.011 * size), (mast, deck - 0.62 * size, 0.007 * size), hull),
        stroke(
            (mast, deck - 0.5 * size, 0.006 * size), (x + 0.42 * size, deck - 0.2 * size, 0.005 * size), hull
        ),
        stroke(
            (mast, deck - 0.6 * size, 0.002 * size), (x - 0.5 * size, deck - 0.05 * size, 0.002 * size), hull
        ),
    ]
    canvas.strokes(lines)


def moor(
    stage: Stage,
    name: str,
    place: tuple[float, float],
    *,
    size: float,
    paint: tuple[Colour, Colour],
    kind: int,
) -> None:
    """A rocking boat and its broken reflection; its place is an x and a depth."""
    x, depth = place
    line = stage.ground(depth)
    tall = 1.5 * size if kind == 0 else 0.9 * size
    left, right = x - 0.7 * size, x + 0.7 * size
    above, below = _rocking(stage, name, size)

    def painted(canvas: Canvas) -> None:
        paint_boat(canvas, x, line, size=size, paint=paint, kind=kind)

    def flipped(canvas: Canvas) -> None:
        source = Canvas((left, line - tall, right, line), canvas.density)
        painted(source)
        canvas.pixels = _broken(source.pixels[::-1], canvas.density, size)

    water = (left, line, right, line + tall)
    under = stage.picture(name + "/mirror", water, flipped, depth=depth, detail=0.6)
    upright = stage.picture(name, (left, line - tall, right, line + 0.03 * size), painted, depth=depth)
    stage.place(under, depth=depth, motion=below, pivot=(x, line))
    stage.place(upright, depth=depth, motion=above, pivot=(x, line))


def _rocking(stage: Stage, name: str, size: float) -> tuple[Motion, Motion]:
    """How a boat rocks, and its mirror image with it."""
    hertz, phase = stage.hertz(0.22 + 0.09 * stage.rng(name).random()), stage.rng(name + "/phase").random()

    def above(time: float) -> Pose:
        lift = 0.016 * size * wave(time, hertz, phase + 0.3)
        return Pose(angle=0.035 * wave(time, hertz, phase), y=lift)

    def below(time: float) -> Pose:
        pose = above(time)
        squash = 0.9 + 0.03 * wave(time, 2 * hertz, phase)
        return Pose(angle=-pose.angle, y=-0.5 * pose.y, stretch=squash, opacity=0.6)

    return above, below


def _broken(pixels: Floats, density: float, size: float) -> Floats:
    """A reflection torn by ripples: rows shifted sideways, thinning with distance."""
    rows, columns = pixels.shape[:2]
    down = np.arange(rows, dtype=np.float32) / (density * size)
    shift = np.sin(down * 40.0) * np.cos(down * 23.0) * 0.05 * size * density * np.minimum(1.0, down * 3.0)
    x = np.arange(columns, dtype=np.float32)[None, :] + shift[:, None].astype(np.float32)
    y = np.broadcast_to(np.arange(rows, dtype=np.float32)[:, None], x.shape)
    torn = cv2.remap(np.ascontiguousarray(pixels), x, np.ascontiguousarray(y), cv2.INTER_LINEAR)
    fade = np.exp(-down * 0.9) * (0.75 + 0.25 * np.sin(down * 55.0))
    return np.ascontiguousarray(torn * fade[:, None, None].astype(np.float32), np.float32)
