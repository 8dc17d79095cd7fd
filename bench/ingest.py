"""What taking in a provider's movie costs: time and memory for 10 s and 60 s of 1080p, and a late chunk.

    python -m bench.ingest [--rounds 3]

The floor is PyAV decoding the same file to its end with two threads and nothing else, in turn with ours. The
whole of ours is timed: a fresh child, decoding, colour, measures, proxy, sound, stills, storage.
"""

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from bench.stack import surroundings
from plugin_backend.domain.sequence import ColourSpace
from plugin_backend.files.storage import open_storage
from worker.media.ingest.parent import Telling, ingest
from worker.media.process import MediaProcess
from worker.media.sources.movie import MoviePart, MovieSource
from worker.media.supervision import OnProgress

WIDTH, HEIGHT, RATE = 1920, 1080, 24
LOOP = 48  # different frames; a longer movie plays them again
BIT_RATE = 12_000_000  # as providers send 1080p


@dataclass
class Watched:
    """A media runner that remembers how large its child grew."""

    media: MediaProcess
    most_mb: int = 0

    def __call__(self, op: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return self.media.run(op, arguments, deadline_seconds=3600, on_progress=self.look(), untrusted=True)

    def folder(self) -> AbstractContextManager[Path]:
        return self.media.folder()

    def alive(self) -> None:
        pass

    def look(self) -> OnProgress:
        """Weighs the child whenever it tells how far it is."""

        def weigh(_done: int, _total: int) -> None:
            child = self.media._active  # noqa: SLF001 - the child's own size, which nothing else tells
            if child is not None:
                self.most_mb = max(self.most_mb, child.resident_bytes() >> 20)

        return weigh


def pictures() -> Iterator[np.ndarray[Any, np.dtype[np.uint8]]]:
    """A textured picture that drifts, with a little grain."""
    chance = np.random.default_rng(1)
    y, x = (axis.astype(np.float32) for axis in np.mgrid[0:HEIGHT, 0:WIDTH])
    for number in range(LOOP):
        drift = 40 * np.sin(2 * np.pi * number / LOOP)
        waves = np.sin((x + drift) / 37) * np.cos((y - drift) / 29) + 0.4 * np.sin((x + y + drift) / 5)
        grey = 120 + 60 * waves + chance.normal(0, 3, (HEIGHT, WIDTH)).astype(np.float32)
        yield np.clip(np.stack([grey, grey * 0.9, grey * 0.7 + 30], axis=-1), 0, 255).astype(np.uint8)


def film(path: Path, *, seconds: int) -> Path:
    """H.264 at a provider's usual rate, a key frame every two seconds, with sound."""
    frames = [av.VideoFrame.from_ndarray(each, "rgb24").reformat(format="yuv420p") for each in pictures()]
    with av.open(str(path), "w", options={"movflags": "faststart"}) as movie:
        picture = movie.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "g": str(2 * RATE)})
        sound = movie.add_stream("aac", rate=48_000, layout="stereo")
        assert isinstance(picture, VideoStream)
        assert isinstance(sound, AudioStream)
        picture.width, picture.height, picture.pix_fmt, picture.bit_rate = WIDTH, HEIGHT, "yuv420p", BIT_RATE
        for number in range(seconds * RATE):
            frame = frames[number % LOOP]
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            movie.mux(picture.encode(frame))
            tone = np.sin(np.arange(48_000 // RATE) * 0.05)[None].repeat(2, 0).astype(np.float32)
            heard = av.AudioFrame.from_ndarray(tone, format="fltp", layout="stereo")
            heard.sample_rate, heard.pts = 48_000, number * (48_000 // RATE)
            movie.mux(sound.encode(heard))
        movie.mux(picture.encode(None))
        movie.mux(sound.encode(None))
    return path


def floor(path: Path) -> tuple[float, float]:
    """Seconds by the clock, and of processor time, to decode every frame."""
    wall, cpu = time.perf_counter(), time.process_time()
    with av.open(str(path)) as movie:
        stream = movie.streams.video[0]
        stream.thread_count, stream.thread_type = 2, av.codec.context.ThreadType.AUTO
        count = sum(1 for _ in movie.decode(stream))
    assert count
    return time.perf_counter() - wall, time.process_time() - cpu


def ours(path: Path, folder: Path) -> tuple[float, float, int]:
    """Seconds by the clock, of the child's processor time, and how many MB the child grew to."""
    storage = open_storage((folder / "store").as_uri())
    storage.put_file("takes/one/original/0.mp4", path)
    fetched = {"files": [{"role": "movie", "key": "takes/one/original/0.mp4", "bytes": path.stat().st_size}]}
    telling = Telling(title="bench", label="bench")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = time.perf_counter()
    with MediaProcess(2560, folder / "scratch") as media:
        watched = Watched(media)
        made = ingest(fetched, take_id="one", telling=telling, storage=storage, run=watched)
    wall = time.perf_counter() - wall
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert made.facts["audio"]
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, used, watched.most_mb


def chunk_of(path: Path, *, first: int, frames: int) -> float:
    """Seconds to have one second of frames from somewhere in a movie."""
    part = MoviePart("one", "video/mp4", Fraction(0), frames)
    source = MovieSource((part,), Fraction(RATE), ColourSpace.REC709, lambda _key: path.open("rb"))
    wall = time.perf_counter()
    assert len(list(source.frames(range(first, first + RATE)))) == RATE
    return time.perf_counter() - wall


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds: int = parser.parse_args().rounds
    print(f"{WIDTH} x {HEIGHT} H.264 with sound, {BIT_RATE // 1_000_000} Mbit/s; {surroundings()}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for seconds in (10, 60):
            path = film(folder / f"{seconds}.mp4", seconds=seconds)
            found = [(floor(path), ours(path, folder)) for _ in range(rounds)]
            bare, spent = (statistics.median(each[index] for each, _ in found) for index in (0, 1))
            wall, cpu = (statistics.median(mine[index] for _, mine in found) for index in (0, 1))
            ratio = statistics.median(mine[0] / each[0] for each, mine in found)
            most = max(mine[2] for _, mine in found)
            print(
                f"{seconds:3} s ({path.stat().st_size >> 20} MB): {wall:6.1f} s wall, {cpu:6.1f} s cpu, "
                f"{cpu / seconds / RATE * 1000:5.1f} ms cpu a frame; "
                f"floor {bare:5.1f} s wall, {spent:5.1f} s cpu, ratio {ratio:4.1f}; child at most {most} MB"
            )
        took = {at: chunk_of(path, first=at * RATE, frames=60 * RATE) for at in (0, 30, 59)}
        print("a second of frames from", ", ".join(f"{at} s: {each:.2f} s" for at, each in took.items()))
    print(surroundings())


if __name__ == "__main__":
    main()
