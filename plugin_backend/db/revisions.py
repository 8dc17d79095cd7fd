"""Which revision the code knows and a database stands at, without Alembic: the web door only asks."""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text

MIGRATIONS: Final = Path(__file__).parent / "migrations"


def head() -> str:
    """The newest revision this code knows: they are numbered, in one line."""
    return max(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def lacks(found: str | None) -> bool:
    """Whether a database at this revision has yet to be brought to ours.

    At a later one it has not: migrations expand first, so this code runs on the schema of the next release,
    as it must while that release's own processes start.
    """
    return found != head() and not is_ahead(found)


def is_ahead(found: str | None) -> bool:
    """Whether a database is at a revision that this code does not know yet."""
    return found is not None and found.isdigit() and int(found) > int(head())


def revision_of(connection: Connection) -> str | None:
    """The revision a database stands at; None before the first."""
    if connection.execute(text("SELECT to_regclass('alembic_version')")).scalar_one() is None:
        return None
    found: str | None = connection.execute(
        text("SELECT version_num FROM alembic_version")
    ).scalar_one_or_none()
    return found
