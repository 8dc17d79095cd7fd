"""The parts of a multipart form, and what a client uploaded."""

from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser


@dataclass(frozen=True, slots=True)
class Part:
    """One field or file of a form."""

    name: str
    body: bytes
    filename: str | None = None
    media_type: str | None = None


def parts_of(content_type: str, body: bytes) -> dict[str, Part]:
    """A form's parts by name; empty when it is none."""
    kind = Message()
    kind["Content-Type"] = content_type
    boundary = kind.get_param("boundary")
    if kind.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        return {}
    pieces = body.split(b"--" + boundary.encode())[1:-1]
    found = [_part(piece.removeprefix(b"\r\n").removesuffix(b"\r\n")) for piece in pieces]
    return {part.name: part for part in found}


def _part(piece: bytes) -> Part:
    head, _, body = piece.partition(b"\r\n\r\n")
    headers = BytesHeaderParser().parsebytes(head + b"\r\n\r\n")
    name = headers.get_param("name", header="content-disposition")
    filename = headers.get_filename()
    return Part(str(name), body, filename, headers.get_content_type() if filename else None)
