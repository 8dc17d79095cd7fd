"""The upstreams by name, and how much of each this service may use at a time."""

from dataclasses import dataclass
from enum import StrEnum


class ProviderName(StrEnum):
    """The upstreams there are adapters for, as the catalogue names them."""

    LUMA = "luma"
    LUMA_DREAM_MACHINE = "luma-dream-machine"
    ATLAS = "atlas"
    COMET = "comet"
    ADOBE_FIREFLY = "adobe-firefly"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderLimits:
    """What one account allows: unfinished jobs together, and requests to start one in any minute."""

    concurrency: int
    requests_per_minute: int
