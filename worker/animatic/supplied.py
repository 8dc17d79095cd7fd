"""A supplied frame, cut into depth layers and moved; a supplied last frame is where the shot arrives."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from plugin_backend.domain.direction.terms import Ease
from worker.animatic.camera import eased
from worker.animatic.canvas import Box
from worker.animatic.ink import SRGB_TO_ACESCG, Floats, decode
from worker.animatic.items import Motion, Pose
from worker.animatic.outlines import cover_of
from worker.animatic.spec import Annotation, ShotSpec
from worker.animatic.stage import Picture, Stage

_DEPTHS: Final = (2.6, 1.75, 1.2)  # far, middle, near
_PEAKS: Final = {"uint8": 255.0, "uint16": 65535.0}
_MARGIN: Final = 0.22  # of the height: the least that a layer is mirrored beyond its edges
_WIDEST_MARGIN: Final = 1.2
_SMALL: Final = 160  # rows on which depth is guessed


class UnreadableFrameError(ValueError):
    """The supplied frame is not a picture we can read."""


def supply(spec: ShotSpec, store: dict[str, Picture]) -> Stage:
    """A stage with the supplied picture's layers on it; with two pictures, one dissolves into the other."""
    stage = Stage.of(spec, store)
    end = float((spec.frame_count - 1) / spec.frame_rate)
    if spec.first_frame:
        _layers(stage, "first", spec.first_frame, _met(stage, 0.0, lambda _: 1.0))
    if spec.last_frame:
        shown = (lambda time: _arrived(time, end)) if spec.first_frame else (lambda _: 1.0)
        _layers(stage, "last", spec.last_frame, _met(stage, end, shown))
    return stage


def _met(stage: Stage, moment: float, opacity: Callable[[float], float]) -> Callable[[float], Motion]:
    """Motions, by depth, that undo the camera's state at one moment: there the picture is as supplied."""
    view = stage.view(moment)
    state = view.state

    def at(depth: float) -> Motion:
        scale = 1.0 / view.scale(depth)
        x, y = view.stands(0.0, 0.0, depth)
        return lambda time: Pose(x=x, y=y, angle=state.roll, scale=scale, opacity=opacity(time))

    return at


def _arrived(time: float, end: float) -> float:
    """How far the last picture has grown out of the first; on the last frame it stands alone."""
    return 1.0 if time >= end - 1e-9 else eased(1.25 * time / max(end, 1e-6) - 0.25, Ease.IN_OUT)


