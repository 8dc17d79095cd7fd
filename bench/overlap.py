"""A deploy's overlap at full load: connections as both servers count them, memory as it is shared out.

    python -m bench.overlap [--seconds 30] [--people 48]

Two whole formations of the Procfile at once, Redis behind TLS, every web thread busy; drafts are made.
The bounds are those of the smallest plans: 20 connections to each server, 512 MB for `web` and for `worker`.
"""

import argparse
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

from bench.stack import surroundings, verdict
from tests.production.census import Census
from tests.production.crowd import Crowd
from tests.production.procfile import Formation, release
from tests.production.site import a_site

_CONNECTIONS, _MEMORY_MB = 20, 512


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--people", type=int, default=48)
    parser.add_argument("--drafts", type=int, default=20)
    options = parser.parse_args()
    print(surroundings(), flush=True)
    with tempfile.TemporaryDirectory(prefix="overlap-") as folder, a_site(Path(folder)) as site:
        release(site.environ)
        key = site.seeded().user_key
        with (
            Formation(site.environ, site.folder / "old") as old,
            Formation(site.environ, site.folder / "new") as new,
            Census(site.postgres_url, site.redis_url, weighed=lambda: _of(new)) as census,
        ):
            old.until_answering()
            new.until_answering()
            with Crowd((old.url, new.url), key, people=options.people, drafts=options.drafts) as crowd:
                began = time.monotonic()
                release(site.environ)
                time.sleep(max(0.0, began + options.seconds - time.monotonic()))
    _print(census, crowd)


def _of(formation: Formation) -> Mapping[str, psutil.Process]:
    return {name: formation.process(name) for name in formation.names}


def _print(census: Census, crowd: Crowd) -> None:
    most, memory = census.postgres.total(), census.memory_mb
    print(f"{crowd.answers.total():,} answers, {len(crowd.failed)} failed; {surroundings()}")
    print(verdict(met=most <= _CONNECTIONS), f"PostgreSQL: {most} of {_CONNECTIONS}", dict(census.postgres))
    print(verdict(met=census.redis <= _CONNECTIONS), f"Redis: {census.redis} of {_CONNECTIONS}")
    for name in ("web", "worker"):
        print(verdict(met=memory[name] < _MEMORY_MB), f"{name}: {memory[name]:.0f} of {_MEMORY_MB} MB (PSS)")
    print(f"media: {memory['media']:.0f} MB, clock: {memory['clock']:.0f} MB (PSS)")


if __name__ == "__main__":
    main()
