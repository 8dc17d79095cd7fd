"""What a client hands in: fetched as an upstream would, and looked into."""

import base64
import binascii
import io
from dataclasses import dataclass

import av
import httpx

_TIMEOUT = 20.0


class InputError(Exception):
    """An input that cannot be had, or is not what it should be."""


@dataclass(frozen=True, slots=True)
class Clip:
    """What a movie is."""

    width: int
    height: int
    seconds: float


async def fetched(url: str, *, most: int) -> bytes:
    """The bytes at an address; InputError for what cannot be read or is too large."""
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=_TIMEOUT, follow_redirects=True) as client:
            answer = await client.get(url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise InputError(f"could not fetch {url}") from error
    if not answer.is_success:
        raise InputError(f"could not fetch {url}: {answer.status_code}")
    if len(answer.content) > most:
        raise InputError("too large")
    return answer.content


def decoded(text: str) -> bytes:
    """Base64, a data URL's too."""
    try:
        return base64.b64decode(text.partition(",")[2] if text.startswith("data:") else text, validate=True)
    except binascii.Error as error:
        raise InputError("not base64") from error


def is_image(data: bytes) -> bool:
    """Whether the first bytes are those of a JPEG, PNG or WebP."""
    is_webp = (data[:4], data[8:12]) == (b"RIFF", b"WEBP")
    return is_webp or data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))


def clip_of(data: bytes) -> Clip:
    """The size and length of a movie."""
    try:
        with av.open(io.BytesIO(data), "r") as movie:
            stream = movie.streams.video[0]
            seconds = float((movie.duration or 0) / av.time_base)
            return Clip(stream.width, stream.height, seconds)
    except (av.FFmpegError, IndexError) as error:
        raise InputError("not a video") from error
