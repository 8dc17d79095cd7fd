"""A message's own step: one POST, bounded in time and in what is read of the answer.

The host is looked up and checked at every try, no redirect is followed, and nothing of the address beyond its
host is ever logged.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Any, Final

import httpx
import structlog

from plugin_backend.domain.webhooks.webhook_signing import headers_of
from plugin_backend.domain.work import Claim
from plugin_backend.outbound import AsyncGuardedTransport, Guard, OutboundRefusedError
from plugin_backend.services.webhooks import webhook_sending as service
from plugin_backend.services.webhooks.webhook_sending import MessageInHand, Reply
from worker.runtime import Runtime

TOTAL_SECONDS: Final = 15.0
MOST_READ: Final = 4096
_SHOWN: Final = 512
_CONNECT_SECONDS: Final = 5.0
_ASKS_FOR_TIME: Final = frozenset({429, 503})
_AGENT: Final = f"plugin-backend/{version('plugin-backend')} (webhooks)"
_FRESH: Final = httpx.Limits(max_connections=1, max_keepalive_connections=0)

_log = structlog.get_logger()


def advance(runtime: Runtime, claim: Claim) -> None:
    """Send a claimed message once, and write down what came of it."""
    hand = service.look(runtime.house, claim)
    if hand is None:
        return
    reply = send(runtime, hand)
    runtime.house.failpoint("webhook:after-post")
    host = httpx.URL(hand.hook.url).host
    _log.info("webhook.sent", host=host, type=hand.row.type, status=reply.status, error=reply.error)
    service.record(runtime.house, claim, hand, reply)


def send(runtime: Runtime, hand: MessageInHand) -> Reply:
    """One POST within a total time; whatever goes wrong with it is a reply, too."""
    outgoing = runtime.house.outgoing
    body = hand.message.body(public_url=outgoing.public_url)
    headers = {"user-agent": _AGENT, **headers_of(hand.row.id, body, hand.secrets, now=hand.now)}
    request = httpx.Request("POST", hand.hook.url, content=body, headers=headers)
    return post(outgoing.guard, request, monotonic=runtime.monotonic)


def post(
    guard: Guard, request: httpx.Request, *, monotonic: Callable[[], float], total: float = TOTAL_SECONDS
) -> Reply:
    """Ask once; the answer's status stands, however long its body goes on."""
    began, heard = monotonic(), _Heard()
    try:
        asyncio.run(_ask(guard, request, heard, total=total))
    except TimeoutError:
        heard.error = f"It did not answer within {total:g} seconds."
    except OutboundRefusedError as error:
        heard.error = str(error)
    except httpx.ConnectTimeout:
        heard.error = f"No connection within {_CONNECT_SECONDS:g} seconds."
    except (httpx.HTTPError, OSError) as error:
        heard.error = _told(error)
    return heard.reply(took_ms=round(1000 * (monotonic() - began)))


class _Heard:
    """What has come so far; a time-out takes nothing of it back."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.headers: Mapping[str, str] = {}
        self.body = bytearray()
        self.error: str | None = None

    def reply(self, *, took_ms: int) -> Reply:
        """All of it, as it is written down."""
        return Reply(
            took_ms=took_ms,
            status=self.status,
            answer=_shown(bytes(self.body)) if self.status is not None else None,
            error=self.error if self.status is None else None,
            retry_after=_retry_after(self.status, self.headers),
        )


async def _ask(guard: Guard, request: httpx.Request, heard: _Heard, *, total: float) -> None:
    times = {"connect": _CONNECT_SECONDS, "read": None, "write": None, "pool": None}
    request.extensions["timeout"] = times  # the total time bounds the rest
    async with asyncio.timeout(total), AsyncGuardedTransport(guard, limits=_FRESH) as transport:
        response = await transport.handle_async_request(request)
        try:
            heard.status, heard.headers = response.status_code, response.headers
            assert isinstance(response.stream, httpx.AsyncByteStream)
            async for chunk in response.stream:
                heard.body += chunk[: MOST_READ - len(heard.body)]
                if len(heard.body) >= MOST_READ:
                    return
        finally:
            await response.aclose()


def _shown(body: bytes) -> str:
    """The first of it, fit for a database and a person."""
    text = body[:_SHOWN].decode("utf-8", "replace")
    return "".join(each if each.isprintable() or each in "\n\t" else "\ufffd" for each in text)


def _told(error: Exception) -> str:
    """Why there was no answer, without addresses."""
    match error:
        case httpx.ConnectError() if "has no address" in str(error):
            return "Its host has no address."
        case httpx.ConnectError():
            return "It took no connection, or its certificate is not valid."
        case httpx.RemoteProtocolError():
            return "It ended the connection, or does not speak HTTP."
        case _:
            return f"The connection broke ({type(error).__name__})."


def _retry_after(status: int | None, headers: Mapping[str, Any]) -> timedelta | None:
    """How long it asks us to wait; a date is read against the answer's own, so clocks do not matter."""
    given = str(headers.get("retry-after", "")).strip() if status in _ASKS_FOR_TIME else ""
    if given.isascii() and given.isdigit() and len(given) < 9:
        return timedelta(seconds=int(given))
    try:
        return max(timedelta(0), parsedate_to_datetime(given) - parsedate_to_datetime(headers["date"]))
    except (KeyError, TypeError, ValueError):
        return None
