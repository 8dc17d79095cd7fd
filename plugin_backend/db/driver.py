"""The hottest statements, straight through the driver: a third of the work of the same through SQLAlchemy.

Errors come out as SQLAlchemy's, so that callers know one kind. Everything that is not on the path of every
request has no business here.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, TypeVar

import psycopg
from psycopg.pq import ExecStatus
from psycopg.rows import RowFactory, tuple_row
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from plugin_backend.db.pool import FairPool

_BEGIN: Final = b"BEGIN; SELECT clock_timestamp()"

Row = TypeVar("Row")


def fetch_one(
    connection: Connection, statement: str, values: Mapping[str, Any] | None = None
) -> tuple[Any, ...] | None:
    """The first row of a statement inside the connection's transaction."""
    driver = _driver(connection)
    try:
        return _asked(driver, statement, values, into=tuple_row)
    except psycopg.OperationalError as error:
        if driver.broken:
            connection.invalidate(error)
        raise OperationalError(statement, dict(values or {}), error) from error


def glance(engine: Engine, statement: str, values: Mapping[str, Any], *, into: RowFactory[Row]) -> Row | None:
    """The first row of a statement outside any transaction; asked once more where the connection was lost."""
    assert isinstance(engine.pool, FairPool)
    try:
        with engine.pool.lend() as driver:
            try:
                return _asked(driver, statement, values, into=into)
            except psycopg.OperationalError:
                if not driver.broken:
                    raise
        with engine.pool.lend() as driver:
            return _asked(driver, statement, values, into=into)
    except psycopg.OperationalError as error:
        raise OperationalError(statement, dict(values), error) from error


def _asked(
    driver: psycopg.Connection[Any],
    statement: str,
    values: Mapping[str, Any] | None,
    *,
    into: RowFactory[Row],
) -> Row | None:
    text, names = _numbered(statement)
    given = [values[name] for name in names] if values else None
    return psycopg.RawCursor(driver, row_factory=into).execute(text, given).fetchone()


@lru_cache(maxsize=256)
def _numbered(statement: str) -> tuple[str, tuple[str, ...]]:
    """As the server reads it, with the names of its parameters in order.

    psycopg reads a statement of over 4,096 characters anew whenever it is sent: a quarter of the work of
    accepting a generation.
    """
    numbers: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        name = found["name"]
        return "%" if name is None else f"${numbers.setdefault(name, len(numbers) + 1)}"

    text = re.sub(r"%(%|\((?P<name>\w+)\)s)", number, statement)
    return text, tuple(numbers)


def begin(connection: Connection) -> datetime:
    """Open the connection's transaction and read the database's clock, in one round trip."""
    driver = _driver(connection)
    answer = driver.pgconn.exec_(_BEGIN)
    if answer.status != ExecStatus.TUPLES_OK:
        error = psycopg.OperationalError(answer.error_message.decode(errors="replace"))
        if driver.broken:
            connection.invalidate(error)
        raise OperationalError(_BEGIN.decode(), {}, error)
    moment = answer.get_value(0, 0)
    assert moment is not None
    return datetime.fromisoformat(moment.decode())


def _driver(connection: Connection) -> "psycopg.Connection[Any]":
    found: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]  # psycopg is the only driver
    return found
