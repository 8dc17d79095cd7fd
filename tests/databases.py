"""Databases for tests: one migrated template per run, a clone per worker, emptied after each test."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlalchemy import Engine, make_url

from plugin_backend.db import migrate
from plugin_backend.db.engine import open_engine

_TEMPLATE_LOCK = 7_240_116  # workers ask for the template at the same moment; one makes it
_SHARED: dict[str, Engine] = {}


class DatabaseHandout:
    """Makes and drops databases on one server; a run's databases share a prefix."""

    def __init__(self, server_url: str, *, run: str) -> None:
        self._server_url = server_url
        self._prefix = f"test_{run[:12]}"

    def template(self) -> str:
        """The name of the run's migrated database, made on the first call of any worker."""
        name = f"{self._prefix}_template"
        with self._connect() as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [_TEMPLATE_LOCK])
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if found is None:
                self._migrate(connection, name)
        return name

    @contextmanager
    def database(self, name: str, *, template: str = "template1") -> Iterator[str]:
        """The URL of a database that lives as long as the block."""
        full = f"{self._prefix}_{name}"
        with self._connect() as connection:
            _drop(connection, full)
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(full), sql.Identifier(template)
                )
            )
        try:
            yield self._url_of(full)
        finally:
            if engine := _SHARED.pop(self._url_of(full), None):
                engine.dispose()
            with self._connect() as connection:
                _drop(connection, full)

    def clear(self) -> None:
        """Drop whatever the run left on a server that outlives it."""
        with self._connect() as connection:
            names = connection.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [self._prefix]
            ).fetchall()
            for (name,) in names:
                _drop(connection, name)

    def _migrate(self, connection: psycopg.Connection, name: str) -> None:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            migrate.upgrade(self._url_of(name))
        except BaseException:
            _drop(connection, name)
            raise

    def _url_of(self, database: str) -> str:
        return make_url(self._server_url).set(database=database).render_as_string(hide_password=False)

    def _connect(self) -> psycopg.Connection:
        return connect(self._server_url)


class Broom:
    """Puts a database back to what it was: rows the migrations wrote return, all others go.

    Its session stays open: a new one would first read the catalogue of every table, ten times the work.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = self._opened()
        tables = _tables(self._session)
        self._emptied = sql.SQL(" ").join(
            sql.SQL("DELETE FROM {};").format(sql.Identifier(table)) for table in tables
        )
        self._restarted = sql.SQL(" ").join(_restarts(self._session))
        self._first_rows = {table: rows for table in tables if (rows := _rows(self._session, table))}

    def sweep(self) -> None:
        """End sessions a test left in the middle of something, then restore."""
        if self._session.closed or not _answers(self._session):
            self._session = self._opened()
        session = self._session
        session.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
        )
        # Deleting a test's few rows takes a sixth of the time of truncating every table.
        session.execute(self._emptied + self._restarted)
        for table, rows in self._first_rows.items():
            statement = sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(sql.Identifier(table))
            with session.cursor().copy(statement) as copy:
                copy.write(rows)

    def close(self) -> None:
        """Put it away."""
        self._session.close()

    def _opened(self) -> psycopg.Connection:
        session = connect(self._url)
        # The append-only triggers refuse an ordinary session; a replica's apply session is past them.
        session.execute("SET session_replication_role = replica")
        return session


def shared_engine(url: str) -> Engine:
    """The engine that houses of one test after the other share, until their database is dropped.

    Its sessions know the catalogue and its statements are compiled: a new one's first use is most of a test.
    """
    if url not in _SHARED:
        _SHARED[url] = open_engine(url, pool_size=4, application="tests")
    return _SHARED[url]


def connect(url: str) -> psycopg.Connection:
    """A plain autocommit session on a SQLAlchemy URL."""
    return psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)


def until_told(url: str) -> None:
    """Returns once the feed shows every event of a database.

    It stays behind the oldest transaction that runs on the server, and that may be another test's, in another
    database.
    """
    told = "SELECT coalesce(max(xact) < pg_snapshot_xmin(pg_current_snapshot()), true) FROM events"
    until = time.monotonic() + 60
    with connect(url) as connection:
        while connection.execute(told).fetchone() != (True,):
            assert time.monotonic() < until, "an old transaction never ends"
            time.sleep(0.01)


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _tables(connection: psycopg.Connection) -> list[str]:
    found = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    ).fetchall()
    return [name for (name,) in found]


def _restarts(connection: psycopg.Connection) -> list[sql.Composable]:
    """For each sequence, what makes it begin anew; setting it leaves the catalogue alone."""
    found = connection.execute(
        "SELECT sequencename, start_value FROM pg_sequences WHERE schemaname = 'public'"
    ).fetchall()
    return [
        sql.SQL("SELECT setval({}, {}, false);").format(sql.Literal(name), sql.Literal(start))
        for name, start in found
    ]


def _answers(session: psycopg.Connection) -> bool:
    """Whether a session outlived what was done to its server."""
    try:
        session.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def _rows(connection: psycopg.Connection, table: str) -> bytes:
    """A table's rows as COPY writes them; nothing when there are none."""
    identifier = sql.Identifier(table)
    if connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(identifier)).fetchone() is None:
        return b""
    with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(identifier)) as copy:
        return b"".join(bytes(block) for block in copy)
