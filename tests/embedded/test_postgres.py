"""The embedded PostgreSQL: starts, keeps its data, survives a crash, leaves nothing behind."""

import os
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest

from plugin_backend.embedded.postgres import EmbeddedPostgres
from plugin_backend.embedded.process import EmbeddedServerError
from tests.databases import connect


def _count(url: str) -> int:
    with connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM shots").fetchone()
    assert row is not None
    return int(row[0])


def _insert(url: str, *, shots: int) -> None:
    with connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS shots (number int)")
        connection.execute("INSERT INTO shots SELECT generate_series(1, %s)", [shots])


def _servers_naming(folder: Path) -> list[psutil.Process]:
    processes = psutil.process_iter(["cmdline"])
    return [each for each in processes if any(str(folder) in part for part in each.info["cmdline"] or [])]


def test_it_is_version_18_and_speaks_utf_8(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "postgres") as server, connect(server.url) as connection:
        assert connection.info.server_version // 10_000 == 18
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)


def test_a_second_start_on_the_same_folder_finds_the_rows(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path) as first:
        _insert(first.url, shots=7)

    with EmbeddedPostgres(tmp_path) as second:
        assert _count(second.url) == 7


def test_a_crash_loses_no_committed_row_and_keeps_the_address(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path) as server:
        _insert(server.url, shots=1000)
        address = server.url

        server.restart(immediate=True)

        assert server.url == address
        assert _count(address) == 1000


def test_two_projects_run_side_by_side(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "one") as one, EmbeddedPostgres(tmp_path / "two") as two:
        _insert(one.url, shots=1)
        _insert(two.url, shots=2)

        assert (_count(one.url), _count(two.url)) == (1, 2)


def test_a_folder_too_deep_for_a_socket_still_works(tmp_path: Path) -> None:
    deep = tmp_path / ("a-long-project-name-" * 5) / "postgres"

    with EmbeddedPostgres(deep) as server:
        _insert(server.url, shots=3)

        assert _count(server.url) == 3


def test_a_server_that_died_starts_again_on_request(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path) as server:
        _insert(server.url, shots=5)
        for each in _servers_naming(tmp_path):
            with suppress(psutil.NoSuchProcess):  # the first takes the others along
                each.kill()
        _, alive = psutil.wait_procs(_servers_naming(tmp_path), timeout=60)
        assert not alive
        assert not server.is_running

        server.start()

        assert _count(server.url) == 5


def test_a_killed_postmaster_is_replaced_while_its_sessions_are_still_leaving(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path) as server, closing(connect(server.url)) as session:
        _insert(server.url, shots=5)
        postmaster = psutil.Process(int((tmp_path / "cluster" / "postmaster.pid").read_text().split()[0]))
        session.execute("BEGIN")
        postmaster.kill()
        psutil.wait_procs([postmaster], timeout=60)

        server.start()

        assert _count(server.url) == 5


def test_nothing_runs_after_the_block(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path):
        assert _servers_naming(tmp_path)

    assert _servers_naming(tmp_path) == []


def test_a_killed_owner_takes_its_server_along_and_the_next_owner_starts(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, sys; from plugin_backend.embedded.postgres import EmbeddedPostgres;"
        "EmbeddedPostgres(pathlib.Path(sys.argv[1])).start(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, tmp_path], check=False)

    with EmbeddedPostgres(tmp_path) as server:
        _insert(server.url, shots=1)

        assert _count(server.url) == 1
    assert _servers_naming(tmp_path) == []


def test_a_pid_file_that_speaks_of_a_stranger_is_not_believed(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path):
        pass
    (tmp_path / "cluster" / "postmaster.pid").write_text(f"{os.getpid()}\n")

    with EmbeddedPostgres(tmp_path) as server:  # and this very process was not signalled
        assert server.is_running


def test_a_broken_cluster_is_reported_with_what_the_log_says(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path):
        pass
    (tmp_path / "cluster" / "postgresql.conf").write_text("no_such_setting = 1\n")

    with pytest.raises(EmbeddedServerError, match="no_such_setting"):
        EmbeddedPostgres(tmp_path).start()
