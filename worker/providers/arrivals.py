"""What a provider's file is, by its first bytes: its declared type and its name are not believed."""

from dataclasses import dataclass
from typing import Final

from worker.providers.protocol import FetchRefusedError

_MOVIE_BYTES: Final = 4 << 30
_EXR_BYTES: Final = 40 << 30
_AUDIO_BYTES: Final = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One kind of file that we take."""

    role: str
    suffix: str
    media_type: str
    most_bytes: int


def _movie(suffix: str, media_type: str) -> Arrival:
    return Arrival(role="movie", suffix=suffix, media_type=media_type, most_bytes=_MOVIE_BYTES)


def _exr(suffix: str, media_type: str) -> Arrival:
    return Arrival(role="exr", suffix=suffix, media_type=media_type, most_bytes=_EXR_BYTES)


def _audio(suffix: str, media_type: str) -> Arrival:
    return Arrival(role="audio", suffix=suffix, media_type=media_type, most_bytes=_AUDIO_BYTES)


_MP4: Final = _movie(".mp4", "video/mp4")
_MOV: Final = _movie(".mov", "video/quicktime")
_WEBM: Final = _movie(".webm", "video/webm")
_ZIP: Final = _exr(".zip", "application/zip")
_EXR: Final = _exr(".exr", "image/x-exr")
_WAV: Final = _audio(".wav", "audio/wav")
_MP3: Final = _audio(".mp3", "audio/mpeg")
_M4A: Final = _audio(".m4a", "audio/mp4")
_FLAC: Final = _audio(".flac", "audio/flac")

_BEGINNINGS: Final[tuple[tuple[int, bytes, Arrival], ...]] = (
    (4, b"ftypqt  ", _MOV),
    (4, b"ftypM4A ", _M4A),
    (4, b"ftyp", _MP4),
    (4, b"moov", _MOV),
    (4, b"mdat", _MOV),
    (4, b"wide", _MOV),
    (0, b"\x1a\x45\xdf\xa3", _WEBM),
    (0, b"PK\x03\x04", _ZIP),
    (0, b"\x76\x2f\x31\x01", _EXR),
    (8, b"WAVE", _WAV),
    (0, b"ID3", _MP3),
    (0, b"\xff\xfb", _MP3),
    (0, b"fLaC", _FLAC),
)
_PAGES: Final = ((b"<", "a web page or an error in XML"), (b"{", "an error in JSON"))
"""What a gateway on the way says for a moment."""
_OTHERS: Final = (
    *_PAGES,
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_THINGS: Final = {"movie": "a movie", "exr": "frames", "audio": "sound"}


def arrival_of(head: bytes, *, role: str) -> Arrival:
    """What begins so; `FetchRefusedError` for what is nothing we take.

    Frames may stand where a movie was announced, and the other way round: not every provider says which of
    its files is which. Sound is taken where sound was announced only.
    """
    for at, beginning, arrival in _BEGINNINGS:
        if head.startswith(beginning, at) and (role == "audio") == (arrival.role == "audio"):
            return arrival
    seen = next(
        (name for beginning, name in _OTHERS if head.lstrip().startswith(beginning)), "something else"
    )
    detail = f"The provider sent {seen} where {_THINGS[role]} should be."
    raise FetchRefusedError("provider-failed", detail, passing=seen in dict(_PAGES).values())
