"""What the tests of webhooks share: endpoints of a studio, and all that is due sent at once."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from plugin_backend.db.webhook_messages import AttemptRow
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.webhooks.webhooks import Covers
from plugin_backend.domain.work import STEP_LEASE
from plugin_backend.outbound import Guard, Origin
from plugin_backend.services.house import Outgoing
from plugin_backend.services.webhooks import webhook_replays, webhooks
from plugin_backend.services.webhooks.webhook_outbox import pass_on
from plugin_backend.services.webhooks.webhooks import NewWebhook, Shown
from tests.databases import until_told
from tests.receivers import Receiver
from tests.services.studio import Studio


def allowing(studio: Studio, *receivers: Receiver) -> Studio:
    trusted = frozenset(Origin.of(each.origin) for each in receivers)
    outgoing = Outgoing(public_url="https://here.example", guard=Guard(trusted=trusted))
    house = replace(studio.house, outgoing=outgoing)
    return replace(studio, house=house, runtime=replace(studio.runtime, house=house))


def listening(
    studio: Studio, caller: Caller, receiver: Receiver, *events: str, covers: Covers = Covers.OWN
) -> Shown:
    """An endpoint that hears of what comes, and of nothing before."""
    until_told(studio.url)
    wanted = NewWebhook(url=receiver.url, events=events or ("credits.*",), covers=covers)
    return webhooks.create(studio.house, caller, wanted)


def post_all(studio: Studio) -> int:
    """Everything that is due now, as the clock and the workers do it; returns how many steps that took."""
    until_told(studio.url)
    while pass_on(studio.house):
        pass
    due = [each for each in studio.due() if each.startswith("msg_")]
    return sum(studio.step(each) for each in due)


def post_until_silence(studio: Studio) -> list[timedelta]:
    """Try after try, the clock turned to each; returns how long was waited between them."""
    waits = []
    while (posted := post_all(studio)) or studio.rows("SELECT 1 FROM work WHERE lane = 'webhook'"):
        next_at = studio.rows("SELECT min(next_at) FROM work WHERE lane = 'webhook'")[0][0]
        if next_at is not None and next_at > studio.clock.moment:
            waits.append(next_at - studio.clock.moment)
            studio.clock.moment = next_at
        elif not posted:
            studio.clock.turn(STEP_LEASE + timedelta(seconds=1))  # somebody died with it
    return waits


def states(studio: Studio) -> Counter[str]:
    return Counter(state for (state,) in studio.rows("SELECT state FROM webhook_messages"))


def see(studio: Studio, caller: Caller, made: Shown) -> Shown:
    return webhooks.get(studio.house, caller, made.row.id)


class KilledError(BaseException):
    """What a kill looks like from inside."""


def dying_at(studio: Studio, name: str) -> Studio:
    def failpoint(passed: str) -> None:
        if passed == name:
            raise KilledError

    house = replace(studio.house, failpoint=failpoint)
    return replace(studio, house=house, runtime=replace(studio.runtime, house=house))


def eventually(is_so: Callable[[], bool]) -> None:
    waited = threading.Event()
    for _ in range(3_000):
        if is_so():
            return
        waited.wait(0.01)
    raise AssertionError("it never came to that")


def tried(studio: Studio, caller: Caller, made: Shown) -> tuple[AttemptRow, ...]:
    """What was tried of an endpoint's messages, newest first."""
    return webhook_replays.attempts(studio.house, caller, made.row.id, message_id=None, before=None, limit=50)
