"""What the thing that moves by itself looks like: its colours and large shapes, to compare takes by."""

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from plugin_backend.domain.direction.resemblance import HUES, LIGHTS, SIDES, TURNS
from worker.director.camera import Pair
from worker.director.frames import Grey, Rgb, SmallFrame

_EVERY: Final = 3  # pairs: about a quarter of a second
_OWN_WAY: Final = 0.7  # pixels beside the camera's motion
_TRUST: Final = 0.15
_LEAST, _MOST = 0.004, 0.35  # of the frame: a speck shows nothing, and most of the frame is no subject
_LEAST_SIGHTS: Final = 2
_GREY: Final = 9.0  # CIELAB chroma below which a colour has no hue
_PICTURE: Final = 32  # pixels of a subject's side, whatever its shape

Sums = NDArray[np.float64]


@dataclass(slots=True)
class AppearanceWatch:
    """Feed every pair with the frame that completed it; keeps sums, no frame."""

    _colours: Sums = field(default_factory=lambda: np.zeros(HUES + LIGHTS))
    _shape: Sums = field(default_factory=lambda: np.zeros(SIDES * SIDES * TURNS))
    _pairs: int = 0
    _sights: int = 0

    def add(self, pair: Pair, frame: SmallFrame) -> None:
        """Look at some of the pairs."""
        self._pairs += 1
        if self._pairs % _EVERY:
            return
        thing = _largest(_moving(pair))
        if thing is None:
            return
        self._sights += 1
        self._colours += _colours(frame.rgb, thing)
        self._shape += _shape(frame.luma, thing)

    def signature(self) -> str:
        """Hexadecimal, a byte for each figure; empty where nothing moved by itself for long enough."""
        if self._sights < _LEAST_SIGHTS:
            return ""
        shares = self._colours / max(float(self._colours.sum()), 1e-9)
        edges = self._shape / max(float(self._shape.max()), 1e-9)
        figures = np.concatenate([shares, edges]).clip(0, 1) * 255
        return bytes(figures.round().astype(np.uint8)).hex()


def _moving(pair: Pair) -> NDArray[np.uint8]:
    """1 at the points of the grid that go their own way."""
    own = pair.field.by - pair.motion.similarity.moved(pair.field.at)
    moves = (np.linalg.norm(own, axis=1) > _OWN_WAY) & (pair.field.trust > _TRUST)
    return np.asarray(pair.field.grid(moves.astype(np.float32)) > 0, np.uint8)


def _largest(moves: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """The largest thing of those, its holes closed; None where it is too small or nearly everything."""
    closed = cv2.morphologyEx(moves, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    if count < 2:
        return None
    most = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    share = float(stats[most, cv2.CC_STAT_AREA]) / moves.size
    return np.asarray(labels == most, np.uint8) if _LEAST <= share <= _MOST else None


def _colours(rgb: Rgb, thing: NDArray[np.uint8]) -> Sums:
    """Shares of hues, and of lights where there is no hue."""
    mask = cv2.resize(thing, (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_NEAREST) > 0
    if not mask.any():
        return np.zeros(HUES + LIGHTS)
    lab = cv2.cvtColor((rgb[mask] / np.float32(255))[None], cv2.COLOR_RGB2LAB)[0]
    chroma, hue = np.hypot(lab[:, 1], lab[:, 2]), np.arctan2(lab[:, 2], lab[:, 1])
    hues = np.floor((hue / (2 * np.pi) % 1.0) * HUES).astype(int) % HUES
    lights = HUES + np.minimum(lab[:, 0] / 100 * LIGHTS, LIGHTS - 1).astype(int)
    found = np.bincount(np.where(chroma < _GREY, lights, hues), minlength=HUES + LIGHTS)
    return np.asarray(found / found.sum(), np.float64)


def _shape(luma: Grey, thing: NDArray[np.uint8]) -> Sums:
    """Edges by direction in each part of its box, heavier where the thing itself is."""
    x, y, wide, high = cv2.boundingRect(thing)
    across, down = luma.shape[1] / thing.shape[1], luma.shape[0] / thing.shape[0]
    rows = slice(round(y * down), max(round(y * down) + 2, round((y + high) * down)))
    columns = slice(round(x * across), max(round(x * across) + 2, round((x + wide) * across)))
    size = (_PICTURE, _PICTURE)
    picture = cv2.resize(luma[rows, columns], size, interpolation=cv2.INTER_AREA).astype(np.float32)
    there = cv2.resize(
        thing[y : y + high, x : x + wide].astype(np.float32), size, interpolation=cv2.INTER_LINEAR
    )
    gx, gy = cv2.Sobel(picture, cv2.CV_32F, 1, 0), cv2.Sobel(picture, cv2.CV_32F, 0, 1)
    turn = np.floor((np.arctan2(gy, gx) / np.pi % 1.0) * TURNS).astype(int) % TURNS
    weight = np.hypot(gx, gy) * (0.2 + 0.8 * there)
    part = np.arange(_PICTURE) * SIDES // _PICTURE
    cell = (part[:, None] * SIDES + part[None, :]) * TURNS + turn
    found = np.bincount(cell.ravel(), weights=weight.ravel(), minlength=SIDES * SIDES * TURNS)
    return np.asarray(found / max(float(np.linalg.norm(found)), 1e-9), np.float64)
