"""What a burst costs its author's colleagues: one user with 500 queued drafts, nine with one each.

    python -m bench.fairness [--queued 500] [--colleagues 9]

The whole stack runs, empty first: the nine ask at the same moment, and wait for a playable proxy each. Then
one more asks for all of the burst, and when its drafts are under way the nine ask again; and once more when
the burst was cancelled. What the last of the nine waits in an empty system, before and after, is the floor.
"""

import argparse
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from bench.stack import Stack, surroundings, verdict, whole_stack
from plugin_backend.demo.client import Client

MOST: Final = 1.3
_LOOK_EVERY: Final = 0.2
_BRIEF: Final = {"prompt": "paper boats drift under a bridge in the rain", "model": "animatic"}
_SHOT: Final = {**_BRIEF, "duration_seconds": 3, "resolution": "360p"}
_AT_ONCE: Final = 50
"""How many a batch takes."""
_CANCELLED_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds until each had something to play."""

    each: Sequence[float]

    @property
    def last(self) -> float:
        return max(self.each)

    def __str__(self) -> str:
        return f"last {self.last:5.1f} s, median {median(self.each):5.1f} s, first {min(self.each):5.1f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queued", type=int, default=500)
    parser.add_argument("--colleagues", type=int, default=9)
    asked = parser.parse_args()
    print(surroundings())
    print(f"{asked.colleagues} drafts asked for at the same moment (3 s, 360p)")
    with whole_stack() as stack:
        keys = [_settled(stack, f"colleague{number}@example.com") for number in range(asked.colleagues)]
        busy = _settled(stack, "busy@example.com")
        together(stack, keys[:2], seed=1)  # nobody counts the warm-up
        before = together(stack, keys, seed=10)
        print(f"  floor  {before}  in an empty system", flush=True)
        queue(stack, busy, asked.queued)
        to_come = unfinished(stack, busy)
        beside = together(stack, keys, seed=20)
        left = unfinished(stack, busy)
        print(f"  ours   {beside}  beside {to_come} drafts of one user", flush=True)
        give_up(stack, busy)
        after = together(stack, keys, seed=30)
    print(f"  again  {after}  when the burst was cancelled")
    ratio = beside.last / ((before.last + after.last) / 2)  # the machine may be busier than it was
    print(f"  ratio  {ratio:.2f}  (<= {MOST}) {verdict(met=ratio <= MOST)}")
    print(f"  meanwhile {to_come - left} of the burst became ready")
    print(f"after: {surroundings()}")


def together(stack: Stack, keys: Sequence[str], *, seed: int) -> Waits:
    """One draft each, all asked for at once."""
    with ThreadPoolExecutor(len(keys)) as pool:
        waited = pool.map(lambda key: wait_for_one(stack, key, seed=seed), keys)
        return Waits(tuple(waited))


def wait_for_one(stack: Stack, key: str, *, seed: int) -> float:
    """From the request to a proxy's address."""
    with Client(stack.url, key) as client:
        began = time.perf_counter()
        made = client.post("/v1/generations", {"kind": "draft", "brief": {**_SHOT, "seed": seed}})
        while True:
            found = client.get(f"/v1/generations/{made['id']}")
            if found["state"] in ("failed", "cancelled"):
                raise SystemExit(f"A draft ended as {found['state']}: {found['failure']}")
            if found["takes"][0].get("proxy"):
                return time.perf_counter() - began
            time.sleep(_LOOK_EVERY)


def queue(stack: Stack, key: str, count: int) -> None:
    """The burst; returns when something of it is made."""
    with Client(stack.url, key) as client:
        for first in range(0, count, _AT_ONCE):
            wanted = [_draft(number) for number in range(first, min(count, first + _AT_ONCE))]
            client.post("/v1/batches", {"generations": wanted})
        while not client.get("/v1/generations", owner_id=_id(client), state="ready")["items"]:
            time.sleep(_LOOK_EVERY)


def unfinished(stack: Stack, key: str) -> int:
    """How much of the burst is still to come: beside nothing, nothing would be proven."""
    with Client(stack.url, key) as client:
        return len(_open_ones(client))


def give_up(stack: Stack, key: str) -> None:
    """Cancel the rest of the burst; returns when nothing of it is under way."""
    with Client(stack.url, key) as client:
        while ids := _open_ones(client):
            for first in range(0, len(ids), _CANCELLED_AT_ONCE):
                client.post("/v1/generations/cancel", {"ids": ids[first : first + _CANCELLED_AT_ONCE]})
            time.sleep(1)


def _open_ones(client: Client) -> list[str]:
    mine = {"owner_id": _id(client), "state": "unfinished", "limit": "200"}
    page = client.get("/v1/generations", **mine)
    found = [each["id"] for each in page["items"]]
    while page["next_cursor"] is not None:
        page = client.get("/v1/generations", **mine, cursor=page["next_cursor"])
        found += [each["id"] for each in page["items"]]
    return found


def _id(client: Client) -> str:
    return str(client.get("/v1/me")["id"])


def _draft(number: int) -> dict[str, Any]:
    return {"kind": "draft", "brief": {**_SHOT, "seed": 1_000 + number}}


def _settled(stack: Stack, email: str) -> str:
    """A person on the largest plan, with 500 drafts a day, and their key."""
    with Client(stack.url, stack.admin_key) as admin:
        workspace = admin.get("/v1/me")["workspace"]["id"]
        person = {"email": email, "plan": "studio", "workspace_id": workspace}
        made = admin.post("/v1/admin/users", person)
        key = {"name": "bench", "scopes": ["read", "generate"], "user_id": made["id"]}
        return str(admin.post("/v1/api-keys", key)["key"])


if __name__ == "__main__":
    main()
