"""Clips whose camera is known: animatic shots with the true motion of what they show, and panned stills."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import av
import cv2
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from plugin_backend.domain.direction.plan import plan_shot
from plugin_backend.domain.direction.shot import CameraMove
from plugin_backend.domain.direction.terms import Ease, Move
from plugin_backend.domain.sequence import ColourSpace
from worker.animatic.floor import Floor
from worker.animatic.items import Item
from worker.animatic.render import Shot, bake
from worker.animatic.spec import ShotSpec
from worker.animatic.view import Raster, View
from worker.media import kernels
from worker.media.colour import display_transform

Rgb = NDArray[np.uint8]
Floats = NDArray[np.float64]

WIDTH, HEIGHT = 384, 216
_EDGE: Final = 15  # pixels: of 384 as many as the measure looks at around a point
_AIR: Final = {"Haze", "Shimmer", "Fall", "Mist"}  # it has no place of its own
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


@dataclass(frozen=True, slots=True)
class Layers:
    """What the rig does at one moment to every pixel of a picture, a second; NaN where nothing was drawn.

    Growth about the frame's middle is apart: in widths, heights and ln of magnification.
    """

    x: Floats
    y: Floats
    zoom: Floats

    def seen(self, trust: Floats) -> tuple[Truth, Truth, Truth]:
        """Of the points that are followed, by how far each is trusted (any grid over the frame).

        A camera that travels moves near layers further than far ones: the lower quartile, the median and the
        upper quartile of what they truly do. A camera that turns or zooms moves all alike.
        """
        rows = ((np.arange(trust.shape[0]) + 0.5) * self.x.shape[0] / trust.shape[0]).astype(int)
        columns = ((np.arange(trust.shape[1]) + 0.5) * self.x.shape[1] / trust.shape[1]).astype(int)
        grid = np.ix_(rows, columns)
        known = np.isfinite(self.x[grid]) & (trust > 0)
        parts = [_shares(part[grid][known], trust[known]) for part in (self.x, self.y, self.zoom)]
        low, middle, high = (Truth(*(part[n] for part in parts)) for n in range(3))
        return low, middle, high


def true_layers(shot: Shot, moment: float) -> Layers:
    """What the rig does then: every layer's displacement is known exactly."""
    view = shot.stage.view(moment)
    before, after = (shot.stage.view(moment + side * _STEP / 2) for side in (-1, 1))
    # An edge moves with the nearer of the two things it parts, and so does what is seen about it.
    depth = np.asarray(cv2.erode(_depths(shot, view), np.ones((_EDGE, _EDGE))), np.float64)
    x, y, zoom = (np.full(depth.shape, np.nan) for _ in range(3))
    for each in np.unique(depth[np.isfinite(depth)]):
        # The point of this layer that stands in the frame's middle.
        scale, (ox, oy) = view.scale(each), view.place(0.0, 0.0, each)
        middle = -ox / scale, -oy / scale
        (ax, ay), (bx, by) = before.place(*middle, each), after.place(*middle, each)
        here = depth == each
        x[here] = -(bx - ax) * view.height / view.width / _STEP
        y[here] = -(by - ay) / _STEP
        zoom[here] = np.log(after.scale(each) / before.scale(each)) / _STEP
    return Layers(x, y, zoom)


def _depths(shot: Shot, view: View) -> Floats:
    """At every pixel the depth of the nearest thing that covers it; infinite where nothing does."""
    depth = np.full((view.height, view.width), np.inf)
    for item in shot.stage.items:
        if type(item).__name__ in _AIR:
            continue
        covered = _covered(item, view)
        if isinstance(item, Floor):
            below = (np.arange(view.height) + 0.5) / view.height - 0.5 - view.vanish[1] + view.state.tilt
            own = np.maximum(item.eye - view.state.y, 0.02) / np.maximum(below / view.state.zoom, 1e-4)
            own = np.round(np.clip(own + view.state.z, 0.5, item.depth), 1)
            depth = np.where(covered, own[:, None], depth)
        else:
            depth[covered] = item.depth
    return depth


def _covered(item: Item, view: View) -> NDArray[np.bool_]:
    """Where an item hides more than half of what is behind it: drawn over black and over white."""
    drawn = []
    for light in (0.0, 1.0):
        raster = Raster(view.width, view.height)
        raster.frame[:] = light
        item.draw(raster, view)
        drawn.append(raster.frame.copy())
    if isinstance(item, Floor):  # it mirrors what is above it
        return np.asarray((drawn[0] != 0.0).any(axis=2) | (drawn[1] != 1.0).any(axis=2), np.bool_)
    return np.asarray((drawn[1] - drawn[0]).mean(axis=2) < 0.5, np.bool_)


def _shares(values: Floats, weight: Floats) -> tuple[float, float, float]:
    """The weighted lower quartile, median and upper quartile."""
    if not len(values):
        return 0.0, 0.0, 0.0
    order = np.argsort(values)
    sums = np.cumsum(weight[order])
    low, middle, high = (values[order[int(np.searchsorted(sums, sums[-1] * n / 4))]] for n in (1, 2, 3))
    return float(low), float(middle), float(high)
