"""A tracked thing's way beside a drawn path, in frame widths."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from plugin_backend.domain.direction.directives import Point
from worker.director.subjects import Sight

_BOUNCE: Final = 0.02  # of the frame's height: what it falls and rises again at least


def flat(point: Point, aspect: float) -> Point:
    """In widths, so that lengths are the same across and down."""
    return point[0], point[1] / aspect


def length_of(path: Sequence[Point], aspect: float) -> float:
    return sum(math.dist(flat(a, aspect), flat(b, aspect)) for a, b in pairwise(path))


def distance_to(sight: Sight, path: Sequence[Point], aspect: float) -> float:
    """To the nearest point of the path, in widths."""
    here = flat((sight.x, sight.y), aspect)
    return min(_nearest(here, flat(a, aspect), flat(b, aspect))[0] for a, b in pairwise(path))


def gone_along(sights: Sequence[Sight], path: Sequence[Point], aspect: float) -> float:
    """How far along the path the last sight is beyond the first, in widths."""
    first, last = (_place_along((each.x, each.y), path, aspect) for each in (sights[0], sights[-1]))
    return last - first


def _place_along(point: Point, path: Sequence[Point], aspect: float) -> float:
    best, gone, place = math.inf, 0.0, 0.0
    for a, b in pairwise(path):
        start, end = flat(a, aspect), flat(b, aspect)
        distance, share = _nearest(flat(point, aspect), start, end)
        if distance < best:
            best, place = distance, gone + share * math.dist(start, end)
        gone += math.dist(start, end)
    return place


def _nearest(point: Point, start: Point, end: Point) -> tuple[float, float]:
    """The distance to a stretch, and the share of it at which it is nearest."""
    across, down = end[0] - start[0], end[1] - start[1]
    square = across * across + down * down
    share = 0.0 if square <= 0 else ((point[0] - start[0]) * across + (point[1] - start[1]) * down) / square
    share = max(0.0, min(1.0, share))
    return math.dist(point, (start[0] + share * across, start[1] + share * down)), share


def bounces(sights: Sequence[Sight]) -> int:
    """How often it falls and then rises again, each by more than it could by chance."""
    found, lowest, highest, falling = 0, sights[0].y, sights[0].y, False
    for each in sights:
        if falling:
            lowest = max(lowest, each.y)
            if lowest - each.y > _BOUNCE:
                found, falling, highest = found + 1, False, each.y
        else:
            highest = min(highest, each.y)
            if each.y - highest > _BOUNCE:
                falling, lowest = True, each.y
    return found
