"""One running stack for all calm journeys of a worker; tests that break things run their own."""

import socket
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.journeys.people import Person
from tests.journeys.stack import Stack

Newcomer = Callable[..., Person]


@pytest.fixture(scope="session")
def hooks_port() -> int:
    """Where on this machine the stack may send webhooks: a port that nobody had a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port: int = door.getsockname()[1]
    return port


@pytest.fixture(scope="session")
def stack(hooks_port: int) -> Iterator[Stack]:
    """A whole service; nobody may kill anything of it."""
    trusting = {"WEBHOOK_ORIGINS": f"http://127.0.0.1:{hooks_port}"}
    made = tempfile.TemporaryDirectory(prefix="journeys-", ignore_cleanup_errors=True)
    with made as folder, Stack(Path(folder), environ=trusting) as running:
        yield running


@pytest.fixture(scope="session")
def operator(stack: Stack) -> Person:
    return stack.operator


@pytest.fixture(scope="session")
def newcomer(stack: Stack) -> Newcomer:
    """Makes people, each in a workspace of their own."""
    numbers = count(1)
    return lambda **wanted: stack.newcomer(f"newcomer-{next(numbers)}", **wanted)


@pytest.fixture(scope="session")
def editor(stack: Stack) -> Person:
    """An ordinary user whose drafts and deliveries the calm journeys share."""
    return stack.newcomer("editor-of-journeys", plan="studio", credit=1_000)
