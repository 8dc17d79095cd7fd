"""One provider's HTTP: asked once, within a total time, its answer bounded, read as JSON, free of our keys.

The network is worked by one event loop on a thread of its own; callers on other threads wait for it. No
redirect is followed and nothing is ever sent twice, but for a 401 where the credential can be renewed: that
answer says that nothing was started.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final, Protocol, TypeVar

import httpx

from plugin_backend.outbound import AsyncGuardedTransport, Guard, Origin, OutboundRefusedError
from worker.providers.messages import (
    MAX_ANSWER_BYTES,
    Answer,
    Call,
    HttpError,
    NoAnswerError,
    NotSentError,
    answer_of,
    redactor,
)

__all__ = [
    "Answer",
    "Call",
    "Credential",
    "HttpError",
    "Key",
    "NoAnswerError",
    "NotSentError",
    "ProviderHttp",
]

AT_ONCE: Final = 64
"""Requests of one provider under way together."""

_ONE: Final = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=4.0)
_FRESH: Final = httpx.Limits(max_connections=1, max_keepalive_connections=0)
_TIMES: Final = {"connect": 5.0, "read": None, "write": None, "pool": None}  # the total time bounds the rest

Ask = Callable[[Call], Awaitable[Answer]]
T = TypeVar("T")
K = TypeVar("K")


class Credential(Protocol):
    """How we show a provider who we are."""

    @property
    def secrets(self) -> Sequence[str]:
        """What must never be seen in any text."""

    async def headers(self, ask: Ask) -> Mapping[str, str]:
        """The headers of a signed call; `ask` sends an unsigned one, to fetch a token."""

    def renewed_after_401(self) -> bool:
        """The last headers were refused; whether others may be had."""


class Key:
    """A key that never changes, sent as a bearer token."""

    def __init__(self, key: str) -> None:
        self._key = key

    @property
    def secrets(self) -> Sequence[str]:
        return (self._key,)

    async def headers(self, ask: Ask) -> Mapping[str, str]:
        del ask
        return {"Authorization": f"Bearer {self._key}"}

    def renewed_after_401(self) -> bool:
        return False


class ProviderHttp:
    """What an adapter asks through; closed when its process ends."""

    def __init__(
        self,
        base_url: str,
        credential: Credential,
        *,
        guard: Guard | None = None,
        trusted: Sequence[str] = (),
    ) -> None:
        """`trusted` are further addresses of the operator's own choice, such as a token service."""
        self.base_url = base_url.rstrip("/")
        self._credential = credential
        self._origin = Origin.of(base_url)
        origins = frozenset((self._origin, *map(Origin.of, trusted)))
        given = guard or Guard()
        self.guard = replace(given, trusted=given.trusted | origins)
        self._loop = _LoopThread()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._idle: list[AsyncGuardedTransport] = []

    def send(self, call: Call, *, seconds: float) -> Answer:
        """Ask once and wait. NotSentError: it never left. NoAnswerError: it may have been heard."""
        return self._loop.run(self._ask(call, seconds=seconds))

    def gather(self, calls: Mapping[K, Call], *, seconds: float) -> Mapping[K, Answer | HttpError]:
        """Ask several at once, all within so many seconds; none breaks the others."""
        return self._loop.run(self._gather(calls, seconds=seconds))

    def redacted(self, text: str) -> str:
        """The text without our keys, whole or begun."""
        return redactor(self._credential.secrets)(text)

    def close(self) -> None:
        """End the connections and the thread."""
        self._loop.close(self._close())

    async def _gather(self, calls: Mapping[K, Call], *, seconds: float) -> Mapping[K, Answer | HttpError]:
        async def one(call: Call) -> Answer | HttpError:
            try:
                return await self._ask(call, seconds=seconds)
            except HttpError as error:
                return error

        return dict(zip(calls, await asyncio.gather(*map(one, calls.values())), strict=True))

    async def _ask(self, call: Call, *, seconds: float) -> Answer:
        sent = _Sent(begun=call.method == "GET")
        try:
            async with asyncio.timeout(seconds):
                answer = await self._signed(call, sent)
                if answer.status != 401 or not self._credential.renewed_after_401():
                    return answer
                sent.begun = False
                return await self._signed(call, sent)
        except TimeoutError:
            raise sent.error(f"It did not answer within {seconds:.0f} s.") from None
        except OutboundRefusedError as refused:
            raise NotSentError(str(refused)) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise sent.error(f"The connection failed ({type(error).__name__}).") from None

    async def _signed(self, call: Call, sent: "_Sent") -> Answer:
        headers = dict(call.headers)
        if call.signed if call.signed is not None else self._is_ours(call):
            headers |= await self._credential.headers(lambda asked: self._exchange(asked, _Sent(begun=True)))
        return await self._exchange(call, sent, headers)

    async def _exchange(self, call: Call, sent: "_Sent", headers: Mapping[str, str] | None = None) -> Answer:
        request = call.request(self._url(call), headers=call.headers if headers is None else headers)
        request.extensions = {"timeout": _TIMES} | ({} if sent.begun else {"trace": sent.trace})
        async with self._line(fresh=call.method == "POST") as line:
            response = await line.handle_async_request(request)
            try:
                body = await _bounded(response)
            finally:
                await response.aclose()
        return answer_of(response, body, hide=redactor(self._credential.secrets))

    @asynccontextmanager
    async def _line(self, *, fresh: bool) -> AsyncIterator[AsyncGuardedTransport]:
        """A connection for one call at a time, the last used first; a pool would look through all, each time.

        A paid call gets a fresh one: a connection that lay idle may die under it and leave us in doubt.
        """
        async with self._slots:
            if fresh:
                async with AsyncGuardedTransport(self.guard, limits=_FRESH) as line:
                    yield line
                return
            line = self._idle.pop() if self._idle else AsyncGuardedTransport(self.guard, limits=_ONE)
            try:
                yield line
            finally:
                self._idle.append(line)

    def _url(self, call: Call) -> str:
        return call.url if "://" in call.url else f"{self.base_url}/{call.url.lstrip('/')}"

    def _is_ours(self, call: Call) -> bool:
        return "://" not in call.url or Origin.of(call.url) == self._origin

    async def _close(self) -> None:
        for line in self._idle:
            await line.aclose()


