"""A take's sound: every part's decoded and laid end to end, to the sample, as one recording.

A part without sound is silent, sound that runs over its picture is cut, sound that starts late starts late.
"""

import itertools
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer

SAMPLE_RATE: Final = 48_000
CHANNELS: Final = 2
_BYTES: Final = 2 * CHANNELS  # of one moment: 16 bits a channel
_SILENCE_AT_ONCE: Final = SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """What a recording was before it was laid out."""

    codec: str
    sample_rate: int
    channels: int
    seconds: Fraction
    lost_packets: int

    def to_json(self) -> dict[str, str | int | float]:
        """As facts of the take."""
        return {
            "audio_codec": self.codec,
            "audio_sample_rate": self.sample_rate,
            "audio_channels": self.channels,
            "audio_seconds": round(float(self.seconds), 3),
            "audio_lost_packets": self.lost_packets,
        }


class SoundTrack:
    """Writes one WAV file, moment by moment."""

    def __init__(
        self, path: Path, *, gain: float = 1.0, hear: Callable[[bytes], None] = lambda _samples: None
    ) -> None:
        """`gain` multiplies what is laid; `hear` is told everything that is written."""
        self._gain = gain
        self._hear = hear
        self._file = wave.open(str(path), "wb")  # noqa: SIM115 - closed by `__exit__`
        self._file.setnchannels(CHANNELS)
        self._file.setsampwidth(2)
        self._file.setframerate(SAMPLE_RATE)
        self._at = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def lay(self, samples: bytes, *, at: int, end: int) -> None:
        """Put samples where they belong, no sooner than what is there and no later than `end`."""
        late = self._at - at
        if late > 0:
            samples = samples[late * _BYTES :]
        self._fill(until=min(at, end))
        self._write(_louder(samples[: max(0, end - self._at) * _BYTES], self._gain))

    def be_silent(self, *, until_seconds: Fraction) -> None:
        """Fill up to a moment of the take."""
        self._fill(until=round(until_seconds * SAMPLE_RATE))

    def _fill(self, *, until: int) -> None:
        while self._at < until:
            self._write(bytes(min(_SILENCE_AT_ONCE, until - self._at) * _BYTES))

    def _write(self, samples: bytes) -> None:
        self._file.writeframesraw(samples)
        self._hear(samples)
        self._at += len(samples) // _BYTES


def _louder(samples: bytes, gain: float) -> bytes:
    """What would be over full scale stops there."""
    if gain == 1:
        return samples
    louder = np.rint(np.frombuffer(samples, dtype="<i2") * gain)
    return np.clip(louder, -32_768, 32_767).astype("<i2").tobytes()


def lay_sound(
    track: SoundTrack, container: InputContainer, *, picture_first: Fraction, begins: Fraction, ends: Fraction
) -> SoundFacts:
    """Lay a recording's first sound under `begins` to `ends` of the take.

    `picture_first` is when its picture begins by its own clock. Packets that cannot be decoded are silent,
    and counted.
    """
    stream = container.streams.audio[0]
    first, last = round(begins * SAMPLE_RATE), round(ends * SAMPLE_RATE)
    heard = Fraction(0)
    lost = [0]
    for moment, samples in _samples(container, stream, lost=lost):
        since = moment - picture_first
        heard = max(heard, since + Fraction(len(samples) // _BYTES, SAMPLE_RATE))
        track.lay(samples, at=first + round(since * SAMPLE_RATE), end=last)
    track.be_silent(until_seconds=ends)
    codec = stream.codec_context
    return SoundFacts(codec.codec.canonical_name, codec.sample_rate, codec.channels, heard, lost[0])


def _samples(
    container: InputContainer, stream: AudioStream, *, lost: list[int]
) -> Iterator[tuple[Fraction, bytes]]:
    """Decoded sound as it is laid out, each piece with its moment."""
    frames = _frames(container, stream, lost=lost)
    first = next(frames)
    is_mono = first is not None and first.layout.nb_channels == 1  # by the decoder: headers guess
    resampler = AudioResampler(format="s16", layout="mono" if is_mono else "stereo", rate=SAMPLE_RATE)
    for frame in itertools.chain((first,), frames):
        for part in resampler.resample(frame):
            if part.pts is not None and part.time_base is not None:
                samples = np.frombuffer(bytes(part.planes[0]), dtype="<i2")
                samples = samples[: part.samples * (1 if is_mono else CHANNELS)]
                # Mono is the same in both channels; the resampler would make it 3 dB quieter.
                yield part.pts * Fraction(part.time_base), samples.repeat(2 if is_mono else 1).tobytes()


def _frames(
    container: InputContainer, stream: AudioStream, *, lost: list[int]
) -> Iterator[AudioFrame | None]:
    """Decoded sound; at last None, for what the resampler still holds."""
    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except av.FFmpegError:
            lost[0] += 1
    yield None
