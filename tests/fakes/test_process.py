"""Simulators as processes of their own, and how fast one is."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psutil
import pytest

from tests.fakes.pictures import ROOT

SHOT = {"prompt": "rain", "model": "ray-3.2", "type": "video", "video": {"resolution": "360p"}}
POLLS = 4000


@contextmanager
def process(*arguments: str) -> Iterator[tuple["subprocess.Popen[str]", list[dict[str, Any]]]]:
    command = [sys.executable, "-m", "plugin_backend.cli", "simulate", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        names = [each for each in arguments if "=" not in each and not each.startswith("-")]
        try:
            yield running, [json.loads(running.stdout.readline()) for _ in names]
        finally:
            running.terminate()
    assert running.returncode == 0


def test_one_process_is_several_upstreams_with_the_faults_that_were_asked_for() -> None:
    with process("luma", "comet", "--fault=too-many,retry_after=3") as (_, said):
        luma, comet = said
        first = httpx.post(f"{luma['url']}/generations", json=SHOT)
        second = httpx.post(
            f"{luma['url']}/generations", json=SHOT, headers={"Authorization": f"Bearer {luma['key']}"}
        )

    assert [first.status_code, second.status_code] == [429, 429]
    assert second.headers["retry-after"] == "3"
    assert comet["settings"]["COMET_BASE_URL"] == comet["url"]


@pytest.mark.slow
def test_a_second_of_one_core_answers_over_fifteen_hundred_polls() -> None:
    with process("luma", "--seconds=3600") as (running, (said,)):
        headers = {"Authorization": f"Bearer {said['key']}"}
        job = httpx.post(f"{said['url']}/generations", json=SHOT, headers=headers).json()["id"]
        line = f"GET /v1/generations/{job} HTTP/1.1\r\nHost: luma\r\nAuthorization: Bearer {said['key']}"
        port = int(said["url"].rpartition(":")[2].partition("/")[0])
        server = psutil.Process(running.pid)
        before = server.cpu_times()
        asyncio.run(polls(port, f"{line}\r\n\r\n".encode()))
        after = server.cpu_times()

    spent = after.user + after.system - before.user - before.system
    assert POLLS / spent > 1500


async def polls(port: int, request: bytes) -> None:
    """Many polls over a few connections, each answer read before the next question."""

    async def connection(count: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(count):
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(connection(POLLS // 16) for _ in range(16)))
