"""The connection pool: few connections, each with lock, statement and idle timeouts."""

import json
from typing import Any

import orjson
from psycopg.types.json import set_json_loads
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

from plugin_backend.db.pool import FairPool, is_dead

_SESSION = {
    "lock_timeout": "5000",
    "statement_timeout": "10000",
    "idle_in_transaction_session_timeout": "15000",
    "timezone": "UTC",
    # Compiling a plan takes longer than our queries do.
    "jit": "off",
}
_OPTIONS = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())


def open_engine(
    url: str, *, pool_size: int = 1, overflow: int = 1, application: str = "plugin-backend"
) -> Engine:
    """An engine that checks each connection before use, so a restarted server is met with a fresh one."""
    set_json_loads(read_json)
    engine = create_engine(
        url,
        json_deserializer=read_json,
        pool_recycle=1800,
        poolclass=FairPool,
        pool_size=pool_size,
        max_overflow=overflow,
        pool_timeout=10,
        connect_args={"options": _OPTIONS, "application_name": application, "connect_timeout": 5},
    )
    event.listen(engine, "checkout", _refuse_the_dead)
    return engine


def read_json(data: bytes | str) -> Any:
    """A value of a JSON column; what no double holds, as a document of somebody's own may, is read slowly."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return json.loads(data)


def _refuse_the_dead(connection: Any, record: object, _proxy: object) -> None:
    if is_dead(connection, record):
        raise DisconnectionError("The server hung up.")
