"""The camera's own motion between two frames: the one most of the background agrees on."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from worker.director.flow import Field, Floats
from worker.director.rest import Edges

_REST: Final = 1.25  # a camera at rest is likelier than any one motion by so much
_GUESSES: Final = 96
_LOOKED_AT: Final = 500  # points that a guess is tried on
_REACH: Final = 0.29  # of the diagonal: root mean square distance from the middle
_ROUNDS: Final = 8
_PARTS: Final = 6  # across and down
_FAINT: Final = 0.25  # of the mean: parts with less to follow than that are not raised further
_OF_EDGES: Final = 0.6  # confidence in a rest that edges alone tell of
_SEEN_OF_EDGES: Final = 0.3  # pixels
_MEDIAN_ROUNDS: Final = 3
_NEAR_PIXELS: Final = 0.7
_NEAR_SHARE: Final = 0.12  # of the motion itself: layers at different depths go differently far
_MIDDLE_WEIGHT: Final = 0.35  # against 1 at the frame's edge, where subjects seldom are
_LEAST_TRUST: Final = 6.0  # points: with less to follow nothing is told


@dataclass(frozen=True, slots=True)
class Similarity:
    """Where the content goes: `by = (x, y) + grow * at + turn * at turned right`, pixels from the middle."""

    x: float = 0.0
    y: float = 0.0
    grow: float = 0.0
    turn: float = 0.0

    def moved(self, at: Floats) -> Floats:
        """How far the camera alone moves points."""
        across = self.x + self.grow * at[:, 0] - self.turn * at[:, 1]
        return np.stack([across, self.y + self.grow * at[:, 1] + self.turn * at[:, 0]], -1).astype(np.float32)


@dataclass(frozen=True, slots=True)
class PairMotion:
    """What one pair of frames says, a second; `similarity` is the pair's own, in pixels."""

    at_seconds: float
    seconds: float
    similarity: Similarity
    x: float
    """The camera's, in frame widths."""
    y: float
    """In frame heights, down."""
    zoom: float
    roll: float
    """Degrees clockwise."""
    confidence: float
    parallax: float
    """How far points stray from the one motion, as a share of it."""


def pair_motion(field: Field, *, at_seconds: float, seconds: float, edges: Edges | None = None) -> PairMotion:
    """Fit one pair; content to the left means a camera to the right.

    A motion that the frame's edges would show and do not is another thing's.
    """
    weight = _evened(field, field.trust * _border(field))
    similarity = _fitted(field, weight)
    denied = _is_denied(similarity, field, edges)
    if denied:
        similarity = Similarity()
    strays = np.linalg.norm(field.by - similarity.moved(field.at), axis=1)
    length = _typical(similarity, field)
    parallax = _weighted_median(strays, field.trust) / max(length, 0.5)
    travel = _median_layer(field, similarity)
    if _is_denied(travel, field, edges):
        travel = Similarity()
    total = float(weight.sum())
    kept = float(weight[strays < _near(length)].sum())
    return PairMotion(
        at_seconds,
        seconds,
        similarity,
        x=-travel.x / field.width / seconds,
        y=-travel.y / field.height / seconds,
        zoom=math.log(max(1e-3, math.hypot(1 + travel.grow, travel.turn))) / seconds,
        roll=-math.degrees(math.atan2(travel.turn, 1 + travel.grow)) / seconds,
        confidence=round(max(_confidence(total, kept), _OF_EDGES if denied else 0.0), 4),
        parallax=parallax,
    )


def _is_denied(claimed: Similarity, field: Field, edges: Edges | None) -> bool:
    if edges is None or _typical(claimed, field) < _SEEN_OF_EDGES:
        return False
    return edges.deny(claimed.moved(edges.at))


def _confidence(total: float, kept: float) -> float:
    if total < _LEAST_TRUST:
        return 0.0
    return min(1.0, kept / total / 0.5) * min(1.0, total / (6 * _LEAST_TRUST))


def _border(field: Field) -> Floats:
    out = np.maximum(np.abs(field.at[:, 0]) * 2 / field.width, np.abs(field.at[:, 1]) * 2 / field.height)
    return np.asarray(_MIDDLE_WEIGHT + (1 - _MIDDLE_WEIGHT) * out, np.float32)


def _evened(field: Field, weight: Floats) -> Floats:
    """So that a part of the frame full of texture counts for little more than one with some."""
    columns = ((field.at[:, 0] / field.width + 0.5) * _PARTS).astype(np.int64).clip(0, _PARTS - 1)
    rows = ((field.at[:, 1] / field.height + 0.5) * _PARTS).astype(np.int64).clip(0, _PARTS - 1)
    part = rows * _PARTS + columns
    sums = np.bincount(part, weights=weight, minlength=_PARTS**2)
    typical = max(float(np.mean(sums)), 1e-6)
    return np.asarray(weight * (typical / np.maximum(sums, _FAINT * typical))[part], np.float32)


def _near(length: float) -> float:
    return max(_NEAR_PIXELS, _NEAR_SHARE * length)


