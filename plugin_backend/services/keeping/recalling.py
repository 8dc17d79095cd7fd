"""Having providers delete what they made for somebody who is forgotten: a few at a time, and not for ever.

Best effort: what a provider keeps all the same, or cannot be asked for, is counted, and the receipt says so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile
from typing import Final, Self

from plugin_backend.db import erasures
from plugin_backend.db import work as work_rows
from plugin_backend.db.erasures import CopyRow, ErasureRow
from plugin_backend.domain.keeping import Copy, ErasureStep
from plugin_backend.domain.work import Claim
from plugin_backend.services import stepping
from plugin_backend.services.house import House

Forget = Callable[[str, Sequence[str]], Mapping[str, Copy]]
"""Asks a provider by its name to delete what it has under some references."""

_AT_ONCE: Final = 20
_MOST_TRIES: Final = 5
_PAUSE: Final = timedelta(minutes=1)
_PATIENCE: Final = timedelta(days=2)
"""After which nobody is asked any more, whatever is left: the receipt must not wait for ever."""


@dataclass(frozen=True, slots=True)
class _Place:
    """After which attempt to go on, and how often the next one was asked for in vain."""

    after: str = ""
    tries: int = 0

    @classmethod
    def of(cls, text: str) -> Self:
        after, _, tries = text.partition("#")
        return cls(after, int(tries or 0))

    def __str__(self) -> str:
        return f"{self.after}#{self.tries}"


def is_next(house: House, erasure_id: str) -> bool:
    """Whether that is what an erasure has come to: then its step waits for others."""
    with house.begin() as work:
        row = erasures.find_erasure(work.connection, erasure_id)
        return row is not None and row.step is ErasureStep.RECALL


def recall(house: House, claim: Claim, row: ErasureRow, *, forget: Forget) -> None:
    """Have the next copies deleted; with none left, or out of patience, go on with the next step."""
    place = _Place.of(row.place)
    with house.begin() as work:
        work_rows.fence(work.connection, claim, now=work.now)
        copies = erasures.next_copies(work.connection, row.owner_id, after=place.after, limit=_AT_ONCE)
        if not copies or work.now - row.created_at > _PATIENCE:
            left = erasures.count_copies(work.connection, row.owner_id, after=place.after)
            erasures.come_to(work.connection, row.counted(kept_by_providers=left).at_next())
            stepping.again(work, claim, after=timedelta(0))
            return
    answers = _asked(copies, forget)
    copies = tuple(copy for copy in copies if copy.id in answers)
    house.failpoint("erasure:recall")
    settled = list(takewhile(lambda copy: answers[copy.id] is not Copy.LATER, copies))
    if not settled and place.tries + 1 >= _MOST_TRIES:
        settled = [copies[0]]  # this one is given up: those behind it have a right to be asked, too
    gone = sum(answers[copy.id] is Copy.GONE for copy in settled)
    counted = row.counted(provider_copies=gone, kept_by_providers=len(settled) - gone)
    reached = _Place(settled[-1].id) if settled else _Place(place.after, place.tries + 1)
    with house.begin() as work:
        erasures.come_to(work.connection, counted.at(str(reached)))
        is_stuck = len(settled) < len(copies)
        stepping.again(work, claim, after=_PAUSE * 2**reached.tries if is_stuck else timedelta(0))
    house.failpoint("erasure:recall:written")


def _asked(copies: Sequence[CopyRow], forget: Forget) -> Mapping[str, Copy]:
    """What became of the first ones, by their attempts: of one provider, since each may take its time."""
    provider = copies[0].provider
    theirs = list(takewhile(lambda copy: copy.provider == provider, copies))
    found = forget(provider, [copy.ref for copy in theirs])
    return {copy.id: found.get(copy.ref, Copy.LATER) for copy in theirs}
