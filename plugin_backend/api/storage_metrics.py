"""What Prometheus reads of storage: the bytes that count, and the last whole walk against the database."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily, Metric

from plugin_backend.domain.keeping import Kept

_WALKED = {
    "orphans": ("plugin_backend_storage_orphans", "Files nobody named, removed by the last round."),
    "missing": ("plugin_backend_storage_missing_files", "Files that rows name and storage lacks."),
    "corrected": ("plugin_backend_storage_corrected_counts", "Counts the last round put right."),
}


def storage_metrics(by_kind: Mapping[Kept, int], walked: Mapping[str, int]) -> Iterator[Metric]:
    """The gauges; those of a walk from when its first round has ended."""
    size = GaugeMetricFamily("plugin_backend_storage_bytes", "Bytes that count.", labels=("kind",))
    for kind, counted in by_kind.items():
        size.add_metric((kind,), counted)
    yield size
    for figure, (name, told) in _WALKED.items():
        if figure in walked:
            yield GaugeMetricFamily(name, told, value=walked[figure])
