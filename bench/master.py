"""How long a master takes: 5 s of 1080p HDR from a take, with EXR-ACES and ProRes deliveries of it.

    python -m bench.master [--full] [--short]

From the request to both deliveries ready, on the whole stack; then 10 s of the same, whose memory must be the
same. `--full` measures 2160p, `--short` leaves the 10 s out. The floor is the bare
encoders on as many frames of the same shot: EXR (PIZ) and ProRes, a thread each.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import psutil

from bench.draft import PROMPT
from bench.stack import Stack, memory_mb, processor_seconds, surroundings, verdict, whole_stack
from plugin_backend.demo.client import Client
from plugin_backend.domain.direction.plan import plan_shot
from plugin_backend.domain.sequence import ColourSpace
from worker.animatic.render import bake
from worker.animatic.spec import ShotSpec
from worker.media import kernels
from worker.media.colour import display_transform
from worker.media.exr import FrameHeader, encode_exr
from worker.media.formats import MovieFormat
from worker.media.kernels import Half, Rgb16
from worker.media.movie import MovieWriter

_MB: Final = 1 << 20
_HOSTS: Final = (("premiere-pro", "prores-422-hq"), ("nuke", "exr-aces"))
_FLOOR_FRAMES: Final = 24
_RATE: Final = Fraction(24)


@dataclass(frozen=True, slots=True)
class Size:
    """What is asked for, and what it may cost."""

    resolution: str
    width: int
    height: int
    seconds: float
    media_mb: int


SIZES: Final = {
    False: Size("1080p", 1920, 1080, 60, 1536),
    True: Size("2160p", 3840, 2160, 240, 2560),
}


@dataclass(slots=True)
class Peaks:
    """The largest of each process of the stack, in MB: a media process counts with its child."""

    found: dict[str, float] = field(default_factory=dict)

    def look(self, stack: Stack) -> None:
        """Weigh everything once."""
        for name, processes in _by_role(stack.process).items():
            for members in processes:
                mb = sum(_resident(each) for each in members) / _MB
                self.found[name] = max(self.found.get(name, 0.0), mb)


@dataclass(frozen=True, slots=True)
class Master:
    """Seconds to the stored take and to both deliveries, processor seconds, and the peaks."""

    stored: float
    delivered: float
    cpu: float
    peaks: dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--short", action="store_true")
    options = parser.parse_args()
    size = SIZES[options.full]
    print(surroundings())
    bare = floor(size)
    five = alone(size, seconds=5)
    show(size, five, bare)
    if not options.short:
        show_growth(five, alone(size, seconds=10))
    print(f"after: {surroundings()}")


def alone(size: Size, *, seconds: int) -> Master:
    """One master on a stack of its own: what a child keeps of an earlier one is no growth with length."""
    with whole_stack() as stack:
        return master(stack, size, seconds=seconds)


def master(stack: Stack, size: Size, *, seconds: int) -> Master:
    """Draft a take, then ask for its master and both deliveries, and wait for all."""
    sequence = {"frame_rate": "24", "width": size.width, "height": size.height}
    with Client(stack.url, stack.user_key) as client:
        brief = {"prompt": PROMPT, "model": "animatic", "duration_seconds": seconds, "resolution": "540p"}
        body = {"kind": "draft", "brief": {**brief, "seed": seconds}, "sequence": sequence}
        drafted = _follow(client, "/v1/generations", client.post("/v1/generations", body))
        asked = {"resolution": size.resolution, "dynamic_range": "hdr", "sequence": sequence}
        with peaking(stack) as peaks:
            used, began = sum(processor_seconds().values()), time.perf_counter()
            path = f"/v1/takes/{drafted['takes'][0]['id']}/master"
            made = _follow(client, "/v1/generations", client.post(path, asked))
            stored = time.perf_counter() - began
            deliver(client, made["takes"][0]["id"], sequence)
            delivered = time.perf_counter() - began
            cpu = sum(processor_seconds().values()) - used
        [gunicorn] = _by_role(stack.process)["web"]
        peaks.found["web"] = memory_mb(gunicorn[0])  # its workers share pages: counted once
    return Master(stored, delivered, cpu, peaks.found)


def deliver(client: Client, take_id: str, sequence: dict[str, Any]) -> None:
    """Both deliveries, asked for at once."""
    wanted = [
        client.post(
            f"/v1/takes/{take_id}/deliveries",
            {"host": host, "master_format": master_format, "sequence": sequence},
        )
        for host, master_format in _HOSTS
    ]
    for each in wanted:
        _follow(client, "/v1/deliveries", each)


def _follow(client: Client, path: str, accepted: dict[str, Any]) -> dict[str, Any]:
    ended = client.follow(f"{path}/{accepted['id']}", lambda _: None)
    if ended["state"] != "ready":
        raise SystemExit(f"{path}/{accepted['id']} ended {ended['state']}: {ended.get('failure')}")
    return ended


@contextmanager
def peaking(stack: Stack) -> Iterator[Peaks]:
    """Weigh the stack's processes a few times a second for the length of the block."""
    peaks, ended = Peaks(), threading.Event()

    def watch() -> None:
        while not ended.wait(0.2):
            peaks.look(stack)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peaks
    finally:
        ended.set()
        watcher.join()


