"""Alembic, called from the CLI, the release phase and the tests."""

import time
from typing import Final

from alembic import command
from alembic.config import Config
from psycopg import errors
from sqlalchemy import create_engine, pool
from sqlalchemy.exc import OperationalError

from plugin_backend.db.plans import ship_plans
from plugin_backend.db.revisions import MIGRATIONS, head, is_ahead, lacks, revision_of

__all__ = ["current", "downgrade", "head", "lacks", "upgrade"]

_PATIENCE_SECONDS: Final = 600.0
_PAUSE_SECONDS: Final = 0.5
_BUSY: Final = (errors.LockNotAvailable, errors.DeadlockDetected)


def upgrade(url: str, revision: str = "head") -> None:
    """Bring a database up to a revision; idempotent, one at a time (an advisory lock), beside requests.

    A table that is busy is asked for again until there is a moment without; an error when there is none
    in ten minutes. A database that is ahead of this code, as after a roll-back, is left as it is. At the head
    it also has the plans that this version ships.
    """
    if is_ahead(current(url)):
        return
    until = time.monotonic() + _PATIENCE_SECONDS
    while not _upgraded(url, revision, is_last=time.monotonic() >= until):
        time.sleep(_PAUSE_SECONDS)
    if current(url) == head():
        engine = create_engine(url, poolclass=pool.NullPool)
        with engine.begin() as connection:
            ship_plans(connection)


def _upgraded(url: str, revision: str, *, is_last: bool) -> bool:
    """False when a table was busy or two waited for each other; what was done before stays done."""
    try:
        command.upgrade(_config(url), revision)
    except (OperationalError, *_BUSY) as error:
        if is_last or not isinstance(getattr(error, "orig", error), _BUSY):
            raise
        return False
    return True


def downgrade(url: str, revision: str = "base") -> None:
    """Take a database down to a revision."""
    command.downgrade(_config(url), revision)


def current(url: str) -> str | None:
    """The revision of the database at a URL."""
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        return revision_of(connection)


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config
