"""What every use case is given: the database, the clock, the hints, the files, the catalogue."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Engine

from plugin_backend.db.unit_of_work import Clock, UnitOfWork, unit_of_work
from plugin_backend.domain.catalogue import Catalogue
from plugin_backend.domain.making.lateness import Provider
from plugin_backend.domain.making.measures import Measures
from plugin_backend.domain.making.providers import ProviderLimits
from plugin_backend.domain.work import Hints
from plugin_backend.files.storage import Storage
from plugin_backend.outbound import Guard
from plugin_backend.services.lately import Lately
from plugin_backend.tracing import Tracer


def _pass(_: str) -> None:
    """No failure is planted outside a simulation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """How this service sends word to others: where they find it, and whom it may ask."""

    public_url: str = "http://127.0.0.1:8000"
    guard: Guard = field(default_factory=Guard)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Built once per process; nothing in it is a global."""

    engine: Engine
    clock: Clock
    hints: Hints
    storage: Storage
    catalogue: Catalogue
    token_pepper: str = field(repr=False)
    outgoing: Outgoing = field(default_factory=Outgoing)
    """For messages to endpoints that people named."""
    configured_providers: frozenset[str] = frozenset()
    provider_limits: Mapping[str, ProviderLimits] = field(default_factory=dict)
    sends_mail: bool = False
    """Whether letters leave here; what needs one says so where they do not."""
    media_memory_mb: int = 2560
    """What one piece of media work may take: more is refused when it is quoted or asked for."""
    measured: Lately[Measures] = field(default_factory=lambda: Lately(60.0), repr=False, compare=False)
    """What models have really taken here, as of a minute ago at most."""
    standings: Lately[Mapping[str, Provider]] = field(
        default_factory=lambda: Lately(5.0), repr=False, compare=False
    )
    """How the providers are, as of a few seconds ago at most: for telling, not for deciding."""
    tracer: Tracer | None = field(default=None, repr=False, compare=False)
    """Who is told what takes how long; None where nobody collects that."""
    failpoint: Callable[[str], None] = _pass
    """Called by name between the writes of a step; a simulation crashes or pauses there."""

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        """One transaction, committed at the end, its hints sent after."""
        with unit_of_work(self.engine, clock=self.clock, hints=self.hints) as work:
            yield work
