"""The web processes as clients meet them: they may die, or dawdle, before or after doing what was asked."""

from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Final

from sqlalchemy.exc import OperationalError

from plugin_backend.domain.errors import BackendError
from plugin_backend.services.house import House
from tests.simulation.processes import ThreadedProcess
from tests.simulation.world import World

_ALL_BUSY: Final = 0.1  # seconds until a request that found nobody is tried again


class Answer(Enum):
    """What came of a request, as its client sees it."""

    DONE = auto()
    REFUSED = auto()
    NONE = auto()


class Desk:
    """One web process and the house it works in."""

    def __init__(self, process: ThreadedProcess, house: House) -> None:
        self.process = process
        self.house = house


class WebDoor:
    """Does requests, each in a process of its own for as long as it takes."""

    def __init__(self, desks: Sequence[Desk], *, world: World) -> None:
        self._desks = desks
        self._world = world
        self._open = 0

    @property
    def is_idle(self) -> bool:
        """Whether every client has had an answer, or knows that none will come."""
        return self._open == 0

    def call(self, act: Callable[[House], object], then: Callable[[Answer], object] = lambda _: None) -> None:
        """Do one request, and then what its client does about the answer."""
        self._open += 1
        self._admit(act, then)

    def _admit(self, act: Callable[[House], object], then: Callable[[Answer], object]) -> None:
        desk = next((each for each in self._desks if each.process.is_idle), None)
        if desk is None:
            self._world.after(_ALL_BUSY, lambda: self._admit(act, then))
            return
        answers = [Answer.NONE]
        desk.process.start(lambda: answers.append(self._answer(desk, act)))
        self._watch(desk, lambda: then(answers[-1]))

    def _answer(self, desk: Desk, act: Callable[[House], object]) -> Answer:
        try:
            act(desk.house)
        except BackendError:
            return Answer.REFUSED
        except OperationalError:
            return Answer.NONE
        except Exception as error:  # noqa: BLE001 - an answer nobody is to get
            self._world.complaints.append(f"a request raised {error!r}"[:300])
            return Answer.NONE
        return Answer.DONE

    def _watch(self, desk: Desk, then: Callable[[], object]) -> None:
        if desk.process.wakes_after is not None:
            self._world.after(desk.process.wakes_after, lambda: self._resume(desk, then))
            return
        if desk.process.is_dead:
            desk.process.revive()
        self._open -= 1
        then()

    def _resume(self, desk: Desk, then: Callable[[], object]) -> None:
        desk.process.resume()
        self._watch(desk, then)
