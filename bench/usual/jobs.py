"""The usual design: one blocking job makes a generation, is retried whole, and refunds when it fails.

It is here to be broken. Nothing in the service imports it.
"""

import time
from typing import Any, Final

import httpx
import psycopg

from plugin_backend.config import inherited_environ

SCHEMA: Final = """
    CREATE TABLE account (balance BIGINT NOT NULL);
    CREATE TABLE made (id INTEGER PRIMARY KEY, prompt TEXT NOT NULL, state TEXT NOT NULL,
        charges INTEGER NOT NULL DEFAULT 0, refunds INTEGER NOT NULL DEFAULT 0);
"""
PRICE: Final = 6
_POLL_SECONDS: Final = 0.5
_DEADLINE_SECONDS: Final = 60


def make(number: int) -> None:
    """Submit, wait until it is there, call it ready."""
    with httpx.Client(
        base_url=inherited_environ()["LUMA_BASE_URL"],
        headers={"Authorization": f"Bearer {inherited_environ()['LUMA_API_KEY']}"},
        timeout=10,
        trust_env=False,
    ) as luma:
        job = _submit(luma, number)
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while time.monotonic() < deadline:
            state = _state(luma, job)
            if state == "completed":
                _execute("UPDATE made SET state = 'ready' WHERE id = %s", number)
                return
            if state == "failed":
                raise RuntimeError
            time.sleep(_POLL_SECONDS)
        raise TimeoutError


def refund(job: Any, *_: Any) -> None:
    """Give the credits back, as the failure callback does in the usual design."""
    _execute("UPDATE made SET state = 'failed', refunds = refunds + 1 WHERE id = %s", job.args[0])
    _execute("UPDATE account SET balance = balance + %s", PRICE)


def _submit(luma: httpx.Client, number: int) -> str:
    body = {
        "model": "ray-3.2",
        "type": "video",
        "prompt": f"shot {number}: fog over a harbour",
        "aspect_ratio": "16:9",
        "video": {"resolution": "360p", "duration": "5s"},
    }
    found: str = luma.post("/generations", json=body).raise_for_status().json()["id"]
    return found


def _state(luma: httpx.Client, job: str) -> str | None:
    """None when it cannot be said just now: that much even the usual design bears with."""
    try:
        found: str = luma.get(f"/generations/{job}").raise_for_status().json()["state"]
    except (httpx.HTTPError, ValueError):
        return None
    return found


def _execute(statement: str, *values: Any) -> None:
    with psycopg.connect(inherited_environ()["USUAL_DATABASE"]) as connection:
        connection.execute(statement, values)
