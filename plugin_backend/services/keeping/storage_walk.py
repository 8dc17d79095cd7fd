"""Storage against the database, bit by bit: orphans go, what is missing is told, the counts are put right.

A file is an orphan when no row names it, it was there a day before the listing began, and both are still so
when it is about to be removed. So nothing that a step or an upload is writing is ever taken for one. Files
outside our own folders are somebody else's: they are counted and left alone.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

import structlog

from plugin_backend.db.storage_use import forget_uses, set_use, uses_between
from plugin_backend.db.stored_files import Holding, holdings, uploads
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.walks import WalkRow, find_walk, go_on
from plugin_backend.domain.keeping import ORPHAN_AFTER, UPLOADS, Kept
from plugin_backend.files.storage import StoredFile
from plugin_backend.services.house import House

WALK: Final = "storage"
EVERY: Final = timedelta(days=1)

_PROBES: Final = "doctor"
_FOLDERS: Final = tuple(sorted([*(kind.folder for kind in Kept), UPLOADS, _PROBES]))
_KINDS: Final[Mapping[str, Kept]] = {kind.folder: kind for kind in Kept}
_SETTLED_FOR: Final = timedelta(hours=1)
"""Counts of what was written since are left alone: the listing may be older than they are."""

_FILES_AT_ONCE: Final = 1_000
_NAMED: Final = 20

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some whole subjects of one folder, in the order of their ids, and whether the folder ends with them."""

    folder: str
    after: str
    upto: str | None
    subjects: Mapping[str, Sequence[StoredFile]]

    @property
    def place(self) -> str:
        """Where the walk goes on; empty after the last folder."""
        if self.upto is not None:
            return f"{self.folder}/{self.upto}"
        later = [each for each in _FOLDERS if each > self.folder]
        return f"{later[0]}/" if later else ""


@dataclass(slots=True)
class Findings:
    """What a stretch came to: figures, and some of the names behind them."""

    figures: Counter[str] = field(default_factory=Counter)
    orphans: list[StoredFile] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Manner:
    """What a walk does about what it finds."""

    removes: bool = True
    corrects: bool = True


