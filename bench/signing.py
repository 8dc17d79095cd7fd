"""What Content Credentials cost: seconds per megabyte to sign and read back a movie, and the memory it takes.

    python -m bench.signing [--megabytes 40 600] [--rounds 3]

The floor is copying the same file to the same disk, flushed, in turn with ours. Ours is what a delivery
adds: the signed copy, and reading it back. Processor time is told beside it, which says more on a busy
machine. Each signing runs in a process of its own; how far that grew is told too.
"""

import argparse
import hashlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream

from bench.stack import surroundings
from plugin_backend.files.storage import open_storage
from plugin_backend.signing import development_credential
from worker.media.operations import OperationContext
from worker.provenance.claims import Statement, TakeClaim
from worker.provenance.sealing import Sealer

WIDTH, HEIGHT, RATE, LOOP = 1920, 1080, 24, 4
FRAMES = 5_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, nargs="+", default=[40, 600])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sign", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.sign is not None:
        print(json.dumps(signed(options.sign)))
        return
    print(surroundings())
    with tempfile.TemporaryDirectory(prefix="bench-signing-") as name:
        for megabytes in options.megabytes:
            compare(film(Path(name) / "movie.mov", megabytes=megabytes), rounds=options.rounds)
        sequence(Path(name))


def compare(movie: Path, *, rounds: int) -> None:
    copied, sealed, worked, hashed, grown = [], [], [], [], 0.0
    for _ in range(rounds):
        copied.append(copy_seconds(movie))
        hashed.append(hash_seconds(movie))
        told = json.loads(
            subprocess.run(
                [sys.executable, "-m", "bench.signing", "--sign", str(movie)], check=True, capture_output=True
            ).stdout
        )
        sealed.append(told["seconds"])
        worked.append(told["processor_seconds"])
        grown = max(grown, told["grown_mb"])
    size = movie.stat().st_size / 1e6
    floor, ours = statistics.median(copied), statistics.median(sealed)
    print(
        f"{size:6.0f} MB: copy {floor:6.2f} s ({size / floor:5.0f} MB/s), sign and read back {ours:6.2f} s"
        f" ({size / ours:5.0f} MB/s), {ours / floor:4.1f} times the copy\n"
        f"           processor: {min(worked):.2f} s to sign and read back, {min(hashed):.2f} s for one"
        f" SHA-256; memory grew by {grown:.0f} MB"
    )


def signed(movie: Path) -> dict[str, float]:
    """Seconds of signing a copy of a movie, and how far the process grew meanwhile."""
    with tempfile.TemporaryDirectory(dir=movie.parent) as name:
        folder = Path(name)
        path = folder / "shot.mov"
        shutil.copyfile(movie, path)
        press = sealer(folder)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began, worked = time.perf_counter(), time.process_time()
        press.seal(path)
        seconds, worked = time.perf_counter() - began, time.process_time() - worked
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {"seconds": seconds, "processor_seconds": worked, "grown_mb": grown / 1024}


def sequence(folder: Path) -> None:
    """One signature for the frames of several minutes."""
    frames = [
        {"name": f"shot.{number:07d}.exr", "sha256": hashlib.sha256(number.to_bytes(8)).hexdigest()}
        for number in range(FRAMES)
    ]
    began = time.perf_counter()
    files = sealer(folder).seal_frames("shot.0000000.exr", frames)
    seconds = time.perf_counter() - began
    size = sum(map(len, files.values())) / 1e3
    print(f"a sequence of {FRAMES} frames: {seconds * 1000:.0f} ms, {size:.0f} kB beside it")


def sealer(folder: Path) -> Sealer:
    claim = TakeClaim(
        generation_id="gen_1",
        take_id="take_1",
        take_number=1,
        kind="master",
        model="animatic",
        provider="animatic",
        generator="animatic",
        is_trained=False,
        seed="7",
        proxy_key=None,
    )
    statement = Statement(delivery_id="dlv_1", host="resolve", lineage=(claim,), done=("Conformed.",))
    context = OperationContext(folder, lambda _done, _total: None, open_storage(folder.as_uri()))
    return Sealer(statement, development_credential("the secret of a bench" * 3), context)


def copy_seconds(movie: Path) -> float:
    copy = movie.with_suffix(".copy")
    began = time.perf_counter()
    with movie.open("rb") as source, copy.open("wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
        target.flush()
        os.fsync(target.fileno())
    seconds = time.perf_counter() - began
    copy.unlink()
    return seconds


def hash_seconds(movie: Path) -> float:
    began = time.process_time()
    with movie.open("rb") as file:
        hashlib.file_digest(file, "sha256")
    return time.process_time() - began


def film(path: Path, *, megabytes: int) -> Path:
    """ProRes 422 HQ of grain: a few frames encoded once, their packets written until the size is reached."""
    chance = np.random.default_rng(1)
    with av.open(str(path), "w", options={"movflags": "faststart"}) as movie:
        picture = movie.add_stream("prores_ks", rate=RATE, options={"profile": "3"})
        assert isinstance(picture, VideoStream)
        picture.width, picture.height, picture.pix_fmt = WIDTH, HEIGHT, "yuv422p10le"
        packets = []
        for _ in range(LOOP):
            grain = chance.integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
            packets += picture.encode(av.VideoFrame.from_ndarray(grain, "rgb24"))
        data = [bytes(packet) for packet in (*packets, *picture.encode(None))]
        written = number = 0
        while written < megabytes * 1e6:
            packet = av.Packet(data[number % len(data)])
            packet.stream, packet.time_base = picture, Fraction(1, RATE)
            packet.pts = packet.dts = number
            packet.is_keyframe = True
            movie.mux(packet)
            written += packet.size
            number += 1
    return path


if __name__ == "__main__":
    main()
