"""Migrations while the service runs: nobody waits long for a table, and a roll-back changes nothing."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from plugin_backend.db import migrate
from tests.databases import connect

_RELEASED = "0007"
_WAITING = (
    "SELECT query_start FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%ALTER%'"
)
_READERS_WAIT = "SET lock_timeout = '1500ms'"


def test_a_table_that_is_busy_is_asked_for_again_and_its_readers_go_on(empty_database: str) -> None:
    migrate.upgrade(empty_database, _RELEASED)
    with connect(empty_database) as long_reader, connect(empty_database) as requests:
        requests.execute(_READERS_WAIT)
        long_reader.execute("BEGIN; SELECT count(*) FROM generations")
        with _upgrading(empty_database) as upgrading:
            tries: set[object] = set()
            while len(tries) < 3 and upgrading.poll() is None:
                requests.execute("SELECT count(*) FROM generations")  # an error when it waits too long
                tries.update(requests.execute(_WAITING).fetchall())
            reached = migrate.current(empty_database)
            long_reader.execute("COMMIT")

    assert (len(tries), reached) == (3, _RELEASED)
    assert migrate.current(empty_database) == migrate.head()


def test_two_release_phases_at_once_make_one_schema(empty_database: str) -> None:
    with _upgrading(empty_database), _upgrading(empty_database):
        pass

    assert migrate.current(empty_database) == migrate.head()


def test_the_release_phase_of_an_earlier_release_leaves_the_schema_as_it_is(empty_database: str) -> None:
    migrate.upgrade(empty_database)
    with connect(empty_database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    migrate.upgrade(empty_database)

    assert migrate.current(empty_database) == "9999"


@contextmanager
def _upgrading(url: str) -> "Iterator[subprocess.Popen[bytes]]":
    """A release phase that runs beside the block, in a process of its own; it must end well soon after."""
    command = [sys.executable, "-c", f"from plugin_backend.db import migrate; migrate.upgrade({url!r})"]
    with subprocess.Popen(command) as process:
        yield process
        assert process.wait(60) == 0
