"""Stills of a clip: a poster that stands for it, and a contact sheet of how it goes.

A dozen frames, evenly spaced over the whole clip, are kept as JPEGs while it streams by; both come of those.
"""

import base64
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.media.kernels import Rgb8

KEPT_FRAMES: Final = 12
_JPEG_QUALITY: Final = 92
_SMALL_PIXELS: Final = 400 * 225
_SMALL_BYTES: Final = 32_000  # a dozen of them in a page stay below half a megabyte
_SMALL_QUALITIES: Final = (84, 72, 56, 36, 20)
_SHEET_WIDTH: Final = 1920
_MARGIN: Final = 48
_GUTTER: Final = 16
_CAPTION: Final = 34  # height of the line under each frame
_HEADER: Final = 84
_GROUND: Final = (20, 20, 22)
_INK: Final = (236, 236, 238)
_FAINT_INK: Final = (140, 140, 146)
_LIGHT: Final = 300  # font weights
_REGULAR: Final = 400
_SEMIBOLD: Final = 600


@dataclass(frozen=True, slots=True)
class Still:
    """One kept frame."""

    frame: int
    jpeg: bytes

    def to_json(self) -> dict[str, Any]:
        """For another process."""
        return {"frame": self.frame, "jpeg": base64.b64encode(self.jpeg).decode()}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote."""
        return cls(document["frame"], base64.b64decode(document["jpeg"]))


def kept_frames(frame_count: int) -> tuple[int, ...]:
    """Which frames of a clip are kept: the middles of equal parts, so never its very ends."""
    parts = min(KEPT_FRAMES, frame_count)
    return tuple((2 * part + 1) * frame_count // (2 * parts) for part in range(parts))


def encode_jpeg(image: Rgb8, *, quality: int = _JPEG_QUALITY) -> bytes:
    """A progressive JPEG of an sRGB or Rec.709 image."""
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_PROGRESSIVE, 1]
    done, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)
    if not done:
        raise ValueError(f"An image of {image.shape[1]} x {image.shape[0]} could not be written as JPEG.")
    return data.tobytes()


def encode_small(image: Rgb8) -> bytes:
    """A JPEG for a page that shows several: 400 pixels wide, or as much in all where it is upright."""
    height, width = image.shape[:2]
    scale = min(1.0, math.sqrt(_SMALL_PIXELS / (width * height)))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    coded = (encode_jpeg(small, quality=quality) for quality in _SMALL_QUALITIES)
    return next((data for data in coded if len(data) <= _SMALL_BYTES), encode_jpeg(small, quality=10))


def poster(stills: Sequence[Still]) -> Still:
    """The still that stands for the clip best: like the others, and with the most to see in it."""
    thumbnails = np.stack([_thumbnail(still) for still in stills])
    typical = np.median(thumbnails, axis=0)
    strangeness = np.abs(thumbnails - typical).mean(axis=(1, 2, 3))
    interest = thumbnails.std(axis=(1, 2)).mean(axis=1)
    return stills[int(np.argmax(interest - strangeness))]


def contact_sheet(stills: Sequence[Still], *, title: str, frame_count: int, rate: Fraction) -> bytes:
    """A JPEG sheet of the stills with their times, under a line that says what they are."""
    images = [_decoded(still) for still in stills]
    columns = 4 if images[0].shape[1] > images[0].shape[0] else 6
    width = (_SHEET_WIDTH - 2 * _MARGIN - (columns - 1) * _GUTTER) // columns
    height = round(width * images[0].shape[0] / images[0].shape[1])
    rows = math.ceil(len(images) / columns)
    sheet = np.empty((_HEADER + rows * (height + _CAPTION + _GUTTER) + _GUTTER, _SHEET_WIDTH, 3), np.uint8)
    sheet[:] = _GROUND
    _write_header(sheet, title=title, facts=_facts(frame_count, rate))
    for place, (still, image) in enumerate(zip(stills, images, strict=True)):
        row, column = divmod(place, columns)
        left, top = _MARGIN + column * (width + _GUTTER), _HEADER + row * (height + _CAPTION + _GUTTER)
        cell = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        sheet[top : top + height, left : left + width] = cell
        _caption(sheet, still.frame, rate=rate, left=left, right=left + width, baseline=top + height + 24)
    return encode_jpeg(sheet)


def in_order(stills: Iterable[Still]) -> tuple[Still, ...]:
    """Stills of several chunks as one clip's."""
    return tuple(sorted(stills, key=lambda still: still.frame))


def _decoded(still: Still) -> Rgb8:
    image = cv2.imdecode(np.frombuffer(still.jpeg, dtype=np.uint8), cv2.IMREAD_COLOR_RGB)
    if image is None:
        raise ValueError(f"The still of frame {still.frame} is not a readable JPEG.")
    return np.asarray(image, dtype=np.uint8)


def _thumbnail(still: Still) -> NDArray[np.float32]:
    image = cv2.resize(_decoded(still), (32, 18), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2LAB), dtype=np.float32)


def _facts(frame_count: int, rate: Fraction) -> str:
    return f"{frame_count} frames   {_spelt(rate)} fps   {float(frame_count / rate):.2f} s"


def _spelt(rate: Fraction) -> str:
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")


def _write_header(sheet: Rgb8, *, title: str, facts: str) -> None:
    right = _SHEET_WIDTH - _MARGIN
    facts_left = right - _text_width(facts, size=22, weight=_LIGHT)
    fitted = _fitted(title, width=facts_left - _MARGIN - 3 * _GUTTER, size=26, weight=_SEMIBOLD)
    _text(sheet, fitted, left=_MARGIN, baseline=54, size=26, weight=_SEMIBOLD, ink=_INK)
    _text(sheet, facts, left=facts_left, baseline=54, size=22, weight=_LIGHT, ink=_FAINT_INK)


def _caption(sheet: Rgb8, frame: int, *, rate: Fraction, left: int, right: int, baseline: int) -> None:
    number = f"{frame}"
    number_left = right - _text_width(number, size=16, weight=_LIGHT)
    _text(
        sheet,
        f"{float(frame / rate):.2f} s",
        left=left,
        baseline=baseline,
        size=16,
        weight=_REGULAR,
        ink=_INK,
    )
    _text(sheet, number, left=number_left, baseline=baseline, size=16, weight=_LIGHT, ink=_FAINT_INK)


def _text(
    sheet: Rgb8, text: str, *, left: int, baseline: int, size: int, weight: int, ink: tuple[int, int, int]
) -> None:
    cv2.putText(sheet, text, (left, baseline), ink, _font(), size, weight)


def _text_width(text: str, *, size: int, weight: int) -> int:
    box = cv2.getTextSize((0, 0), text, (0, 0), _font(), size, weight)
    return int(box[2])


def _fitted(text: str, *, width: int, size: int, weight: int) -> str:
    """As much of a line as fits, with an ellipsis for the rest."""
    line = " ".join(text.split())
    if _text_width(line, size=size, weight=weight) <= width:
        return line
    low, high = 0, len(line)  # the longest prefix that fits, by halving
    while low < high:
        middle = (low + high + 1) // 2
        if _text_width(line[:middle].rstrip() + "…", size=size, weight=weight) <= width:
            low = middle
        else:
            high = middle - 1
    return line[:low].rstrip() + "…"


def _font() -> cv2.FontFace:
    return cv2.FontFace("sans")
