"""Luma's camera concepts: the asked camera move by the name the provider has for it, where it has one."""

import threading
import time
from collections.abc import Sequence
from typing import Final

import structlog

from worker.providers.desk import Desk, TurnedDownError
from worker.providers.http import Call, HttpError

_KEPT_SECONDS: Final = 3600.0
_TRIED_SECONDS: Final = 300.0
_ASK_SECONDS: Final = 5.0

_log = structlog.get_logger(__name__)


class Concepts:
    """The provider's list, asked once an hour; without it a shot goes without a concept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: frozenset[str] = frozenset()
        self._until = 0.0

    def of(self, names: Sequence[str], desk: Desk) -> str | None:
        """The first of some names that it lists; without names it is not asked."""
        if not names:
            return None
        known = self._list(desk)
        return next((name for name in names if name in known), None)

    def _list(self, desk: Desk) -> frozenset[str]:
        with self._lock:
            if time.monotonic() >= self._until:
                self._ask(desk)
            return self._known

    def _ask(self, desk: Desk) -> None:
        try:
            answer = desk.ask(Call(method="GET", url="generations/concepts/list"), seconds=_ASK_SECONDS)
        except (HttpError, TurnedDownError) as error:
            _log.info("the list of concepts did not come", reason=str(error))
            self._until = time.monotonic() + _TRIED_SECONDS
            return
        given = answer.data if isinstance(answer.data, list) else ()
        self._known = frozenset(each for each in given if isinstance(each, str))
        self._until = time.monotonic() + _KEPT_SECONDS
