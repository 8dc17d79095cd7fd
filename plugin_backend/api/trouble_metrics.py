"""What Prometheus reads of what may wake an operator."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily, Metric

from plugin_backend.services.running.troubles import Troubles


def trouble_metrics(found: Troubles) -> Iterator[Metric]:
    """Gauges."""
    yield _by(
        "failures_last_hour", "Generations of the last hour that failed, by problem.", "slug", found.failures
    )
    yield _by(
        "exposure_credits",
        "Credits a provider may bill for that nobody was charged for, not settled.",
        "provider",
        found.exposed_credits,
    )
    yield _by(
        "webhook_messages_last_hour",
        "Messages of the last hour, by what became of them.",
        "state",
        found.webhook_messages,
    )
    yield _by(
        "database_connections", "Connections to PostgreSQL, by application.", "application", found.connections
    )
    yield GaugeMetricFamily(
        "plugin_backend_database_connections_limit",
        "How many connections this role may have.",
        value=found.connections_limit,
    )
    yield GaugeMetricFamily(
        "plugin_backend_webhooks_disabled", "Endpoints nothing is sent to.", value=found.disabled_webhooks
    )
    yield GaugeMetricFamily(
        "plugin_backend_work_leases_expired",
        "Rows whose holder died and that nobody has taken up again.",
        value=found.expired_leases,
    )


def _by(name: str, about: str, label: str, counts: Mapping[str, int]) -> Metric:
    gauge = GaugeMetricFamily(f"plugin_backend_{name}", about, labels=(label,))
    for each, count in counts.items():
        gauge.add_metric((each,), count)
    return gauge
