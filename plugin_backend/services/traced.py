"""Steps go on in the trace of the request that asked for them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from plugin_backend import tracing
from plugin_backend.db.traces import find_trace, keep_trace
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.ids import prefix_of
from plugin_backend.domain.work import Claim
from plugin_backend.services.house import House
from plugin_backend.tracing import Place


def keep(work: UnitOfWork, generation_ids: Sequence[str]) -> None:
    """Remember where these were asked for; nothing outside a trace."""
    place = tracing.here()
    if place is not None:
        keep_trace(work.connection, generation_ids, place.traceparent)


@contextmanager
def step(house: House, claim: Claim) -> Iterator[None]:
    """A span around a step whose generation is traced; nothing for others, and where nobody collects."""
    if house.tracer is None:
        yield
        return
    with house.begin() as work:
        place = Place.parse(find_trace(work.connection, claim.subject_id))
    if place is None:
        yield
        return
    name = f"step {prefix_of(claim.subject_id).name.lower()}"
    about = {"subject.id": claim.subject_id, "lane": claim.lane.value, "tries": claim.tries}
    with house.tracer.span(name, under=place, attributes=about):
        yield
