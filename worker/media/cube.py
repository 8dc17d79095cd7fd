"""A colour cube over half floats: a table of positions for each channel, then a tetrahedron of its points."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from worker.media import memory
from worker.media.kernels import Half, Rgb16, compiled
from worker.media.lanes import FLOATS, INTS, LANES, Lanes, in_lanes, same

POINTS: Final = 65
"""A side of the cube."""
_STEPS: Final = (POINTS * POINTS, POINTS, 1)  # to the next point in red, green, blue
_DIAGONAL: Final = sum(_STEPS)
_PLANE_BYTES: Final = 4 * POINTS**3


@dataclass(frozen=True, slots=True)
class Cube:
    """What becomes of every half float's bits (0 to less than 64), and the codes 0..65535 at every point."""

    positions: NDArray[np.float32]
    values: NDArray[np.float32]
    """Red's, green's and blue's planes; the blue point runs fastest."""

    @classmethod
    def of(cls, positions: NDArray[np.float64], values: NDArray[np.float32]) -> "Cube":
        """Of where each of the 65,536 halves falls from 0 to 1, and the picture 0..1 of all points."""
        last = np.nextafter(np.float32(POINTS - 1), np.float32(0))
        placed = np.nan_to_num(positions * (POINTS - 1), nan=0.0)
        planes = np.ascontiguousarray(values.reshape(-1, 3).T) * np.float32(65535)
        return cls(np.clip(placed, 0, last).astype(np.float32), planes.astype(np.float32))

    def shown(self, half: Half) -> Rgb16:
        """A picture through the cube, rounded."""
        source = np.ascontiguousarray(half)
        count = source.shape[0] * source.shape[1]
        if count < LANES:
            source = np.pad(source.reshape(1, -1, 3), ((0, 0), (0, LANES - count), (0, 0)))
        out = memory.blank(source.shape, np.uint16)
        _show(source.reshape(-1, 3).view(np.uint16), self.positions, self.values, out.reshape(-1, 3))
        return out.reshape(-1, 3)[:count].reshape(half.shape)


@in_lanes
def _sixteen(lanes: Lanes, pixels: Any, positions: Any, values: Any, out: Any) -> None:
    """Sixteen pixels' halves into their codes."""
    bits = lanes.pixels(pixels)
    placed = [lanes.gathered(positions, lanes.offsets(each)) for each in bits]
    points = [lanes.at.fptosi(each, INTS) for each in placed]
    far = [
        lanes.at.fsub(each, lanes.at.sitofp(point, FLOATS))
        for each, point in zip(placed, points, strict=True)
    ]
    corners = _corners(lanes, points, far)
    planes = (lanes.moved(values, channel * _PLANE_BYTES) for channel in range(3))
    found = [
        lanes.total([(lanes.gathered(plane, offset), weight) for offset, weight in corners])
        for plane in planes
    ]
    lanes.keep_pixels([lanes.codes(each) for each in found], out)


def _corners(lanes: Lanes, points: list[Any], far: list[Any]) -> list[tuple[Any, Any]]:
    """The tetrahedron's four, from black's along the furthest channel to white's: offset and weight."""
    at, (red, green, blue) = lanes.at, far
    most = lanes.chosen(">", red, lanes.chosen(">", green, blue))
    least = lanes.chosen("<", red, lanes.chosen("<", green, blue))
    middle = at.fsub(at.fadd(at.fadd(red, green), blue), at.fadd(most, least))
    steps = [same(INTS, step) for step in _STEPS]
    rest = lanes.chosen("==", green, most, then=steps[1], otherwise=steps[2])
    first = lanes.chosen("==", red, most, then=steps[0], otherwise=rest)
    rest = lanes.chosen("==", green, least, then=steps[1], otherwise=steps[0])
    last = lanes.chosen("==", blue, least, then=steps[2], otherwise=rest)
    black = at.add(at.add(at.mul(points[0], steps[0]), at.mul(points[1], steps[1])), points[2])
    white = at.add(black, same(INTS, _DIAGONAL))
    return [
        (black, at.fsub(same(FLOATS, 1.0), most)),
        (at.add(black, first), at.fsub(most, middle)),
        (at.sub(white, last), at.fsub(middle, least)),
        (white, least),
    ]


@compiled
def _show(pixels: Any, positions: Any, values: Any, out: Any) -> None:
    """At least sixteen pixels; the last ones are done twice where they do not come to a whole sixteen."""
    source, made = np.uint64(pixels.ctypes.data), np.uint64(out.ctypes.data)
    table, cube = np.uint64(positions.ctypes.data), np.uint64(values.ctypes.data)
    for start in range(0, pixels.shape[0], LANES):
        at = np.uint64(6) * np.uint64(min(start, pixels.shape[0] - LANES))
        _sixteen(source + at, table, cube, made + at)
