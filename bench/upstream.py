"""An upstream lean enough to leave the processors to those it serves: one thread, bytes in, bytes out.

    python -m bench.upstream --serve [--hang]

It prints its port, then answers: a POST is accepted as a job of a minute; a GET of a job says how it is. A
job's id holds when it began and how long it takes, so nothing is kept. With `--hang` it hears everything and
answers nothing. At the end of its input it prints how often it was asked, and stops.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

USUAL_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Job:
    """A generation at this upstream; `began` is a time of day in seconds."""

    number: int
    began: float
    seconds: float

    @property
    def ref(self) -> str:
        """Its id."""
        return f"job-{self.number}-{self.began * 1000:.0f}-{self.seconds * 1000:.0f}"

    @classmethod
    def parse(cls, ref: str) -> "Job":
        """What an id says."""
        _, number, began, seconds = ref.split("-")
        return cls(int(number), int(began) / 1000, int(seconds) / 1000)

    @property
    def ends(self) -> float:
        """When it is done."""
        return self.began + self.seconds


class _Connection(asyncio.Protocol):
    asked: ClassVar[Counter[str]] = Counter()
    hangs: ClassVar[bool] = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._heard = b""

    def data_received(self, data: bytes) -> None:
        self._heard += data
        while (end := self._heard.find(b"\r\n\r\n")) >= 0:
            head, rest = self._heard[:end], self._heard[end + 4 :]
            length = _content_length(head)
            if len(rest) < length:
                return
            self._heard = rest[length:]
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        self.asked[method] += 1
        if self.hangs:
            return
        now = time.time()
        if method == "POST":
            job = Job(self.asked[method], now, USUAL_SECONDS)
            self._write("201 Created", {"id": job.ref, "state": "queued"})
        else:
            job = Job.parse(path.rpartition("/")[2])
            self._write("200 OK", _standing(job, now=now))

    def _write(self, status: str, body: object) -> None:
        content = json.dumps(body)
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        self._transport.write((head + content).encode())


def _standing(job: Job, *, now: float) -> dict[str, object]:
    if now < job.ends:
        return {"id": job.ref, "state": "processing"}
    output = {"type": "video", "url": f"https://storage.example.com/{job.ref}.mp4"}
    return {"id": job.ref, "state": "completed", "output": [output], "assets": {"video": output["url"]}}


def _content_length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    print(json.dumps(dict(_Connection.asked)), flush=True)
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--hang", action="store_true")
    options = parser.parse_args()
    _Connection.hangs = options.hang
    if not options.serve:
        print("(the upstream of the other scripts; nothing to measure here)")
        return
    asyncio.run(_serve())


if __name__ == "__main__":
    main()
