"""What Prometheus reads: this process's requests, and the whole service's work and books from the database.

Each web process answers for its own requests, told apart by the label `process`; a scrape meets one of them.
"""

import os
import time
from collections.abc import Iterator, Mapping
from typing import Final

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from redis import Redis

from plugin_backend.api.provider_metrics import request_metrics, standing_metrics
from plugin_backend.api.storage_metrics import storage_metrics
from plugin_backend.api.trouble_metrics import trouble_metrics
from plugin_backend.queue.tallies import Request, read_tallies
from plugin_backend.services.house import House
from plugin_backend.services.running.operations import Figures, figures

_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"))
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0)


class RequestClock:
    """Times every request by route and status."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._seconds = Histogram(
            "plugin_backend_http_request_seconds",
            "Time from a request to its answer.",
            ("method", "route", "status", "process"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._process = str(os.getpid())
        self._busy = Gauge(
            "plugin_backend_http_requests_in_progress",
            "Requests that occupy a thread now.",
            ("process",),
            registry=self.registry,
        ).labels(self._process)
        self._known: dict[tuple[str, str, int], Histogram] = {}

    def attach(self, app: Flask) -> None:
        """Measure this app."""
        app.before_request(self._start)
        app.after_request(self._stop)
        app.teardown_request(self._leave)

    def _start(self) -> None:
        g.started = time.perf_counter()
        self._busy.inc()

    def _leave(self, _error: BaseException | None) -> None:
        if "started" in g:
            self._busy.dec()

    def _stop(self, response: Response) -> Response:
        started = g.get("started")
        if started is not None:
            route = str(request.url_rule) if request.url_rule else "-"
            method = request.method if request.method in _METHODS else "-"  # callers invent their own
            self._of(method, route, response.status_code).observe(time.perf_counter() - started)
        return response

    def _of(self, method: str, route: str, status: int) -> Histogram:
        """The series of these labels, without asking the library for it each time."""
        found = self._known.get((method, route, status))
        if found is None:
            found = self._seconds.labels(method, route, str(status), self._process)
            self._known[method, route, status] = found
        return found


def exposition(clock: RequestClock, house: House, redis: Redis) -> Response:
    """Everything, in the text format."""
    service = CollectorRegistry()
    service.register(_ServiceCollector(figures(house), read_tallies(redis)))
    text = generate_latest(clock.registry) + generate_latest(service)
    return Response(text, content_type=CONTENT_TYPE_LATEST)


class _ServiceCollector(Collector):
    def __init__(self, found: Figures, tallies: Mapping[Request, int]) -> None:
        self._found = found
        self._tallies = tallies

    def collect(self) -> Iterator[Metric]:
        yield from _work(self._found)
        yield from _recent(self._found)
        yield from standing_metrics(self._found.providers)
        yield from request_metrics(self._tallies)
        yield from storage_metrics(self._found.stored, self._found.walked)
        yield from trouble_metrics(self._found.troubles)
        yield GaugeMetricFamily(
            "plugin_backend_unbalanced_accounts",
            "Accounts that disagree with their ledger or open holds; anything but 0 is a fault.",
            value=self._found.unbalanced_accounts,
        )


def _work(found: Figures) -> Iterator[Metric]:
    rows = GaugeMetricFamily("plugin_backend_work_rows", "Open work.", labels=("lane", "status"))
    waiting = GaugeMetricFamily(
        "plugin_backend_work_waiting_seconds", "How long the oldest due row has waited.", labels=("lane",)
    )
    for lane in found.lanes:
        rows.add_metric((lane.lane, "due"), lane.due)
        rows.add_metric((lane.lane, "leased"), lane.leased)
        rows.add_metric((lane.lane, "later"), lane.rows - lane.due - lane.leased)
        waiting.add_metric((lane.lane,), lane.waiting_seconds)
    yield rows
    yield waiting


def _recent(found: Figures) -> Iterator[Metric]:
    counts = GaugeMetricFamily(
        "plugin_backend_generations_last_hour", "Asked for in the last hour.", labels=("kind", "state")
    )
    seconds = GaugeMetricFamily(
        "plugin_backend_generation_seconds_last_hour",
        "From request to end, of those asked for in the last hour.",
        labels=("kind", "state", "quantile"),
    )
    for recent in found.recent:
        counts.add_metric((recent.kind, recent.state), recent.count)
        for quantile, value in (("0.5", recent.median), ("0.95", recent.slow)):
            if value is not None:
                seconds.add_metric((recent.kind, recent.state, quantile), value)
    yield counts
    yield seconds
