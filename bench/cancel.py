"""How soon nothing computes any more what was cancelled: from the POST to the end of the media child.

    python -m bench.cancel [--times 5]

The whole service as its user starts it. Of a 2160p delivery in its ranges of frames, of one that is put
together and checked, and of a 720p draft's render. The floor beside it is the bare request.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any, Final

import httpx
import psutil

from bench.stack import Stack, surroundings, verdict, whole_stack

BUDGET_SECONDS: Final = 1.0
_CHILD: Final = "worker.media.child"
_LARGE: Final = {"frame_rate": "24", "width": 3840, "height": 2160}
_ENDED: Final = ("ready", "failed", "cancelled")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    print(surroundings())
    with whole_stack() as stack:
        headers = {"Authorization": f"Bearer {stack.user_key}"}
        with httpx.Client(base_url=stack.url, headers=headers, timeout=60, trust_env=False) as client:
            desk = Desk(client, stack)
            take = desk.take()
            rows: dict[str, Callable[[], tuple[float, float]]] = {
                "a delivery's frames": lambda: desk.frames(take),
                "a delivery's checks": lambda: desk.checks(take),
                "a draft's render": desk.render,
            }
            for what, once in rows.items():
                _show(what, [once() for _ in range(times)])
    print(f"after: {surroundings()}")


def _show(what: str, found: list[tuple[float, float]]) -> None:
    ends, answers = [end for end, _ in found], [answer for _, answer in found]
    median = statistics.median(ends)
    print(
        f"{what:20} median {median:.2f} s, worst {max(ends):.2f} s of {len(ends)} "
        f"(answered after {statistics.median(answers):.2f} s) (< {BUDGET_SECONDS:g} s) "
        f"{verdict(met=median < BUDGET_SECONDS)}",
        flush=True,
    )


class Desk:
    """Somebody who asks for much and then does not want it."""

    def __init__(self, client: httpx.Client, stack: Stack) -> None:
        self._client = client
        self._stack = stack

    def take(self) -> str:
        """A small stored take to be delivered."""
        path = self._draft(resolution="360p", duration_seconds=2)
        made = self._until(path, lambda found: found["state"] in _ENDED)
        return str(made["takes"][0]["id"])

    def frames(self, take: str) -> tuple[float, float]:
        """Cancelled once some of its frames are made."""
        path = self._delivery(take, host="nuke", retime="flow")
        self._until(path, lambda found: 0 < (found["progress"] or 0) < 1)
        return self._cancel(path)

    def checks(self, take: str) -> tuple[float, float]:
        """Cancelled once all of its frames are made, while the files are put together."""
        path = self._delivery(take, host="download", master_format="prores-4444")
        self._until(path, lambda found: found["progress"] == 1)
        before = self._worked()
        while self._worked() < before + 0.1:  # seconds of a core: its step has begun
            time.sleep(0.01)
        return self._cancel(path)

    def render(self) -> tuple[float, float]:
        """Cancelled once some of its frames are rendered."""
        path = self._draft(resolution="720p", duration_seconds=10)
        self._until(path, lambda found: (found["progress"] or 0) > 0)
        return self._cancel(path)

    def _cancel(self, path: str) -> tuple[float, float]:
        """Seconds until the child that was at work is gone, and until the request was answered."""
        children = {child.pid for child in self._children()}
        began = time.perf_counter()
        self._client.post(f"{path}/cancel").raise_for_status()
        answered = time.perf_counter() - began
        while all(psutil.pid_exists(pid) for pid in children):
            time.sleep(0.005)
            if time.perf_counter() - began > 60:
                raise SystemExit("a minute after the cancel it is still at work")
        ended = time.perf_counter() - began
        self._until(path, lambda found: found["state"] in _ENDED)
        return ended, answered

    def _worked(self) -> float:
        times = [child.cpu_times() for child in self._children()]
        return float(sum(each.user + each.system for each in times))

    def _children(self) -> list[psutil.Process]:
        family = self._stack.process.children(recursive=True)
        return [each for each in family if _CHILD in " ".join(each.cmdline())]

    def _draft(self, **brief: Any) -> str:
        asked = {"kind": "draft", "brief": {"prompt": "a lighthouse in the rain", "seed": 7, **brief}}
        return f"/v1/generations/{self._post('/v1/generations', asked)}"

    def _delivery(self, take: str, **wanted: Any) -> str:
        path = f"/v1/takes/{take}/deliveries"
        return f"/v1/deliveries/{self._post(path, {**wanted, 'sequence': _LARGE})}"

    def _post(self, path: str, body: dict[str, Any]) -> str:
        answer = self._client.post(path, json=body)
        answer.raise_for_status()
        return str(answer.json()["id"])

    def _until(self, path: str, true: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            time.sleep(0.05)
            try:
                found: dict[str, Any] = self._client.get(path).raise_for_status().json()
            except httpx.TransportError:  # a look is worth nothing
                continue
            if true(found):
                return found
            if found["state"] in _ENDED:
                raise SystemExit(f"{path} ended before it could be cancelled: {found}")
        raise SystemExit(f"{path} is not that far after five minutes")


if __name__ == "__main__":
    main()
