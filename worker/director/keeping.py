"""Watching a region that is to stay as it is: found again where the camera has taken it, and compared."""

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from plugin_backend.domain.direction.directives import Directive
from plugin_backend.domain.direction.evaluation import Adherence
from plugin_backend.domain.direction.telling import sentence
from worker.director.camera import Pair
from worker.director.flow import Floats
from worker.director.frames import Grey
from worker.director.standing import followed, not_measured

_EVERY: Final = 3  # pairs: about a quarter of a second
_SEARCH: Final = 4  # pixels to either side: what summing up many small motions may be off by
_FLAT_CODES: Final = 5.0
_LEAST_SEEN: Final = 0.5  # of the region: less of it in the frame says nothing


@dataclass(slots=True)
class KeepWatch:
    """One directive; feed every pair of frames in order."""

    directive: Directive
    _first: Grey | None = None
    _mask: Grey | None = None
    _moved: Floats = field(default_factory=lambda: np.eye(3, dtype=np.float32))
    _seen: int = 0
    likeness: list[float] = field(default_factory=list)
    """Correlation with the first moment, 0..1."""
    off: list[float] = field(default_factory=list)
    """Mean difference to it, in codes."""

    def add(self, pair: Pair) -> None:
        """Take in the next pair."""
        start, end = float(self.directive.from_seconds), float(self.directive.to_seconds)
        if not start <= pair.motion.at_seconds <= end or len(self.directive.region) < 3:
            return
        if self._first is None:
            self._first = pair.before
            self._mask = region_mask(self.directive.region, pair.before)
        self._moved = pair.moved @ self._moved
        self._seen += 1
        if self._seen % _EVERY == 0:
            self._compare(pair.after)

    def _compare(self, after: Grey) -> None:
        assert self._first is not None
        assert self._mask is not None
        back = unmoved(after, self._moved)
        there = unmoved(np.full_like(after, 255), self._moved)
        mask = (self._mask > 0) & (there > 250)
        if mask.sum() < _LEAST_SEEN * (self._mask > 0).sum():
            return
        likeness, off = _best(self._first, back, mask)
        self.likeness.append(likeness)
        self.off.append(off)

    def judge(self) -> Adherence:
        """What the worst moments say: a region that changes and changes back has changed."""
        if not self.off:
            return not_measured(self.directive, sentence("kept.not-seen"))
        likeness, off = float(np.percentile(self.likeness, 10)), float(np.percentile(self.off, 90))
        by_shape, by_light = min(1.0, max(0.0, (likeness - 0.5) / 0.35)), min(1.0, max(0.0, (24 - off) / 16))
        score = min(by_shape, by_light)
        code = "kept.stays" if score >= 0.7 else "kept.changes"
        return followed(
            self.directive,
            score=score,
            confidence=0.8,
            says=sentence(code, likeness=f"{100 * likeness:.0f}", off=f"{off:.1f}"),
            measured={"likeness": round(likeness, 3), "difference_codes": round(off, 2)},
        )


def region_mask(region: tuple[tuple[float, float], ...], picture: Grey) -> Grey:
    """255 inside an outline of points of 0..1."""
    height, width = picture.shape
    mask = np.zeros((height, width), np.uint8)
    points = np.array([[round(x * width), round(y * height)] for x, y in region], np.int32)
    cv2.fillPoly(mask, [points], 255)
    return mask


def unmoved(picture: Grey, moved: Floats) -> Grey:
    """A picture as it would look had the camera not moved; black where that was not seen."""
    height, width = picture.shape
    return np.asarray(
        cv2.warpAffine(picture, moved[:2], (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP),
        np.uint8,
    )


def _best(first: Grey, back: Grey, mask: NDArray[np.bool_]) -> tuple[float, float]:
    """The best likeness and the least difference within a few pixels to either side."""
    found = [(-1.0, 255.0)]
    for x in range(-_SEARCH, _SEARCH + 1, 2):
        for y in range(-_SEARCH, _SEARCH + 1, 2):
            there = np.roll(back, (y, x), axis=(0, 1))[mask].astype(np.float32)
            found.append(_alike(first[mask].astype(np.float32), there))
    return max(each[0] for each in found), min(each[1] for each in found)


def _alike(one: Floats, other: Floats) -> tuple[float, float]:
    off = float(np.abs(one - other).mean())
    a, b = one - one.mean(), other - other.mean()
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    if min(float(one.std()), float(other.std())) < _FLAT_CODES:
        return (1.0 if max(float(one.std()), float(other.std())) < 2 * _FLAT_CODES else 0.0), off
    return float(a @ b) / size, off
