"""What was asked and what was measured, drawn over each other on a frame of the take."""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from plugin_backend.domain.direction.directives import Directive, DirectiveSource
from plugin_backend.domain.direction.evaluation import Adherence, Evaluation, Standing
from worker.director import strokes
from worker.director.overlay import ASKED, MEASURED, Overlay
from worker.director.strokes import Ink
from worker.media.kernels import Rgb8

_INK: Final[Ink] = (236, 236, 238)
_FAINT: Final[Ink] = (172, 174, 180)
_GROUND: Final[Ink] = (20, 20, 22)
_NARROWEST: Final = 640
_WIDEST: Final = 1280
_MOST_ROWS: Final = 8

STANDINGS: Final = {
    Standing.FOLLOWED: "followed",
    Standing.PARTLY: "partly followed",
    Standing.MISSED: "missed",
    Standing.NOT_MEASURED: "not measured",
}

Row = tuple[Directive, Adherence | None]


def direction_picture(frame: Rgb8, directives: Sequence[Directive], evaluation: Evaluation | None) -> bytes:
    """A PNG of the frame, 640 to 1280 wide, with its legend below; without an evaluation what was asked.

    Asked vectors, paths and parts are dashed and orange, measured ones solid and blue; each is numbered as in
    the legend. A choice of ours is not drawn: nobody asked for it.
    """
    asked = [each for each in directives if each.source is not DirectiveSource.DEFAULT]
    found = {} if evaluation is None else {each.directive_id: each for each in evaluation.adherence}
    rows: list[Row] = [(each, found.get(each.id)) for each in asked]
    image = _sized(frame)
    overlay = Overlay(image, unit=max(2.0, image.shape[1] / 320))
    for number, (each, seen) in enumerate(rows[:_MOST_ROWS], 1):
        overlay.draw(each, seen, number)
    return _png(np.vstack([image, _legend(rows, width=image.shape[1])]))


def _sized(frame: Rgb8) -> Rgb8:
    """A copy that is wide enough to read, and no wider than a page."""
    height, width = frame.shape[:2]
    wide = min(_WIDEST, max(_NARROWEST, width))
    method = cv2.INTER_AREA if wide < width else cv2.INTER_CUBIC
    sized = cv2.resize(frame, (wide, max(1, round(height * wide / width))), interpolation=method)
    return np.ascontiguousarray(sized, np.uint8).copy()


def _legend(rows: Sequence[Row], *, width: int) -> Rgb8:
    """Which line is which, and each directive with how far it was followed."""
    size = round(max(15.0, width / 62))
    step, left = round(1.5 * size), round(1.2 * size)
    texts = [
        _told(number, *row, width=width - 4 * size, size=size)
        for number, row in enumerate(rows[:_MOST_ROWS], 1)
    ]
    if len(rows) > _MOST_ROWS:
        texts.append(([f"and {len(rows) - _MOST_ROWS} more"], []))
    lines = sum(len(says) + len(seen) for says, seen in texts)
    sheet = np.empty((round((lines + 1.4) * step + 0.5 * size * (len(texts) + 2)), width, 3), np.uint8)
    sheet[:] = _GROUND
    at = round(1.7 * size)
    _keys(sheet, left, at, size=size)
    for says, seen in texts:
        at += round(0.5 * size)
        for ink, each in [*((_INK, each) for each in says), *((_FAINT, each) for each in seen)]:
            at += step
            strokes.write(sheet, each, (left, at), ink, size=size)
    return sheet


def _keys(sheet: Rgb8, left: int, baseline: int, *, size: int) -> None:
    """One line that shows both kinds of line."""
    middle, long = baseline - round(0.35 * size), 3 * size
    for name, ink, dashed in (("asked", ASKED, True), ("measured", MEASURED, False)):
        strokes.arrow(
            sheet, [(left, middle), (left + long, middle)], ink, width=max(2.0, size / 7), dashed=dashed
        )
        strokes.write(sheet, name, (left + long + size // 2, baseline), _INK, size=size)
        left += long + 2 * size + strokes.text_width(name, size=size)


def _told(
    number: int, directive: Directive, seen: Adherence | None, *, width: int, size: int
) -> tuple[list[str], list[str]]:
    says = strokes.wrapped(f"{number}  {directive.says}", width=width, size=size, lines=2)
    if seen is None:
        return says, []
    score = "" if seen.score is None else f", {seen.score:.2f}"
    told = f"     {STANDINGS[seen.standing]}{score}: {seen.says}"
    return says, [
        f"     {each}" for each in strokes.wrapped(told, width=width - 2 * size, size=size, lines=2)
    ]


def _png(image: Rgb8) -> bytes:
    done, data = cv2.imencode(
        ".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 7]
    )
    if not done:
        raise ValueError(f"A picture of {image.shape[1]} x {image.shape[0]} could not be written as PNG.")
    return data.tobytes()
