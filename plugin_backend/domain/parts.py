"""Which frames of a conformed clip are delivered."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FrameRange:
    """Consecutive delivered frames, counted from 0."""

    first: int
    count: int

    @property
    def frames(self) -> range:
        """Each of them."""
        return range(self.first, self.first + self.count)


@dataclass(frozen=True, slots=True)
class Part:
    """Which frames of the conformed clip are delivered: `first` to `last`, both among them."""

    first: int | None = None
    last: int | None = None
