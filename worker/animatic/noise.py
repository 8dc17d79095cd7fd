"""Seeded noise in scene units: the same cloud at every resolution, as fine as its pixels can show."""

import math

import numpy as np

from worker.animatic.ink import Floats
from worker.animatic.kernels import jit


@jit
def _lattice(x: int, y: int, seed: int) -> np.float32:
    mixed = np.uint64(x) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(y) * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed = (mixed + np.uint64(seed)) * np.uint64(0xD6E8FEB86659FD93)
    mixed = (mixed ^ (mixed >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    return np.float32((mixed >> np.uint64(40)) & np.uint64(0xFFFFFF)) / np.float32(16777215.0)


@jit
def _octave(  # noqa: PLR0917 - compiled code takes no keywords
    out: Floats, left: float, top: float, dx: float, dy: float, gain: float, seed: int, period: int
) -> None:
    for j in range(out.shape[0]):
        y = top + j * dy
        y0 = math.floor(y)
        fy = y - y0
        fy = fy * fy * (3.0 - 2.0 * fy)
        row = int(y0)
        below = row + 1
        if period > 0:
            row %= period
            below %= period
        cell = -(1 << 40)
        a = b = c = d = np.float32(0.0)
        for i in range(out.shape[1]):
            x = left + i * dx
            x0 = math.floor(x)
            column = int(x0)
            if column != cell:
                cell = column
                following = column + 1
                if period > 0:
                    column %= period
                    following %= period
                a = _lattice(column, row, seed)
                b = _lattice(following, row, seed)
                c = _lattice(column, below, seed)
                d = _lattice(following, below, seed)
            fx = x - x0
            fx = fx * fx * (3.0 - 2.0 * fx)
            upper = a + (b - a) * fx
            lower = c + (d - c) * fx
            out[j, i] += np.float32(gain * (upper + (lower - upper) * fy))


def clouds(
    shape: tuple[int, int],
    *,
    origin: tuple[float, float],
    density: float,
    cells: tuple[float, float],
    seed: int,
    octaves: int = 5,
    roughness: float = 0.5,
) -> Floats:
    """Fractal noise of 0..1 whose first octave has `cells` per scene unit."""
    out = np.zeros(shape, np.float32)
    gain, total = 1.0, 0.0
    for octave in range(octaves):
        across, down = cells[0] * 2**octave, cells[1] * 2**octave
        if octave and max(across, down) > density * 0.6:
            break  # finer than a pixel: it would only alias
        _octave(
            out,
            origin[0] * across,
            origin[1] * down,
            across / density,
            down / density,
            gain,
            seed + octave,
            0,
        )
        total += gain
        gain *= roughness
    out /= np.float32(total)
    return out


def tile(size: int, *, cells: int, seed: int, octaves: int = 4, roughness: float = 0.55) -> Floats:
    """A square of fractal noise that repeats without a seam."""
    out = np.zeros((size, size), np.float32)
    gain, total = 1.0, 0.0
    for octave in range(octaves):
        count = cells * 2**octave
        _octave(out, 0.0, 0.0, count / size, count / size, gain, seed + octave, count)
        total += gain
        gain *= roughness
    out /= np.float32(total)
    return out


def band(field: Floats, low: float, high: float) -> Floats:
    """A smooth step of a field between two values."""
    share = np.clip((field - np.float32(low)) / np.float32(high - low), 0.0, 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share), dtype=np.float32)