def go_on_for(house: House, *, seconds: float) -> None:
    """The clock's turn: as far as it comes in so long; a round a day."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with house.begin() as work:
            row, now = find_walk(work.connection, WALK, now=work.now), work.now
        if not row.place and row.ended_at is not None and now - row.ended_at < EVERY:
            return
        if not _one_stretch(house, row):
            return


def whole_round(house: House, manner: Manner) -> Iterator[Findings]:
    """All of it from the beginning, a stretch at a time, whatever the clock does meanwhile."""
    place = ""
    while True:
        place, findings = _dealt_with(house, place, manner)
        yield findings
        if not place:
            return


def foreign_folders(house: House) -> tuple[str, ...]:
    """Folders that are none of ours; nothing in them is touched."""
    return tuple(name for name in house.storage.folders() if name.strip("/") not in _FOLDERS)


def _one_stretch(house: House, row: WalkRow) -> bool:
    """False when another process walks here, too."""
    place, findings = _dealt_with(house, row.place, Manner())
    seen = Counter(dict(row.seen) if row.place else {})
    seen.update(findings.figures)
    if findings.orphans:
        keys = [file.key for file in findings.orphans]
        _log.info("storage.orphans-removed", count=len(keys), keys=keys[:_NAMED])
    if findings.missing:
        _log.error("storage.files-missing", count=len(findings.missing), keys=findings.missing[:_NAMED])
    with house.begin() as work:
        return go_on(work.connection, row, place=place, seen=seen, now=work.now)


def _listed(house: House, place: str) -> Stretch:
    """The next whole subjects from a place on."""
    folder, _, after = (place or f"{_FOLDERS[0]}/").partition("/")
    files: list[StoredFile] = []
    start = f"{folder}/{after}0" if after else ""  # sorts right after everything below `after/`
    while True:
        page = house.storage.page(folder, after=start, limit=_FILES_AT_ONCE)
        files += page
        if len(page) < _FILES_AT_ONCE:
            return Stretch(folder, after, None, _grouped(files))
        if _subject(files[0]) != _subject(page[-1]):
            subjects = _grouped(files)
            subjects.pop(_subject(page[-1]))  # there may be more of it: next time, all of it
            return Stretch(folder, after, list(subjects)[-1], subjects)
        start = page[-1].key


def _grouped(files: Sequence[StoredFile]) -> dict[str, Sequence[StoredFile]]:
    return {subject: tuple(found) for subject, found in groupby(files, key=_subject)}


def _subject(file: StoredFile) -> str:
    return file.key.split("/")[1]


def _dealt_with(house: House, place: str, manner: Manner) -> tuple[str, Findings]:
    """Where the walk goes on, and what it came to; ages are measured from before the listing."""
    with house.begin() as work:
        now = work.now
    stretch = _listed(house, place)
    with house.begin() as work:
        known = _holdings(work, stretch)
        findings = _judged(stretch, known, old=now - ORPHAN_AFTER)
        if manner.corrects and stretch.folder in _KINDS:
            findings.figures["corrected"] += _corrected(work, stretch, known, before=now - _SETTLED_FOR)
    if manner.removes and findings.orphans:
        _remove(house, stretch, findings, old=now - ORPHAN_AFTER)
    return stretch.place, findings


def _holdings(work: UnitOfWork, stretch: Stretch) -> Mapping[str, Holding]:
    among = list(stretch.subjects)
    if stretch.folder == UPLOADS:
        return uploads(work.connection, among)
    if stretch.folder == _PROBES:
        return {}
    kind = _KINDS[stretch.folder]
    return holdings(work.connection, kind, after=stretch.after, upto=stretch.upto, among=among)


def _judged(stretch: Stretch, known: Mapping[str, Holding], *, old: datetime) -> Findings:
    findings = Findings()
    for subject, files in stretch.subjects.items():
        findings.figures["files"] += len(files)
        findings.figures["bytes"] += sum(file.bytes for file in files)
        findings.orphans += [file for file in _unnamed(files, known.get(subject)) if file.modified_at < old]
    for subject, holding in known.items():
        there = {file.key for file in stretch.subjects.get(subject, ())}
        findings.missing += sorted(holding.names - there) if holding.since < old else []
    findings.figures["orphans"] += len(findings.orphans)
    findings.figures["orphan_bytes"] += sum(file.bytes for file in findings.orphans)
    findings.figures["missing"] += len(findings.missing)
    return findings


def _unnamed(files: Sequence[StoredFile], holding: Holding | None) -> Iterator[StoredFile]:
    if holding is None:
        yield from files
    elif not holding.names_all:
        yield from (file for file in files if file.key not in holding.names)


def _corrected(work: UnitOfWork, stretch: Stretch, known: Mapping[str, Holding], *, before: datetime) -> int:
    """Bring the counts to what lies there, of what has been at rest; how many were wrong."""
    kind, corrected = _KINDS[stretch.folder], 0
    recorded = uses_between(work.connection, kind, after=stretch.after, upto=stretch.upto)
    for subject, holding in known.items():
        size = sum(
            file.bytes
            for file in stretch.subjects.get(subject, ())
            if holding.names_all or file.key in holding.names
        )
        counted, since = recorded.get(subject, (0, holding.since))
        if holding.is_settled and size != counted and max(since, holding.since) < before:
            set_use(work.connection, subject, kind=kind, owned=holding.owned, bytes_=size, now=work.now)
            corrected += 1
    gone = [each for each, (_, since) in recorded.items() if each not in known and since < before]
    forget_uses(work.connection, gone)
    return corrected + len(gone)


def _remove(house: House, stretch: Stretch, findings: Findings, *, old: datetime) -> None:
    """Those that are orphans still, looked at once more in both places."""
    with house.begin() as work:
        again = {file.key for file in _judged(stretch, _holdings(work, stretch), old=old).orphans}
    doomed = [file for file in findings.orphans if file.key in again and _is_unchanged(house, file)]
    house.storage.delete([file.key for file in doomed])
    findings.orphans[:] = doomed
    findings.figures["orphans"] = len(doomed)
    findings.figures["orphan_bytes"] = sum(file.bytes for file in doomed)


def _is_unchanged(house: House, file: StoredFile) -> bool:
    try:
        return house.storage.head(file.key).modified_at == file.modified_at
    except FileNotFoundError:
        return False
