"""Clips whose camera is known: animatic shots with the true motion of what they show, and panned stills."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from plugin_backend.domain.direction.plan import plan_shot
from plugin_backend.domain.direction.shot import CameraMove
from plugin_backend.domain.direction.terms import Ease, Move
from plugin_backend.domain.sequence import ColourSpace
from worker.animatic.floor import Floor
from worker.animatic.render import Shot, bake
from worker.animatic.spec import ShotSpec
from worker.animatic.view import Raster, View
from worker.media import kernels
from worker.media.colour import display_transform

Rgb = NDArray[np.uint8]
Floats = NDArray[np.float64]

WIDTH, HEIGHT = 384, 216
_STEP: Final = 1 / 48  # of a second: over which a true speed is taken


@dataclass(frozen=True, slots=True)
class Truth:
    """The camera at one moment, a second: of the frame's middle, in widths, heights and ln magnification."""

    x: float
    y: float
    zoom: float


@dataclass(frozen=True, slots=True)
class Asked:
    """One clip: where, what the camera does, how strongly, and what happens to the picture afterwards."""

    scene: str
    move: Move
    strength: float
    rate: int
    noise: float = 0.0
    crf: int = 20
    seconds: int = 2
    ease: Ease = Ease.LINEAR
    seed: int = 1

    def __str__(self) -> str:
        how = f"{self.rate} fps, noise {self.noise}, crf {self.crf}"
        return f"{self.move} {self.strength} of {self.scene!r}, {how}"


def shot_of(asked: Asked) -> Shot:
    """The shot, baked."""
    seconds = Fraction(asked.seconds)
    plan = plan_shot(asked.scene, duration_seconds=seconds)
    move = CameraMove(asked.move, asked.ease, asked.strength, Fraction(0), seconds)
    plan = replace(plan, motion=replace(plan.motion, camera=(move,)))
    rate = Fraction(asked.rate)
    return bake(ShotSpec(plan, asked.seed, WIDTH, HEIGHT, rate, asked.rate * asked.seconds))


def pictures(shot: Shot, *, noise: float, seed: int = 1) -> Iterator[Rgb]:
    """As shown in SDR, with so many codes of noise (one standard deviation)."""
    transform, chance = display_transform(ColourSpace.REC709), np.random.default_rng(seed)
    for picture in shot.frames():
        yield noisy(kernels.rgb16_to_rgb8(transform.apply(picture)), noise, chance)


def noisy(picture: Rgb, codes: float, chance: np.random.Generator) -> Rgb:
    """With a sensor's noise on it."""
    if not codes:
        return picture.copy()
    rough = picture + chance.normal(0, codes, picture.shape)
    return np.clip(rough + 0.5, 0, 255).astype(np.uint8)


def encoded(frames: Iterator[Rgb] | list[Rgb], *, rate: int, crf: int) -> io.BytesIO:
    """An H.264 movie as our proxies are: 4:2:0, Rec. 709, limited range."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": str(crf), "preset": "veryfast"})
        assert isinstance(stream, VideoStream)
        for number, picture in enumerate(frames):
            if not number:
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt, stream.thread_count = "yuv420p", 1
                stream.colorspace = stream.color_primaries = stream.color_trc = 1
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            container.mux(stream.encode(frame.reformat(format="yuv420p", dst_colorspace="ITU709")))
        container.mux(stream.encode(None))
    file.seek(0)
    return file


def true_motion(shot: Shot, moment: float) -> Truth:
    """What the rig does to the picture: the layer that the median pixel with something on it belongs to.

    Every layer's displacement is known exactly from the rig. A camera that travels moves near layers further
    than far ones, so one figure for the picture needs one layer: the median of what is seen, by how much
    there is to see on it (gradients of the frame itself).
    """
    view = shot.stage.view(moment)
    depth, seen = _depths(shot, view), _something(shot, view)
    weight = seen * np.isfinite(depth)
    before, after = (shot.stage.view(moment + side * _STEP / 2) for side in (-1, 1))
    x, y = _content(before, after, view, depth)
    aspect = view.width / view.height
    keep = weight > 0
    here = _median(x[keep], weight[keep]), _median(y[keep], weight[keep])
    centre = _median(depth[keep], weight[keep])
    zoom = np.log(after.scale(centre) / before.scale(centre)) / _STEP
    return Truth(-here[0] / aspect / _STEP, -here[1] / _STEP, float(zoom))


def _content(before: View, after: View, view: View, depth: Floats) -> tuple[Floats, Floats]:
    """How far each pixel's content goes, growth about the middle taken out, in picture heights."""
    x, y = np.zeros(depth.shape), np.zeros(depth.shape)
    for each in np.unique(depth[np.isfinite(depth)]):
        # The point of this layer that stands in the frame's middle.
        scale, (ox, oy) = view.scale(each), view.place(0.0, 0.0, each)
        middle = -ox / scale, -oy / scale
        (ax, ay), (bx, by) = before.place(*middle, each), after.place(*middle, each)
        x[depth == each], y[depth == each] = bx - ax, by - ay
    return x, y


def _depths(shot: Shot, view: View) -> Floats:
    """At every pixel the depth of what was drawn there last; infinite where nothing was."""
    raster = Raster(view.width, view.height)
    depth = np.full((view.height, view.width), np.inf)
    for item in shot.stage.items:
        was = raster.frame.copy()
        item.draw(raster, view)
        if type(item).__name__ in {"Haze", "Shimmer", "Fall"}:
            continue  # air has no place of its own
        drawn = (np.abs(raster.frame - was) > 0.02 + 0.2 * was).any(axis=2)
        if isinstance(item, Floor):
            below = (np.arange(view.height) + 0.5) / view.height - 0.5 - view.vanish[1] + view.state.tilt
            own = np.maximum(item.eye - view.state.y, 0.02) / np.maximum(below / view.state.zoom, 1e-4)
            own = np.round(np.clip(own + view.state.z, 0.5, item.depth), 1)
            depth = np.where(drawn, own[:, None], depth)
        else:
            depth[drawn] = item.depth
    return depth


def _something(shot: Shot, view: View) -> Floats:
    """How much there is to follow at every pixel: 0 in flat shade."""
    raster = Raster(view.width, view.height)
    for item in shot.stage.items:
        item.draw(raster, view)
    shown = kernels.rgb16_to_rgb8(display_transform(ColourSpace.REC709).apply(raster.frame))
    light = shown.astype(np.float64).mean(axis=2)
    slope = np.hypot(*np.gradient(light))
    return np.asarray(np.minimum(slope / 8, 1.0) * (slope > 1), np.float64)


def _median(values: Floats, weight: Floats) -> float:
    if not len(values):
        return 0.0
    order = np.argsort(values)
    sums = np.cumsum(weight[order])
    return float(values[order[int(np.searchsorted(sums, sums[-1] / 2))]])
