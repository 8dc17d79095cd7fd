"""`python -m tests.fakes.rendering SHAPE PATH`: one file of the shape, drawn by the animatic engine.

The engine draws small and the picture is enlarged: what a simulator returns must be real and of the right
size, and need not be fine.
"""

import json
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from numpy.typing import NDArray

from plugin_backend.domain.direction.plan import plan_shot
from plugin_backend.domain.sequence import ColourSpace
from tests.fakes.flaws import Flaw, flawed
from tests.fakes.pictures import Picture
from worker.animatic.render import bake
from worker.animatic.spec import ShotSpec
from worker.media.colour import colour_tags, display_transform
from worker.media.exr import ExrCompression, FrameHeader, write_exr

RATE = 24
_PROMPT = "slow dolly in through a misty forest at golden hour"
_DRAWN = 400  # the longer side as the engine draws it
_DRAWN_TO_BE_LOOKED_AT = 960  # where the film is judged
_SAMPLES = 48_000


def main() -> None:
    """Write the file."""
    render(Picture(**json.loads(sys.argv[1])), Path(sys.argv[2]))


def render(shape: Picture, path: Path) -> None:
    """Draw a file of this shape."""
    if shape.exr:
        _write_frames(path, shape)
    else:
        _write_movie(path, shape)


def _drawn(shape: Picture) -> Iterator[NDArray[np.float32]]:
    drawn = partial(_as_asked, shape)
    return flawed(drawn, Flaw(shape.flaw), shape.prompt) if shape.flaw else drawn(shape.prompt or _PROMPT)


def _as_asked(shape: Picture, prompt: str) -> Iterator[NDArray[np.float32]]:
    most = _DRAWN_TO_BE_LOOKED_AT if shape.prompt else _DRAWN
    scale = min(1.0, most / max(shape.width, shape.height))
    width, height = (max(2, round(side * scale / 2) * 2) for side in (shape.width, shape.height))
    plan = plan_shot(prompt, duration_seconds=Fraction(shape.frame_count, RATE))
    spec = ShotSpec(plan, shape.seed, width, height, Fraction(RATE), shape.frame_count)
    return bake(spec).frames()


def _enlarged(pixels: NDArray[Any], shape: Picture) -> NDArray[Any]:
    return cv2.resize(pixels, (shape.width, shape.height), interpolation=cv2.INTER_CUBIC)


def _write_frames(path: Path, shape: Picture) -> None:
    """Half floats in ACES2065-1 under DWAB, as the upstream's colour guide says of its EXR frames."""
    with zipfile.ZipFile(path, "w") as archive, tempfile.TemporaryDirectory() as folder:
        for number, pixels in enumerate(_drawn(shape), 1):
            frame = Path(folder) / "frame.exr"
            picture = np.maximum(_enlarged(pixels, shape), 0)
            header = FrameHeader(frame_rate=Fraction(RATE))
            write_exr(
                frame,
                picture,
                space=ColourSpace.ACES2065_1,
                header=header,
                compression=ExrCompression.DWAB,
            )
            archive.write(frame, f"frame_{number:06d}.exr")


def _write_movie(path: Path, shape: Picture) -> None:
    space = ColourSpace.REC2100_PQ if shape.hdr else ColourSpace.REC709
    display = display_transform(space)
    with av.open(str(path), "w", options={"movflags": "+faststart+write_colr"}) as movie:
        stream = _video(movie.add_stream(*_encoder(shape)), shape, space)
        sound = movie.add_stream("aac", rate=_SAMPLES) if shape.audio else None
        for number, pixels in enumerate(_drawn(shape)):
            shown = _enlarged(display.apply(pixels), shape)
            frame = av.VideoFrame.from_ndarray(shown, format="rgb48le").reformat(
                format=stream.pix_fmt, dst_colorspace=9 if shape.hdr else 1, dst_color_range=1
            )
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            movie.mux(stream.encode(frame))
        movie.mux(stream.encode(None))
        if isinstance(sound, AudioStream):
            _write_sound(movie, sound, seconds=shape.frame_count / RATE)


def _encoder(shape: Picture) -> tuple[str, int]:
    return ("libx265" if shape.hdr else "libx264", RATE)


def _video(stream: Any, shape: Picture, space: ColourSpace) -> VideoStream:
    assert isinstance(stream, VideoStream)
    tags = colour_tags(space)
    stream.width, stream.height = shape.width, shape.height
    stream.pix_fmt = "yuv420p10le" if shape.hdr else "yuv420p"
    stream.color_primaries, stream.color_trc = tags.primaries, tags.transfer
    stream.colorspace, stream.color_range = tags.matrix, 1
    stream.options = {"preset": "ultrafast", "crf": "24"}
    stream.codec_context.thread_count = 1
    return stream


def _write_sound(movie: av.container.OutputContainer, sound: AudioStream, *, seconds: float) -> None:
    count = round(seconds * _SAMPLES)
    time = np.arange(count, dtype=np.float32) / _SAMPLES
    tone = 0.1 * np.sin(2 * np.pi * 220 * time) * (0.5 + 0.5 * np.sin(2 * np.pi * 0.5 * time))
    for start in range(0, count, 1024):
        samples = tone[start : start + 1024].astype(np.float32)[None, :]
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = _SAMPLES, start, Fraction(1, _SAMPLES)
        movie.mux(sound.encode(frame))
    movie.mux(sound.encode(None))


if __name__ == "__main__":
    main()
