"""What every source is to a delivery: frames by number, each of which knows how to be placed and shown.

Reading a frame may be put off until it is placed, so that several threads share the work; what a source
yields is therefore safe to use in any thread, in any order.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from plugin_backend.domain.delivering.placing import Placement
from plugin_backend.domain.sequence import ColourSpace
from worker.media.formats import PixelLayout
from worker.media.kernels import Half, Picture, Rgb16
from worker.media.measure import Tally
from worker.media.yuv import Samples


@dataclass(frozen=True, slots=True)
class Light:
    """Scene-linear pixels and the space they are in."""

    pixels: Picture | Half
    space: ColourSpace
    is_shared: bool = True
    """Whether somebody else may look at these pixels, too."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A frame's own samples, relaid but not converted: luma and both colours."""

    planes: tuple[Samples, Samples, Samples]


class PlacedFrame(Protocol):
    """A frame as it lies in the sequence's frame."""

    def shown(self, space: ColourSpace) -> Rgb16:
        """Encoded for a display."""

    def sized(self, width: int, height: int) -> Rgb16:
        """A copy at another size, encoded as Rec. 709: for proxies, stills and measuring."""

    def light(self) -> Light:
        """Scene-linear, for frames of light."""

    def coded(self, space: ColourSpace, layout: PixelLayout) -> Coded | None:
        """The frame's own samples where a movie in this space can take them untouched; None elsewhere."""

    def tally(self, shown: Rgb16) -> Tally:
        """Its measures as a run of one; `shown` is a Rec. 709 copy of any size."""


class SourceFrame(Protocol):
    """A frame of a source, perhaps not read yet."""

    def placed(self, placement: Placement, *, width: int, height: int) -> PlacedFrame:
        """Scaled and laid into a frame of this size."""

    def held(self) -> "SourceFrame":
        """The same, read and decoded already: for who places it more than once."""


class SourceReader(Protocol):
    """A take's source."""

    def frames(self, wanted: Iterable[int]) -> Iterator[SourceFrame]:
        """The frames of these numbers, which rise; counted from 0 over the whole take."""
