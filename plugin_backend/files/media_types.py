"""The media type of a stored file, from its name: the same for a folder and a bucket."""

import re
from pathlib import PurePosixPath
from typing import Final

UNKNOWN: Final = "application/octet-stream"

_TYPE: Final = re.compile(r"[a-z]+/[a-z0-9.+-]+(?:; ?[a-z]+=[A-Za-z0-9._-]+)?")

_SHOWN: Final = ("image/", "video/", "audio/")

# Written out, because the machine's own table differs from one to the next.
_BY_SUFFIX: Final = {
    ".aaf": "application/octet-stream",
    ".aif": "audio/aiff",
    ".aiff": "audio/aiff",
    ".avif": "image/avif",
    ".bin": UNKNOWN,
    ".c2pa": "application/c2pa",
    ".csv": "text/csv; charset=utf-8",
    ".dpx": "image/x-dpx",
    ".edl": "text/plain; charset=utf-8",
    ".exr": "image/x-exr",
    ".fcpxml": "application/xml",
    ".flac": "audio/flac",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".jsx": "text/plain; charset=utf-8",
    ".m4a": "audio/mp4",
    ".m4v": "video/x-m4v",
    ".mkv": "video/x-matroska",
    ".mov": "video/quicktime",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".mxf": "application/mxf",
    ".nk": "text/plain; charset=utf-8",
    ".otio": "application/json",
    ".otioz": "application/zip",
    ".png": "image/png",
    ".sha256": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".txt": "text/plain; charset=utf-8",
    ".wav": "audio/wav",
    ".webm": "video/webm",
    ".webp": "image/webp",
    ".xml": "application/xml",
    ".zip": "application/zip",
}


def media_type_of(name: str) -> str:
    """What a key or file name says its bytes are."""
    return _BY_SUFFIX.get(PurePosixPath(name).suffix.lower(), UNKNOWN)


def is_page(media_type: str) -> bool:
    """Whether a browser would run what is in it."""
    return media_type.startswith(("text/html", "image/svg+xml"))


def disposition_of(name: str, *, pages: bool) -> str:
    """What a browser is to do with a stored file: show it, or save it; `pages` where a policy tames them.

    A storage key needs no escaping.
    """
    media_type = media_type_of(name)
    is_shown = pages if is_page(media_type) else media_type.startswith(_SHOWN)
    return f'{"inline" if is_shown else "attachment"}; filename="{PurePosixPath(name).name}"'


def check_media_type(text: str) -> str:
    """The media type itself, when it is one that can stand in a header and in a signature."""
    if len(text) > 120 or _TYPE.fullmatch(text) is None:
        raise ValueError(f"{text[:80]!r} is not a media type.")
    return text
