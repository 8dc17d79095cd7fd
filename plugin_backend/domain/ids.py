"""Prefixed, time-ordered, unguessable ids: `gen_` + 26 characters that sort by creation time."""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32, lower case: sorts as it counts
_PAIRS: Final = tuple(first + second for first in _ALPHABET for second in _ALPHABET)  # ten bits at a time
_RANDOM_BITS: Final = 80  # sixteen characters
_BITS: Final = 50 + _RANDOM_BITS  # after ten characters of milliseconds: enough until the year 37,000
_STEPS: Final = tuple(range(_BITS - 10, -1, -10))


class Prefix(StrEnum):
    """What an id names; the contract's prefixes, and ours for rows that only the inside sees."""

    ACCESS_TOKEN = "acs"  # noqa: S105 - how an id begins, no password
    ACCOUNT = "acc"
    API_KEY = "key"
    APPROVAL = "apv"
    ASSET = "ast"
    ATTEMPT = "att"
    BATCH = "bat"
    CHUNK = "chk"
    COMMENT = "cmt"
    DELIVERY = "dlv"
    DEVICE_GRANT = "dvg"
    ERASURE = "ers"
    EVALUATION = "evl"
    EXPORT = "exp"
    GENERATION = "gen"
    INVITATION = "inv"
    LEDGER_ENTRY = "led"
    MAIL = "mal"
    MAILED_LINK = "mlk"
    MESSAGE = "msg"
    PROJECT = "prj"
    REFRESH_TOKEN = "rft"  # noqa: S105 - how an id begins, no password
    RENDER = "rnd"
    SESSION = "ses"
    SHOT = "sht"
    SIGN_IN_LINK = "lnk"
    STORYBOARD = "sty"
    TAKE = "take"
    USER = "usr"
    WEBHOOK = "whk"
    WEBHOOK_ATTEMPT = "wha"
    WORKSPACE = "wsp"


def new_id(prefix: Prefix, *, at: datetime) -> str:
    """A fresh id that sorts after those made in earlier milliseconds."""
    milliseconds = int(at.timestamp() * 1000)
    number = milliseconds << _RANDOM_BITS | int.from_bytes(secrets.token_bytes(_RANDOM_BITS // 8), "big")
    return f"{prefix}_{''.join([_PAIRS[number >> step & 1023] for step in _STEPS])}"


def ids_in_order(prefix: Prefix, count: int, *, at: datetime) -> list[str]:
    """Fresh ids for what is made at once, in an order that they keep wherever they are sorted."""
    return [new_id(prefix, at=at + timedelta(milliseconds=place)) for place in range(count)]


def new_token() -> str:
    """An unguessable token of 256 bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def prefix_of(identifier: str) -> Prefix:
    """The kind of thing an id names; ValueError when it is none of ours."""
    return Prefix(identifier.partition("_")[0])
