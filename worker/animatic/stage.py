"""The stage a scene is built on: units, camera, light, seeded chance, and the store of painted pictures."""

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.random import Generator

from plugin_backend.domain.direction.shot import ShotPlan, Subject
from plugin_backend.domain.direction.terms import Heading, SubjectKind
from worker.animatic.camera import Rig, along, even, rig_of
from worker.animatic.canvas import Box, Canvas
from worker.animatic.ink import Floats
from worker.animatic.items import Item, Motion, Sprite
from worker.animatic.look import Look, look_of
from worker.animatic.spec import Annotation, ShotSpec
from worker.animatic.view import View
from worker.animatic.windows import extent, windows

Painter = Callable[[Canvas], None]
_SAMPLES: Final = 33  # moments at which the camera's reach is measured


@dataclass(slots=True)
class Picture:
    """Painted pixels and where they lie, in units."""

    pixels: Floats
    left: float
    top: float
    density: float


@dataclass(slots=True)
class Flare:
    """A lens flare: where its source stands, and how strong it is."""

    x: float
    y: float
    depth: float
    strength: float


@dataclass(slots=True)
class Finish:
    """What the lens and the stock do to the whole picture."""

    bloom: float = 0.05
    grain: float = 0.035
    vignette: float = 0.45
    flare: Flare | None = None