def read(path: Path, width: int, height: int) -> Floats:
    """An sRGB picture as ACEScg, cropped to the frame's shape from its middle and scaled to fit."""
    try:
        raw = cv2.imread(str(path), cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
    except cv2.error as problem:
        raise UnreadableFrameError(f"{path.name} cannot be decoded") from problem
    if raw is None:
        raise UnreadableFrameError(f"{path.name} is not a picture that can be decoded")
    rows, columns = raw.shape[:2]
    wide = min(columns, max(1, round(rows * width / height)))
    tall = min(rows, max(1, round(columns * height / width)))
    left, top = (columns - wide) // 2, (rows - tall) // 2
    peak = _PEAKS.get(str(raw.dtype), 1.0)
    encoded = raw[top : top + tall, left : left + wide, ::-1].astype(np.float32) / np.float32(peak)
    linear = decode(encoded) @ SRGB_TO_ACESCG.T
    shrinking = wide > width
    method = cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC
    sized = linear.astype(np.float32)
    if (wide, tall) != (width, height):
        sized = cv2.resize(sized, (width, height), interpolation=method)
    return np.ascontiguousarray(np.maximum(sized, 0.0), np.float32)


def _layers(stage: Stage, name: str, path: Path, motion: Callable[[float], Motion]) -> None:
    spec = stage.spec
    stroke = stage.stroke if name == "first" else None
    cut = _cutter(path, spec.width, spec.height, stroke)
    for number, depth in enumerate(_DEPTHS):
        key, pose = f"{name}/{number}", motion(depth)
        if key not in stage.store:
            stage.store[key] = _widened(cut()[number], spec.height, _seen(stage, depth, pose(0.0)))
        stage.place(stage.store[key], depth=depth, motion=pose)
    if stroke is not None:
        key = f"{name}/subject"
        if key not in stage.store:
            stage.store[key] = _widened(cut()[-1], spec.height, (0.0, 0.0, 0.0, 0.0), least=0.0)
        stage.place(stage.store[key], depth=stage.rig.pivot, motion=_carried(stage, stroke))


def _carried(stage: Stage, stroke: Annotation) -> Motion:
    """Along its path in the picture, whatever the camera does meanwhile."""
    start, depth = stroke.points[0], stage.rig.pivot
    at_rest = ((start[0] - 0.5) * stage.aspect, start[1] - 0.5)

    def pose(time: float) -> Pose:
        x, y = stage.drawn(time, depth) or at_rest
        return Pose(x=x - at_rest[0], y=y - at_rest[1])

    return pose


def _seen(stage: Stage, depth: float, pose: Pose) -> Box:
    """All that the camera sees of a layer that is placed so, in the layer's own units."""
    left, top, right, bottom = stage.bounds(depth)
    across = ((left - pose.x) / pose.scale, (right - pose.x) / pose.scale)
    return across[0], (top - pose.y) / pose.scale, across[1], (bottom - pose.y) / pose.scale


def _widened(pixels: Floats, height: int, seen: Box, *, least: float = _MARGIN) -> Picture:
    """Pixels with a mirrored margin, so that the camera never sees past the edge; (0, 0) is the middle."""
    rows, columns = pixels.shape[:2]
    density = float(height)
    wide, tall = columns / 2 / density, rows / 2 / density
    beyond = (-wide - seen[0], -tall - seen[1], seen[2] - wide, seen[3] - tall)
    left, top, right, bottom = (round(density * min(_WIDEST_MARGIN, max(least, each))) for each in beyond)
    whole = cv2.copyMakeBorder(pixels, top, bottom, left, right, cv2.BORDER_REFLECT_101)
    return Picture(np.asarray(whole, np.float32), -wide - left / density, -tall - top / density, density)


def _cutter(path: Path, width: int, height: int, stroke: Annotation | None) -> Callable[[], list[Floats]]:
    """Cut once, when the first layer is asked for; a loaded shot never does. A subject comes last."""
    held: list[Floats] = []

    def cut() -> list[Floats]:
        if not held:
            picture = read(path, width, height)
            if stroke is None:
                held.extend(_cut(picture))
            else:
                cover = cover_of(stroke.region or stroke.points[:1], width, height)
                subject = np.dstack([picture * cover[:, :, None], cover])
                held.extend([*_cut(_grown(picture, cover)), np.ascontiguousarray(subject, np.float32)])
        return held

    return cut


def _cut(picture: Floats) -> list[Floats]:
    """Three layers. Each covers what is nearer than its threshold; behind it the picture is grown inwards."""
    nearness = _nearness(picture)
    layers: list[Floats] = []
    thresholds = (None, 0.42, 0.72)
    covers = [None if t is None else _cover(nearness, t) for t in thresholds]
    for number, cover in enumerate(covers):
        colour = picture
        following = covers[number + 1] if number + 1 < len(covers) else None
        if following is not None:
            colour = _grown(picture, following)
        alpha = np.ones(picture.shape[:2], np.float32) if cover is None else cover
        if cover is None:
            layers.append(np.ascontiguousarray(np.dstack([colour, alpha])))
        else:
            layers.append(np.ascontiguousarray(np.dstack([colour * alpha[:, :, None], alpha])))
    return layers


def _nearness(picture: Floats) -> Floats:
    """A guess at depth (1 is near): lower is nearer, sharp and dark beats soft and bright, edges kept."""
    rows, columns = picture.shape[:2]
    size = (max(8, round(columns * _SMALL / rows)), _SMALL)
    small = cv2.resize(np.minimum(picture, 1.0), size, interpolation=cv2.INTER_AREA)
    luma = np.sqrt(small.mean(axis=2))
    down = np.linspace(0.0, 1.0, _SMALL, dtype=np.float32)[:, None]
    detail = cv2.GaussianBlur(np.abs(cv2.Laplacian(luma, cv2.CV_32F)), (0, 0), 5.0)
    detail = detail / (detail.max() + 1e-6)
    bright = cv2.GaussianBlur(luma, (0, 0), 3.0)
    guess = 0.62 * down**1.2 + 0.22 * np.sqrt(detail) + 0.28 * (0.6 - bright)
    refined = _guided(luma, guess.astype(np.float32))
    low, high = np.percentile(refined, (2, 98))
    spread = np.clip((refined - low) / max(high - low, 1e-6), 0.0, 1.0)
    grown = cv2.resize(spread.astype(np.float32), (columns, rows), interpolation=cv2.INTER_CUBIC)
    return np.asarray(grown, np.float32)


def _guided(guide: Floats, source: Floats) -> Floats:
    """A guided filter: smooth inside things, sharp where the picture has edges."""
    window = (17, 17)

    def mean(field: Floats) -> Floats:
        return np.asarray(cv2.blur(field, window), np.float32)

    mean_g, mean_s = mean(guide), mean(source)
    slope = (mean(guide * source) - mean_g * mean_s) / (mean(guide * guide) - mean_g**2 + 0.002)
    return mean(slope) * guide + mean(mean_s - slope * mean_g)


def _cover(nearness: Floats, threshold: float) -> Floats:
    rows = nearness.shape[0]
    soft = 0.02 + 2.0 / rows
    share = np.clip((nearness - threshold) / soft + 0.5, 0.0, 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share), np.float32)


def _grown(picture: Floats, cover: Floats) -> Floats:
    """The picture with what a nearer layer covers filled from its surroundings, coarse to fine.

    Where the nearer layer is not solid the picture stays as it was: at rest the layers add up to it exactly.
    """
    keep = (cover < 0.999).astype(np.float32)
    levels: list[tuple[Floats, Floats]] = [(picture * keep[:, :, None], keep)]
    while min(levels[-1][1].shape) > 4:
        colour, weight = levels[-1]
        size = (max(1, weight.shape[1] // 2), max(1, weight.shape[0] // 2))
        levels.append(
            (
                np.asarray(cv2.resize(colour, size, interpolation=cv2.INTER_AREA), np.float32),
                np.asarray(cv2.resize(weight, size, interpolation=cv2.INTER_AREA), np.float32),
            )
        )
    filled = np.asarray(levels[-1][0] / np.maximum(levels[-1][1], 1e-3)[:, :, None], np.float32)
    for colour, weight in reversed(levels[:-1]):
        coarse = cv2.resize(filled, (weight.shape[1], weight.shape[0]), interpolation=cv2.INTER_LINEAR)
        filled = np.asarray(colour + coarse * (1.0 - weight)[:, :, None], np.float32)
    return np.ascontiguousarray(filled, np.float32)
