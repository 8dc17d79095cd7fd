"""A listening simulator: in a thread beside a test, or as this process's whole purpose."""

import asyncio
import signal
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from email.utils import formatdate
from types import TracebackType
from typing import Self

from tests.fakes.answers import Reply, Request
from tests.fakes.wire import Connection, Handler

_BACKLOG = 4096
_FAREWELLS = 5


class Server:
    """Listens on 127.0.0.1; `port=0` takes any free one and keeps it through outages."""

    def __init__(self, handler: Handler, *, skew: Callable[[], float], port: int = 0) -> None:
        self.connections: set[Connection] = set()
        self._handler = handler
        self._skew = skew
        self.port = port
        self._listener: asyncio.Server | None = None
        self._date = (0, "")
        self.loop: asyncio.AbstractEventLoop | None = None

    def handle(self, request: Request) -> Reply | Awaitable[Reply]:
        """Pass a request on."""
        return self._handler(request)

    def date_header(self) -> str:
        """This second, by a clock that may be wrong."""
        now = int(time.time() + self._skew())
        if self._date[0] != now:
            self._date = (now, formatdate(now, usegmt=True))
        return self._date[1]

    async def listen(self) -> None:
        """Begin to accept connections."""
        self.loop = asyncio.get_running_loop()
        self._listener = await self.loop.create_server(
            lambda: Connection(self), "127.0.0.1", self.port, backlog=_BACKLOG, reuse_address=True
        )
        self.port = self._listener.sockets[0].getsockname()[1]

    async def leave(self) -> None:
        """Refuse connections from now on, and reset those that are open."""
        if self._listener is not None:
            self._listener.close()
        for _ in range(_FAREWELLS):  # what was being accepted just now turns up a moment later
            for connection in list(self.connections):
                connection.reset()
            await asyncio.sleep(0)

    async def outage(self, seconds: float) -> None:
        """Be unreachable for a while, as a machine that is down."""
        await self.leave()
        await asyncio.sleep(seconds)
        await self.listen()


class InThread:
    """Runs `main` on an event loop of its own thread until it is told to stop."""

    def __init__(self, start: Callable[[], Awaitable[None]], stop: Callable[[], Awaitable[None]]) -> None:
        self._start, self._stop = start, stop
        self._ready = threading.Event()
        self._leave: Callable[[], None] = lambda: None
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="simulator", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except OSError as error:
            self._failure = error
            self._ready.set()

    async def _main(self) -> None:
        leave, loop = asyncio.Event(), asyncio.get_running_loop()
        await self._start()
        self._leave = lambda: _quietly(loop, leave.set)
        self._ready.set()
        await leave.wait()
        await self._stop()


async def until_signalled(start: Callable[[], Awaitable[None]], stop: Callable[[], Awaitable[None]]) -> None:
    """Run until SIGINT or SIGTERM: for a process of its own."""
    leave, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, leave.set)
    await start()
    await leave.wait()
    await stop()


def _quietly(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    with suppress(RuntimeError):  # the loop has ended already
        loop.call_soon_threadsafe(call)


def free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
