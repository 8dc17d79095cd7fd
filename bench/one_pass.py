"""What one pass costs: a 2160p take as EXR (PIZ), ProRes 422 HQ and an H.264 proxy, with poster and report.

    python -m bench.one_pass [--frames 24] [--turns 3] [--no-commands]

Beside it by processor time, in turn in one run: the bare encoders on the same frames already prepared, those
with the take decoded for them by the bare reader, and each stage that lies between, by itself. By the clock:
the same files by a command for each, `oiiotool` for the frames, `ffmpeg` for the movies and the poster, each
of which reads the take anew. Both tools come with what the tests need.

It runs as a media process does: how memory is handed out there and taken back is part of what a pass costs.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any, Final

import cv2
import imageio_ffmpeg

from bench.conform import PATTERN, RATE, SOURCE, scene
from bench.one_pass_stages import STAGES, Cost, Stopwatch, spent_by_stage
from bench.stack import surroundings, verdict
from plugin_backend.config import inherited_environ
from plugin_backend.domain.delivering.conform import plan_conform
from plugin_backend.domain.delivering.conform_plan import ConformPlan, OutputRole, OutputSpec, SourceFacts
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat
from plugin_backend.domain.sequence import ColourSpace, Sequence
from plugin_backend.files.storage import Storage, open_storage
from worker.media import kernels
from worker.media.chunks import conform_chunk
from worker.media.colour import display_transform
from worker.media.conform import ConformWork
from worker.media.exr import ExrCompression, FrameHeader, encode_exr, read_source_exr
from worker.media.finish import conform_finish
from worker.media.formats import MovieFormat
from worker.media.kernels import Half, Rgb16
from worker.media.limits import child_environment
from worker.media.movie import MovieWriter
from worker.media.operations import OperationContext
from worker.media.sources.placing import resized_rgb
from worker.media.warmth import warm_kernels

WIDTH, HEIGHT, BUDGET = 3840, 2160, 1.25
OUTPUTS: Final = (
    OutputSpec(OutputRole.MASTER, DeliveryFormat.EXR_ACES),
    OutputSpec(OutputRole.MASTER, DeliveryFormat.PRORES_422_HQ),
    OutputSpec(OutputRole.PROXY, DeliveryFormat.H264),
)
_DRAWN: Final = 4  # different pictures, shown in turn
_OIIOTOOL: Final = Path(sys.executable).with_name("oiiotool")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--no-commands", action="store_true", help="leave out what takes longest")
    options = parser.parse_args()
    _run_as_a_media_process_does()
    warm_kernels()
    cv2.setNumThreads(1)
    print(surroundings())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        storage = open_storage((folder / "store").as_uri())
        store(storage, options.frames)
        turns = [
            turn(storage, folder, options.frames, with_commands=not options.no_commands)
            for _ in range(options.turns)
        ]
    show(turns, options.frames)
    print(f"after: {surroundings()}")


def _run_as_a_media_process_does() -> None:
    """Begin anew with its environment: the allocator reads it once, at the start."""
    given, scratch = inherited_environ(), tempfile.gettempdir()
    path = given.get("PYTHONPATH", "")
    wanted = child_environment(given, python_path=path, scratch=scratch, compiled=scratch)
    if wanted.items() - given.items():
        command = [sys.executable, "-m", "bench.one_pass", *sys.argv[1:]]
        os.execve(command[0], command, {**given, **wanted})  # noqa: S606 - ourselves


def store(storage: Storage, frames: int) -> None:
    """A take as the engine leaves it."""
    header = FrameHeader(frame_rate=RATE)
    drawn = [
        encode_exr(
            scene(number, width=WIDTH, height=HEIGHT),
            space=ColourSpace.ACESCG,
            header=header,
            compression=ExrCompression.HTJ2K,
        )
        for number in range(_DRAWN)
    ]
    for frame in range(frames):
        storage.put_bytes(PATTERN.format(frame=frame), drawn[frame % _DRAWN])


def turn(storage: Storage, folder: Path, frames: int, *, with_commands: bool) -> dict[str, Cost]:
    """Each once, in order; what the stages tell is of one frame."""
    made = ours(storage, folder, frames) | {"encoders": encoders(storage, folder, frames)}
    if with_commands:
        made["commands"] = commands(folder, frames)
    return made | spent_by_stage([storage.get_bytes(PATTERN.format(frame=n)) for n in range(_DRAWN)])


def ours(storage: Storage, folder: Path, frames: int) -> dict[str, Cost]:
    """A delivery's own operations, in this process: its ranges of frames, and what is done at the end."""
    sequence = Sequence.from_json({"frame_rate": "24", "width": WIDTH, "height": HEIGHT})
    plan = plan_conform(SourceFacts(RATE, frames, WIDTH, HEIGHT), sequence, OUTPUTS, name_stem="bench")
    work = ConformWork(plan=ConformPlan.from_json(plan.to_json()), source=SOURCE, prefix="out").to_json()
    context = OperationContext(scratch=folder, progress=lambda _done, _total: None, lent_storage=storage)
    watch = Stopwatch()
    chunks = [conform_chunk(work | {"chunk": number}, context) for number in range(len(plan.chunks))]
    ranges, watch = watch.cost, Stopwatch()
    ending: dict[str, Any] = {"chunks": chunks, "asked": {}, "label": "bench", "provenance": None}
    conform_finish(work | ending, context)
    end = watch.cost
    return {"ranges": ranges, "end": end, "ours": Cost(ranges.cpu + end.cpu, ranges.wall + end.wall)}


def _pictures(storage: Storage) -> list[Half]:
    return [read_source_exr(storage.get_bytes(PATTERN.format(frame=n)))[0] for n in range(_DRAWN)]


