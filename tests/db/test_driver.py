"""The bare driver under the hottest statements keeps what the pool and its wrapping promise."""

from collections.abc import Iterator
from datetime import UTC, timedelta

import psycopg
import pytest
from psycopg.rows import scalar_row
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from plugin_backend.db.driver import begin, fetch_one, glance
from plugin_backend.db.engine import open_engine

_PID = "SELECT pg_backend_pid()"


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """An engine with one connection, so that each use meets what the last one left."""
    opened = open_engine(database, pool_size=1, overflow=0)
    yield opened
    opened.dispose()


def _glance(engine: Engine, statement: str = _PID) -> object:
    return glance(engine, statement, {}, into=scalar_row)


def _hang_up(database: str, pid: object) -> None:
    """End a connection from the server's side, and wait until it is gone."""
    with psycopg.connect(database.replace("+psycopg", "", 1), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])


def test_a_glance_leaves_no_transaction_behind(engine: Engine) -> None:
    _glance(engine)
    with engine.connect() as connection:
        connection.execute(text("UPDATE plans SET label = 'changed'"))
    assert _glance(engine, "SELECT count(*) FROM plans WHERE label = 'changed'") == 0


def test_a_glance_at_a_server_that_hung_up_meets_a_fresh_connection(engine: Engine, database: str) -> None:
    first = _glance(engine)
    _hang_up(database, first)
    assert _glance(engine) != first


def test_a_glance_that_fails_gives_its_connection_back(engine: Engine) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        _glance(engine, "SELECT 1 FROM nowhere")
    assert _glance(engine) == _glance(engine)


def test_a_glance_that_cannot_connect_says_so_each_time() -> None:
    away = open_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing", pool_size=1, overflow=0)
    for _ in range(3):
        with pytest.raises(OperationalError):
            _glance(away)


def test_a_transaction_begins_with_the_databases_moment(engine: Engine) -> None:
    with engine.begin() as connection:
        now = begin(connection)
        seen = fetch_one(connection, "SELECT now(), clock_timestamp()")
        connection.execute(text("UPDATE plans SET label = 'changed'"))
        connection.rollback()
    assert seen is not None
    assert seen[0] <= now <= seen[1]
    assert now.utcoffset() == timedelta(0) == seen[0].astimezone(UTC).utcoffset()
    assert _glance(engine, "SELECT count(*) FROM plans WHERE label = 'changed'") == 0


def test_a_transaction_that_cannot_begin_makes_room_for_one_that_can(engine: Engine, database: str) -> None:
    first = _glance(engine)
    with engine.connect() as connection:
        assert connection.connection.driver_connection
        _hang_up(database, first)
        with pytest.raises(OperationalError):
            begin(connection)
    with engine.begin() as connection:
        begin(connection)
        assert fetch_one(connection, _PID) != (first,)
