"""A stranger's web server for tests: keeps what is posted to it and answers as it is told."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.fakes.answers import Answer, Request
from tests.fakes.serving import InThread, Server

_PATIENCE = 20.0


class Listener:
    """Every request in the order of its coming."""

    status: int = 200

    def __init__(self) -> None:
        self._letters: list[Request] = []
        self._news = threading.Condition()
        self.server = Server(self._take, skew=lambda: 0.0)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def wait_for(self, count: int) -> list[Request]:
        """The first requests, once there are so many; AssertionError when they do not come."""
        deadline = time.monotonic() + _PATIENCE
        with self._news:
            while len(self._letters) < count:
                assert self._news.wait(deadline - time.monotonic()), f"{len(self._letters)} of {count} came"
            return self._letters[:]

    def _take(self, request: Request) -> Answer:
        with self._news:
            self._letters.append(request)
            self._news.notify_all()
        return Answer(self.status, b"{}")


@contextmanager
def listening() -> Iterator[Listener]:
    """A listener for the length of the block."""
    listener = Listener()
    with InThread(listener.server.listen, listener.server.leave):
        yield listener
