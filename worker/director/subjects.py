"""Following one marked thing through a take: where it is, when it is hidden, what it looks like."""

import math
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from plugin_backend.domain.direction.directives import Directive, DirectiveKind, Point
from worker.director.camera import Pair
from worker.director.flow import Floats
from worker.director.frames import Grey

_USUAL_SIZE: Final = 0.11  # of the frame's width: half the side of what a mark is taken to be about
_MOVES: Final = 0.7  # pixels beside the camera's motion
_LEAST_MOVING: Final = 3  # points of the grid
_NEAR: Final = 7  # pixels searched around where it should be
_SURE, _LOST, _FOUND = 0.6, 0.45, 0.72  # correlation with what it looked like
_RENEWED: Final = 0.1  # of its look at each sure sight: it turns, and the light changes


@dataclass(frozen=True, slots=True)
class Sight:
    """Where the thing is at a moment, 0..1 of the frame; unseen: where it should be."""

    at_seconds: float
    x: float
    y: float
    likeness: float
    seen: bool


def is_marked(directive: Directive) -> bool:
    """Whether a directive is about something that a mark points at."""
    is_thing = directive.kind in {DirectiveKind.SUBJECT, DirectiveKind.PLACE}
    return is_thing and bool(directive.path or len(directive.region) > 2) and directive.about != "weather"


