"""Every frame label of 24 hours at every rate, beside a definition that only counts; and frames' own.

    python -m bench.timecode [--stride 1]

`--stride 100` looks at every hundredth frame. Of each rate some frames are written as EXR and as ACES image
containers, whose timecode another library reads.
"""

import argparse
import io
from dataclasses import dataclass

import numpy as np
import OpenEXR

from plugin_backend.domain.sequence import ColourSpace, FrameRate, Timecode
from tests.domain.timecode_definition import COUNTINGS, Counting, day, is_wrong
from worker.media.aces_container import encode_aces_container
from worker.media.exr import FrameHeader, encode_exr

_FRAMES_WRITTEN = 500


@dataclass(slots=True)
class Found:
    frames: int = 0
    wrong: int = 0
    written: int = 0
    written_wrong: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stride", type=int, default=1)
    stride: int = parser.parse_args().stride
    total = Found()
    for counting in COUNTINGS:
        found = measure(counting, stride=stride)
        print(
            f"{counting!s:22} {found.frames:9,} frames compared, {found.wrong} differ; "
            f"{found.written} written as EXR and container, {found.written_wrong} differ"
        )
        total.frames += found.frames
        total.wrong += found.wrong + found.written_wrong
    print(f"{total.frames:,} frames, {total.wrong} differences")


def measure(counting: Counting, *, stride: int) -> Found:
    rate, found = FrameRate.parse(counting.rate), Found()
    every = (
        86_400 * counting.labels // _FRAMES_WRITTEN + 1
    )  # falls on every digit, as it is odd or prime to 60
    for number, label in enumerate(day(counting)):
        if number % stride == 0:
            found.frames += 1
            found.wrong += is_wrong(counting, rate, number, label)
        if number % every == 0:
            found.written += 1
            found.written_wrong += is_written_wrong(rate, label)
    return found


def is_written_wrong(rate: FrameRate, label: str) -> bool:
    """By OpenEXR's own reader: above 30 frames a second pairs share a number, and a mark parts them."""
    header = FrameHeader(rate.fraction, timecode=Timecode.parse(label, rate=rate))
    light = np.zeros((1, 1, 3), dtype=np.float16)
    hours, minutes, seconds, frame = (int(part) for part in label.replace(";", ":").split(":"))
    wanted = (hours, minutes, seconds, *(divmod(frame, 2) if rate.nominal > 30 else (frame, 0)), ";" in label)
    files = (
        encode_exr(light, space=ColourSpace.ACESCG, header=header),
        encode_aces_container(light, header=header),
    )
    return any(_read(data) != wanted for data in files)


def _read(data: bytes) -> tuple[int, int, int, int, int, bool]:
    with OpenEXR.File(io.BytesIO(data), header_only=True) as file:
        told = file.header()["timeCode"]
    return told.hours, told.minutes, told.seconds, told.frame, told.fieldPhase, bool(told.dropFrame)


if __name__ == "__main__":
    main()
