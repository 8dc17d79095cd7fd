"""How long things are kept, how much of them, and how a person is forgotten: the words and the rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

WARNED_BEFORE: Final = timedelta(days=3)
"""How long before its media goes a generation's owner is told; nothing goes untold."""

EXPORT_KEPT: Final = timedelta(days=7)
"""How long an export of somebody's data can be fetched."""

ORPHAN_AFTER: Final = timedelta(days=1)
"""The age at which a file that nobody names is taken for an orphan: no step and no upload lives as long."""


class Kept(StrEnum):
    """What stored files belong to; each kind has a folder of its own in storage."""

    TAKE = "take"
    DELIVERY = "delivery"
    ASSET = "asset"
    EXPORT = "export"

    @property
    def folder(self) -> str:
        """Below which all of its files lie, each in the folder of its id."""
        return _FOLDERS[self]

    def prefix(self, subject_id: str) -> str:
        """Where the files of one of them lie."""
        return f"{self.folder}/{subject_id}"


_FOLDERS: Final[Mapping[Kept, str]] = {
    Kept.TAKE: "takes",
    Kept.DELIVERY: "deliveries",
    Kept.ASSET: "assets",
    Kept.EXPORT: "exports",
}

UPLOADS: Final = "incoming"
"""The folder of files that are not checked yet."""


class ErasureStep(StrEnum):
    """What is next in forgetting a person; each may be done twice."""

    CANCEL = "cancel"
    WAIT = "wait"
    REMOVE = "remove"
    SCRUB = "scrub"
    SETTLE = "settle"
    RECALL = "recall"
    CHECK = "check"
    DONE = "done"

    @property
    def following(self) -> "ErasureStep":
        """The step after it; the last one has none."""
        steps = list(ErasureStep)
        return steps[steps.index(self) + 1]


class Copy(StrEnum):
    """What became of what a provider has of somebody, when it was asked to delete it."""

    GONE = "gone"
    """It deleted it, or had it no more."""
    KEPT = "kept"
    """It cannot delete, does not want to, or is not ours to ask any more."""
    LATER = "later"
    """It did not say: it is asked again."""


class ExportState(StrEnum):
    """How far an export is."""

    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How a generation's media ages: when it was last of use, its plan's days, whether its end was told."""

    used_at: datetime
    days: int | None
    told_at: datetime | None = None

    def due_at(self) -> datetime | None:
        """When its days are over; None: never."""
        return None if self.days is None else self.used_at + timedelta(days=self.days)

    def was_told(self) -> bool:
        """Whether its owner was told of this end, and not of an earlier one that a later use put off."""
        due = self.due_at()
        return due is not None and self.told_at is not None and self.told_at >= due - WARNED_BEFORE

    def is_to_tell(self, *, now: datetime) -> bool:
        """Whether its owner is to be told now."""
        due = self.due_at()
        return due is not None and now >= due - WARNED_BEFORE and not self.was_told()

    def expires_at(self, *, now: datetime) -> datetime | None:
        """When its media goes: never sooner than its owner was told, whatever its plan says since."""
        due = self.due_at()
        if due is None:
            return None
        told = self.told_at if self.told_at is not None and self.was_told() else now
        return max(due, told + WARNED_BEFORE)

    def is_over(self, *, now: datetime) -> bool:
        """Whether its media goes now."""
        expires = self.expires_at(now=now)
        return expires is not None and self.was_told() and now >= expires


def spelt_bytes(count: int) -> str:
    """A size as a person reads it: `1.5 GB`."""
    size, names = float(count), ("bytes", "kB", "MB", "GB", "TB")
    for name in names:
        if size < 1000 or name == names[-1]:
            return f"{count} bytes" if name == "bytes" else f"{size:.1f} {name}"
        size /= 1000
    raise AssertionError("the last name is always reached")


def largest_first(sizes: Mapping[str, int]) -> Iterable[tuple[str, int]]:
    """Names with their sizes, the largest first."""
    return sorted(sizes.items(), key=lambda item: (-item[1], item[0]))
