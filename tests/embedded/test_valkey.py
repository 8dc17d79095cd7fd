"""The embedded Valkey: starts, keeps its file, survives a kill, leaves nothing behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from plugin_backend.embedded.valkey import EmbeddedValkey


def _put(server: EmbeddedValkey, value: str) -> None:
    with Redis.from_url(server.url) as redis:
        redis.set("key", value)


def _get(server: EmbeddedValkey) -> object:
    with Redis.from_url(server.url, decode_responses=True) as redis:
        return redis.get("key")


def _running(folder: Path) -> list[int]:
    processes = psutil.process_iter(["cmdline"])
    return [each.pid for each in processes if any(str(folder) in part for part in each.info["cmdline"] or [])]


def test_an_orderly_restart_keeps_everything_at_the_same_address(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as server:
        _put(server, "kept")
        address = server.url

        server.restart()

        assert server.url == address
        assert _get(server) == "kept"


def test_a_second_start_on_the_same_folder_finds_the_keys(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as first:
        _put(first, "kept")

    with EmbeddedValkey(tmp_path) as second:
        assert _get(second) == "kept"


def test_killed_it_answers_nothing_and_starts_again(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as server:
        server.kill()
        assert not server.is_running
        with pytest.raises(RedisConnectionError):
            _put(server, "lost")

        server.start()

        _put(server, "after")
        assert _get(server) == "after"


def test_two_projects_and_two_numbered_databases_do_not_meet(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path / "one") as one, EmbeddedValkey(tmp_path / "two") as two:
        _put(one, "one")
        _put(two, "two")

        assert (_get(one), _get(two)) == ("one", "two")
        with Redis.from_url(one.url_of(5)) as elsewhere:
            assert elsewhere.dbsize() == 0


def test_no_port_is_open(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path):
        (pid,) = _running(tmp_path)

        assert psutil.Process(pid).net_connections(kind="inet") == []


def test_a_killed_owner_takes_its_server_along(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, sys; from plugin_backend.embedded.valkey import EmbeddedValkey;"
        "EmbeddedValkey(pathlib.Path(sys.argv[1])).start(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, tmp_path], check=False)

    with EmbeddedValkey(tmp_path) as server:
        _put(server, "next owner")

        assert len(_running(tmp_path)) == 1
    assert _running(tmp_path) == []


def test_one_that_died_is_not_running_until_started_again(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as server:
        (pid,) = _running(tmp_path)
        os.kill(pid, signal.SIGKILL)
        psutil.wait_procs([psutil.Process(pid)], timeout=60)
        assert not server.is_running

        server.start()

        assert server.is_running
