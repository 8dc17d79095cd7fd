"""A frame between two source frames: laid over each other, or moved to where things are at that moment.

Everything is done per placed picture, so that light is mixed as light and a display's picture as it is coded.
The flow is found once for a pair, on a small copy; pixels are fetched from both frames along it, which bends
what moves and leaves the rest sharp. Across a cut there is nothing between: the nearer frame stands.
"""

import functools
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from plugin_backend.domain.delivering.placing import Placement
from plugin_backend.domain.sequence import ColourSpace
from worker.media import kernels
from worker.media.formats import PixelLayout
from worker.media.kernels import Rgb16
from worker.media.measure import Tally
from worker.media.motion import CUT_ABOVE_CODES, Grey, flow_between
from worker.media.sources.placing import resampled_light
from worker.media.sources.protocol import Coded, Light, PlacedFrame, SourceFrame

_FLOW_WIDTH: Final = 960
_MOST_FLOW_HEIGHT: Final = 4 * _FLOW_WIDTH

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, as shares of a frame."""
_WHOLE: Final = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class MixedFrame:
    """A `SourceFrame` at a share of the way from one frame to the next."""

    before: SourceFrame
    after: SourceFrame
    share: Fraction
    follows_motion: bool

    def placed(self, placement: Placement, *, width: int, height: int) -> PlacedFrame:
        """Both placed; across a cut, or at one of them, that one alone."""
        before = self.before.placed(placement, width=width, height=height)
        after = self.after.placed(placement, width=width, height=height)
        size = _flow_size(width, height)
        box = _seen(placement, width=width, height=height)
        greys = [_grey(_within(frame.sized(*size), box)) for frame in (before, after)]
        if float(cv2.absdiff(*greys).mean()) > CUT_ABOVE_CODES:
            return before if 2 * self.share < 1 else after
        medium = cv2.DISOPTICAL_FLOW_PRESET_MEDIUM
        flow = flow_between(*greys, preset=medium) if self.follows_motion else None
        return PlacedMix(before, after, float(self.share), flow, box)

    def held(self) -> "MixedFrame":
        """Of two that are."""
        return replace(self, before=self.before.held(), after=self.after.held())


@dataclass(frozen=True, slots=True)
class PlacedMix:
    """A `PlacedFrame` made of two; `flow` is in widths of the picture, at any size.

    Beside the picture is black, which neither moves nor counts: `box` is where the picture lies.
    """

    before: PlacedFrame
    after: PlacedFrame
    share: float
    flow: NDArray[np.float32] | None
    box: Box

    def shown(self, space: ColourSpace) -> Rgb16:
        """Mixed as it is encoded."""
        return self._mixed(self.before.shown(space), self.after.shown(space)).astype(np.uint16)

    def sized(self, width: int, height: int) -> Rgb16:
        """The same of small copies."""
        mixed = self._mixed(self.before.sized(width, height), self.after.sized(width, height))
        return mixed.astype(np.uint16)

    def light(self) -> Light:
        """Mixed as light."""
        before, after = self.before.light(), self.after.light()
        mixed = self._mixed(kernels.to_float(before.pixels), kernels.to_float(after.pixels))
        return Light(mixed.astype(np.float32), before.space)

    def coded(self, space: ColourSpace, layout: PixelLayout) -> Coded | None:
        """Nobody's own samples."""
        del space, layout
        return None

    def tally(self, shown: Rgb16) -> Tally:
        """Measured as the nearer frame's light, and as it is shown."""
        nearer = self.before if self.share < 0.5 else self.after
        return nearer.tally(shown)

    def _mixed(self, before: NDArray[Any], after: NDArray[Any]) -> NDArray[Any]:
        if self.flow is not None:
            before = _moved(before, self.flow, self.box, by=-self.share)
            after = _moved(after, self.flow, self.box, by=1 - self.share)
        return np.asarray(cv2.addWeighted(before, 1 - self.share, after, self.share, 0))


def _grey(shown: Rgb16) -> Grey:
    return np.asarray(cv2.cvtColor(kernels.rgb16_to_rgb8(shown), cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def _flow_size(width: int, height: int) -> tuple[int, int]:
    """Of the small copy: so wide, unless it would be a tower."""
    scale = min(_FLOW_WIDTH / width, _MOST_FLOW_HEIGHT / height)
    return max(2, round(width * scale)), max(2, round(height * scale))


def _moved(picture: NDArray[Any], flow: NDArray[np.float32], box: Box, *, by: float) -> NDArray[Any]:
    """The placed picture with what lies in the box moved so much of the flow."""
    if box == _WHOLE:
        return _fetched(picture, flow, by=by)
    moved = picture.copy()
    _within(moved, box)[:] = _fetched(_within(picture, box), flow, by=by)
    return moved


def _fetched(picture: NDArray[Any], flow: NDArray[np.float32], *, by: float) -> NDArray[Any]:
    """Each pixel from so much of the flow further on, cubic between pixels; edges repeat."""
    height, width = picture.shape[:2]
    moved = cv2.resize(flow, (width, height), interpolation=cv2.INTER_LINEAR) * np.float32(by * width)
    across, down = _grid(width, height)
    across, down = across + moved[..., 0], down + moved[..., 1]

    def fetched(source: Any, way: int) -> Any:
        return cv2.remap(source, across, down, way, borderMode=cv2.BORDER_REPLICATE)

    if picture.dtype == np.float32:
        made = np.empty_like(picture)
        for channel in range(picture.shape[2]):  # one after the other: what it takes at 4K is bounded
            plane = np.ascontiguousarray(picture[..., channel], dtype=np.float32)
            made[..., channel] = resampled_light(plane, fetched)
        return made
    return np.asarray(fetched(picture, cv2.INTER_CUBIC))


def _seen(placement: Placement, *, width: int, height: int) -> Box:
    """Where a placed picture lies, as shares of the frame."""
    left, top = max(0, placement.left), max(0, placement.top)
    right = min(width, placement.left + placement.width)
    bottom = min(height, placement.top + placement.height)
    return left / width, top / height, right / width, bottom / height


def _within(picture: NDArray[Any], box: Box) -> NDArray[Any]:
    """The box's part of a picture of any size, at least a pixel."""
    height, width = picture.shape[:2]
    left, top = min(round(box[0] * width), width - 1), min(round(box[1] * height), height - 1)
    right, bottom = max(round(box[2] * width), left + 1), max(round(box[3] * height), top + 1)
    return picture[top:bottom, left:right]


@functools.lru_cache(maxsize=4)
def _grid(width: int, height: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    across, down = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return across, down