@dataclass(slots=True)
class SubjectWatch:
    """One directive with a path, a point or an outline; feed every pair of frames in order."""

    directive: Directive
    sights: list[Sight] = field(default_factory=list)
    moved: bool = False
    """Whether it ever moved by itself, not only with the camera."""
    first_look: Grey | None = None
    last_look: Grey | None = None
    _look: Floats | None = None
    _mask: Floats | None = None
    _at: tuple[float, float] = (0.0, 0.0)
    _half: tuple[int, int] = (0, 0)
    _step: tuple[float, float] = (0.0, 0.0)
    _hidden: int = 0

    @property
    def onset(self) -> float | None:
        """When it has gone a fiftieth of the frame from where it was first seen."""
        if not self.moved:
            return None
        first = self.sights[0]
        far = (
            each.at_seconds for each in self.sights if math.dist((each.x, each.y), (first.x, first.y)) > 0.02
        )
        return next(far, None)

    @property
    def start(self) -> Point | None:
        """Where the mark says it is at first."""
        if self.directive.path:
            return self.directive.path[0]
        region = self.directive.region
        if len(region) < 3:
            return None
        return sum(x for x, _ in region) / len(region), sum(y for _, y in region) / len(region)

    def add(self, pair: Pair) -> None:
        """Take in the next pair."""
        start, end = float(self.directive.from_seconds), float(self.directive.to_seconds)
        if self.start is None or not start <= pair.motion.at_seconds <= end:
            return
        if self._look is None:
            self._take_aim(pair)
            self._note(pair, pair.motion.at_seconds - pair.motion.seconds / 2, 1.0, seen=True)
        self._follow(pair)

    def _take_aim(self, pair: Pair) -> None:
        """What moves by itself near the mark is meant; else whatever is there."""
        assert self.start is not None
        width, height = pair.field.width, pair.field.height
        self._at = self.start[0] * width, self.start[1] * height
        self._half = self._size(width, height)
        moving = self._moving(pair)
        if moving.sum() >= _LEAST_MOVING:
            self._close_in(pair, moving)
        self._look = self._cut(pair.before)
        self._mask = self._shape(pair, moving)
        self.first_look = self._look.astype(np.uint8)

    def _size(self, width: int, height: int) -> tuple[int, int]:
        region = self.directive.region
        if len(region) < 3:
            return round(_USUAL_SIZE * width), round(_USUAL_SIZE * width)
        wide, high = (np.ptp([point[axis] for point in region]) / 2 for axis in (0, 1))
        return max(6, round(wide * width)), max(6, round(high * height))

    def _moving(self, pair: Pair) -> NDArray[np.bool_]:
        """Points in the thing's box that go their own way."""
        own = pair.field.by - pair.motion.similarity.moved(pair.field.at)
        near = self._inside(pair)
        return np.asarray(near & (np.linalg.norm(own, axis=1) > _MOVES) & (pair.field.trust > 0.1), np.bool_)

    def _inside(self, pair: Pair) -> NDArray[np.bool_]:
        at = pair.field.at + np.array([(pair.field.width - 1) / 2, (pair.field.height - 1) / 2], np.float32)
        off = np.abs(at - np.array(self._at, np.float32))
        return np.asarray((off[:, 0] <= self._half[0]) & (off[:, 1] <= self._half[1]), np.bool_)

    def _close_in(self, pair: Pair, moving: NDArray[np.bool_]) -> None:
        """The box around what moves."""
        self.moved = True
        at = pair.field.at[moving] + np.array([(pair.field.width - 1) / 2, (pair.field.height - 1) / 2])
        low, high = np.percentile(at, 5, axis=0), np.percentile(at, 95, axis=0)
        if not len(self.directive.region):
            self._at = float(low[0] + high[0]) / 2, float(low[1] + high[1]) / 2
            wide, tall = (high - low) / 2 + 4
            self._half = max(6, round(float(wide))), max(6, round(float(tall)))

    def _shape(self, pair: Pair, moving: NDArray[np.bool_]) -> Floats:
        """Which part of its box is the thing: what moves, or all of it."""
        mask = np.zeros(pair.before.shape, np.float32)
        at = pair.field.at[moving] + np.array([(pair.field.width - 1) / 2, (pair.field.height - 1) / 2])
        for x, y in at:
            cv2.circle(mask, (round(float(x)), round(float(y))), 4, 1.0, -1)
        cut = self._cut_floats(mask)
        return cut if cut.mean() > 0.15 else np.ones_like(cut)

    def _cut(self, picture: Grey) -> Floats:
        return self._cut_floats(picture.astype(np.float32))

    def _cut_floats(self, picture: Floats) -> Floats:
        size = 2 * self._half[0] + 1, 2 * self._half[1] + 1
        return np.asarray(
            cv2.getRectSubPix(picture, size, (float(self._at[0]), float(self._at[1]))), np.float32
        )

    def _follow(self, pair: Pair) -> None:
        flow = self._flow(pair)
        camera = pair.motion.similarity.moved(
            np.array([[self._at[0] - pair.field.width / 2, self._at[1] - pair.field.height / 2]], np.float32)
        )[0]
        expected = (float(camera[0]) + self._step[0], float(camera[1]) + self._step[1])
        step = flow if flow is not None and not self._hidden else expected
        reach = _NEAR if not self._hidden else min(4 * _NEAR, _NEAR * (1 + self._hidden))
        place, likeness = self._search(pair.after, (self._at[0] + step[0], self._at[1] + step[1]), reach)
        if likeness >= (_FOUND if self._hidden else _LOST):
            before = self._at
            self._at, self._hidden = place, 0
            own = (place[0] - before[0] - float(camera[0]), place[1] - before[1] - float(camera[1]))
            self._step = (0.5 * self._step[0] + 0.5 * own[0], 0.5 * self._step[1] + 0.5 * own[1])
            self.moved = self.moved or max(map(abs, own)) > _MOVES
            self._renew(pair.after, likeness)
        else:
            self._at = self._at[0] + expected[0], self._at[1] + expected[1]
            self._hidden += 1
        moment = pair.motion.at_seconds + pair.motion.seconds / 2
        self._note(pair, moment, likeness, seen=not self._hidden)

    def _flow(self, pair: Pair) -> tuple[float, float] | None:
        moving = self._moving(pair)
        chosen = moving if moving.sum() >= _LEAST_MOVING else self._inside(pair)
        if not chosen.any():
            return None
        across, down = np.median(pair.field.by[chosen], axis=0)
        return float(across), float(down)

    def _search(
        self, picture: Grey, middle: tuple[float, float], reach: int
    ) -> tuple[tuple[float, float], float]:
        """The likeliest place around a middle, to a fraction of a pixel."""
        assert self._look is not None
        assert self._mask is not None
        across, down = self._half[0] + reach, self._half[1] + reach
        piece = cv2.getRectSubPix(picture, (2 * across + 1, 2 * down + 1), middle).astype(np.float32)
        likeness = _correlations(piece, self._look, self._mask)
        row, column = np.unravel_index(int(np.argmax(likeness)), likeness.shape)
        x = column + _between(likeness[row, :], int(column)) - reach
        y = row + _between(likeness[:, column], int(row)) - reach
        return (middle[0] + float(x), middle[1] + float(y)), float(likeness[row, column])

    def _renew(self, picture: Grey, likeness: float) -> None:
        assert self._look is not None
        now = self._cut(picture)
        self.last_look = now.astype(np.uint8)
        if likeness >= _SURE:
            self._look = (1 - _RENEWED) * self._look + _RENEWED * now

    def _note(self, pair: Pair, moment: float, likeness: float, *, seen: bool) -> None:
        x, y = self._at[0] / pair.field.width, self._at[1] / pair.field.height
        self.sights.append(Sight(round(moment, 4), x, y, likeness, seen))


def _correlations(piece: Floats, look: Floats, mask: Floats) -> Floats:
    """Normalised cross-correlation under a mask, of every place the look fits into the piece."""
    weight = mask / mask.sum()
    mean = float((weight * look).sum())
    shape = weight * (look - mean)
    energy = float((shape * (look - mean)).sum())
    sums = cv2.matchTemplate(piece, weight, cv2.TM_CCORR)
    squares = cv2.matchTemplate(piece * piece, weight, cv2.TM_CCORR)
    products = cv2.matchTemplate(piece, shape, cv2.TM_CCORR)
    spread = np.maximum(squares - sums * sums, 1.0)
    return np.asarray(products / np.sqrt(spread * max(energy, 1.0)), np.float32)


def _between(values: Floats, best: int) -> float:
    """Where between its neighbours a peak is, by a parabola."""
    if best in {0, len(values) - 1}:
        return 0.0
    low, peak, high = (float(values[best + n]) for n in (-1, 0, 1))
    bend = low - 2 * peak + high
    return 0.0 if bend >= -1e-9 else max(-0.5, min(0.5, 0.5 * (low - high) / bend))
