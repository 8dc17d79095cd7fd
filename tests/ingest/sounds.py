"""Clicks that a film carries, and when another reader hears them."""

import wave
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from tests.media_process import corpus

RATE = 48_000


def clicks(seconds: float, *, at: float) -> NDArray[np.int16]:
    """Silence with one loud burst of 10 ms."""
    samples = np.zeros((round(seconds * RATE), 2), dtype=np.int16)
    burst = np.random.default_rng(3).integers(-20_000, 20_000, (RATE // 100, 2))
    samples[round(at * RATE) : round(at * RATE) + len(burst)] = burst
    return samples


def with_sound(path: Path, picture: Path, samples: NDArray[np.int16], *, late: float = 0.0) -> Path:
    """The picture with uncompressed sound beside it, which starts `late` seconds after it."""
    loud = path.with_suffix(".wav")
    with wave.open(str(loud), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    sources = ["-i", str(picture), "-itsoffset", str(late), "-i", str(loud)]
    return corpus.ffmpeg(path, *sources, "-c:v", "copy", "-c:a", "pcm_s16le", "-map", "0:v", "-map", "1:a")


def heard(path: Path) -> NDArray[np.int16]:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 2, 2)
        return np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16).reshape(-1, 2)


def burst_at(samples: NDArray[np.int16]) -> float:
    loud = np.flatnonzero(np.abs(samples.astype(int)).max(axis=1) > 4000)
    return float(loud[0]) / RATE


def decoded(path: Path) -> NDArray[np.int16]:
    with av.open(str(path)) as movie:
        stream = movie.streams.audio[0]
        assert isinstance(stream, AudioStream)
        resampler = av.AudioResampler(format="s16", layout="stereo", rate=RATE)
        pieces = [part for frame in movie.decode(stream) for part in resampler.resample(frame)]
        return np.concatenate([part.to_ndarray().reshape(-1, 2) for part in pieces])
