"""The control of `bench.chaos`: the usual design under the same storm. It must lose and pay twice.

    python -m bench.usual_design [--generations 200] [--seed 1]

A blocking job for each generation, RQ's `Retry(3)`, a refund in `on_failure`, eight forking workers. It is
treated kindly: it bears with polls that fail, and who asks while Redis is away asks until it is there again.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Retry

from bench.stack import surroundings
from bench.usual import jobs
from plugin_backend.config import inherited_environ
from plugin_backend.embedded.postgres import EmbeddedPostgres
from plugin_backend.embedded.valkey import EmbeddedValkey
from tests.chaos.monkey import Monkey
from tests.chaos.upstreams import Upstreams, misbehaving

_WORKERS = 8
_QUIET_SECONDS = 150  # nothing has moved for so long: what is not ended is lost
_WAIT_SECONDS = 420
_STORM_SECONDS = 240


@dataclass(slots=True)
class Workers:
    """Forking RQ workers that a platform starts again when they die."""

    command: list[str]
    environ: dict[str, str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        """Bring their number up to what it should be."""
        self.running = [each for each in self.running if each.poll() is None]
        while len(self.running) < _WORKERS:
            self.running.append(subprocess.Popen(self.command, env=self.environ, stderr=subprocess.DEVNULL))

    def kill(self, _role: str, chosen: random.Random) -> bool:
        """One of them, and the horse it rides."""
        worker = chosen.choice(self.running)
        with suppress(psutil.Error):
            for process in (*psutil.Process(worker.pid).children(), worker):
                process.kill()
            return True
        return False

    def stop(self) -> None:
        """All of them."""
        for each in self.running:
            for process in (*psutil.Process(each.pid).children(recursive=True), each):
                with suppress(psutil.Error):
                    process.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--generations", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--asking", type=float, default=120.0, help="seconds to ask for all of them")
    options = parser.parse_args()
    print(surroundings())
    with tempfile.TemporaryDirectory(prefix="usual-") as folder:
        _run(options.generations, options.seed, Path(folder), asking_seconds=options.asking)


def _run(count: int, seed: int, folder: Path, *, asking_seconds: float) -> None:
    began = time.monotonic()
    with ExitStack() as kept:
        postgres = kept.enter_context(EmbeddedPostgres(folder / "postgres"))
        valkey = kept.enter_context(EmbeddedValkey(folder / "valkey", durable=False))
        upstreams = kept.enter_context(misbehaving(seed=seed))
        database = postgres.url.replace("+psycopg", "")
        _execute(database, jobs.SCHEMA)
        _execute(database, "INSERT INTO account VALUES (%s)", count * jobs.PRICE)
        environ = {**inherited_environ(), **upstreams.settings, "USUAL_DATABASE": database}
        command = [sys.executable, "-m", "rq.cli", "worker", "--url", valkey.url, "--quiet", "usual"]
        workers = Workers(command, environ)
        kept.callback(workers.stop)
        monkey = Monkey(
            kill=workers.kill,
            valkey=valkey,
            postgres=postgres,
            done=lambda: _ended(database) / count,
            seed=seed,
            storm_seconds=_STORM_SECONDS,
            every=(1 / count, 5 / count),
            roles=("worker",),
        )
        workers.start()
        redis = Redis.from_url(valkey.url)
        asking = threading.Thread(target=_ask, args=(database, redis, count), kwargs={"over": asking_seconds})
        asking.start()
        _live_through(database, monkey, workers, count)
        asking.join()
        _report(database, upstreams, count=count, deeds=monkey.deeds, seconds=time.monotonic() - began)


def _ask(database: str, redis: Redis, count: int, *, over: float) -> None:
    """Charge, then enqueue, as the usual design does."""
    queue = Queue("usual", connection=redis)
    for number in range(count):
        _until_done(lambda: _charge(database, number))  # noqa: B023 - called at once
        _until_done(
            lambda: queue.enqueue(
                jobs.make,
                number,  # noqa: B023 - called at once
                retry=Retry(max=3),
                on_failure=jobs.refund,
                job_timeout=90,
            )
        )
        time.sleep(over / count)


def _charge(database: str, number: int) -> None:
    with psycopg.connect(database) as connection:
        prompt = f"shot {number}: fog over a harbour"
        connection.execute("INSERT INTO made VALUES (%s, %s, 'queued', 1)", (number, prompt))
        connection.execute("UPDATE account SET balance = balance - %s", (jobs.PRICE,))


def _until_done(act: Callable[[], object]) -> None:
    while True:
        try:
            act()
        except (psycopg.OperationalError, RedisError):
            time.sleep(0.2)
        else:
            return


def _live_through(database: str, monkey: Monkey, workers: Workers, count: int) -> None:
    thread = threading.Thread(target=monkey.run)
    thread.start()
    began = moved = time.monotonic()
    ended = 0
    while ended < count and time.monotonic() - began < _WAIT_SECONDS:
        workers.start()
        time.sleep(2)
        if (now := _ended(database)) != ended:
            ended, moved = now, time.monotonic()
            print(f"  {ended:>4} of {count} ended", flush=True)
        if time.monotonic() - moved > _QUIET_SECONDS:
            break
    monkey.stop()
    thread.join()


def _report(database: str, upstreams: Upstreams, *, count: int, deeds: Counter[str], seconds: float) -> None:
    states = Counter(dict(_query(database, "SELECT state, count(*) FROM made GROUP BY state")))
    billed = Counter(job.prompt for job in upstreams.bill())
    doubled = sum(1 for times in billed.values() if times > 1)
    free = _query(database, "SELECT count(*) FROM made WHERE state = 'ready' AND refunds >= charges")[0][0]
    refunded_twice = _query(database, "SELECT count(*) FROM made WHERE refunds > charges")[0][0]
    print(f"{count} generations the usual way in {seconds:.0f} s: {dict(states)}, {dict(deeds)}")
    print(surroundings())
    print(
        f"  {states['queued']} lost, {doubled} billed twice ({sum(billed.values()) - len(billed)} extra jobs)"
    )
    print(f"  {free} made and refunded, {refunded_twice} refunded more often than charged")


def _ended(database: str) -> int:
    try:
        found: int = _query(database, "SELECT count(*) FROM made WHERE state <> 'queued'")[0][0]
    except psycopg.Error:  # it is being restarted under us
        return 0
    return found


def _query(database: str, statement: str) -> list[Any]:
    with psycopg.connect(database) as connection:
        return connection.execute(statement).fetchall()


def _execute(database: str, statement: str, *values: Any) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(statement, values or None)


if __name__ == "__main__":
    main()