def _by_role(supervisor: psutil.Process) -> dict[str, list[list[psutil.Process]]]:
    """The supervisor's children by what they do, each with its own children."""
    roles: dict[str, list[list[psutil.Process]]] = {}
    for process in supervisor.children(recursive=True):
        try:
            words = process.cmdline()
            role = _role(words)
            if role:
                roles.setdefault(role, []).append([process, *process.children(recursive=True)])
        except psutil.NoSuchProcess:
            continue
    if "web" in roles:  # gunicorn and its workers: the largest family holds the others
        roles["web"] = [max(roles["web"], key=len)]
    return roles


def _role(words: list[str]) -> str | None:
    if "worker" in words:
        role = words[words.index("worker") + 1]
        return {"media": "media", "steps": "worker", "clock": "clock"}.get(role)
    return "web" if "gunicorn" in words else None


def _resident(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0.0


def floor(size: Size) -> float:
    """Seconds a frame: EXR and ProRes of the same frames, a thread each, nothing read and nothing stored."""
    shot = bake(
        ShotSpec(plan_shot(PROMPT, duration_seconds=Fraction(5)), 5, size.width, size.height, _RATE, 120)
    )
    display = display_transform(ColourSpace.REC709)
    halves: list[Half] = []
    shown: list[Rgb16] = []
    for picture in shot.frames(0, 4):
        halves.append(kernels.to_half(picture).copy())
        shown.append(display.apply(picture).copy())
    header = FrameHeader(frame_rate=_RATE)

    def exr() -> None:
        for frame in range(_FLOOR_FRAMES):
            encode_exr(halves[frame % 4], space=ColourSpace.ACES2065_1, header=header)

    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        for work in (pool.submit(exr), pool.submit(_prores, Path(folder) / "floor.mov", shown, size)):
            work.result()
    return (time.perf_counter() - began) / _FLOOR_FRAMES


def _prores(path: Path, shown: list[Rgb16], size: Size) -> None:
    with MovieWriter(
        path,
        movie_format=MovieFormat.PRORES_422_HQ,
        rate=_RATE,
        width=size.width,
        height=size.height,
        colour_space=ColourSpace.REC709,
        threads=1,
    ) as movie:
        for frame in range(_FLOOR_FRAMES):
            movie.write(shown[frame % 4])


def show(size: Size, found: Master, bare: float) -> None:
    print(
        f"master: 5 s {size.resolution} HDR from a take, request to both deliveries (ProRes 422 HQ, EXR-ACES)"
    )
    print(f"  floor  {bare * 120:5.1f} s  EXR (PIZ) and ProRes of 120 frames, bare, two threads")
    print(
        f"  ours   {found.delivered:5.1f} s (take stored after {found.stored:.1f} s)"
        f"  {found.delivered / (bare * 120):.1f} of the floor's time"
        f"  (< {size.seconds:.0f} s) {verdict(met=found.delivered < size.seconds)}"
    )
    cpu, least = f"{found.cpu:.0f} s of processor time", f"{found.cpu / 2:.0f} s"
    print(f"  the stack used {cpu}: at least {least} on two idle cores")
    for role, most in (("media", size.media_mb), ("web", 200), ("worker", 300)):
        mb = found.peaks[role]
        print(f"  {role:6} peak {mb:5.0f} MB (< {most}) {verdict(met=mb < most)}")


def show_growth(five: Master, ten: Master) -> None:
    ratio = ten.peaks["media"] / five.peaks["media"]
    print(
        f"  10 s: {ten.delivered:.1f} s, media peak {ten.peaks['media']:.0f} MB, {ratio:.2f} of that for 5 s"
        f"  (within 10 %) {verdict(met=ratio < 1.1)}"
    )


if __name__ == "__main__":
    main()
