"""Sources that are frames of light: our own ACEScg, and EXR frames that a provider made in AP0 or AP1."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from plugin_backend.domain.conform_plan import Placement, SourceFacts
from plugin_backend.domain.sequence import ColourSpace
from plugin_backend.files.storage import Storage
from worker.media import kernels
from worker.media.colour import display_transform, from_aces2065_1
from worker.media.exr import read_source_exr
from worker.media.formats import PixelLayout
from worker.media.kernels import Half, Picture, Rgb16
from worker.media.measure import Tally, tally_frame
from worker.media.sources.placing import placed_light, scaled_light
from worker.media.sources.protocol import Coded, Light


@dataclass(frozen=True, slots=True)
class PlacedLight:
    """A `PlacedFrame` of scene-linear light."""

    pixels: Picture | Half
    space: ColourSpace

    def shown(self, space: ColourSpace) -> Rgb16:
        """Through ACES 2.0."""
        return display_transform(space).apply(_acescg(self.pixels, self.space))

    def sized(self, width: int, height: int) -> Rgb16:
        """Scaled as light, then through ACES 2.0."""
        small = scaled_light(self.pixels, width=width, height=height)
        return display_transform(ColourSpace.REC709).apply(_acescg(small, self.space))

    def light(self) -> Light:
        """As it is."""
        return Light(self.pixels, self.space)

    def coded(self, space: ColourSpace, layout: PixelLayout) -> Coded | None:
        """Light has no samples of a display's."""
        del space, layout
        return None

    def tally(self, shown: Rgb16) -> Tally:
        """Measured in light."""
        return tally_frame(_acescg(self.pixels, self.space), shown=shown)


@dataclass(frozen=True, slots=True)
class StoredLight:
    """A `SourceFrame` that lies in storage until it is placed."""

    storage: Storage
    key: str
    facts: SourceFacts

    def placed(self, placement: Placement, *, width: int, height: int) -> PlacedLight:
        """Read and placed; untouched halves where it fits pixel for pixel."""
        pixels, _ = read_source_exr(self.storage.get_bytes(self.key), space=self.facts.space)
        found, told = (pixels.shape[1], pixels.shape[0]), (self.facts.width, self.facts.height)
        if found != told:
            raise ValueError(f"{self.key} is {found[0]} x {found[1]}, the take {told[0]} x {told[1]}.")
        return PlacedLight(placed_light(pixels, placement, width=width, height=height), self.facts.space)


@dataclass(frozen=True, slots=True)
class LightSource:
    """A `SourceReader` of one EXR file a frame, in ACEScg or ACES2065-1."""

    storage: Storage
    pattern: str  # of keys, with `{frame:06d}` or the like where the number goes
    first: int
    facts: SourceFacts

    def frames(self, wanted: Iterable[int]) -> Iterator[StoredLight]:
        """Any frames in any order cost the same."""
        for frame in wanted:
            yield StoredLight(self.storage, self.pattern.format(frame=self.first + frame), self.facts)


def _acescg(pixels: Picture | Half, space: ColourSpace) -> Picture | Half:
    return from_aces2065_1(kernels.to_float(pixels)) if space is ColourSpace.ACES2065_1 else pixels
