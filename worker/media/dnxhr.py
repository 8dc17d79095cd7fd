"""What a DNxHR frame says of its colour (SMPTE ST 2019-1): its encoder leaves that at BT.709."""

from typing import Final

_AT: Final = 0x2C
_VOLUME: Final = 0b0000_0110
_BT2020: Final = 0b0000_0010
_BT2020_MATRIX: Final = 9


def says_bt709(codec: str, *, matrix: int) -> bool:
    """Whether frames of this codec contradict a movie in this matrix."""
    return codec == "dnxhd" and matrix == _BT2020_MATRIX


def said_in_bt2020(frame: bytes) -> bytes:
    """The same frame, its header saying what its samples are."""
    head = bytearray(frame[: _AT + 1])
    head[_AT] = head[_AT] & ~_VOLUME | _BT2020
    return bytes(head) + frame[_AT + 1 :]
