"""HTTP/1.1 on h11: one connection of a simulator, from bytes to requests and from replies to bytes."""

import asyncio
import socket
import struct
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol, cast

import h11

from tests.fakes.answers import Answer, Raw, Reply, Request, head_of

Handler = Callable[[Request], Reply | Awaitable[Reply]]
MOST_BODY = 512 << 20


class Household(Protocol):
    """What connections need of their server."""

    connections: "set[Connection]"

    def date_header(self) -> str:
        """This second, as the server has it."""

    def handle(self, request: Request) -> Reply | Awaitable[Reply]:
        """Answer at once, or later."""


class Connection(asyncio.Protocol):
    """One client; requests one after the other, each answered before the next is read."""

    def __init__(self, household: Household) -> None:
        self._household = household
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
        self._head: h11.Request | None = None
        self._body = bytearray()
        self._busy = False
        self._room = asyncio.Event()
        self._room.set()
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._household.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._household.connections.discard(self)
        self._room.set()
        if self._task is not None:
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        self._http.receive_data(data)
        if not self._busy:
            self._read()

    def eof_received(self) -> bool:
        self._http.receive_data(b"")
        if not self._busy:
            self._read()
        return False

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    def reset(self) -> None:
        """End with RST, as a machine that died does."""
        linger = struct.pack("ii", 1, 0)
        with suppress(OSError):
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._transport.abort()

    def _read(self) -> None:
        try:
            while not self._busy:
                event = self._http.next_event()
                if event is h11.NEED_DATA:
                    self._encourage()
                    return
                if event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                    self._leave_if_closed(event)
                    return
                self._take(event)
        except h11.RemoteProtocolError:
            self._transport.write(head_of(400, {"Connection": "close", "Content-Length": "0"}))
            self._transport.close()

    def _leave_if_closed(self, event: object) -> None:
        if isinstance(event, h11.ConnectionClosed):
            self._transport.close()

    def _encourage(self) -> None:
        if self._http.they_are_waiting_for_100_continue:
            go_on = h11.InformationalResponse(status_code=100, headers=[])
            self._transport.write(self._http.send(go_on) or b"")

    def _take(self, event: object) -> None:
        match event:
            case h11.Request():
                self._head, self._body = event, bytearray()
            case h11.Data():
                self._body += event.data
                if len(self._body) > MOST_BODY:
                    self.reset()
            case h11.EndOfMessage():
                assert self._head is not None
                self._answer(_request(self._head, bytes(self._body)))

    def _answer(self, request: Request) -> None:
        self._busy = True
        try:
            found = self._household.handle(request)
        except Exception:  # noqa: BLE001 - whatever is wrong with a simulator must show, and not hang
            found = _our_fault()
        if isinstance(found, Answer) and found.stream is None:
            self._send(found)
        else:
            self._task = asyncio.get_running_loop().create_task(self._answer_later(found))

    async def _answer_later(self, found: Reply | Awaitable[Reply]) -> None:
        try:
            reply = found if isinstance(found, Answer | Raw) else await found
        except Exception:  # noqa: BLE001 - as above
            reply = _our_fault()
        if self._transport.is_closing():
            return
        if isinstance(reply, Raw):
            await self._misbehave(reply)
        elif reply.stream is None:
            self._send(reply)
        else:
            await self._stream(reply)

    def _send(self, answer: Answer) -> None:
        parts = [self._head_bytes(answer)]
        if answer.body and self._with_body:
            parts.append(self._http.send(h11.Data(data=answer.body)) or b"")
        self._end(parts)

    async def _stream(self, answer: Answer) -> None:
        assert answer.stream is not None
        self._transport.write(self._head_bytes(answer))
        if self._with_body:
            async for chunk in answer.stream:
                self._transport.write(self._http.send(h11.Data(data=chunk)) or b"")
                await self._room.wait()
                if self._transport.is_closing():
                    return
        self._end([])

    @property
    def _with_body(self) -> bool:
        assert self._head is not None
        return self._head.method != b"HEAD"

    def _head_bytes(self, answer: Answer) -> bytes:
        headers = [("Date", self._household.date_header())]
        if answer.status != 204:
            headers += [("Content-Type", answer.content_type), ("Content-Length", str(answer.length))]
        headers += [(name, value) for name, value in answer.headers.items()]
        return self._http.send(h11.Response(status_code=answer.status, headers=headers)) or b""

    def _end(self, parts: list[bytes]) -> None:
        parts.append(self._http.send(h11.EndOfMessage()) or b"")
        self._transport.write(b"".join(parts))
        self._task = None
        if self._http.our_state is h11.MUST_CLOSE:
            self._transport.close()
            return
        self._http.start_next_cycle()
        self._busy = False
        asyncio.get_running_loop().call_soon(self._read)

    async def _misbehave(self, raw: Raw) -> None:
        if raw.head:
            self._transport.write(raw.head)
        if raw.stream is not None:
            async for chunk in raw.stream:
                if self._transport.is_closing():
                    return
                self._transport.write(chunk)
                await self._room.wait()
        match raw.ending:
            case "reset":
                await asyncio.sleep(0.01)  # let what was written arrive: RST throws away what is on its way
                self.reset()
            case "hang":
                await asyncio.Event().wait()  # the client's leaving cancels this
            case _:
                self._transport.close()


def _our_fault() -> Answer:
    """The simulator itself is broken: said aloud, and not in any upstream's words."""
    traceback.print_exc()
    return Answer(500, b"The simulator is broken; see its output.", content_type="text/plain")


def _request(head: h11.Request, body: bytes) -> Request:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
    return Request(head.method.decode(), head.target.decode("latin-1"), headers, body)
