"""What a file is, by its first bytes; never by its name."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from worker.media.inspection.verdict import RefusedError

_HEAD_BYTES: Final = 4096


class Kind(StrEnum):
    """What an asset can be used as."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"


@dataclass(frozen=True, slots=True)
class FileType:
    """One row of what we read: the one decoder that is tried, by the library's own name for it."""

    name: str
    kind: Kind
    media_type: str
    decoder: str


PNG: Final = FileType("PNG", Kind.IMAGE, "image/png", "PNG")
JPEG: Final = FileType("JPEG", Kind.IMAGE, "image/jpeg", "JPEG")
WEBP: Final = FileType("WebP", Kind.IMAGE, "image/webp", "WEBP")
MP4: Final = FileType("MP4", Kind.VIDEO, "video/mp4", "mov")
MOV: Final = FileType("QuickTime", Kind.VIDEO, "video/quicktime", "mov")
MATROSKA: Final = FileType("Matroska", Kind.VIDEO, "video/x-matroska", "matroska")
WEBM: Final = FileType("WebM", Kind.VIDEO, "video/webm", "matroska")
M4A: Final = FileType("M4A", Kind.AUDIO, "audio/mp4", "mov")
WAV: Final = FileType("WAV", Kind.AUDIO, "audio/wav", "wav")
MP3: Final = FileType("MP3", Kind.AUDIO, "audio/mpeg", "mp3")
AAC: Final = FileType("AAC", Kind.AUDIO, "audio/aac", "aac")
FLAC: Final = FileType("FLAC", Kind.AUDIO, "audio/flac", "flac")

_WAY_OUT: Final = "send PNG, JPEG or WebP, MP4, MOV, MKV or WebM, or WAV, MP3, AAC, M4A or FLAC."
_STILL_WAY_OUT: Final = "save it as PNG or JPEG."

# Told apart by name because people meet them; each with its own way out.
_REFUSED: Final[tuple[tuple[bytes, int, str], ...]] = (
    (b"PK\x03\x04", 0, f"a zip archive; {_WAY_OUT}"),
    (b"%PDF", 0, f"a PDF document; {_STILL_WAY_OUT}"),
    (b"GIF8", 0, "a GIF; save a still as PNG, or a movie as MP4."),
    (b"II*\0", 0, f"a TIFF; {_STILL_WAY_OUT}"),
    (b"MM\0*", 0, f"a TIFF; {_STILL_WAY_OUT}"),
    (b"8BPS", 0, f"a Photoshop document; {_STILL_WAY_OUT}"),
    (b"\x76\x2f\x31\x01", 0, f"an OpenEXR frame; {_STILL_WAY_OUT}"),
    (b"\x06\x0e\x2b\x34", 0, "an MXF; save it as MP4 or MOV."),
    (b"AVI ", 8, "an AVI; save it as MP4 or MOV."),
    (b"#EXTM3U", 0, "a playlist, not a movie; send the movie itself as MP4."),
    (b"ffconcat", 0, "a playlist, not a movie; send the movie itself as MP4."),
    (b"\x7fELF", 0, f"a program; {_WAY_OUT}"),
    (b"MZ", 0, f"a program; {_WAY_OUT}"),
)
_STILL_BRANDS: Final = (b"heic", b"heix", b"mif1", b"msf1", b"hevc", b"avif", b"avis")
_BARE_MOVIE_BOXES: Final = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")


def type_of(path: Path) -> FileType:
    """The type of a file; RefusedError says what it is instead."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head:
        raise RefusedError("The file is empty; upload it again.")
    for recognise in _RECOGNISERS:
        if (found := recognise(head)) is not None:
            return found
    for magic, at, sentence in _REFUSED:
        if head[at : at + len(magic)] == magic:
            raise RefusedError(f"This is {sentence}")
    if _is_markup(head):
        raise RefusedError(f"This is a text document (SVG, XML or HTML), not pixels; {_WAY_OUT}")
    raise RefusedError(f"This is not a file we can read; {_WAY_OUT}")


def _image(head: bytes) -> FileType | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    return WEBP if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None


def _iso_media(head: bytes) -> FileType | None:
    if head[4:8] in _BARE_MOVIE_BOXES:
        return MOV  # as cameras wrote them before files named their brand
    if head[4:8] != b"ftyp":
        return None
    brand = head[8:12]
    if brand in _STILL_BRANDS:
        raise RefusedError(f"This is a HEIC or AVIF picture; {_STILL_WAY_OUT}")
    if brand == b"qt  ":
        return MOV
    return M4A if brand in (b"M4A ", b"M4B ") else MP4


def _matroska(head: bytes) -> FileType | None:
    if not head.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    return WEBM if b"\x42\x82\x84webm" in head else MATROSKA


def _audio(head: bytes) -> FileType | None:
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return WAV
    if head.startswith(b"fLaC"):
        return FLAC
    if head.startswith(b"ID3"):
        return MP3
    if head[0] == 0xFF and len(head) > 1:
        if head[1] & 0xF6 == 0xF0:
            return AAC
        return MP3 if head[1] & 0xE0 == 0xE0 and head[1] & 0x06 else None
    return None


def _is_markup(head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


_RECOGNISERS: Final[tuple[Callable[[bytes], FileType | None], ...]] = (_image, _iso_media, _matroska, _audio)