def _typical(similarity: Similarity, field: Field) -> float:
    """How far the motion takes a typical point, in pixels."""
    reach = math.hypot(field.width, field.height) * _REACH
    bend = math.hypot(similarity.grow, similarity.turn) * reach
    return math.sqrt(similarity.x**2 + similarity.y**2 + bend**2)


def _fitted(field: Field, weight: Floats) -> Similarity:
    """The guess most of the weight agrees with, then refined on what agrees."""
    if float(weight.sum()) < _LEAST_TRUST:
        return Similarity()
    best = _best_guess(field, weight)
    for turn in range(_ROUNDS):
        strays = np.linalg.norm(field.by - best.moved(field.at), axis=1)
        near = _near(_typical(best, field)) * (1.5 if turn < 2 else 1.0)
        best = _least_squares(field, weight / (1 + (strays / near) ** 2) ** 2)
    return best


def _best_guess(field: Field, weight: Floats) -> Similarity:
    """Of many pairs of points, the one whose motion most of the picture shares."""
    chance = np.random.default_rng(5)
    odds = np.cumsum(weight, dtype=np.float64)
    ends = np.searchsorted(odds, chance.random((_GUESSES, 2)) * odds[-1]).clip(0, len(odds) - 1)
    one, other = ends[:, 0], ends[:, 1]
    gap, change = field.at[other] - field.at[one], field.by[other] - field.by[one]
    square = np.maximum((gap**2).sum(axis=1), 1.0)
    grow = (gap * change).sum(axis=1) / square
    turn = (gap[:, 0] * change[:, 1] - gap[:, 1] * change[:, 0]) / square
    x = field.by[one, 0] - grow * field.at[one, 0] + turn * field.at[one, 1]
    y = field.by[one, 1] - grow * field.at[one, 1] - turn * field.at[one, 0]
    guesses = np.stack([x, y, grow, turn])[:, square > (field.width / 8) ** 2]
    guesses = np.concatenate([np.zeros((4, 1)), guesses], axis=1)
    agreement = _agreement(guesses, field, weight)
    agreement[0] *= _REST  # what moves may be the subject
    best = int(np.argmax(agreement))
    return Similarity(*(float(part) for part in guesses[:, best]))


def _agreement(guesses: NDArray[np.float64], field: Field, weight: Floats) -> NDArray[np.float64]:
    """How much weight goes along with each guess, looking at the weightiest points only."""
    few = np.argsort(-weight)[:_LOOKED_AT]
    at, by = field.at[few], field.by[few]
    x, y, grow, turn = (part[:, None].astype(np.float32) for part in guesses)
    across = x + grow * at[:, 0] - turn * at[:, 1] - by[:, 0]
    down = y + grow * at[:, 1] + turn * at[:, 0] - by[:, 1]
    reach = math.hypot(field.width, field.height) * _REACH
    length = np.sqrt(x**2 + y**2 + (grow**2 + turn**2) * reach**2)
    near = np.maximum(_NEAR_PIXELS, _NEAR_SHARE * length)
    return np.asarray((weight[few] / (1 + (across**2 + down**2) / near**2)).sum(axis=1), np.float64)


def _least_squares(field: Field, weight: Floats) -> Similarity:
    """The similarity that suits weighted points best, in closed form."""
    w = weight.astype(np.float64)
    total = max(float(w.sum()), 1e-9)
    middle, drift = (w @ field.at) / total, (w @ field.by) / total
    at, by = field.at - middle, field.by - drift
    square = max(float((w * (at**2).sum(axis=1)).sum()), 1e-9)
    grow = float((w * (at * by).sum(axis=1)).sum()) / square
    turn = float((w * (at[:, 0] * by[:, 1] - at[:, 1] * by[:, 0])).sum()) / square
    return Similarity(
        float(drift[0] - grow * middle[0] + turn * middle[1]),
        float(drift[1] - grow * middle[1] - turn * middle[0]),
        grow,
        turn,
    )


def _median_layer(field: Field, start: Similarity) -> Similarity:
    """Layers at several depths go differently far: what the median point does, part by part."""
    out = np.linalg.norm(field.at, axis=1)
    far = out > field.height / 8  # near the middle growth is nothing
    x, y, grow = start.x, start.y, start.grow
    for _ in range(_MEDIAN_ROUNDS):
        rest = field.by - np.array([x, y], np.float32)
        grows = (rest[far] * field.at[far]).sum(axis=1) / out[far] ** 2
        grow = _weighted_median(grows, field.trust[far] * out[far])
        x = _weighted_median(field.by[:, 0] - np.float32(grow) * field.at[:, 0], field.trust)
        y = _weighted_median(field.by[:, 1] - np.float32(grow) * field.at[:, 1], field.trust)
    return Similarity(x, y, grow, start.turn)


def _weighted_median(values: Floats, weight: Floats) -> float:
    order = np.argsort(values)
    sums = np.cumsum(weight[order], dtype=np.float64)
    if not len(sums) or sums[-1] <= 0:
        return 0.0
    return float(values[order[int(np.searchsorted(sums, sums[-1] / 2))]])