@dataclass(slots=True)
class Stage:
    """What every scene builder gets. Scenes add items from back to front."""

    spec: ShotSpec
    store: dict[str, Picture]
    rig: Rig
    look: Look
    vanish: tuple[float, float] = (0.0, 0.0)
    eye: float = 0.4  # camera height: ground at depth d lies eye / d below the vanishing point
    items: list[Item] = field(default_factory=list)
    finish: Finish = field(default_factory=Finish)
    seen: list[View] = field(default_factory=list)

    @classmethod
    def of(cls, spec: ShotSpec, store: dict[str, Picture], *, pivot: float = 2.0) -> "Stage":
        """An empty stage for a spec."""
        return cls(spec, store, rig_of(spec, pivot=pivot), look_of(spec.plan))

    @property
    def plan(self) -> ShotPlan:
        """What is to be shown."""
        return self.spec.plan

    @property
    def aspect(self) -> float:
        """Width in units."""
        return self.spec.width / self.spec.height

    @property
    def half(self) -> float:
        """Half the width in units."""
        return self.aspect / 2

    @property
    def fit(self) -> float:
        """How large a subject may be: smaller where the picture is narrow."""
        return min(1.1, max(0.55, self.aspect / 1.6))

    @property
    def seconds(self) -> float:
        """The length of the shot."""
        return self.spec.seconds

    def rng(self, name: str) -> Generator:
        """Chance that belongs to this seed and this name only."""
        return np.random.default_rng([self.spec.seed & 0xFFFFFFFF, zlib.crc32(name.encode())])

    def seed(self, name: str) -> int:
        """A noise seed that belongs to this shot and this name."""
        return zlib.crc32(f"{self.spec.seed}/{name}".encode()) & 0x7FFFFFFF

    def hertz(self, rate: float) -> float:
        """A frequency; in a loop the nearest one that closes."""
        return max(1, round(rate * self.seconds)) / self.seconds if self.spec.loop else rate

    def subject(self, kind: SubjectKind) -> Subject | None:
        """The planned subject of a kind."""
        return next((s for s in self.plan.concept.subjects if s.kind is kind), None)

    def colour(self, kind: SubjectKind, fallback: str) -> str:
        """The subject's colour as the brief has it."""
        subject = self.subject(kind)
        return subject.colour if subject and subject.colour else fallback

    def heading(self, kind: SubjectKind, fallback: float) -> float:
        """-1 for left, 1 for right: as drawn, else as written."""
        stroke = self.stroke
        if stroke and stroke.points[0][0] != stroke.points[-1][0]:
            return math.copysign(1.0, stroke.points[-1][0] - stroke.points[0][0])
        for motion in self.plan.motion.subjects:
            if motion.kind is kind and motion.heading in {Heading.LEFT, Heading.RIGHT}:
                return -1.0 if motion.heading is Heading.LEFT else 1.0
        return fallback

    @property
    def stroke(self) -> Annotation | None:
        """What was drawn for the subject."""
        strokes = self.spec.annotations
        return next((a for a in strokes if a.target == "subject" and len(a.points) > 1), None)

    def drawn(self, time: float, depth: float | None = None) -> tuple[float, float] | None:
        """Where a stroke drawn for the subject has it in the picture; with a depth, where it stands there."""
        stroke = self.stroke
        if stroke is None:
            return None
        share = even(time, stroke.from_seconds, stroke.to_seconds)
        if self.spec.loop:
            share = 0.5 - 0.5 * math.cos(2.0 * math.pi * time / self.seconds)
        across, down = along(stroke.points, share, aspect=self.aspect)
        x, y = stroke.points[0]
        seen = ((x + across - 0.5) * self.aspect, y + down - 0.5)
        return seen if depth is None else self.view(time).stands(*seen, depth)

    def ground(self, depth: float) -> float:
        """Where the ground lies at a depth."""
        return self.vanish[1] + self.eye / depth

    def view(self, time: float) -> View:
        """The stage seen at a moment."""
        if self.rig.vanish != self.vanish:
            self.rig = replace(self.rig, vanish=self.vanish)
        spec = self.spec
        shutter = 0.5 / float(spec.frame_rate)
        return View(self.rig, self.rig.state(time), time, shutter, spec.width, spec.height, self.vanish)

    def bounds(self, depth: float, *, pad: float = 0.02) -> Box:
        """All that the camera sees of a depth during the shot."""
        boxes = []
        for view in self._samples():
            ox, oy = view.place(0.0, 0.0, depth)
            s = view.scale(depth)
            boxes.append(((-self.half - ox) / s, (-0.5 - oy) / s, (self.half - ox) / s, (0.5 - oy) / s))
        edges = np.array(boxes)
        low, high = edges.min(axis=0) - pad, edges.max(axis=0) + pad
        return float(low[0]), float(low[1]), float(high[2]), float(high[3])

    def _samples(self) -> list[View]:
        """Views throughout the shot; the rig never changes, so once is enough."""
        if not self.seen:
            seconds, count = self.seconds, 1 if self.rig.still else _SAMPLES
            self.seen.extend(self.view(seconds * i / (_SAMPLES - 1)) for i in range(count))
        return self.seen

    def magnified(self, depth: float) -> float:
        """The most that the camera magnifies a depth, within reason."""
        return min(1.6, max(1.0, *(view.scale(depth) for view in self._samples()[::4])))

    def picture(self, name: str, box: Box, paint: Painter, *, depth: float, detail: float = 1.0) -> Picture:
        """Paint once per shot; afterwards the store answers."""
        held = self.store.get(name)
        if held is None:
            canvas = Canvas(box, self.spec.height * detail * self.magnified(depth))
            paint(canvas)
            held = self.store[name] = _trimmed(canvas)
        return held

    def sprite(
        self,
        name: str,
        box: Box,
        paint: Painter,
        *,
        depth: float,
        detail: float = 1.0,
        motion: Motion | None = None,
        pivot: tuple[float, float] = (0.0, 0.0),
        soft: bool = False,
    ) -> None:
        """Paint a picture and stand it on the stage."""
        held = self.picture(name, box, paint, depth=depth, detail=detail)
        self.place(held, depth=depth, motion=motion, pivot=pivot, soft=soft)

    def place(
        self,
        picture: Picture,
        *,
        depth: float,
        motion: Motion | None = None,
        pivot: tuple[float, float] = (0.0, 0.0),
        soft: bool = False,
    ) -> None:
        """Stand a painted picture on the stage, as often as wanted."""
        if picture.pixels.size:
            taps = 4 if self.spec.quality == "master" else 2
            self.items.append(
                Sprite(
                    picture.pixels,
                    picture.left,
                    picture.top,
                    picture.density,
                    depth,
                    motion,
                    pivot,
                    taps=taps,
                    windows=windows(picture.pixels),
                    soft=soft,
                )
            )

    def backdrop(self, name: str, paint: Painter, *, depth: float, detail: float = 1.0) -> None:
        """An opaque picture behind everything, as wide as the camera sees."""
        box = self.bounds(depth, pad=0.05)
        held = self.picture(name, box, paint, depth=depth, detail=detail)
        self.items.append(Sprite(held.pixels, held.left, held.top, held.density, depth, opaque=True))

    def add(self, *items: Item) -> None:
        """Add things that draw themselves."""
        self.items.extend(items)


def _trimmed(canvas: Canvas) -> Picture:
    """Cut away the empty rim, so that only what is painted is warped."""
    pixels = canvas.pixels
    left, top, right, bottom = extent(pixels)
    if left >= right:
        return Picture(np.zeros((0, 0, 4), np.float32), 0.0, 0.0, canvas.density)
    pixels = np.ascontiguousarray(pixels[top:bottom, left:right])
    return Picture(
        pixels, canvas.left + left / canvas.density, canvas.top + top / canvas.density, canvas.density
    )


def wave(time: float, hertz: float, phase: float = 0.0) -> float:
    """A sine of time."""
    return math.sin(2.0 * math.pi * (hertz * time + phase))
