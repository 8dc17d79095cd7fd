"""Alembic, called from the CLI, the release phase and the tests."""

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, pool

from plugin_backend.db.plans import ship_plans
from plugin_backend.db.revisions import MIGRATIONS, head, revision_of

__all__ = ["current", "downgrade", "head", "upgrade"]


def upgrade(url: str, revision: str = "head") -> None:
    """Bring a database up to a revision; idempotent, one at a time (an advisory lock).

    At the head it also has the plans that this version ships.
    """
    command.upgrade(_config(url), revision)
    if current(url) == head():
        engine = create_engine(url, poolclass=pool.NullPool)
        with engine.begin() as connection:
            ship_plans(connection)


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
