"""The audit's chain: what a seal is made of, byte by byte, and what can be wrong with a link.

A seal is the SHA-256 of the entry's fields, the number it has in its workspace's chain and the seal before
it. Each field is written as its length in bytes, a colon, its UTF-8 and a comma; one that is null as `-,`.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

GENESIS: Final = bytes(32)
"""What the first entry of a chain follows."""

_FORM: Final = "audit 1,"


class Fault(StrEnum):
    """What can be wrong, in words."""

    ALTERED = "it is not what was sealed"
    REMOVED = "it was removed"
    OUT_OF_ORDER = "it does not follow from the one before"
    CUT_OFF = "it and what followed were cut off"
    UNSEALED = "it was inserted past the chain"
    REASON = "its reason is not the one that was given"
    HEAD = "the chain's head does not say that it is the last"
    REWRITTEN = "it is not the one whose seal was kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry as it was sealed; `before` and `after` as PostgreSQL prints a jsonb."""

    id: int
    workspace_id: str
    actor_id: str
    action: str
    subject_id: str
    before: str | None
    after: str | None
    reason_hash: bytes | None
    request_id: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Reason:
    """Words that were pledged: the entry holds the SHA-256 of the salt and them."""

    salt: bytes
    words: str

    def pledge(self) -> bytes:
        """What stands in the entry."""
        return hashlib.sha256(self.salt + self.words.encode()).digest()


@dataclass(frozen=True, slots=True)
class Head:
    """How far a chain goes: the number and the seal of its last entry."""

    number: int
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A seal with what it is said to seal; no entry: it is not there."""

    number: int
    entry_id: int
    prev_hash: bytes
    hash: bytes
    entry: Entry | None
    reason: Reason | None
    has_words: bool = False
    """Whether the entry holds words itself, where only their pledge belongs."""


START: Final = Head(0, GENESIS)


def canonical(entry: Entry, *, number: int, prev_hash: bytes) -> bytes:
    """What is hashed."""
    return (_FORM + "".join(_fields(entry, number, prev_hash))).encode()


def seal(entry: Entry, *, number: int, prev_hash: bytes) -> bytes:
    """The seal of an entry at its place in the chain."""
    return hashlib.sha256(canonical(entry, number=number, prev_hash=prev_hash)).digest()


def fault_of(link: Link, *, after: Head) -> Fault | None:
    """What is wrong with a link, given the one before; None when it holds."""
    if link.number != after.number + 1 or link.entry is None:
        return Fault.REMOVED
    if link.prev_hash != after.hash:
        return Fault.OUT_OF_ORDER
    if link.has_words or seal(link.entry, number=link.number, prev_hash=link.prev_hash) != link.hash:
        return Fault.ALTERED
    if link.reason is not None and link.reason.pledge() != link.entry.reason_hash:
        return Fault.REASON
    return None


def _fields(entry: Entry, number: int, prev_hash: bytes) -> Iterator[str]:
    yield _field(entry.workspace_id)
    yield _field(str(number))
    yield _field(prev_hash.hex())
    yield _field(str(entry.id))
    yield _field(entry.actor_id)
    yield _field(entry.action)
    yield _field(entry.subject_id)
    yield _field(entry.before)
    yield _field(entry.after)
    yield _field(None if entry.reason_hash is None else entry.reason_hash.hex())
    yield _field(entry.request_id)
    yield _field(entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))


def _field(value: str | None) -> str:
    return "-," if value is None else f"{len(value.encode())}:{value},"
