"""Keys looked up moments ago, so that a panel that polls costs one query less each time.

What is remembered is what the database said, never that a secret was right: that is checked every time. A key
that is unknown, revoked or expired is not remembered, so nothing is let in that was not just now good.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from plugin_backend.auth import changes
from plugin_backend.services.people.holders import Holder

REMEMBERED_SECONDS: Final = 3.0
"""How long another machine may take to notice that a key was revoked; those of one machine notice at once."""

_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Kept:
    holder: Holder
    mark: bytes
    until: float


class RememberedHolders:
    """Looks a key up, unless it did so a moment ago and nobody's access has changed since."""

    def __init__(
        self, look_up: Callable[[str], Holder | None], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._look_up = look_up
        self._clock = clock
        self._kept: dict[str, _Kept] = {}

    def find(self, key_id: str) -> Holder | None:
        """The holder of a live key."""
        mark, now = changes.mark(), self._clock()  # before the query: a change during it must show
        kept = self._kept.get(key_id)
        if kept is not None and kept.mark == mark and now < kept.until:
            return kept.holder
        holder = self._look_up(key_id)
        if holder is None:
            self._kept.pop(key_id, None)
            return None
        self._remember(key_id, _Kept(holder, mark, now + _seconds(holder)))
        return holder

    def _remember(self, key_id: str, kept: _Kept) -> None:
        if len(self._kept) >= _MOST:
            self._kept.clear()
        self._kept[key_id] = kept


def _seconds(holder: Holder) -> float:
    left = holder.expires_in_seconds
    return REMEMBERED_SECONDS if left is None else min(REMEMBERED_SECONDS, left)
