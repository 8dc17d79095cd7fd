"""A backlog drains at the workers' pace, not at the clock's: one listener, many due rows, the real loop."""

import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from plugin_backend.db import work as work_rows
from plugin_backend.db.journal import Owned
from plugin_backend.db.work import Due
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.work import Lane
from plugin_backend.queue import listeners
from plugin_backend.queue.hints import RqHints
from plugin_backend.queue.job import StepJob
from plugin_backend.queue.names import QueueName
from tests.domain.requests import asked
from tests.services.studio import Studio, studio_on
from worker import clock, steps
from worker.__main__ import StepWorker

ROWS = 60


def _due_rows(studio: Studio) -> None:
    """Steps that have nothing to do: what is measured is how they are handed out."""
    caller = studio.person()
    owned = Owned(caller.workspace_id, caller.user_id)
    with studio.house.begin() as work:
        ids = [new_id(Prefix.GENERATION, at=work.now + timedelta(seconds=n)) for n in range(ROWS)]
        due = [Due(each, Lane.STEP_DRAFT, owned) for each in ids]
        work_rows.open_work(work.connection, due, now=work.now)


@pytest.mark.slow
def test_when_redis_forgot_everything_a_backlog_of_sixty_is_worked_off_in_seconds(
    database: str, tmp_path: Path, redis: Redis
) -> None:
    with studio_on(database, tmp_path) as studio:
        _due_rows(studio)
        redis.flushdb()  # other tests share the server
        steps.install(studio.runtime)
        stopped = threading.Event()
        sweeping = threading.Thread(
            target=clock.run, args=(studio.house, RqHints(redis)), kwargs={"stopped": stopped}
        )
        began = time.monotonic()
        sweeping.start()
        listeners.announce(redis, QueueName.STEPS, "worker")
        try:
            _work(redis)
        finally:
            stopped.set()
            sweeping.join()

        assert studio.count("work") == 0
        assert time.monotonic() - began < 30


def test_the_hints_of_a_burst_serve_who_came_after_it(database: str, tmp_path: Path, redis: Redis) -> None:
    with studio_on(database, tmp_path, hints=RqHints(redis)) as studio:
        steps.install(studio.runtime)
        burster, other = studio.person(), studio.person()
        burst = [studio.ask(burster, asked()).generation.id for _ in range(12)]
        theirs = studio.ask(other, asked()).generation.id

        _work(redis, most=2)

        begun = {each for each in (*burst, theirs) if studio.see(each).generation.state != "queued"}
        assert begun == {burst[0], theirs}


def _work(redis: Redis, *, most: int = 2 * ROWS) -> None:
    """One real worker, until it has had none for a while; a row may be hinted twice."""
    queue = Queue(QueueName.STEPS, connection=redis, serializer=JSONSerializer, job_class=StepJob)
    worker = StepWorker([queue], connection=redis, serializer=JSONSerializer, job_class=StepJob)
    worker.work(max_jobs=most, max_idle_time=3, logging_level="CRITICAL")
