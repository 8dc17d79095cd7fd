"""The steps process as a platform runs it, told to leave while a provider is asked."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import pytest
from redis import Redis
from sqlalchemy import text

from plugin_backend.config import Settings
from plugin_backend.domain.callers import Caller, Role, Scope
from plugin_backend.services import accounts, credits, generations
from plugin_backend.services.accounts import NewUser
from plugin_backend.services.house import House
from plugin_backend.services.opening import open_house
from tests.environ import environ_of
from tests.fakes.faults import Door, Fault, Kind
from tests.fakes.luma import LumaAgents
from tests.services.remote import RAY_32

pytestmark = pytest.mark.slow

T = TypeVar("T")


def _until(found: Callable[[], T]) -> T:
    deadline = time.monotonic() + 60
    while True:
        if result := found():
            return result
        assert time.monotonic() < deadline
        time.sleep(0.05)


@dataclass(frozen=True)
class Shift:
    """A worker at work, the house it works in, and the upstream it asks."""

    house: House
    upstream: LumaAgents
    process: "subprocess.Popen[bytes]"

    def attempt(self) -> str | None:
        """The state of the one attempt."""
        with self.house.engine.connect() as connection:
            return connection.execute(text("SELECT state FROM attempts")).scalar_one_or_none()

    def leave(self) -> float:
        """Tell it to stop; the seconds until it has."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0
        return time.monotonic() - began


@contextmanager
def _working(settings: Settings, redis: Redis, fault: Fault) -> Iterator[Shift]:
    """Somebody has asked for a take, and the worker is about to send it."""
    with LumaAgents() as upstream:
        upstream.faults.add(fault)
        environ = {"PATH": os.defpath} | environ_of(settings) | upstream.settings()
        known = Settings.from_environ(environ)
        house = open_house(known, application="tests")
        with subprocess.Popen([sys.executable, "-m", "worker", "steps"], env=environ) as process:
            try:
                _until(lambda: redis.zcard("listeners:steps"))
                generations.request(house, _editor(house), [RAY_32])
                _until(lambda: upstream.seen[Door.SUBMIT])
                yield Shift(house, upstream, process)
            finally:
                process.kill()
                house.engine.dispose()


def _editor(house: House) -> Caller:
    made = accounts.create_user(house, actor=None, user=NewUser(email="e@example.org", plan="studio"))
    credits.change(house, actor=None, user_id=made.id, amount=100, reason="a test")
    return Caller(user_id=made.id, workspace_id=made.workspace_id, role=Role.EDITOR, scopes=frozenset(Scope))


def test_told_to_leave_it_waits_for_the_answer_it_is_waiting_for(settings: Settings, redis: Redis) -> None:
    slow = Fault(kind=Kind.SLOW, on=Door.SUBMIT, seconds=4.0)
    with _working(settings, redis, slow) as shift:
        assert shift.attempt() == "intent"

        shift.leave()

        assert shift.attempt() == "accepted"
        assert shift.upstream.seen[Door.SUBMIT] == 1


def test_an_answer_that_does_not_come_is_waited_for_twelve_seconds_and_stays_in_doubt(
    settings: Settings, redis: Redis
) -> None:
    with _working(settings, redis, Fault(kind=Kind.HANG, on=Door.SUBMIT)) as shift:
        seconds = shift.leave()

        assert seconds < 25  # platforms kill after thirty
        assert shift.attempt() == "intent"
        assert shift.upstream.seen[Door.SUBMIT] == 1
