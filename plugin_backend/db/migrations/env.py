"""Runs migrations over one connection, each in a transaction of its own, one runner at a time.

Requests go on meanwhile: a statement that waits for a table makes everybody wait behind it, so it waits for a
moment only, gives up, and is tried again (`migrate.py`).
"""

import time

from alembic import context
from sqlalchemy import Connection, create_engine, pool, text

from plugin_backend.db.tables import metadata

_LOCK = 7_305_112  # any number, the same for every runner
_ASK_EVERY_SECONDS = 0.1


def _run() -> None:
    engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    with engine.connect() as connection:
        _take_turn(connection)
        connection.execute(text("SET lock_timeout = '300ms'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=metadata,
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


def _take_turn(connection: Connection) -> None:
    """Until the connection ends nobody else runs; who waits holds no transaction for an index to wait for."""
    asked = text("SELECT pg_try_advisory_lock(:lock)")
    while not connection.execute(asked, {"lock": _LOCK}).scalar_one():
        connection.commit()
        time.sleep(_ASK_EVERY_SECONDS)
    connection.commit()


_run()
