"""Prefixed, time-ordered, unguessable ids: `gen_` + 26 characters that sort by creation time."""

import secrets
from datetime import datetime
from enum import StrEnum
from typing import Final

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32, lower case: sorts as it counts
_TIME_CHARACTERS: Final = 10  # 50 bits of milliseconds: enough until the year 37,000
_RANDOM_CHARACTERS: Final = 16  # 80 bits


class Prefix(StrEnum):
    """What an id names; the contract's prefixes, and ours for rows that only the inside sees."""

    ACCOUNT = "acc"
    API_KEY = "key"
    ASSET = "ast"
    ATTEMPT = "att"
    CHUNK = "chk"
    DELIVERY = "dlv"
    GENERATION = "gen"
    LEDGER_ENTRY = "led"
    PROJECT = "prj"
    RENDER = "rnd"
    STORYBOARD = "sty"
    TAKE = "take"
    USER = "usr"
    WEBHOOK = "whk"
    WORKSPACE = "wsp"


def new_id(prefix: Prefix, *, at: datetime) -> str:
    """A fresh id that sorts after those made in earlier milliseconds."""
    milliseconds = int(at.timestamp() * 1000)
    return f"{prefix}_{_encode(milliseconds, _TIME_CHARACTERS)}{_random(_RANDOM_CHARACTERS)}"


def new_token() -> str:
    """An unguessable token of 256 bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def prefix_of(identifier: str) -> Prefix:
    """The kind of thing an id names; ValueError when it is none of ours."""
    return Prefix(identifier.partition("_")[0])


def _encode(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, remainder = divmod(number, 32)
        digits.append(_ALPHABET[remainder])
    return "".join(reversed(digits))


def _random(length: int) -> str:
    return _encode(secrets.randbits(5 * length), length)
