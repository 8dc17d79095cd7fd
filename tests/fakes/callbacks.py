"""What an upstream tells a `callback_url`, how often, and what strangers tell it."""

import asyncio
import heapq
import itertools
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

from tests.fakes.clock import Clock
from tests.fakes.faults import Door, Faults, Kind
from tests.fakes.jobs import Job

_LOOK_SECONDS = 0.05  # so that a clock moved by hand is noticed


@dataclass(frozen=True, slots=True)
class Letter:
    """One callback, ready to be posted."""

    url: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Manner:
    """How an upstream delivers: how often it tries, the pause between, and how long it waits."""

    tries: int
    pause_seconds: float
    timeout_seconds: float = 5.0
    good: frozenset[int] = frozenset({200})


class Writer(Protocol):
    """How an upstream words a callback; `forged`: as a stranger would."""

    def __call__(self, job: Job, *, forged: bool) -> Letter:
        """The letter."""


class Callbacks:
    """Delivers letters when the upstream's clock says so."""

    def __init__(
        self,
        *,
        clock: Clock,
        faults: Faults,
        manner: Manner,
        write: Writer,
    ) -> None:
        self._clock, self._faults, self._manner, self._write = clock, faults, manner, write
        self._due: list[tuple[float, int, Job]] = []
        self._number = itertools.count()
        self._sending: set[asyncio.Task[None]] = set()
        self._waiting: asyncio.Task[None] | None = None

    def at(self, when: float, job: Job) -> None:
        """Tell about a job at that time of the upstream's clock."""
        if when == float("inf"):
            return
        heapq.heappush(self._due, (when, next(self._number), job))
        if self._waiting is None or self._waiting.done():
            self._waiting = asyncio.get_running_loop().create_task(self._wait())

    async def close(self) -> None:
        """Drop what is due and what is on its way."""
        if self._waiting is not None:  # first of all: it would send more
            await _ended(self._waiting)
        while self._sending:
            await _ended(next(iter(self._sending)))

    async def _wait(self) -> None:
        while self._due:
            now = self._clock.now()
            while self._due and self._due[0][0] <= now:
                self._spawn(heapq.heappop(self._due)[2])
            if self._due:
                await asyncio.sleep(min(_LOOK_SECONDS, self._clock.real(self._due[0][0] - now)))

    def _spawn(self, job: Job) -> None:
        if job.cancelled_at is not None or job.deleted:
            return
        task = asyncio.get_running_loop().create_task(self._tell(job))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _tell(self, job: Job) -> None:
        fault = self._faults.strike(Door.CALLBACK)
        kind = fault.kind if fault else None
        if kind is Kind.LOST:
            return
        if kind is Kind.FORGED:
            await self._post(self._write(job, forged=True))
        letter = self._write(job, forged=False)
        storm = fault.times - 1 if fault is not None and kind is Kind.STORM else 0
        await asyncio.gather(self._deliver(job, letter), *(self._post(letter) for _ in range(storm)))

    async def _deliver(self, job: Job, letter: Letter) -> None:
        for _ in range(self._manner.tries):
            job.callbacks += 1
            if await self._post(letter) in self._manner.good:
                return
            await asyncio.sleep(self._manner.pause_seconds)

    async def _post(self, letter: Letter) -> int:
        """The answer's status; 0 when there was none."""
        try:
            async with asyncio.timeout(self._manner.timeout_seconds):
                return await _posted(letter)
        except (OSError, ValueError, IndexError):  # a timeout is an OSError
            return 0


async def _posted(letter: Letter) -> int:
    """By hand: HTTP clients leak a connection when they are cancelled while it is being made."""
    parts = urlsplit(letter.url)
    is_https = parts.scheme == "https"
    port = parts.port or (443 if is_https else 80)
    reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=is_https or None)
    try:
        named = {**letter.headers, "Host": parts.netloc, "Content-Length": len(letter.body)}
        headers = [f"{name}: {value}" for name, value in {**named, "Connection": "close"}.items()]
        target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        head = "\r\n".join([f"POST {target} HTTP/1.1", *headers, "", ""])
        writer.write(head.encode("latin-1") + letter.body)
        status = int((await reader.readline()).split()[1])
        await reader.read()
        return status
    finally:
        writer.transport.abort()


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await asyncio.sleep(0)  # for what waits for its end
