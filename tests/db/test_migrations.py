"""The migrations build exactly what the code believes in, and can be taken back."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, pool, text

from plugin_backend.db import migrate
from plugin_backend.db.tables import APPEND_ONLY, COUNTED, metadata
from plugin_backend.db.tables.columns import Xid8
from tests.databases import connect
from tests.house.repository import ROOT

# What the catalogues say of a schema, its own name left out: columns, constraints, indexes.
_COLUMNS = """
    SELECT table_name, column_name, udt_name, is_nullable, column_default, is_identity, identity_generation
    FROM information_schema.columns WHERE table_schema = :schema AND table_name <> 'alembic_version'
"""
# A deferred trigger is filed as a constraint too; SQLAlchemy makes none, and they are looked at further down.
_CONSTRAINTS = """
    SELECT c.conrelid::regclass::text, c.conname, c.contype::text, pg_get_constraintdef(c.oid)
    FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
    WHERE n.nspname = :schema AND c.contype <> 't' AND c.conrelid::regclass::text NOT LIKE '%alembic_version'
"""
_INDEXES = """
    SELECT tablename, indexname, indexdef FROM pg_indexes
    WHERE schemaname = :schema AND tablename <> 'alembic_version'
"""


def test_there_is_one_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "plugin_backend" / "db" / "migrations"))

    assert ScriptDirectory.from_config(config).get_heads() == [migrate.head()]


def test_up_and_down_and_up_again(empty_database: str) -> None:
    migrate.upgrade(empty_database)
    first = _described(empty_database)
    migrate.downgrade(empty_database)
    bare = _left_over(empty_database)
    migrate.upgrade(empty_database)

    assert bare == []
    assert _described(empty_database) == first
    assert migrate.current(empty_database) == migrate.head()


def test_going_up_twice_changes_nothing(empty_database: str) -> None:
    migrate.upgrade(empty_database)
    with connect(empty_database) as connection:
        connection.execute("UPDATE plans SET label = 'Renamed' WHERE id = 'free'")

    migrate.upgrade(empty_database)

    with connect(empty_database) as connection:
        assert connection.execute("SELECT label FROM plans WHERE id = 'free'").fetchone() == ("Renamed",)


def test_of_exports_that_were_packed_at_once_the_newest_goes_on(empty_database: str) -> None:
    migrate.upgrade(empty_database, "0024")
    with connect(empty_database) as connection:
        connection.execute("INSERT INTO workspaces (id, name, created_at) VALUES ('wsp_1', 'w', now())")
        for owner in ("usr_1", "usr_2"):
            connection.execute(
                "INSERT INTO users (id, workspace_id, email, role, plan_id, created_at)"
                " SELECT %(id)s, 'wsp_1', %(id)s, 'editor', min(id), now() FROM plans",
                {"id": owner},
            )
        connection.execute(
            "INSERT INTO exports (id, workspace_id, owner_id, state, created_at) SELECT"
            " 'exp_' || n, 'wsp_1', 'usr_' || 1 + n / 4, 'building', now() FROM generate_series(1, 4) n"
        )
    migrate.upgrade(empty_database)
    with connect(empty_database) as connection:
        found = connection.execute("SELECT id, state FROM exports ORDER BY id").fetchall()
    states = ["failed", "failed", "building", "building"]
    assert found == [(f"exp_{number}", state) for number, state in enumerate(states, 1)]


def test_the_code_describes_the_migrated_schema(database: str) -> None:
    engine = create_engine(database, poolclass=pool.NullPool)
    with engine.connect() as connection:
        # SQLAlchemy knows no xid8 of its own; without this it would warn and compare nothing.
        connection.dialect.ischema_names["xid8"] = Xid8  # type: ignore[attr-defined]  # of every dialect it ships
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, metadata) == []


def test_columns_constraints_and_indexes_are_those_of_the_code(empty_database: str) -> None:
    migrate.upgrade(empty_database)
    engine = create_engine(empty_database, poolclass=pool.NullPool)
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA declared"))
        connection.execute(text("SET LOCAL search_path TO declared, pg_catalog"))
        metadata.create_all(connection)

    assert _catalogue(engine, "declared") == _catalogue(engine, "public")


def test_only_the_books_the_journal_and_what_is_counted_carry_triggers(database: str) -> None:
    with connect(database) as connection:
        found = connection.execute(
            "SELECT DISTINCT event_object_table FROM information_schema.triggers"
        ).fetchall()

    assert {name for (name,) in found} == {table.name for table in APPEND_ONLY} | set(COUNTED)


def _catalogue(engine: Engine, schema: str) -> dict[str, list[tuple[Any, ...]]]:
    """What the server knows of a schema, spelt without the schema's name."""
    found = {}
    with engine.connect() as connection:
        connection.execute(text(f"SET search_path TO {schema}"))
        for name, query in (("columns", _COLUMNS), ("constraints", _CONSTRAINTS), ("indexes", _INDEXES)):
            rows = connection.execute(text(query), {"schema": schema})
            found[name] = sorted(tuple(str(cell).replace(f"{schema}.", "") for cell in row) for row in rows)
    assert all(found.values())
    return found


def _described(url: str) -> dict[str, list[tuple[Any, ...]]]:
    return _catalogue(create_engine(url, poolclass=pool.NullPool), "public")


def _left_over(url: str) -> list[str]:
    """Tables, functions and types that are still there."""
    with connect(url) as connection:
        found = connection.execute(
            "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE nspname = 'public' AND relname NOT LIKE 'alembic_version%'"
            " UNION ALL SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
            " WHERE nspname = 'public'"
        ).fetchall()
    return [name for (name,) in found]
