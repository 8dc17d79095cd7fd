"""Told to stop in the middle of a step, a worker ends the step first: nothing breaks off inside it."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.client import Pipeline
from rq import Queue
from rq.job import Job
from rq.registry import StartedJobRegistry
from rq.serializers import JSONSerializer

from plugin_backend.domain.lifecycle import GenerationState, TakeState
from plugin_backend.queue.hints import RqHints
from plugin_backend.queue.job import StepJob
from plugin_backend.queue.names import QueueName
from tests.domain.requests import asked
from tests.services.studio import Studio, studio_on
from tests.services.upstream import Upstream
from worker import steps
from worker.__main__ import StepWorker
from worker.providers.protocol import Shot, Submission


class Interrupted(Upstream):
    """Takes the shot while the platform tells the process to stop."""

    def submit(self, shot: Shot) -> Submission:
        os.kill(os.getpid(), signal.SIGTERM)
        return super().submit(shot)


@pytest.fixture
def studio(database: str, tmp_path: Path, redis: Redis) -> Iterator[Studio]:
    with studio_on(database, tmp_path, hints=RqHints(redis)) as found:
        steps.install(found.runtime)
        yield found


@pytest.fixture(autouse=True)
def _own_signals() -> Iterator[None]:
    """RQ leaves its handlers behind."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    handlers = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, handlers, strict=True):
        signal.signal(number, handler)


def test_a_signal_during_a_step_waits_for_its_end(studio: Studio, redis: Redis) -> None:
    view = studio.ask(studio.person(), asked())
    for _ in range(2):
        studio.step(view.generation.id)
    steps.install(replace(studio.runtime, providers={"animatic": Interrupted()}))
    queue = Queue(QueueName.STEPS, connection=redis, serializer=JSONSerializer, job_class=StepJob)
    worker = StepWorker([queue], connection=redis, serializer=JSONSerializer, job_class=StepJob)

    worker.work(burst=True, logging_level="CRITICAL")

    assert worker.is_stopping
    (take,) = studio.see(view.generation.id).takes
    assert take.state is TakeState.SUBMITTED
    assert studio.rows("SELECT state FROM attempts") == [("accepted",)]


class Signalled(StepWorker):
    """Is told to stop at a moment around its step."""

    moment = ""

    def _comes_to(self, moment: str) -> None:
        if moment == self.moment and not self.is_stopping:
            with suppress(Exception):  # as libraries do around what they only note down
                os.kill(os.getpid(), signal.SIGTERM)

    def prepare_job_execution(self, *given: Any, **named: Any) -> None:
        self._comes_to("before its step")
        super().prepare_job_execution(*given, **named)

    def handle_job_success(self, job: Job, queue: Queue, started_job_registry: StartedJobRegistry) -> None:
        super().handle_job_success(job, queue, started_job_registry)
        self._comes_to("after its step")

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        super().heartbeat(timeout, pipeline)
        if not self.is_at_work:
            self._comes_to("between two steps")


@pytest.mark.timeout(30)  # a worker that has missed the signal waits for a job for ever
@pytest.mark.parametrize("moment", ["before its step", "after its step", "between two steps"])
def test_a_signal_is_heard_whenever_it_comes(moment: str, studio: Studio, redis: Redis) -> None:
    view = studio.ask(studio.person(), asked())
    queue = Queue(QueueName.STEPS, connection=redis, serializer=JSONSerializer, job_class=StepJob)
    worker = Signalled([queue], connection=redis, serializer=JSONSerializer, job_class=StepJob)
    worker.moment = moment

    with suppress(SystemExit):
        worker.work(logging_level="CRITICAL")

    assert worker.is_stopping
    done = studio.see(view.generation.id).generation.state is not GenerationState.QUEUED
    assert done is (moment != "between two steps")