class _Sent:
    """Whether any byte of a request left: what divides `certainly not` from `perhaps`."""

    def __init__(self, *, begun: bool) -> None:
        """A call that starts nothing need not be watched so closely: it counts as sent."""
        self.begun = begun

    async def trace(self, name: str, _info: Mapping[str, Any]) -> None:
        if name.endswith("send_request_headers.started"):
            self.begun = True

    def error(self, sentence: str) -> HttpError:
        return NoAnswerError(sentence) if self.begun else NotSentError(sentence)


class _LoopThread:
    """An event loop on a daemon thread, started when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for a coroutine; a caller that is interrupted cancels it."""
        future = asyncio.run_coroutine_threadsafe(work, self._started())
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def close(self, last: Coroutine[Any, Any, None]) -> None:
        """Do one last thing, then stop."""
        if self._loop is None or self._thread is None:
            last.close()
            return
        self.run(last)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._loop = None

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="provider")
                self._thread.start()
            return self._loop


async def _bounded(response: httpx.Response) -> bytes:
    """The body as it came, if it is of a size that an answer may have."""
    declared = response.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > MAX_ANSWER_BYTES:
        raise NoAnswerError("It answered with more than an answer may have.")
    body = bytearray()
    assert isinstance(response.stream, httpx.AsyncByteStream)
    async for chunk in response.stream:
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise NoAnswerError("It answered with more than an answer may have.")
    return bytes(body)
