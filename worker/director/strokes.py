"""Strokes and words on a picture: dashed and solid lines with a dark rim, so that they show on any ground."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import cv2
import numpy as np

from worker.media.kernels import Rgb8

Ink = tuple[int, int, int]
Pixel = tuple[float, float]

RIM: Final[Ink] = (16, 18, 22)
_DASH: Final = 4.5  # in line widths
_GAP: Final = 3.5
_HEAD: Final = 5.0
_SHIFT: Final = 4  # binary places of a pixel that OpenCV draws with


def line(image: Rgb8, points: Sequence[Pixel], ink: Ink, *, width: float, dashed: bool = False) -> None:
    """A polyline over its dark rim."""
    runs = list(_dashes(points, width)) if dashed else [tuple(points)]
    for colour, wide in ((RIM, width + max(2.0, 0.9 * width)), (ink, width)):
        for run in runs:
            if len(run) > 1:
                cv2.polylines(image, [_fixed(run)], False, colour, max(1, round(wide)), cv2.LINE_AA, _SHIFT)


def arrow(image: Rgb8, points: Sequence[Pixel], ink: Ink, *, width: float, dashed: bool = False) -> None:
    """A polyline with a solid head at its end; one that goes nowhere is a ring."""
    if math.dist(points[0], points[-1]) < 2 * width and len(points) == 2:
        ring(image, points[0], ink, radius=2.2 * width, width=width)
        return
    tip, back = points[-1], _before(points, _HEAD * width)
    line(image, [*_until(points, _HEAD * width * 0.7)], ink, width=width, dashed=dashed)
    angle = math.atan2(tip[1] - back[1], tip[0] - back[0])
    for colour, grown in ((RIM, 0.5 * width + 1.0), (ink, 0.0)):
        cv2.fillPoly(
            image, [_fixed(_head(tip, angle, size=_HEAD * width, grown=grown))], colour, cv2.LINE_AA, _SHIFT
        )


def ring(image: Rgb8, middle: Pixel, ink: Ink, *, radius: float, width: float) -> None:
    """A small circle over its dark rim."""
    turns = [2 * math.pi * step / 24 for step in range(25)]
    round_about = [(middle[0] + radius * math.cos(t), middle[1] + radius * math.sin(t)) for t in turns]
    line(image, round_about, ink, width=width)


def closed(image: Rgb8, points: Sequence[Pixel], ink: Ink, *, width: float, dashed: bool = False) -> None:
    """An outline."""
    line(image, [*points, points[0]], ink, width=width, dashed=dashed)


def badge(image: Rgb8, text: str, at: Pixel, ink: Ink, *, size: int) -> None:
    """A short text in a disc, kept within the picture."""
    height, width = image.shape[:2]
    radius = round(0.8 * size)
    x = min(width - radius - 2, max(radius + 2, round(at[0])))
    y = min(height - radius - 2, max(radius + 2, round(at[1])))
    cv2.circle(image, (x, y), radius, RIM, -1, cv2.LINE_AA)
    cv2.circle(image, (x, y), radius, ink, 2, cv2.LINE_AA)
    wide = text_width(text, size=size, weight=600)
    write(image, text, (x - wide // 2, y + round(0.36 * size)), ink, size=size, weight=600)


def write(
    image: Rgb8, text: str, baseline: tuple[int, int], ink: Ink, *, size: int, weight: int = 400
) -> None:
    """A line of text from its left."""
    cv2.putText(image, text, baseline, ink, cv2.FontFace("sans"), size, weight)


def text_width(text: str, *, size: int, weight: int = 400) -> int:
    """How wide a line of text is."""
    box = cv2.getTextSize((0, 0), text, (0, 0), cv2.FontFace("sans"), size, weight)
    return int(box[2])


def wrapped(text: str, *, width: int, size: int, lines: int) -> list[str]:
    """A text in so many lines at most, the last one cut with an ellipsis; control characters are spaces."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    found: list[str] = []
    for word in plain.split(" "):
        longer = f"{found[-1]} {word}" if found else word
        if found and text_width(longer, size=size) <= width:
            found[-1] = longer
        else:
            found.append(word)
    if len(found) > lines:
        found = [*found[: lines - 1], f"{found[lines - 1]}…"]
    return [_fitted(each, width=width, size=size) for each in found]


def _fitted(text: str, *, width: int, size: int) -> str:
    while text and text_width(text, size=size) > width:
        text = f"{text.removesuffix('…')[:-1].rstrip()}…"
    return text


def _head(tip: Pixel, angle: float, *, size: float, grown: float) -> list[Pixel]:
    """A triangle that ends on the tip."""
    ahead = size + grown
    corners = ((grown, 0.0), (-ahead, 0.5 * size + grown), (-ahead, -0.5 * size - grown))
    cosine, sine = math.cos(angle), math.sin(angle)
    return [(tip[0] + x * cosine - y * sine, tip[1] + x * sine + y * cosine) for x, y in corners]


def _before(points: Sequence[Pixel], length: float) -> Pixel:
    """The point of a polyline at a distance before its end."""
    return _until(points, length)[-1] if math.dist(points[0], points[-1]) > 0 else points[0]


def _until(points: Sequence[Pixel], length: float) -> list[Pixel]:
    """A polyline without its last stretch."""
    kept = list(points)
    while len(kept) > 1:
        (ax, ay), (bx, by) = kept[-2], kept[-1]
        step = math.dist(kept[-2], kept[-1])
        if step > length:
            share = (step - length) / step
            kept[-1] = (ax + (bx - ax) * share, ay + (by - ay) * share)
            return kept
        length -= step
        kept.pop()
    return kept


def _dashes(points: Sequence[Pixel], width: float) -> Iterator[tuple[Pixel, ...]]:
    """Runs of a polyline, drawn and left out by turns."""
    on, off = _DASH * width, _GAP * width
    left, drawing, run = on, True, [points[0]]
    for start, end in pairwise(points):
        at, length = start, math.dist(start, end)
        while length > left:
            share = left / length
            at = (at[0] + (end[0] - at[0]) * share, at[1] + (end[1] - at[1]) * share)
            if drawing:
                yield (*run, at)
            length -= left
            drawing, run = not drawing, [at]
            left = on if drawing else off
        left -= length
        run.append(end)
    if drawing:
        yield tuple(run)


def _fixed(points: Sequence[Pixel]) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    """Fractions of pixels as OpenCV takes them."""
    return np.round(np.array(points, np.float64) * (1 << _SHIFT)).astype(np.int32)
