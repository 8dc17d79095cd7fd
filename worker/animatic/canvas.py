"""A painter's canvas in scene units: premultiplied RGBA, painted once per shot."""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from worker.animatic import noise
from worker.animatic.ink import Colour, Floats
from worker.animatic.kernels import capsules, multiply, stencil

Points = Sequence[tuple[float, float]]
Box = tuple[float, float, float, float]
_SHIFT: Final = 4  # OpenCV's fixed-point bits for polygon corners


class Canvas:
    """A rectangle of the scene at so many pixels per unit."""

    def __init__(self, box: Box, density: float) -> None:
        self.left, self.top, self.right, self.bottom = box
        self.density = density
        width = max(2, int(np.ceil((self.right - self.left) * density)))
        height = max(2, int(np.ceil((self.bottom - self.top) * density)))
        self.pixels: Floats = np.zeros((height, width, 4), np.float32)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.pixels.shape[0], self.pixels.shape[1]

    def columns(self) -> Floats:
        """The x of every column, as a row."""
        return np.asarray((np.arange(self.shape[1]) + 0.5) / self.density + self.left, np.float32)[None, :]

    def rows(self) -> Floats:
        """The y of every row, as a column."""
        return np.asarray((np.arange(self.shape[0]) + 0.5) / self.density + self.top, np.float32)[:, None]

    def noise(
        self, cells: float | tuple[float, float], seed: int, *, octaves: int = 5, roughness: float = 0.5
    ) -> Floats:
        """Noise of 0..1 fixed to the scene."""
        pair = cells if isinstance(cells, tuple) else (cells, cells)
        return noise.clouds(
            self.shape,
            origin=(self.left, self.top),
            density=self.density,
            cells=pair,
            seed=seed,
            octaves=octaves,
            roughness=roughness,
        )

    def fill(self, colour: Colour, alpha: float = 1.0) -> None:
        """One colour everywhere."""
        self.pixels[:] = (*(c * alpha for c in colour), alpha)

    def gradient(self, stops: Sequence[tuple[float, Colour]], alpha: float = 1.0) -> None:
        """Opaque bands of colour from stop to stop (y, colour), smooth in between."""
        heights = [y for y, _ in stops]
        rows = self.rows()[:, 0]
        for channel in range(3):
            values = [colour[channel] for _, colour in stops]
            self.pixels[:, :, channel] = np.interp(rows, heights, values)[:, None] * alpha
        self.pixels[:, :, 3] = alpha

    def polygon(self, points: Points, colour: Colour, alpha: float = 1.0, soft: float = 0.0) -> None:
        """Fill one outline."""
        self.polygons([points], colour, alpha, soft)

    def polygons(
        self, outlines: Sequence[Points], colour: Colour, alpha: float = 1.0, soft: float = 0.0
    ) -> None:
        """Fill several outlines in one colour; `soft` blurs their edge (in units)."""
        masked = self._mask(outlines, soft)
        if masked is not None:
            mask, left, top = masked
            tint = np.array((*(c * alpha for c in colour), alpha), np.float32)
            stencil(self.pixels, mask, left, top, tint)

    def rect(self, box: Box, colour: Colour, alpha: float = 1.0, soft: float = 0.0) -> None:
        """Fill an upright rectangle: left, top, right, bottom."""
        left, top, right, bottom = box
        corners = [(left, bottom), (left, top), (right, top), (right, bottom)]
        self.polygons([corners], colour, alpha, soft)

    def light(self, points: Points, colour: Colour, soft: float = 0.0) -> None:
        """Add light inside an outline, covering nothing."""
        masked = self._mask([points], soft)
        if masked is not None:
            mask, left, top = masked
            stencil(self.pixels, mask, left, top, np.array((*colour, 0.0), np.float32))

    def wash(self, mask: Floats, colour: Colour, alpha: float = 1.0) -> None:
        """Lay a colour over everything through a full-size mask."""
        tint = np.array((*(c * alpha for c in colour), alpha), np.float32)
        stencil(self.pixels, np.ascontiguousarray(mask, np.float32), 0, 0, tint)

    def glow(self, centre: tuple[float, float], radius: float, colour: Colour, falloff: float = 2.0) -> None:
        """Add a round light that fades as 1 / (1 + (r / radius)^2)^falloff."""
        squared = (self.columns() - centre[0]) ** 2 + (self.rows() - centre[1]) ** 2
        share = (1.0 + squared / radius**2) ** -falloff
        stencil(self.pixels, share.astype(np.float32), 0, 0, np.array((*colour, 0.0), np.float32))

    def brighten(self, field: Floats, colour: Colour) -> None:
        """Add light everywhere, as much of it as a field says."""
        for channel, part in enumerate(colour):
            self.pixels[:, :, channel] += np.asarray(field, np.float32) * np.float32(part)

    def shade(self, field: Floats, low: float, high: float = 1.0) -> None:
        """Darken by a field of 0..1."""
        multiply(self.pixels, np.ascontiguousarray(field, np.float32), low, high)

    def strokes(self, rows: Floats | Sequence[tuple[float, ...]]) -> None:
        """Draw capsules given in units (see kernels.capsules for the columns)."""
        scaled = np.array(rows, np.float32).reshape(-1, 11)
        scaled[:, (0, 3)] = (scaled[:, (0, 3)] - self.left) * self.density - 0.5
        scaled[:, (1, 4)] = (scaled[:, (1, 4)] - self.top) * self.density - 0.5
        scaled[:, (2, 5, 10)] *= self.density
        capsules(self.pixels, scaled)

    def disc(
        self,
        centre: tuple[float, float],
        radius: float,
        colour: Colour,
        alpha: float = 1.0,
        soft: float = 0.0,
    ) -> None:
        """A round spot."""
        self.strokes([stroke((*centre, radius), (*centre, radius), colour, alpha, soft)])

    def blur(self, across: float, down: float | None = None) -> None:
        """Soften everything by a Gaussian (units)."""
        sx, sy = across * self.density, (across if down is None else down) * self.density
        if max(sx, sy) > 0.3:
            blurred = cv2.GaussianBlur(self.pixels, (0, 0), max(sx, 0.01), sigmaY=max(sy, 0.01))
            self.pixels = np.asarray(blurred, np.float32)

    def _mask(self, outlines: Sequence[Points], soft: float) -> tuple[Floats, int, int] | None:
        corners = [self._pixels_of(outline) for outline in outlines if len(outline) > 2]
        if not corners:
            return None
        everything = np.concatenate(corners)
        pad = 2 + int(np.ceil(3 * soft * self.density))
        left, top = (np.maximum(0, np.floor(everything.min(axis=0)).astype(int) - pad)).tolist()
        right, bottom = (np.ceil(everything.max(axis=0)).astype(int) + pad + 1).tolist()
        right, bottom = min(right, self.shape[1]), min(bottom, self.shape[0])
        if right <= left or bottom <= top:
            return None
        mask = np.zeros((bottom - top, right - left), np.uint8)
        fixed = [np.round((c - (left, top)) * (1 << _SHIFT)).astype(np.int32) for c in corners]
        for outline in fixed:  # one by one: overlapping outlines must not cancel each other
            cv2.fillPoly(mask, [outline], 255, cv2.LINE_AA, _SHIFT)
        share: Floats = mask.astype(np.float32) / np.float32(255)
        if soft * self.density > 0.3:
            share = np.asarray(cv2.GaussianBlur(share, (0, 0), soft * self.density), np.float32)
        return share, left, top

    def _pixels_of(self, outline: Points) -> Floats:
        points = np.asarray(outline, np.float32)
        return np.asarray((points - (self.left, self.top)) * self.density - 0.5, np.float32)


def stroke(
    start: tuple[float, float, float],
    end: tuple[float, float, float],
    colour: Colour,
    alpha: float = 1.0,
    soft: float = 0.0,
) -> tuple[float, ...]:
    """One capsule: (x, y, radius) to (x, y, radius), in a colour; alpha 0 with a colour adds light."""
    share = alpha if alpha > 0 else 1.0
    return (*start, *end, colour[0] * share, colour[1] * share, colour[2] * share, alpha, soft)
