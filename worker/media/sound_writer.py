"""Sound into a movie: a WAV file as PCM or AAC, a little at a time, so that it lies beside its picture."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer

_OPTIONS: Final[Mapping[str, Mapping[str, Any]]] = {"aac": {"bit_rate": 192_000}, "pcm_s24le": {}}


class SoundWriter:
    """Feeds one recording into an open movie; memory does not grow with its length."""

    def __init__(self, movie: OutputContainer, recording: Path, *, codec: str) -> None:
        self._movie = movie
        self._source = av.open(str(recording))
        stream = self._source.streams.audio[0]
        self._frames = self._source.decode(stream)
        self._ahead: AudioFrame | None = next(self._frames, None)
        made = movie.add_stream(codec, rate=stream.rate, layout="stereo", **_OPTIONS[codec])
        assert isinstance(made, AudioStream)
        self._stream = made

    def write(self, *, until: Fraction) -> None:
        """Everything that is heard before this moment."""
        while self._ahead is not None and (self._ahead.time or 0) < until:
            self._movie.mux(self._stream.encode(self._ahead))
            self._ahead = next(self._frames, None)

    def close(self) -> None:
        """The rest, and the encoder's own delay."""
        while self._ahead is not None:
            self._movie.mux(self._stream.encode(self._ahead))
            self._ahead = next(self._frames, None)
        self._movie.mux(self._stream.encode(None))
        self._source.close()
