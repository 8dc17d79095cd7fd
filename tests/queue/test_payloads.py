"""Whatever lies in Redis, a worker runs one function on one id: all else fails unread, the worker lives."""

import json
import os
import pickle
import threading
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Queue
from rq.registry import FailedJobRegistry
from rq.serializers import JSONSerializer

from plugin_backend.domain.work import Hint, Lane
from plugin_backend.queue.hints import RqHints
from plugin_backend.queue.job import StepJob
from plugin_backend.queue.names import JOB, QueueName
from tests.domain.requests import asked
from tests.services.studio import Studio, studio_on
from worker import steps
from worker.__main__ import StepWorker

NOW = "2026-03-01T12:00:00.000000Z"


class Reduced:
    """A pickle that runs a command when it is read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self._path}",)


def _push(redis: Redis, name: str, data: bytes, **extra: str) -> str:
    """A job as somebody with access to Redis would leave it."""
    job_id = f"planted-{name}"
    key = {"created_at": NOW, "origin": QueueName.STEPS, "status": "queued", "data": data, **extra}
    redis.hset(f"rq:job:{job_id}", mapping=key)  # type: ignore[arg-type]  # bytes and text, as Redis takes them
    redis.rpush(f"rq:queue:{QueueName.STEPS}", job_id)
    return job_id


def _call(name: Any, *args: Any, **kwargs: Any) -> bytes:
    return zlib.compress(json.dumps([name, None, list(args), kwargs]).encode())


def _burst(redis: Redis) -> None:
    """A real worker takes all that lies there, and comes back."""
    queue = Queue(QueueName.STEPS, connection=redis, serializer=JSONSerializer, job_class=StepJob)
    worker = StepWorker([queue], connection=redis, serializer=JSONSerializer, job_class=StepJob)
    worker.work(burst=True, logging_level="CRITICAL")
    assert queue.count == 0, "the worker stopped before the end"


def _failed(redis: Redis) -> set[str]:
    registry = FailedJobRegistry(
        QueueName.STEPS, connection=redis, job_class=StepJob, serializer=JSONSerializer
    )
    return set(registry.get_job_ids(cleanup=False))


@pytest.fixture
def studio(database: str, tmp_path: Path, redis: Redis) -> Iterator[Studio]:
    with studio_on(database, tmp_path, hints=RqHints(redis)) as found:
        steps.install(found.runtime)
        yield found


@pytest.mark.usefixtures("studio")
def test_planted_jobs_fail_unread_and_the_worker_goes_on(redis: Redis, tmp_path: Path) -> None:
    mark = tmp_path / "touched"
    touch = f"touch {mark}"
    planted = {
        "pickle": pickle.dumps(Reduced(mark)),
        "packed-pickle": zlib.compress(pickle.dumps(Reduced(mark))),
        "command": _call("os.system", touch),
        "unknown": _call("worker.nowhere.run", "gen_1"),
        "import": _call("antigravity.fly"),
        "other-step": _call("worker.steps.install", "gen_1"),
        "no-id": _call(JOB),
        "two-ids": _call(JOB, "gen_1", "gen_2"),
        "strange-id": _call(JOB, f"gen_1; {touch}"),
        "nested-id": _call(JOB, ["gen_1"]),
        "strange-watcher": _call(JOB, f"watch_luma; {touch}"),
        "watcher-of-all": _call(JOB, "watch_"),
        "named": _call(JOB, "gen_1", subject_id="gen_2"),
        "instance": zlib.compress(json.dumps([JOB, {"x": 1}, ["gen_1"], {}]).encode()),
        "garbage": b"\x00\xff\xfe garbage",
        "not-four": zlib.compress(b"[1, 2]"),
        "not-a-list": zlib.compress(b'"text"'),
        "empty": b"",
    }
    ids = {name: _push(redis, name, data) for name, data in planted.items()}

    _burst(redis)

    assert not mark.exists()
    assert {name for name, job_id in ids.items() if job_id in _failed(redis)} == set(planted)


UNREADABLE = {
    "created_at": "yesterday",
    "timeout": "soon",
    "result_ttl": "long",
    "status": "dancing",
    "dependency_ids": "{",
    "retry_intervals": "{",
    "enqueue_at_front": "perhaps",
}


@pytest.mark.usefixtures("studio")
def test_jobs_with_fields_nobody_can_read_do_not_end_the_worker(redis: Redis) -> None:
    for name, value in UNREADABLE.items():
        _push(redis, name, _call(JOB, "gen_1"), **{name: value})
    _push(redis, "after", _call("os.system", "true"))

    _burst(redis)

    assert "planted-after" in _failed(redis)


@pytest.mark.usefixtures("studio")
def test_an_id_without_its_job_is_passed_over(redis: Redis) -> None:
    redis.rpush(f"rq:queue:{QueueName.STEPS}", "nothing-there")
    _push(redis, "after", _call("os.system", "true"))

    _burst(redis)

    assert "planted-after" in _failed(redis)


@pytest.mark.parametrize("outcome", ["allowed", "refused"])
def test_no_callback_is_imported_and_no_webhook_is_called(
    studio: Studio, redis: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcome: str
) -> None:
    """RQ would import a callback by its dotted path, and call a webhook's address, whatever the job does."""
    mark = tmp_path / "imported"
    (tmp_path / f"planted_{outcome}.py").write_text(f"open({str(mark)!r}, 'w').close()\ndef act(*_): ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    called: list[str] = []
    with _listening(called) as address:
        names = ("success_callback_name", "failure_callback_name", "stopped_callback_name")
        hooks = [{"url": address, "job_status": status} for status in ("finished", "failed")]
        callbacks = dict.fromkeys(names, f"planted_{outcome}.act")
        generation_id = studio.ask(studio.person(), asked()).generation.id
        redis.flushdb()
        data = _call(JOB, generation_id) if outcome == "allowed" else _call("os.system", "true")
        _push(redis, "hooked", data, webhooks=json.dumps(hooks), **callbacks)

        _burst(redis)

    assert not mark.exists()
    assert called == []
    assert (studio.see(generation_id).generation.state != "queued") == (outcome == "allowed")


def test_our_own_hint_is_run_and_leaves_nothing_behind(studio: Studio, redis: Redis) -> None:
    view = studio.ask(studio.person(), asked())

    _burst(redis)

    assert studio.see(view.generation.id).generation.state != "queued"
    assert _failed(redis) == set()
    assert list(redis.scan_iter("rq:job:*")) == []


@pytest.mark.parametrize("name", ["watch_luma", "watch_luma-dream-machine", "watch_nobody"])
def test_the_hint_of_a_watcher_is_run_and_leaves_nothing_behind(
    studio: Studio, redis: Redis, name: str
) -> None:
    studio.house.hints.send([Hint(name, Lane.WATCH)])
    assert redis.llen(f"rq:queue:{QueueName.STEPS}") == 1

    _burst(redis)

    assert _failed(redis) == set()
    assert list(redis.scan_iter("rq:job:*")) == []


def test_a_hint_of_a_row_that_is_not_there_does_no_harm(studio: Studio, redis: Redis) -> None:
    studio.house.hints.send([Hint("gen_00000000000000000000000000", Lane.STEP_DRAFT)])

    _burst(redis)

    assert _failed(redis) == set()


class _listening:  # noqa: N801 - reads as what it is: `with _listening(...)`
    """A small server that notes who called."""

    def __init__(self, called: list[str]) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                called.append(self.path)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_port}/hook"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