def encoders(storage: Storage, folder: Path, frames: int) -> Cost:
    """OpenEXR, ProRes and x264 with our options, on frames that are ready for them."""
    display, header = display_transform(ColourSpace.REC709), FrameHeader(frame_rate=RATE)
    pictures = _pictures(storage)
    light = [kernels.to_ap0_half(each) for each in pictures]
    shown = [display.apply(each) for each in pictures]
    small = [resized_rgb(each, width=1280, height=720) for each in shown]
    with (
        _movie(folder / "floor.mov", MovieFormat.PRORES_422_HQ, shown[0]) as master,
        _movie(folder / "floor.mp4", MovieFormat.PROXY, small[0]) as proxy,
    ):
        ready = [
            (master.coded(large), proxy.coded(little)) for large, little in zip(shown, small, strict=True)
        ]
        watch = Stopwatch()
        for frame in range(frames):
            half, (large, little) = light[frame % _DRAWN], ready[frame % _DRAWN]
            encode_exr(half, space=ColourSpace.ACES2065_1, header=header, found_in=ColourSpace.ACES2065_1)
            master.append(large)
            proxy.append(little)
    return watch.cost


def _movie(path: Path, movie_format: MovieFormat, rgb: Rgb16) -> MovieWriter:
    return MovieWriter(
        path,
        movie_format=movie_format,
        rate=RATE,
        width=rgb.shape[1],
        height=rgb.shape[0],
        colour_space=ColourSpace.REC709,
        threads=1,
        is_segment=True,
    )


def commands(folder: Path, frames: int) -> Cost:
    """The same files by the usual tools, one after the other, each reading the take anew.

    Their colour is a matrix for the frames and none for the movies, not ACES 2.0: less work.
    """
    out = folder / "commands"
    out.mkdir(exist_ok=True)
    ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error"]
    take = ["-framerate", "24", "-i", str(folder / "flat" / "%06d.exr")]
    _flat(folder, frames)
    watch = Stopwatch()
    _run([
        str(_OIIOTOOL), "--frames", f"0-{frames - 1}", "--parallel-frames", str(folder / "flat" / "%06d.exr"),
        "--colorconvert", "ACEScg", "ACES2065-1", "-d", "half", "--compression", "piz",
        "-o", str(out / "%06d.exr"),
    ])  # fmt: skip
    _run(
        [
            *ffmpeg,
            *take,
            "-c:v",
            "prores_aw",
            "-profile:v",
            "3",
            "-pix_fmt",
            "yuv422p10le",
            str(out / "a.mov"),
        ]
    )
    _run([
        *ffmpeg, *take, "-vf", "scale=1280:720", "-c:v", "libx264", "-preset", "veryfast", "-crf", "20",
        "-pix_fmt", "yuv420p", str(out / "a.mp4"),
    ])  # fmt: skip
    _run([*ffmpeg, *take, "-frames:v", "1", "-vf", "scale=1280:720", str(out / "poster.jpg")])
    return watch.cost


def _flat(folder: Path, frames: int) -> None:
    """The take in PIZ, which those tools read; made once and not counted."""
    flat = folder / "flat"
    if flat.exists():
        return
    flat.mkdir()
    header = FrameHeader(frame_rate=RATE)
    storage = open_storage((folder / "store").as_uri())
    drawn = [encode_exr(each, space=ColourSpace.ACESCG, header=header) for each in _pictures(storage)]
    for frame in range(frames):
        (flat / f"{frame:06d}.exr").write_bytes(drawn[frame % _DRAWN])


def _run(command: list[str]) -> None:
    given = inherited_environ()
    plain = {name: value for name, value in given.items() if not name.startswith(("MALLOC_", "GLIBC_"))}
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, env=plain)


def show(turns: list[dict[str, Cost]], frames: int) -> None:
    def cpu(name: str) -> float:
        return median(found[name].cpu for found in turns) * 1000

    def ratio(found: dict[str, Cost], *, decoded: bool) -> float:
        bare = found["encoders"].cpu + (frames * found["decoding"].cpu if decoded else 0)
        return found["ours"].cpu / bare

    alone, with_decoding = (median(ratio(each, decoded=way) for each in turns) for way in (False, True))
    print(f"one pass: {frames} frames of {WIDTH} x {HEIGHT}, EXR (PIZ), ProRes 422 HQ, proxy, poster, report")
    print(
        f"  bare encoders   {cpu('encoders') / frames:6.0f} ms of the processor a frame, the frames prepared"
    )
    print(f"  ours            {cpu('ours') / frames:6.0f} ms: {_against(alone)} of it")
    print(f"                         {_against(with_decoding)} of bare decoding and bare encoders")
    print(f"    of that once: {cpu('end'):.0f} ms (poster, joining, reading back, report)")
    print(f"    in ranges:    {cpu('ranges') / frames:.0f} ms a frame; by themselves:")
    for name, about in STAGES.items():
        print(f"      {cpu(name):6.1f} ms {about}")
    if "commands" in turns[0]:
        wall = {name: median(found[name].wall for found in turns) for name in ("ours", "commands")}
        is_faster = wall["ours"] < wall["commands"]
        spent = cpu("commands") / frames
        print(f"  separate commands {wall['commands']:.1f} s by the clock ({spent:.0f} ms a frame)")
        print(f"  ours              {wall['ours']:.1f} s (faster) {verdict(met=is_faster)}")


def _against(ratio: float) -> str:
    return f"{ratio:.2f} (<= {BUDGET}, {verdict(met=ratio <= BUDGET)})"


if __name__ == "__main__":
    main()
