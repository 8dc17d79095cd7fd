"""Sources of one EXR file a frame: our own ACEScg, and what a provider's EXR frames were rewritten to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from plugin_backend.domain.delivering.conform_plan import SourceFacts
from plugin_backend.domain.delivering.placing import Placement
from plugin_backend.domain.sequence import ColourSpace
from plugin_backend.files.storage import Storage
from worker.media.exr import read_source_exr
from worker.media.kernels import Half
from worker.media.sources.light import PlacedLight
from worker.media.sources.placing import placed_light


@dataclass(frozen=True, slots=True)
class HeldLight:
    """A `SourceFrame` in memory."""

    pixels: Half
    space: ColourSpace

    def placed(self, placement: Placement, *, width: int, height: int) -> PlacedLight:
        """Untouched halves where it fits pixel for pixel."""
        return PlacedLight(placed_light(self.pixels, placement, width=width, height=height), self.space)

    def held(self) -> Self:
        """It is."""
        return self


@dataclass(frozen=True, slots=True)
class StoredLight:
    """A `SourceFrame` that lies in storage until it is placed."""

    storage: Storage
    key: str
    facts: SourceFacts

    def placed(self, placement: Placement, *, width: int, height: int) -> PlacedLight:
        """Read and placed, for nobody else."""
        placed = self.held().placed(placement, width=width, height=height)
        return PlacedLight(placed.pixels, placed.space, is_shared=False)

    def held(self) -> HeldLight:
        """Read."""
        pixels, _ = read_source_exr(self.storage.readable(self.key), space=self.facts.space)
        found, told = (pixels.shape[1], pixels.shape[0]), (self.facts.width, self.facts.height)
        if found != told:
            raise ValueError(f"{self.key} is {found[0]} x {found[1]}, the take {told[0]} x {told[1]}.")
        return HeldLight(pixels, self.facts.space)


@dataclass(frozen=True, slots=True)
class FrameSource:
    """A `SourceReader` of one EXR file a frame, in ACEScg or ACES2065-1."""

    storage: Storage
    pattern: str  # of keys, with `{frame:06d}` or the like where the number goes
    first: int
    facts: SourceFacts

    def frames(self, wanted: Iterable[int]) -> Iterator[StoredLight]:
        """Any frames in any order cost the same."""
        for frame in wanted:
            yield StoredLight(self.storage, self.pattern.format(frame=self.first + frame), self.facts)
