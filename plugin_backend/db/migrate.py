"""Alembic, called from the CLI, the release phase and the tests."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, pool

_FOLDER = Path(__file__).parent / "migrations"


def upgrade(url: str, revision: str = "head") -> None:
    """Bring a database up to a revision; idempotent, one at a time (an advisory lock)."""
    command.upgrade(_config(url), revision)


def downgrade(url: str, revision: str = "base") -> None:
    """Take a database down to a revision."""
    command.downgrade(_config(url), revision)


def head() -> str:
    """The newest revision this code knows."""
    found = ScriptDirectory.from_config(_config("")).get_current_head()
    assert found is not None
    return found


def revision_of(connection: Connection) -> str | None:
    """The revision a database stands at."""
    return MigrationContext.configure(connection).get_current_revision()


def current(url: str) -> str | None:
    """The revision of the database at a URL."""
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        return revision_of(connection)


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["url"] = url
    return config
