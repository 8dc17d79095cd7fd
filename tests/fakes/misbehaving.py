"""A fault on the wire: turns a right answer, or none, into what arrives instead."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

from tests.fakes.answers import JSON_TYPE, Answer, Raw, Reply, head_of
from tests.fakes.downloads import expired
from tests.fakes.faults import Door, Fault, Kind

ON_THE_WIRE = frozenset(
    {
        Kind.REFUSE,
        Kind.TOO_MANY,
        Kind.ERROR,
        Kind.HANG,
        Kind.SLOW,
        Kind.RESET,
        Kind.TRUNCATE,
        Kind.DRIP,
        Kind.WRONG_LENGTH,
        Kind.HTML,
        Kind.HUGE,
        Kind.REDIRECT,
        Kind.EXPIRED,
        Kind.WRONG_TYPE,
    }
)
_NEEDS_AN_ANSWER = frozenset({Kind.SLOW, Kind.DRIP, Kind.WRONG_TYPE})
_SPOIL = frozenset({*_NEEDS_AN_ANSWER, Kind.RESET, Kind.TRUNCATE, Kind.WRONG_LENGTH})
_READING = (Door.POLL, Door.LIST, Door.DOWNLOAD)
_PAGE = b"<!DOCTYPE html>\n<html><head><title>Just a moment...</title></head><body>Checking.</body></html>\n"
_BLOCK = bytes(1 << 18)

Right = Callable[[], Awaitable[Reply]]
Error = Callable[[int, str], Answer]


async def misbehave(fault: Fault, *, door: Door, right: Right, error: Error) -> Reply:
    """What arrives instead; `right` does what was asked, `error` words a refusal."""
    if fault.kind is Kind.SLOW:
        await asyncio.sleep(fault.seconds)
    answer = await _done(fault, door=door, right=right)
    if fault.kind in (Kind.REFUSE, Kind.TOO_MANY, Kind.ERROR):
        return _refused(fault, error)
    return _spoiled(fault, answer) if fault.kind in _SPOIL else _instead(fault, door=door)


def _instead(fault: Fault, *, door: Door) -> Reply:
    match fault.kind:
        case Kind.HTML:
            return Answer(200, _PAGE, content_type="text/html; charset=utf-8")
        case Kind.HUGE:
            content_type = JSON_TYPE if door is not Door.DOWNLOAD else "video/mp4"
            return Answer(200, b"", {}, content_type, _zeros(fault.bytes), fault.bytes)
        case Kind.REDIRECT:
            return Answer(302, b"", {"Location": fault.location})
        case Kind.EXPIRED:
            return expired()
        case _:
            return Raw(ending="hang")


def _refused(fault: Fault, error: Error) -> Answer:
    match fault.kind:
        case Kind.TOO_MANY:
            return _too_many(fault, error)
        case Kind.ERROR:
            return error(fault.status or 500, "Something went wrong on our side.")
        case _:
            return error(fault.status or 400, "The request was refused.")


async def _done(fault: Fault, *, door: Door, right: Right) -> Answer:
    """The right answer; a submission only happens when the fault says that it was accepted."""
    if fault.accepts or fault.kind in _NEEDS_AN_ANSWER or door in _READING:
        found = await right()
        assert isinstance(found, Answer)
        return found
    return Answer(200, b'{"id":"00000000-0000-4000-8000-000000000000","state":"queued"}')


def _too_many(fault: Fault, error: Error) -> Answer:
    answer = error(429, "Rate limit exceeded")
    if fault.retry_after is None:
        return replace(
            answer, headers={k: v for k, v in answer.headers.items() if k.lower() != "retry-after"}
        )
    return answer.with_headers(Retry_After=f"{fault.retry_after:g}")


def _spoiled(fault: Fault, answer: Answer) -> Reply:
    length = answer.length
    match fault.kind:
        case Kind.WRONG_TYPE:
            return replace(answer, content_type=fault.media_type)
        case Kind.RESET:
            return Raw(_head(answer, length), _first(answer, length // 2), "reset")
        case Kind.TRUNCATE:
            return Raw(_head(answer, length), _first(answer, length // 2))
        case Kind.WRONG_LENGTH:
            return Raw(_head(answer, max(0, length - 8)), _first(answer, length))
        case Kind.DRIP:
            return Raw(_head(answer, length), _dripped(answer, fault.seconds))
        case _:
            return answer


def _head(answer: Answer, length: int) -> bytes:
    named = {"Content-Type": answer.content_type, "Content-Length": str(length), **answer.headers}
    return head_of(answer.status, {**named, "Connection": "close"})


async def _first(answer: Answer, count: int) -> AsyncIterator[bytes]:
    """That many bytes of an answer's body."""
    if answer.stream is None:
        yield answer.body[:count]
        return
    async for chunk in answer.stream:
        yield chunk[:count]
        count -= len(chunk)
        if count <= 0:
            return


async def _dripped(answer: Answer, seconds: float) -> AsyncIterator[bytes]:
    step = 4 if answer.stream is None else 4096
    async for chunk in _first(answer, answer.length):
        for start in range(0, len(chunk), step):
            yield chunk[start : start + step]
            await asyncio.sleep(seconds)


async def _zeros(count: int) -> AsyncIterator[bytes]:
    while count > 0:
        yield _BLOCK[: min(count, len(_BLOCK))]
        count -= len(_BLOCK)
