"""The worker door: `python -m worker steps`, `media [--drafts-only]` or `clock`."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, Final

import click
import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer

from plugin_backend import logs
from plugin_backend.config import Settings
from plugin_backend.queue import listeners
from plugin_backend.queue.connection import open_redis
from plugin_backend.queue.hints import RqHints, timeout_of
from plugin_backend.queue.job import StepJob
from plugin_backend.queue.names import QueueName
from plugin_backend.queue.rates import SharedRates
from plugin_backend.queue.tallies import SharedTallies
from plugin_backend.services.house import House
from plugin_backend.services.opening import open_house, s3_account
from plugin_backend.signing import Credential
from worker import clock, steps
from worker.director.visual_judge import open_visual_judge
from worker.errands import ThreadedErrands
from worker.media.process import MediaProcess
from worker.postman import open_postman
from worker.providers.registry import open_providers
from worker.reading import open_reader
from worker.runtime import Runtime

_ANNOUNCE_EVERY_SECONDS: Final = 2.0
_REDIS_PAUSE_SECONDS: Final = 0.5
_BLOCKING_SECONDS: Final = 60.0  # longer than RQ's own wait for a job

_RQ_CONNECTIONS: Final = 2
"""RQ looks at a job while it holds another connection."""

_ERRANDS_END_SECONDS: Final = 12.0

_log = structlog.get_logger()


class StepWorker(SimpleWorker):
    """Runs steps in its own process, one after the other; a signal also ends what goes on beside it.

    RQ's own way out between two steps is an Exception, which libraries around the wait for a job swallow:
    the worker then waited on, deaf to the signal. Nobody swallows SystemExit.
    """

    on_stop: Callable[[], None] | None = None
    is_stopping = False
    is_at_work = False

    def request_stop(self, signum: Any, frame: FrameType | None) -> None:
        """End after the step in hand, or at once between two; a hint that is lost by it is sent again."""
        del signum, frame
        self.is_stopping = True
        if self.on_stop is not None:
            self.on_stop()
        if not self.is_at_work:
            raise SystemExit

    def subscribe(self) -> None:
        """Nobody commands a worker through Redis: neither a connection nor a thread waits for that."""

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Do one step."""
        self.is_at_work = True
        try:
            super().execute_job(job, queue)
        finally:
            self.is_at_work = False
        if self.is_stopping:
            raise StopRequested


@click.group()
def main() -> None:
    """Does the slow work of plugin-backend: short steps, media, and the clock."""


@main.command("steps")
def steps_command() -> None:
    """Short steps: submit, poll, plan, judge."""
    settings = _opened()
    redis = open_redis(settings.redis_url)
    serve_steps(settings, open_steps_house(settings, redis), redis)


def open_steps_house(settings: Settings, redis: Redis) -> House:
    """What short steps need of the house; those that wait for a provider hold no connection meanwhile."""
    connections, name = settings.worker_database_connections, "plugin-backend-worker"
    return open_house(settings, pool_size=connections, overflow=0, application=name, redis=redis)


def serve_steps(settings: Settings, house: House, redis: Redis) -> None:
    """Do short steps until told to stop."""
    errands = ThreadedErrands()
    runtime = Runtime(
        house=house,
        providers=open_providers(house, settings),
        errands=errands,
        reader=open_reader(settings.planner_account()),
        postman=open_postman(settings.mail_account()),
        rates=SharedRates(redis),
        tallies=SharedTallies(redis),
        monotonic=time.monotonic,
    )
    try:
        serve(settings, runtime, QueueName.STEPS, redis=redis, on_stop=errands.stop)
    finally:
        errands.finish(within=_ERRANDS_END_SECONDS)


