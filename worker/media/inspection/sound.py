"""Sound: decoded from end to end and written as plain PCM."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer

from worker.media.inspection.kinds import WAV, FileType, Kind
from worker.media.inspection.verdict import RefusedError, Verdict

_MAX_CHANNELS: Final = 8
_RATES: Final = range(8_000, 192_001)
_TOLERANCE_SECONDS: Final = Fraction(1, 2)
_UNKNOWN_LENGTH: Final = 0xFFFFFFFF
_GUESSED_DURATIONS: Final = ("mp3", "aac")  # told from the bit rate, not from a header


def inspect_sound(
    path: Path,
    container: InputContainer,
    file_type: FileType,
    *,
    folder: Path,
    progress: Callable[[int, int], None],
    longest: int,
) -> Verdict:
    """The facts of a recording, and its clean copy as WAV."""
    stream = container.streams.audio[0]
    _check(stream)
    samples = _rewrite(container, stream, folder / "clean.wav", progress=progress, longest=longest)
    seconds = Fraction(samples, stream.rate)
    if not samples or seconds + _TOLERANCE_SECONDS < _declared_seconds(path, stream, file_type):
        raise RefusedError(f"This {file_type.name} is cut short: export it again, or upload it to the end.")
    return Verdict(kind=Kind.AUDIO, media_type="audio/wav", duration_seconds=seconds, file="clean.wav")


def _check(stream: AudioStream) -> None:
    if stream.channels > _MAX_CHANNELS:
        raise RefusedError(
            f"This sound has {stream.channels} channels; mix it down to {_MAX_CHANNELS} or fewer."
        )
    if stream.rate not in _RATES:
        raise RefusedError(f"This sound has {stream.rate} samples a second; export it at 48,000.")


def _declared_seconds(path: Path, stream: AudioStream, file_type: FileType) -> Fraction:
    """What the file's own header promises; 0 when it promises nothing."""
    if file_type is WAV:  # the library looks at the file's length and forgives the header
        return _declared_by_riff(path, bytes_per_second=max(1, (stream.codec_context.bit_rate or 0) // 8))
    if file_type.decoder in _GUESSED_DURATIONS or stream.duration is None or stream.time_base is None:
        return Fraction(0)
    return stream.duration * stream.time_base


def _declared_by_riff(path: Path, *, bytes_per_second: int) -> Fraction:
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8)[4:], "little")
    is_open_ended = size in (0, _UNKNOWN_LENGTH)  # as recorders that stream write it
    return Fraction(0) if is_open_ended else Fraction(size, bytes_per_second)


def _rewrite(
    container: InputContainer,
    stream: AudioStream,
    path: Path,
    *,
    progress: Callable[[int, int], None],
    longest: int,
) -> int:
    resampler = AudioResampler(format="s16", layout=stream.layout, rate=stream.rate)
    limit = longest * stream.rate
    samples = 0
    with av.open(str(path), "w", format="wav", options={"fflags": "+bitexact"}) as clean:
        written = clean.add_stream("pcm_s16le", rate=stream.rate, layout=stream.layout)
        for frame in container.decode(stream):
            for part in resampler.resample(frame):
                samples += part.samples
                part.pts = None
                clean.mux(written.encode(part))
            if samples > limit + stream.rate:
                raise RefusedError(f"This sound lasts over {longest} s; cut it shorter.")
            progress(min(samples, limit), limit)
        clean.mux(written.encode(None))
    return samples
