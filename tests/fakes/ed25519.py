"""Signing with Ed25519 as RFC 8032 writes it: slow, small, and nobody else's code."""

import hashlib
from dataclasses import dataclass
from typing import Final

_P: Final = 2**255 - 19
_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
_D: Final = -121665 * pow(121666, -1, _P) % _P
_BASE_Y: Final = 4 * pow(5, -1, _P) % _P

Point = tuple[int, int, int, int]


def _recovered_x(y: int) -> int:
    """The even x of a point."""
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P)
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    return _P - x if x & 1 else x


_BASE_X: Final = _recovered_x(_BASE_Y)
_BASE: Final[Point] = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % _P)


def _added(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % _P, (p[1] + p[0]) * (q[1] + q[0]) % _P
    c, d = 2 * p[3] * q[3] * _D % _P, 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(number: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = _added(result, point)
        point = _added(point, point)
        number >>= 1
    return result


def _packed(point: Point) -> bytes:
    inverse = pow(point[2], -1, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _number(data: bytes) -> int:
    return int.from_bytes(hashlib.sha512(data).digest(), "little") % _ORDER


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secret of 32 bytes and what follows from it."""

    secret: bytes

    @property
    def public(self) -> bytes:
        """32 bytes that anyone may know."""
        return _packed(_times(self._scalar(), _BASE))

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""
        prefix, scalar = hashlib.sha512(self.secret).digest()[32:], self._scalar()
        nonce = _number(prefix + message)
        commitment = _packed(_times(nonce, _BASE))
        challenge = _number(commitment + self.public + message)
        return commitment + ((nonce + challenge * scalar) % _ORDER).to_bytes(32, "little")

    def _scalar(self) -> int:
        low = int.from_bytes(hashlib.sha512(self.secret).digest()[:32], "little")
        return low & ((1 << 254) - 8) | (1 << 254)