@main.command("media")
@click.option(
    "--drafts-only", is_flag=True, help="Take only what belongs to drafts, so that they never wait."
)
def media_command(*, drafts_only: bool) -> None:
    """Render, decode, conform: one piece at a time, in a bounded child."""
    settings = _opened()
    redis = open_redis(settings.redis_url)
    house = open_house(settings, pool_size=1, overflow=0, application="plugin-backend-media", redis=redis)
    with MediaProcess(
        settings.media_memory_mb,
        Path(settings.scratch_dir),
        scratch_mb=settings.scratch_mb or None,
        storage_url=settings.storage_url,
        storage_account=s3_account(settings),
    ) as media:
        media.warm_up()
        runtime = Runtime(
            house=house,
            providers=open_providers(house, settings),
            media=media,
            credential=_signing(settings),
            visual_judge=open_visual_judge(settings.visual_judge_account()),
            monotonic=time.monotonic,
        )
        serve(
            settings,
            runtime,
            QueueName.MEDIA_DRAFTS if drafts_only else QueueName.MEDIA,
            redis=redis,
            on_stop=media.stop,
        )


@main.command("clock")
def clock_command() -> None:
    """Put due work on the queues each second."""
    settings = _opened()
    redis = open_redis(settings.redis_url)
    house = open_house(settings, pool_size=1, overflow=0, application="plugin-backend-clock", redis=redis)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    clock.run(house, RqHints(redis), stopped=stopped)


def serve(
    settings: Settings, runtime: Runtime, name: QueueName, *, redis: Redis, on_stop: Callable[[], None]
) -> None:
    steps.install(runtime)
    blocking = open_redis(settings.redis_url, connections=_RQ_CONNECTIONS, timeout_seconds=_BLOCKING_SECONDS)
    queue = Queue(
        name,
        connection=blocking,
        serializer=JSONSerializer,
        job_class=StepJob,
        default_timeout=timeout_of(name),
    )
    listening = partial(
        StepWorker, [queue], connection=blocking, serializer=JSONSerializer, job_class=StepJob, worker_ttl=60
    )
    stop_announcing = _announce(redis, name)
    try:
        _listen(listening, on_stop=on_stop)
    finally:
        stop_announcing()


def _listen(listening: Callable[[], StepWorker], *, on_stop: Callable[[], None]) -> None:
    """Work until told to stop. RQ's loop also ends when Redis goes away: then a new one begins.

    Told to stop while Redis is away, RQ fails at saying goodbye: that is an end too, not one more error.
    """
    with suppress(SystemExit):  # raised by the signal when it comes between two steps
        while True:
            worker = listening()
            worker.on_stop = on_stop
            try:
                worker.work(with_scheduler=False, logging_level="WARNING")
            except RedisError as error:
                _log.warning("worker.redis-away", reason=type(error).__name__)
            if worker.is_stopping:
                return
            time.sleep(_REDIS_PAUSE_SECONDS)


def _announce(redis: Redis, name: QueueName) -> Callable[[], None]:
    """Say every few seconds that somebody listens here, until the returned function is called."""
    listener = f"{socket.gethostname()}:{os.getpid()}"
    stopped = threading.Event()

    def say() -> None:
        while True:
            try:
                listeners.announce(redis, name, listener)
            except RedisError as error:
                _log.debug("listener.unheard", reason=type(error).__name__)
            if stopped.wait(_ANNOUNCE_EVERY_SECONDS):
                return

    def stop() -> None:
        stopped.set()
        try:
            listeners.leave(redis, name, listener)
        except RedisError as error:
            _log.debug("listener.unheard", reason=type(error).__name__)

    threading.Thread(target=say, daemon=True, name="announce").start()
    return stop


def _signing(settings: Settings) -> Credential:
    """Who signs deliveries; that it is a certificate nobody trusts is said once, when the process starts."""
    credential = settings.signing_credential()
    if credential.is_development:
        _log.warning("provenance.development-certificate", signed_by=credential.name)
    return credential


def _opened() -> Settings:
    settings = Settings.from_environ()
    logs.configure(settings.log_level, settings.log_format)
    return settings


if __name__ == "__main__":
    main()
