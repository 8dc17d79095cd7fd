"""A frame of scene-linear light: shown through ACES 2.0, delivered as it is."""

from dataclasses import dataclass

from plugin_backend.domain.sequence import ColourSpace
from worker.media import kernels
from worker.media.colour import display_transform, from_aces2065_1
from worker.media.formats import PixelLayout
from worker.media.kernels import Half, Picture, Rgb16
from worker.media.measure import Tally, tally_frame
from worker.media.sources.placing import scaled_light
from worker.media.sources.protocol import Coded, Light


@dataclass(frozen=True, slots=True)
class PlacedLight:
    """A `PlacedFrame` of scene-linear light."""

    pixels: Picture | Half
    space: ColourSpace
    is_shared: bool = True
    """Whether others have these pixels, too: another canvas, or a frame that is mixed of them."""

    def shown(self, space: ColourSpace) -> Rgb16:
        """Through ACES 2.0."""
        return display_transform(space).apply(_acescg(self.pixels, self.space))

    def sized(self, width: int, height: int) -> Rgb16:
        """Scaled as light, then through ACES 2.0."""
        small = scaled_light(self.pixels, width=width, height=height)
        return display_transform(ColourSpace.REC709).apply(_acescg(small, self.space))

    def light(self) -> Light:
        """As it is."""
        return Light(self.pixels, self.space, self.is_shared)

    def coded(self, space: ColourSpace, layout: PixelLayout) -> Coded | None:
        """Light has no samples of a display's."""
        del space, layout
        return None

    def tally(self, shown: Rgb16) -> Tally:
        """Measured in light."""
        return tally_frame(_acescg(self.pixels, self.space), shown=shown)


def _acescg(pixels: Picture | Half, space: ColourSpace) -> Picture | Half:
    return from_aces2065_1(kernels.to_float(pixels)) if space is ColourSpace.ACES2065_1 else pixels
