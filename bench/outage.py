"""What a dead provider does to another one: from an accepted request to its POST, beside a healthy neighbour.

    python -m bench.outage [--passes 3] [--seconds 30]

The worker and the clock of the Procfile, embedded servers, two upstreams over HTTP: `luma-dream-machine`,
whose submissions are timed, and `luma`, which is well, hangs or is not there at all. Both are asked for as
many. Each pass is a fresh service; the three conditions take turns. The time is the database's, from the row
of the request to the row that is committed just before the POST.
"""

import argparse
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from statistics import median, quantiles

import psycopg
from redis import Redis

from bench.backstage import Backstage, address_of, backstage, running, upstream
from bench.flights import SHOT, person, plain
from bench.stack import free_port, surroundings, verdict
from plugin_backend.domain.brief import GenerationRequest, Resolution
from plugin_backend.queue.names import QueueName
from plugin_backend.services import generations

CONDITIONS = ("well", "hanging", "dead")
_PER_SECOND = 4  # of each provider
_WARM_SECONDS = 5  # in which what is imported late is
_PLENTY = "100000"
_HEALTHY = replace(SHOT, brief=replace(SHOT.brief, model="ray-2", resolution=Resolution.P720))


@contextmanager
def _neighbour(condition: str) -> Iterator[str]:
    """The address of the other provider."""
    if condition == "dead":
        yield f"http://127.0.0.1:{free_port()}"
        return
    with upstream(*(["--hang"] if condition == "hanging" else [])) as process:
        yield address_of(process)


@contextmanager
def _service(condition: str) -> Iterator[Backstage]:
    """A whole service but for its web door and its media, with both providers."""
    with ExitStack() as kept:
        healthy = address_of(kept.enter_context(upstream()))
        addresses = {"LUMA": kept.enter_context(_neighbour(condition)), "LUMA_DREAM_MACHINE": healthy}
        given: dict[str, str] = {}
        for name, address in addresses.items():
            given |= {f"{name}_API_KEY": "bench", f"{name}_BASE_URL": address}
            given |= {f"{name}_{limit}": _PLENTY for limit in ("CONCURRENCY", "REQUESTS_PER_MINUTE")}
        stage = kept.enter_context(backstage(given))
        kept.enter_context(running(stage, "worker", "steps"))
        kept.enter_context(running(stage, "worker", "clock"))
        _await_listener(stage)
        yield stage


def _await_listener(stage: Backstage) -> None:
    redis, until = Redis.from_url(stage.settings.redis_url), time.monotonic() + 60
    while not redis.zcard(f"listeners:{QueueName.STEPS}"):
        if time.monotonic() > until:
            raise SystemExit("the worker never came up")
        time.sleep(0.2)


def measure(condition: str, *, seconds: float) -> list[float]:
    """The milliseconds to each POST to the healthy provider, while its neighbour is like that."""
    with _service(condition) as stage:
        caller = person(stage.house)
        with psycopg.connect(plain(stage.settings)) as connection:
            connection.execute("UPDATE plans SET max_concurrent = 100000, max_unfinished = 100000")
        began, asked = time.monotonic(), 0
        while time.monotonic() - began < seconds:
            for wanted in (SHOT, _HEALTHY):
                generations.request(stage.house, caller, [_unlike_the_others(wanted, asked)])
            asked += 1
            time.sleep(max(0.0, began + asked / _PER_SECOND - time.monotonic()))
        return _submitted(stage, asked=asked)


def _unlike_the_others(wanted: GenerationRequest, number: int) -> GenerationRequest:
    return replace(wanted, label=f"SH{number:04}")


def _submitted(stage: Backstage, *, asked: int) -> list[float]:
    """Once all of them were: milliseconds each, in the order they were asked for."""
    found = (
        "SELECT 1000 * extract(epoch FROM min(a.created_at) - g.created_at) FROM generations g"
        " JOIN takes t ON t.generation_id = g.id JOIN attempts a ON a.take_id = t.id"
        " WHERE g.provider = 'luma-dream-machine' GROUP BY g.id, g.created_at ORDER BY g.created_at"
    )
    until = time.monotonic() + 30
    with psycopg.connect(plain(stage.settings), autocommit=True) as connection:
        while True:
            waits = [float(wait) for (wait,) in connection.execute(found)]
            if len(waits) == asked:
                return waits[_WARM_SECONDS * _PER_SECOND :]
            if time.monotonic() > until:
                raise SystemExit(f"only {len(waits)} of {asked} were ever sent to the healthy provider")
            time.sleep(0.2)


def show(waits: dict[str, list[list[float]]]) -> None:
    """All the waits of a condition together, over its passes."""
    usual = _p99([wait for each in waits["well"] for wait in each])
    for condition, passes in waits.items():
        together = [wait for each in passes for wait in each]
        p99 = _p99(together)
        said = f"  neighbour {condition:8} {len(together)} submissions, p50 {median(together):.0f} ms"
        ratio = f", {p99 / usual:.2f} of its usual (< 1.2) {verdict(met=p99 / usual < 1.2)}"
        print(f"{said}, p99 {p99:.0f} ms{'' if condition == 'well' else ratio}")


def _p99(waits: list[float]) -> float:
    return quantiles(waits, n=100)[98]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args()
    print(surroundings())
    print(f"from an accepted request to its POST, {_PER_SECOND} a second for each of two providers")
    waits: dict[str, list[list[float]]] = {condition: [] for condition in CONDITIONS}
    for _ in range(options.passes):
        for condition in CONDITIONS:
            waits[condition].append(measure(condition, seconds=options.seconds))
    show(waits)
    print(f"after: {surroundings()}")


if __name__ == "__main__":
    main()
