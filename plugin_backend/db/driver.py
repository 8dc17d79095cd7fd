"""The hottest statements, straight through the driver: a third of the work of the same through SQLAlchemy.

Errors come out as SQLAlchemy's, so that callers know one kind. Everything that is not on the path of every
request has no business here.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from psycopg.rows import RowFactory, tuple_row
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

Row = TypeVar("Row")


def fetch_one(
    connection: Connection, statement: str, values: Mapping[str, Any] | None = None
) -> tuple[Any, ...] | None:
    """The first row of a statement inside the connection's transaction."""
    driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]  # psycopg is the only driver
    try:
        return driver.cursor(row_factory=tuple_row).execute(statement, values).fetchone()
    except psycopg.OperationalError as error:
        if driver.broken:
            connection.invalidate(error)
        raise OperationalError(statement, dict(values or {}), error) from error


def glance(engine: Engine, statement: str, values: Mapping[str, Any], *, into: RowFactory[Row]) -> Row | None:
    """The first row of a statement outside any transaction."""
    try:
        with _lent(engine) as driver:
            return driver.cursor(row_factory=into).execute(statement, values).fetchone()
    except psycopg.OperationalError as error:
        raise OperationalError(statement, dict(values), error) from error


@contextmanager
def _lent(engine: Engine) -> "Iterator[psycopg.Connection[Any]]":
    """A pooled connection that opens no transactions, given back as it was."""
    pooled = engine.raw_connection()
    driver: psycopg.Connection[Any] = pooled.driver_connection  # type: ignore[assignment]  # psycopg is the only driver
    driver.autocommit = True
    try:
        yield driver
    finally:
        if driver.closed:
            pooled.invalidate()
        else:
            driver.autocommit = False
        pooled.close()
