"""Whether the audit is what was written: each workspace's chain is read page by page, in bounded memory.

From its start, or from an entry that was verified before and whose seal somebody kept.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from plugin_backend.db import audit
from plugin_backend.domain.audit_chain import START, Fault, Head, Link, fault_of
from plugin_backend.services.house import House

_PAGE: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """The first thing that is wrong with a chain: the number of the entry in it, and its id where known."""

    workspace_id: str
    fault: Fault
    number: int | None
    entry_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A chain that was read: how many entries hold, how many reasons were forgotten, the first flaw."""

    workspace_id: str
    entries: int
    forgotten: int
    flaw: Flaw | None
    head: Head = START
    """The last entry that holds: from there another time may go on."""


def heads(house: House, *, workspace_id: str | None = None) -> Iterator[tuple[str, Head]]:
    """How far each chain goes: what is to be kept elsewhere, for nobody here can forge it there."""
    for chain in _chains(house, workspace_id):
        with house.begin() as work:
            head, _ = audit.extent(work.connection, chain)
        yield chain, head


def verify(
    house: House,
    *,
    workspace_id: str | None = None,
    kept: Mapping[str, Head] | None = None,
    since: Mapping[str, Head] | None = None,
    progress: Callable[[int], None] = lambda _entries: None,
) -> Iterator[Verified]:
    """Every chain, or one: read, sealed again and compared; `kept` heads must still be in them.

    After its head in `since` where there is one, which must be there too; `progress` hears of each page.
    """
    known, begun = kept or {}, since or {}
    gone = {chain for chain in (*known, *begun) if workspace_id in (None, chain)}
    for chain in _chains(house, workspace_id):
        reading = _Reading(chain, begun.get(chain, START), progress)
        yield _verified(house, reading, kept=known.get(chain, START))
        gone.discard(chain)
    for chain in sorted(gone):
        flaw = Flaw(workspace_id=chain, fault=Fault.CUT_OFF, number=1, entry_id=None)
        is_missed = max(heads.get(chain, START).number for heads in (known, begun)) > 0
        yield Verified(workspace_id=chain, entries=0, forgotten=0, flaw=flaw if is_missed else None)


def unsealed(
    house: House, *, workspace_id: str | None = None, since: Mapping[str, Head] | None = None
) -> int | None:
    """The first entry that no chain seals: written past the trigger; None when there is none.

    With heads that were verified, only entries whose ids are higher than the lowest of theirs are looked at.
    """
    place: int | None = 0
    with house.begin() as work:
        verified = (since or {}).items()
        place = min((audit.id_of(work.connection, chain, head.number) for chain, head in verified), default=0)
    while place is not None:
        with house.begin() as work:
            place, found = audit.unsealed(work.connection, workspace_id, after=place, limit=_PAGE)
        if found is not None:
            return found
    return None


def _chains(house: House, workspace_id: str | None) -> Iterator[str]:
    if workspace_id is not None:
        yield workspace_id
        return
    place: str | None = ""
    while place is not None:
        with house.begin() as work:
            place = audit.next_chain(work.connection, after=place)
        if place is not None:
            yield place


@dataclass(frozen=True, slots=True)
class _Reading:
    """A chain, after which entry it is read, and who hears how far it is."""

    workspace_id: str
    since: Head
    progress: Callable[[int], None]


def _verified(house: House, reading: _Reading, *, kept: Head) -> Verified:
    """One chain as far as it goes when we begin; what is written meanwhile is the next one's business."""
    workspace_id, since = reading.workspace_id, reading.since
    with house.begin() as work:
        head, last = audit.extent(work.connection, workspace_id)
    place, forgotten, flaw = since, 0, _before(house, workspace_id, since, kept)
    for link in _links(house, reading) if flaw is None else ():
        if link.number > last:
            break
        fault = fault_of(link, after=place)
        if fault is None and link.number == kept.number and link.hash != kept.hash:
            fault = Fault.REWRITTEN
        if fault is not None:
            flaw = _flaw(workspace_id, fault, place, link)
            break
        place = Head(link.number, link.hash)
        forgotten += _is_forgotten(link)
    return Verified(
        workspace_id=workspace_id,
        entries=place.number - since.number,
        forgotten=forgotten,
        flaw=flaw or _ending(workspace_id, place, head, kept),
        head=place,
    )


def _before(house: House, workspace_id: str, since: Head, kept: Head) -> Flaw | None:
    """What is wrong with the heads that are not read on the way: they are not there, or others."""
    for head in (each for each in (since, kept) if 0 < each.number <= since.number):
        with house.begin() as work:
            seal = audit.seal_of(work.connection, workspace_id, head.number)
        if seal != head.hash:
            fault = Fault.CUT_OFF if seal is None else Fault.REWRITTEN
            return Flaw(workspace_id=workspace_id, fault=fault, number=head.number, entry_id=None)
    return None


def _links(house: House, reading: _Reading) -> Iterator[Link]:
    place = reading.since.number
    while True:
        with house.begin() as work:
            found = audit.links(work.connection, reading.workspace_id, after=place, limit=_PAGE)
        if not found:
            return
        yield from found
        reading.progress(len(found))
        place = found[-1].number


def _is_forgotten(link: Link) -> bool:
    return link.entry is not None and link.entry.reason_hash is not None and link.reason is None


def _ending(workspace_id: str, place: Head, head: Head, kept: Head) -> Flaw | None:
    if place.number < max(head.number, kept.number):
        return Flaw(workspace_id=workspace_id, fault=Fault.CUT_OFF, number=place.number + 1, entry_id=None)
    if place != head:
        return Flaw(workspace_id=workspace_id, fault=Fault.HEAD, number=place.number, entry_id=None)
    return None


def _flaw(workspace_id: str, fault: Fault, place: Head, link: Link) -> Flaw:
    """A gap is named by what is missing, everything else by the entry itself."""
    is_gap = link.number != place.number + 1
    return Flaw(
        workspace_id=workspace_id,
        fault=fault,
        number=place.number + 1,
        entry_id=None if is_gap else link.entry_id,
    )
