"""How much of an upstream this service may use at a time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderLimits:
    """What one account allows: unfinished jobs together, and requests to start one in any minute."""

    concurrency: int
    requests_per_minute: int
