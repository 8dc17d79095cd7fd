"""What a model's tier has really taken here: seconds, tries, and credits for a take that was accepted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One model's tier; seconds are from the request to the end, retries are POSTs beyond the first."""

    sample: int
    p50_seconds: float
    p95_seconds: float
    retries_per_take: float
    credits_per_accepted_take: float
    takes_per_accepted: float = 1.0
    """How many takes were paid for each one that was accepted: what a list price comes to in the end."""

    def to_json(self) -> dict[str, Any]:
        """The contract's shape."""
        return {
            "sample": self.sample,
            "p50_seconds": round(self.p50_seconds, 1),
            "p95_seconds": round(self.p95_seconds, 1),
            "retries_per_take": round(self.retries_per_take, 2),
            "credits_per_accepted_take": round(self.credits_per_accepted_take, 1),
        }


Measures = Mapping[tuple[str, str], Measured]
"""By model and kind; what was made too seldom is left out."""
