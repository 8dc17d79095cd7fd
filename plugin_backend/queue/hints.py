"""Hints through RQ: best effort, to queues that stay short. Errors are logged and forgotten."""

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from plugin_backend.domain.work import Hint, Lane, Room
from plugin_backend.queue.job import StepJob
from plugin_backend.queue.listeners import ask_count, forget_silent
from plugin_backend.queue.names import JOB, QueueName, queues_for

_PER_LISTENER: Final = {QueueName.STEPS: 4, QueueName.MEDIA: 2, QueueName.MEDIA_DRAFTS: 2}
"""Hints a queue holds for each listener: what keeps it busy until the dispatcher comes again.

Four short steps are over in a twentieth of a second; of pictures, one is worked on and one follows.
"""

_AT_ONCE: Final = 8
"""Hints a queue takes straight from a request, so that an idle service starts at once."""

_PASSED_ON: Final = 64
"""The same for hints that a worker only passes on to its threads: they wait for nothing."""

_WATCHED_SECONDS: Final = 0.5
"""How long a watcher that was called is not called again: it looks until nothing is due."""

_FULL_SECONDS: Final = 0.1
"""How long a full queue is taken for full without another look: the dispatcher feeds it from the rows."""

_STALE_SECONDS: Final = 5
"""A hint that waited longer may lie where nobody listens: its row may be hinted again."""

_log = structlog.get_logger()


@dataclass(slots=True)
class _Load:
    depth: int
    listeners: int


class RqHints:
    """Puts row ids on RQ queues, and knows how full they are."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._full_until: dict[Lane, float] = {}
        self._watched_until: dict[str, float] = {}
        self._queues = {
            name: Queue(
                name,
                connection=redis,
                serializer=JSONSerializer,
                job_class=StepJob,
                default_timeout=timeout_of(name),
            )
            for name in QueueName
        }

    def send(self, hints: Sequence[Hint]) -> None:
        """Pass on what the short queues take; the dispatcher finds the rest on their rows."""
        now = time.monotonic()
        welcome = [hint for hint in hints if self._full_until.get(hint.lane, 0.0) <= now]
        if not welcome:
            return
        try:
            loads = self._loads()
            for hint in welcome:
                self._put(hint, loads)
        except RedisError as error:
            _log.warning("hints.unsent", count=len(hints), reason=type(error).__name__)

    def room(self) -> Room:
        """How many more hints each lane may be given; RedisError when Redis is away."""
        forget_silent(self._redis, QueueName)
        loads = self._loads()
        free = {name: _free(name, load) for name, load in loads.items()}
        return Room(
            {lane: sum(free[name] for name in queues_for(lane)) for lane in Lane},
            steps_processes=max(1, loads[QueueName.STEPS].listeners),
        )

    def waiting(self) -> frozenset[str]:
        """What a fresh hint on some queue speaks of, and the watchers called a moment ago."""
        oldest, now = int(time.time()) - _STALE_SECONDS, time.monotonic()
        found = {watcher for watcher, until in self._watched_until.items() if until > now}
        for queue in self._queues.values():
            for job_id in queue.get_job_ids():
                subject_id, at = _read_job_id(job_id)
                if at >= oldest:
                    found.add(subject_id)
        return frozenset(found)

    def depths(self) -> Mapping[QueueName, int]:
        """How many hints wait on each queue; RedisError when Redis is away."""
        return {name: load.depth for name, load in self._loads().items()}

    def _put(self, hint: Hint, loads: Mapping[QueueName, _Load]) -> None:
        heard = [name for name in queues_for(hint.lane) if loads[name].listeners]
        name = min(heard or queues_for(hint.lane)[-1:], key=lambda queue: loads[queue].depth)
        most = _PASSED_ON if hint.lane.is_errand or hint.lane is Lane.WATCH else _AT_ONCE
        if loads[name].depth >= max(most, _PER_LISTENER[name] * loads[name].listeners):
            self._full_until[hint.lane] = time.monotonic() + _FULL_SECONDS
            return
        loads[name].depth += 1
        if hint.lane is Lane.WATCH:
            self._watched_until[hint.subject_id] = time.monotonic() + _WATCHED_SECONDS
        self._queues[name].enqueue_call(
            JOB, args=(hint.subject_id,), job_id=_job_id(hint.subject_id), result_ttl=0, failure_ttl=3600
        )

    def _loads(self) -> dict[QueueName, _Load]:
        with self._redis.pipeline(transaction=False) as pipe:
            for name, queue in self._queues.items():
                pipe.llen(queue.key)
                ask_count(pipe, name)
            answers = pipe.execute()
        pairs = zip(answers[::2], answers[1::2], strict=True)
        return {name: _Load(*pair) for name, pair in zip(self._queues, pairs, strict=True)}


def timeout_of(name: QueueName) -> int:
    """Steps end in seconds; media steps are watched by their own parent, which knows more than a clock."""
    return 25 if name is QueueName.STEPS else 3600


def _free(name: QueueName, load: _Load) -> int:
    """Room on a queue; the drafts' own queue counts only while somebody listens to it."""
    least = 0 if name is QueueName.MEDIA_DRAFTS else 1
    return max(0, _PER_LISTENER[name] * max(least, load.listeners) - load.depth)


def _job_id(subject_id: str) -> str:
    """Unique, so that a finished job's clean-up never removes its follower."""
    return f"{subject_id}-{int(time.time())}-{secrets.token_hex(4)}"


def _read_job_id(job_id: str) -> tuple[str, int]:
    """The subject may have hyphens itself: a watcher is called by its provider's name."""
    subject_id, at, _ = ("--" + job_id).rsplit("-", 2)
    return subject_id.lstrip("-"), int(at) if at.isdigit() else 0
