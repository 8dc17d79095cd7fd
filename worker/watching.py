"""The watcher of a provider: takes due rows together, asks once for all of them, writes what it saw.

Thousands of takes in flight cost one process a few statements a second. A provider that does not answer is
asked for a few at a time, and each of its takes more seldom.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Final, assert_never

import structlog
from sqlalchemy.exc import OperationalError

from plugin_backend.domain.making.health import Call
from plugin_backend.domain.making.providers import LATENESS_SECONDS
from plugin_backend.queue.tallies import LATENESS
from plugin_backend.services.making import hands, manners, taking, watching
from plugin_backend.services.making.attempts import Said
from plugin_backend.services.making.hands import TakeInHand
from plugin_backend.services.making.watching import Batch, Seen, Watched
from worker.guarding import guarded
from worker.providers.protocol import Broken, Finished, Progress, Provider, Running, Stopped
from worker.runtime import Runtime

_WATCHERS: Final = 4  # of one provider in a process: while one waits for a slow answer, the others go on
_SECONDS: Final = 60.0
_SOON: Final = 2.0  # what is due so soon is waited for; what comes later, the dispatcher calls for
_TOGETHER: Final = 128
_WHEN_UNWELL: Final = 8
_GATHER_SECONDS: Final = 0.2  # rows that come due in so short a time are asked for together

_log = structlog.get_logger()


def call(runtime: Runtime, name: str) -> bool:
    """Look after a provider's takes for a while; False when enough watchers do already."""
    if runtime.errands is None:
        return False
    return runtime.errands.start(f"watch {name}", partial(_watch, runtime, name), places=_WATCHERS)


def _watch(runtime: Runtime, name: str) -> None:
    """Round after round until nothing is due, or for a minute: then the dispatcher calls again."""
    assert runtime.errands is not None
    until = runtime.monotonic() + _SECONDS
    with structlog.contextvars.bound_contextvars(provider=name):
        while True:
            try:
                count = _round(runtime, name)
                wait = _GATHER_SECONDS if count else watching.next_due(runtime.house, name)
            except OperationalError as error:
                runtime.house.engine.dispose()
                _log.warning("watch.database-away", reason=type(error).__name__)
                return  # what was in hand is due again when its lease has run out
            except Exception as error:  # noqa: BLE001 - as for the database
                _log.warning("watch.broke", error=repr(error))
                return
            if wait is None or wait > _SOON or runtime.monotonic() >= until:
                return
            if count < _TOGETHER and not runtime.errands.rest(wait):
                return


def _round(runtime: Runtime, name: str) -> int:
    """Take what is due, ask, write; returns how many takes that were."""
    house = runtime.house
    batch = watching.claim(house, name, most=_TOGETHER, most_when_unwell=_WHEN_UNWELL)
    if not batch.rows:
        return 0
    house.failpoint("watch:claimed")
    began = runtime.monotonic()
    answers = _ask(runtime, name, batch)
    house.failpoint("watch:after-poll")
    _count(runtime, name, batch, took=runtime.monotonic() - began)
    running = {row.take_id: _seen(row, answers) for row in batch.rows if _goes_on(row, answers, batch)}
    watching.look_again(house, list(running.values()))
    ended = [row for row in batch.rows if row.take_id not in running]
    in_hand = hands.look_at_all(house, [row.claim for row in ended]) if ended else {}
    for row in ended:
        house.failpoint("watch:before-end")
        progress, hand = answers.get(row.provider_ref, Running()), in_hand.get(row.take_id)
        guarded(runtime, row.claim, partial(_end, runtime, row, progress, hand, now=batch.now))
    return len(batch.rows)


def _ask(runtime: Runtime, name: str, batch: Batch) -> Mapping[str, Progress]:
    """How all of them are doing; whatever goes wrong in asking, they go on."""
    provider: Provider | None = runtime.providers.get(name)
    refs = [row.provider_ref for row in batch.rows]
    answers: Mapping[str, Progress]
    if provider is None:
        answers = {ref: Running(trouble=f"{name} is not configured on this worker.") for ref in refs}
        return answers
    try:
        answers = provider.poll(refs)
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - an adapter that breaks on an answer must not end a take
        _log.warning("poll.broke", error=repr(error))
        answers = {ref: Running(trouble=type(error).__name__) for ref in refs}
    _hear(runtime, name, batch, answers)
    return answers


def _hear(runtime: Runtime, name: str, batch: Batch, answers: Mapping[str, Progress]) -> None:
    """One answer is enough to say that it is there; only silence on every side is an outage."""
    troubles = [each.trouble for each in answers.values() if isinstance(each, Running) and each.trouble]
    good = len(answers) - len(troubles)
    runtime.tallies.add(name, Call.WATCHING, "answered", good)
    if troubles:
        runtime.tallies.add(name, Call.WATCHING, "trouble", len(troubles))
    if good and not manners.is_known_well(batch.health, now=batch.now):
        manners.answered(runtime.house, name, Call.WATCHING)
    elif troubles and not good:
        manners.failed(runtime.house, name, Call.WATCHING, troubles[0])


def _count(runtime: Runtime, name: str, batch: Batch, *, took: float) -> None:
    """How long after it was due each take was looked at, for the metrics."""
    late = Counter(_bucket((batch.now - row.due_at).total_seconds() + took) for row in batch.rows)
    for bucket, count in late.items():
        runtime.tallies.add(name, LATENESS, bucket, count)


def _bucket(seconds: float) -> str:
    return next((str(edge) for edge in LATENESS_SECONDS if seconds <= edge), "+Inf")


def _goes_on(row: Watched, answers: Mapping[str, Progress], batch: Batch) -> bool:
    """Whether nothing is to be done about it but to look again."""
    is_running = isinstance(answers.get(row.provider_ref, Running()), Running)
    return is_running and not row.is_overdue(now=batch.now) and not row.cancel_requested


def _seen(row: Watched, answers: Mapping[str, Progress]) -> Seen:
    running = answers.get(row.provider_ref, Running())
    assert isinstance(running, Running)
    return Seen(
        row=row,
        progress=running.progress,
        at_least=running.look_again_seconds,
        is_trouble=running.trouble is not None,
    )


def _end(
    runtime: Runtime, row: Watched, progress: Progress, hand: TakeInHand | None, *, now: datetime
) -> None:
    """One take of the batch, on its own and fenced: it finished, broke, was stopped, or is given up."""
    house = runtime.house
    if isinstance(progress, Running) and not row.is_overdue(now=now):
        watching.pass_to_step(house, row)  # it is to be stopped
        return
    hand = hand or hands.look(house, row.claim)  # without one, that closes its row
    if hand is None:
        return
    match progress:
        case Finished(outputs):
            taking.rendered(house, row.claim, hand, outputs=outputs)
        case Broken() as end:
            said = Said(detail=end.detail, slug=end.slug, request_id=end.request_id, billed=end.billed)
            taking.failed(
                house, row.claim, hand, slug=end.slug, detail=end.detail, retryable=end.retryable, said=said
            )
        case Stopped(charged=charged):
            taking.stopped(house, row.claim, hand, charged=charged)
        case Running():
            detail = f"{hand.provider} did not finish it in time; nothing was charged."
            taking.failed(house, row.claim, hand, slug="timed-out", detail=detail, retryable=True)
        case _:
            assert_never(progress)
