"""Luma's camera concepts: the plan's camera move by the name the provider has for it, where it has one."""

import threading
import time
from typing import Final

import structlog

from plugin_backend.domain.direction.motion import moves_named
from plugin_backend.domain.direction.reading import words_of
from plugin_backend.domain.direction.terms import Move
from worker.providers.desk import Desk, TurnedDownError
from worker.providers.http import Call, HttpError
from worker.providers.protocol import Shot

_KEPT_SECONDS: Final = 3600.0
_TRIED_SECONDS: Final = 300.0
_ASK_SECONDS: Final = 5.0

# Names of ours for a move; which of them exist there, only its list says.
_NAMES: Final = {
    Move.DOLLY_IN: ("dolly_in", "push_in"),
    Move.DOLLY_OUT: ("dolly_out", "pull_out"),
    Move.TRUCK_LEFT: ("truck_left",),
    Move.TRUCK_RIGHT: ("truck_right",),
    Move.PAN_LEFT: ("pan_left",),
    Move.PAN_RIGHT: ("pan_right",),
    Move.TILT_UP: ("tilt_up",),
    Move.TILT_DOWN: ("tilt_down",),
    Move.CRANE_UP: ("crane_up", "pedestal_up"),
    Move.CRANE_DOWN: ("crane_down", "pedestal_down"),
    Move.ORBIT_LEFT: ("orbit_left",),
    Move.ORBIT_RIGHT: ("orbit_right",),
    Move.ZOOM_IN: ("zoom_in",),
    Move.ZOOM_OUT: ("zoom_out",),
    Move.HANDHELD: ("handheld",),
}

_log = structlog.get_logger(__name__)


class Concepts:
    """The provider's list, asked once an hour; without it a shot goes without a concept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: frozenset[str] = frozenset()
        self._until = 0.0

    def of(self, shot: Shot, desk: Desk) -> str | None:
        """The concept for a shot whose brief names one move; several, or none, stay with the words."""
        moves = [move["move"] for move in shot.plan.get("motion", {}).get("camera", ())]
        is_asked = bool(moves_named(words_of(shot.request.brief.prompt)))
        names = _NAMES.get(Move(moves[0]), ()) if is_asked and len(moves) == 1 else ()
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
