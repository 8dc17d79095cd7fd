"""How a simulator behaves when nothing is wrong."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """Its key, its pace, its limits."""

    port: int = 0
    key: str = ""
    """The client's key; empty: the upstream's own default."""
    seconds: float | tuple[float, float] = 20.0
    """How long a job takes by the upstream's clock, or from and to."""
    speed: float = 1.0
    """How fast that clock runs."""
    seed: int = 0
    requests_per_minute: int | None = None
    """Submissions in any minute of its clock; None: as many as come."""
    concurrency: int | None = None
    """Jobs at once; None: any number."""
    url_seconds: float = 3600.0
    balance_usd: float | None = None
    """What the account can still pay; None: anything."""
    suspended: bool = False
    bills_failures: bool = False
    fetches_inputs: bool = True
    """Whether it downloads the addresses it is given, and fails jobs whose inputs it cannot have."""
    picture_scale: float = 1.0
    """Makes pictures smaller than asked, for runs in which nobody looks at them."""
    draws_prompts: bool = False
    """Whether its films show what was asked for, each anew; else one forest for all, drawn once."""
    disobeys: float = 0.0
    """How likely a film is not as it was asked for, in one of the ways of `flaws.Flaw`."""
    control_token: str = "control"
