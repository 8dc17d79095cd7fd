"""The floor beside the watcher: a worker that blocks, one generation at a time, as a first sketch has it.

    python -m bench.blocking --work REDIS_URL

A plain RQ worker; its job begins a generation, asks every three seconds and returns when it is done.
"""

import argparse
import time

import httpx
from redis import Redis
from rq import Queue, SimpleWorker

QUEUE = "floor"


def generate(base_url: str) -> str:
    """One generation, from the first to the last."""
    with httpx.Client(trust_env=False) as client:
        ref: str = client.post(f"{base_url}/generations", json={"prompt": "a paper boat"}).json()["id"]
        while client.get(f"{base_url}/generations/{ref}").json()["state"] != "completed":
            time.sleep(3)
    return ref


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", metavar="REDIS_URL")
    redis_url = parser.parse_args().work
    if redis_url is None:
        print("(the floor of bench.watching; nothing to measure here)")
        return
    redis = Redis.from_url(redis_url)
    SimpleWorker([Queue(QUEUE, connection=redis)], connection=redis).work(logging_level="WARNING")


if __name__ == "__main__":
    main()
