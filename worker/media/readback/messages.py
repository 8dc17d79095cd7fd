"""The messages of an HEVC key frame that tell of its light, by ITU-T H.265: D.2.28 and D.2.35."""

import struct
from collections.abc import Iterator
from typing import Final

from worker.media.readback.boxes import LightBoxes

_PREFIX_SEI: Final = 39
_MASTERING, _LIGHT_LEVEL = 137, 144


def light_messages(packet: bytes) -> LightBoxes | None:
    """As the boxes of the same names spell them; None where either message is missing."""
    found = {kind: payload for unit in _units(packet) for kind, payload in _messages(unit)}
    if _MASTERING not in found or _LIGHT_LEVEL not in found:
        return None
    max_cll, max_fall = struct.unpack(">2H", found[_LIGHT_LEVEL][:4])
    return LightBoxes(max_cll, max_fall, struct.unpack(">8H2I", found[_MASTERING][:24]))


def _units(packet: bytes) -> Iterator[bytes]:
    """The bodies of its prefix messages; each unit has its length before it."""
    at = 0
    while at + 6 <= len(packet):
        (size,) = struct.unpack_from(">I", packet, at)
        unit = packet[at + 4 : at + 4 + size]
        if unit and unit[0] >> 1 & 0x3F == _PREFIX_SEI:
            yield unit[2:].replace(b"\0\0\3", b"\0\0")
        at += 4 + size


def _messages(body: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 2 <= len(body) and body[at:] != b"\x80":
        kind, at = _counted(body, at)
        size, at = _counted(body, at)
        yield kind, body[at : at + size]
        at += size


def _counted(body: bytes, at: int) -> tuple[int, int]:
    """A number that is spelt as so many 255s and a rest."""
    total = 0
    while at < len(body) and body[at] == 255:
        total, at = total + 255, at + 1
    return (total + body[at], at + 1) if at < len(body) else (total, at)
