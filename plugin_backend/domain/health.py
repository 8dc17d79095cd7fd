"""A provider's circuit: closed while it answers, open while it does not, half-open while it is probed."""

from enum import StrEnum


class Circuit(StrEnum):
    """Whether calls go through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"
