"""Whether a webhook may go to an address, asked when somebody names it: a refusal is a problem of the field.

The name is looked up here too, within bounds of its own: a name server that hangs takes a few threads of a
process at most, and nobody's request for longer than a few seconds. What counts is the look at every try.
"""

import re
import threading
from collections.abc import Sequence
from typing import Final

import httpcore
import httpx

from plugin_backend.domain.errors import FieldProblem, RateLimitedError, ValidationFailedError
from plugin_backend.domain.webhooks.webhooks import pattern_problems
from plugin_backend.outbound import Guard, OutboundRefusedError

AT_ONCE: Final = 4
"""Names that a process looks up at the same time."""

PATIENCE_SECONDS: Final = 3.0
_TRY_AGAIN_SECONDS: Final = 5
_HOST: Final = re.compile(rb"[a-z0-9._:-]+", re.IGNORECASE)
_ROOM: Final = threading.BoundedSemaphore(AT_ONCE)


def check_endpoint(guard: Guard, *, url: str | None, events: Sequence[str]) -> None:
    """ValidationFailedError for addresses that nothing is sent to, and for events that never happen."""
    problems = pattern_problems(events)
    try:
        if url is not None:
            _check(guard, url)
    except OutboundRefusedError as error:
        problems.append(FieldProblem("/url", str(error)))
    except httpcore.ConnectError as error:
        if not guard.at_home:
            problems.append(FieldProblem("/url", str(error)))
    except (httpx.InvalidURL, ValueError):
        problems.append(FieldProblem("/url", "Give an address such as https://example.com/hooks."))
    if problems:
        raise ValidationFailedError(problems)


def topic_of(url: str) -> str:
    """The host that an endpoint's messages go to: one that is slow holds up no other."""
    address = httpx.URL(url)
    return f"{address.host}:{address.port or 443}"


def _check(guard: Guard, url: str) -> None:
    address = httpx.URL(url)
    if _HOST.fullmatch(address.raw_host) is None:
        raise httpx.InvalidURL("no host of that name")
    if address.fragment:
        raise OutboundRefusedError("What stands after # is never sent: leave it out.")
    if not guard.check(address):
        _look_up(guard, address.host, address.port or 443)


def _look_up(guard: Guard, host: str, port: int) -> None:
    """Raise what the guard does; a name server that takes its time has said no."""
    if not _ROOM.acquire(timeout=PATIENCE_SECONDS):
        raise RateLimitedError(_TRY_AGAIN_SECONDS)
    said: list[Exception | None] = []

    def ask() -> None:
        try:
            guard.addresses(host, port)
        except Exception as error:  # noqa: BLE001 - raised where somebody waits for it
            said.append(error)
        else:
            said.append(None)
        finally:
            _ROOM.release()

    asking = threading.Thread(target=ask, daemon=True, name="look-up")
    asking.start()
    asking.join(PATIENCE_SECONDS)
    if not said:
        raise httpcore.ConnectError(f"{host} could not be looked up in time.")
    if said[0] is not None:
        raise said[0]
