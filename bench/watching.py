"""Thousands of takes in flight on one steps process: how late they are looked at, and what that costs.

    python -m bench.watching [--in-flight 5000] [--seconds 90]

The upstream is a lean one in a process of its own, asked over HTTP by the adapter of Luma's Agents API; its
jobs take 48 to 72 seconds, and as many begin as end. The takes are rows as the service writes them when a
provider accepts one. PostgreSQL (durable) and Valkey are the embedded ones. The process is the worker of the
Procfile, told of watchers only: what follows a completion (fetching, taking in) is other processes' work. The
floor is a plain RQ worker that blocks for each generation: one process, one in flight.
"""

import argparse
import json
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from statistics import quantiles

import psutil
import psycopg
from redis import Redis
from rq import Queue

from bench import blocking
from bench.backstage import Backstage, address_of, backstage, running, upstream
from bench.flights import fill, plain
from bench.stack import surroundings, verdict
from bench.upstream import Job
from plugin_backend.config import Settings
from plugin_backend.domain.making.providers import LATENESS_SECONDS
from plugin_backend.domain.work import Hint, Lane, Room
from plugin_backend.queue.connection import open_redis
from plugin_backend.queue.hints import RqHints
from plugin_backend.queue.tallies import LATENESS, Request, read_tallies
from plugin_backend.services.dispatching import sweep
from worker.__main__ import open_steps_house, serve_steps

_MB = 1 << 20
_WARM_SECONDS = 15.0
_FLOOR_SECONDS = 20.0


class WatchersOnly:
    """Passes on the hints of watchers: to the process that is measured, and its own to itself."""

    def __init__(self, hints: RqHints) -> None:
        self._hints = hints

    def send(self, hints: Sequence[Hint]) -> None:
        self._hints.send([hint for hint in hints if hint.lane is Lane.WATCH])

    def room(self) -> Room:
        return self._hints.room()

    def waiting(self) -> frozenset[str]:
        return self._hints.waiting()


@dataclass(frozen=True, slots=True)
class Used:
    """What a process used of the machine while it was watched."""

    cores: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What the measured process counted, and the seconds from each job's end to when the service knew."""

    late: Mapping[str, int]
    noticed: Sequence[float]
    seconds: float

    @property
    def looks(self) -> int:
        """How often a take was looked at."""
        return sum(self.late.values())

    def within(self, seconds: float) -> float:
        """The part of the looks that were no later than that after they were due."""
        return sum(self.late[str(edge)] for edge in LATENESS_SECONDS if edge <= seconds) / self.looks


def work() -> None:
    """The measured process: the steps worker, but for what it tells itself of other lanes."""
    settings = Settings.from_environ()
    redis = open_redis(settings.redis_url)
    house = open_steps_house(settings, redis)
    serve_steps(settings, replace(house, hints=WatchersOnly(RqHints(redis))), redis)


def measure(stage: Backstage, *, in_flight: int, seconds: float) -> tuple[Used, Seen]:
    """Let takes fly, and look at the process that watches them."""
    fill(stage.settings, stage.house, in_flight=in_flight, seconds=seconds + _WARM_SECONDS)
    redis = Redis.from_url(stage.settings.redis_url)
    with running(stage, "bench.watching", "--work") as process, _dispatcher(stage):
        time.sleep(_WARM_SECONDS)
        known, since = read_tallies(redis), time.time()
        used = observe(process, seconds=seconds)
        late = _counted(known, read_tallies(redis))
    return used, Seen(late, _noticed(stage, since=since, until=since + seconds), seconds)


def measure_floor(stage: Backstage, base_url: str) -> Used:
    """A worker with more generations waiting than it will ever do in that time."""
    queue = Queue(blocking.QUEUE, connection=Redis.from_url(stage.settings.redis_url))
    for _ in range(3):
        queue.enqueue(blocking.generate, base_url)
    with running(stage, "bench.blocking", "--work", stage.settings.redis_url) as process:
        time.sleep(3)
        used = observe(process, seconds=_FLOOR_SECONDS)
        process.kill()
    return used


def observe(process: "subprocess.Popen[bytes]", *, seconds: float) -> Used:
    """Look at a process for a while."""
    seen, peak = psutil.Process(process.pid), 0.0
    before, began = seen.cpu_times(), time.monotonic()
    while time.monotonic() - began < seconds:
        time.sleep(0.5)
        peak = max(peak, seen.memory_info().rss / _MB)
    after, took = seen.cpu_times(), time.monotonic() - began
    used = sum(after[:2]) - sum(before[:2])  # by itself, in user and in system time
    return Used(used / took, peak)


@contextmanager
def _dispatcher(stage: Backstage) -> Iterator[None]:
    """The clock's loop, for watchers only."""
    stopped, queues = threading.Event(), WatchersOnly(RqHints(open_redis(stage.settings.redis_url)))

    def loop() -> None:
        while not stopped.wait(0.05 if sweep(stage.house, queues) else 1.0):
            pass

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def _counted(before: Mapping[Request, int], after: Mapping[Request, int]) -> Mapping[str, int]:
    """The looks between two readings, by how late they were."""
    named = {str(edge): ("luma", LATENESS, str(edge)) for edge in (*LATENESS_SECONDS, "+Inf")}
    return {edge: after.get(request, 0) - before.get(request, 0) for edge, request in named.items()}


def _noticed(stage: Backstage, *, since: float, until: float) -> list[float]:
    found = (
        "SELECT t.provider_ref, extract(epoch FROM e.at) FROM events e JOIN takes t ON t.id = e.subject_id"
        " WHERE e.type = 'take.rendered'"
    )
    with psycopg.connect(plain(stage.settings)) as connection:
        pairs = [(Job.parse(ref), float(at)) for ref, at in connection.execute(found)]
    return [at - job.ends for job, at in pairs if since <= job.ends and at < until]


def show(used: Used, seen: Seen, floor: Used) -> None:
    shares = ", ".join(f"{seen.within(edge):.2%} within {edge:g} s" for edge in LATENESS_SECONDS[:5])
    print(f"  looks, after they were due: {shares}")
    print(f"  p99 within 2 s of its due poll {verdict(met=seen.within(2.0) >= 0.99)}")
    cuts = quantiles(seen.noticed, n=100)
    print(
        f"  {seen.looks / seen.seconds:.0f} looks and {len(seen.noticed) / seen.seconds:.0f} completions a"
        f" second; noticed p50 {cuts[49]:.1f} s, p99 {cuts[98]:.1f} s after the job's end"
    )
    print(
        f"  {used.cores:.2f} cores (< 1) {verdict(met=used.cores < 1)},"
        f" {used.peak_mb:.0f} MB resident (< 300) {verdict(met=used.peak_mb < 300)}"
    )
    print(f"  floor: one in flight for a process of {floor.peak_mb:.0f} MB and {floor.cores:.3f} cores")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--in-flight", type=int, default=5_000)
    parser.add_argument("--seconds", type=float, default=90)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work()
        return
    print(surroundings())
    print(f"{options.in_flight:,} takes in flight on one steps process, of a minute each")
    with upstream() as process:
        base_url = address_of(process)
        given = {"LUMA_API_KEY": "bench", "LUMA_BASE_URL": base_url, "LUMA_CONCURRENCY": "100000"}
        with backstage(given) as stage:
            used, seen = measure(stage, in_flight=options.in_flight, seconds=options.seconds)
            show(used, seen, measure_floor(stage, base_url))
        said, _ = process.communicate("")
    print(f"  the upstream was asked {json.loads(said.splitlines()[-1])}")
    print(f"after: {surroundings()}")


if __name__ == "__main__":
    main()
