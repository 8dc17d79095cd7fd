"""Runs migrations over one connection, inside one transaction, one runner at a time."""

from alembic import context
from sqlalchemy import create_engine, pool, text

from plugin_backend.db.tables import metadata

_LOCK = 7_305_112  # any number, the same for every runner


def _run() -> None:
    engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=metadata, compare_type=True)
        with context.begin_transaction():
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            context.run_migrations()


_run()
