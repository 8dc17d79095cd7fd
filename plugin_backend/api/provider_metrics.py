"""The metrics of providers: how they stand, from the database; what was asked of them, from the workers."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from plugin_backend.domain.making.health import Circuit
from plugin_backend.domain.making.providers import LATENESS_SECONDS
from plugin_backend.queue.tallies import LATENESS, Request
from plugin_backend.services.running.provider_standings import ProviderStanding

_EDGES: Final = (*map(str, LATENESS_SECONDS), "+Inf")


def standing_metrics(standings: Sequence[ProviderStanding]) -> Iterator[Metric]:
    """Gauges by provider."""
    circuit = GaugeMetricFamily(
        "plugin_backend_provider_circuit", "1 for the state a circuit is in.", labels=("provider", "state")
    )
    gauges = {
        name: GaugeMetricFamily(f"plugin_backend_provider_{name}", about, labels=("provider",))
        for name, about in _GAUGES.items()
    }
    for each in standings:
        for state in Circuit:
            circuit.add_metric((each.provider, state), float(each.circuit is state))
        for name, gauge in gauges.items():
            gauge.add_metric((each.provider,), getattr(each, _FIELDS.get(name, name)))
    yield circuit
    yield from gauges.values()


def request_metrics(tallies: Mapping[Request, int]) -> Iterator[Metric]:
    """What the workers counted."""
    requests = CounterMetricFamily(
        "plugin_backend_provider_requests",
        "Requests to providers, by what came of them.",
        labels=("provider", "call", "outcome"),
    )
    late: dict[str, dict[str, int]] = defaultdict(dict)
    for (provider, call, outcome), count in sorted(tallies.items()):
        if call == LATENESS:
            late[provider][outcome] = count
        else:
            requests.add_metric((provider, call, outcome), count)
    yield requests
    lateness = HistogramMetricFamily(
        "plugin_backend_provider_poll_lateness_seconds",
        "From when a look at a take was due to when its answer was there.",
        labels=("provider",),
    )
    for provider, counts in late.items():
        lateness.add_metric((provider,), _cumulated(counts), sum_value=None)
    yield lateness


def _cumulated(counts: Mapping[str, int]) -> list[tuple[str, float]]:
    total, buckets = 0, []
    for edge in _EDGES:
        total += counts.get(edge, 0)
        buckets.append((edge, float(total)))
    return buckets


_GAUGES: Final = {
    "open_attempts": "POSTs that are in doubt or under way.",
    "waiting_takes": "Takes in line because nothing may be sent now.",
    "watched_takes": "Accepted takes that are looked after.",
    "poll_overdue_seconds": "How late the most overdue look is.",
}
_FIELDS: Final = {
    "waiting_takes": "waiting",
    "watched_takes": "watched",
    "poll_overdue_seconds": "overdue_seconds",
}
