"""Outlines drawn on a frame as soft masks, and what is kept as it was inside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from worker.animatic.ink import Floats
from worker.animatic.items import Item
from worker.animatic.spec import Annotation, Point
from worker.animatic.stage import Stage
from worker.animatic.view import Raster

_SOFT: Final = 0.006  # of the height: how wide the edge of an outline is
_SUBJECTS: Final = 3.2  # the depth from which scenes stand no subject
_AROUND: Final = 0.11  # of the height: how far a subject reaches that nobody outlined


def cover_of(points: Sequence[Point], width: int, height: int) -> Floats:
    """How far each pixel lies in an outline, 0 to 1; of a single point a disc."""
    mask = np.zeros((height, width), np.float32)
    if len(points) > 2:
        corners = np.array([(x * width - 0.5, y * height - 0.5) for x, y in points])
        cv2.fillPoly(mask, [np.round(corners * 16).astype(np.int32)], 1.0, cv2.LINE_8, 4)
    else:
        x, y = points[0]
        middle = (round((x * width - 0.5) * 16), round((y * height - 0.5) * 16))
        cv2.circle(mask, middle, round(_AROUND * height * 16), 1.0, -1, cv2.LINE_8, 4)
    blurred = cv2.GaussianBlur(mask, (0, 0), max(0.6, _SOFT * height))
    return np.asarray(np.clip(1.6 * blurred - 0.3, 0.0, 1.0), np.float32)


@dataclass(frozen=True, slots=True)
class Kept:
    """A part of the picture as it was at one moment, laid over the first so many items while it holds."""

    items: int
    left: int
    top: int
    cover: Floats
    pixels: Floats
    from_seconds: float
    to_seconds: float

    def lay(self, frame: Floats, time: float) -> None:
        """Put it back."""
        if not self.from_seconds - 1e-9 <= time <= self.to_seconds + 1e-9:
            return
        tall, wide = self.cover.shape
        part = frame[self.top : self.top + tall, self.left : self.left + wide]
        part += (self.pixels - part) * self.cover[:, :, None]


def kept_parts(stage: Stage) -> tuple[Kept, ...]:
    """What outlines keep, from the back; only where the camera stands: else nothing stays in its place."""
    strokes = [a for a in stage.spec.annotations if a.target == "keep" and len(a.points) > 2]
    if not strokes or not stage.rig.still:
        return ()
    found = [kept for kept in (_kept(stage, stroke) for stroke in strokes) if kept is not None]
    return tuple(sorted(found, key=lambda kept: kept.items))


def _kept(stage: Stage, stroke: Annotation) -> Kept | None:
    """Of the background, the items behind the subject; of the foreground, all. None: nothing is outlined."""
    count = len(stage.items)
    if stroke.layer == "behind":
        count = next((n for n, item in enumerate(stage.items) if item.depth < _SUBJECTS), count)
    cover = cover_of(stroke.points, stage.spec.width, stage.spec.height)
    if count == 0 or not cover.any():
        return None
    rows, columns = (np.flatnonzero(cover.any(axis=axis)) for axis in (1, 0))
    part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    pixels = _drawn(stage.items[:count], stage, stroke.from_seconds)[part].copy()
    return Kept(
        count,
        int(columns[0]),
        int(rows[0]),
        np.ascontiguousarray(cover[part]),
        pixels,
        stroke.from_seconds,
        stroke.to_seconds,
    )


def _drawn(items: Sequence[Item], stage: Stage, time: float) -> Floats:
    raster, view = Raster(stage.spec.width, stage.spec.height), stage.view(time)
    for item in items:
        item.draw(raster, view)
    return raster.frame
