"""The shipped plans in a database: written once, brought up to date, and an operator's edits left alone."""

import psycopg
from psycopg.rows import dict_row
from sqlalchemy import create_engine, pool

from plugin_backend.db import migrate
from plugin_backend.db.plans import list_plans, ship_plans
from plugin_backend.domain.money.plan_limits import shipped_plans
from tests.databases import connect


def test_a_migrated_database_holds_the_plans_that_ship(database: str) -> None:
    engine = create_engine(database, poolclass=pool.NullPool)
    with engine.begin() as connection:
        assert list_plans(connection) == shipped_plans()


def test_a_database_of_an_earlier_version_gets_what_is_new_and_keeps_what_was_edited(
    empty_database: str,
) -> None:
    migrate.upgrade(empty_database, "0009")
    with connect(empty_database) as connection:
        connection.execute("UPDATE plans SET drafts_per_day = 77, label = 'Ours' WHERE id = 'free'")
        connection.execute("INSERT INTO plans VALUES ('house', 'House', 5, 2, 50)")

    migrate.upgrade(empty_database)

    with connect(empty_database) as connection:
        free, house = _plan(connection, "free"), _plan(connection, "house")
    assert (free["drafts_per_day"], free["label"]) == (77, "Ours")
    assert (free["max_resolution"], free["hdr"], free["sign_up_credits"]) == ("1080p", False, 100)
    assert (house["tiers"], house["hdr"], house["models"], house["shipped"]) == (
        ["draft", "master"],
        True,
        None,
        None,
    )


def test_an_edit_of_a_new_limit_outlives_the_next_release(database: str) -> None:
    with connect(database) as connection:
        connection.execute("UPDATE plans SET hdr = true, credits_per_month = 9 WHERE id = 'free'")
        before = _plan(connection, "free")

    engine = create_engine(database, poolclass=pool.NullPool)
    with engine.begin() as opened:
        ship_plans(opened)

    with connect(database) as connection:
        assert _plan(connection, "free") == before


def _plan(connection: psycopg.Connection, plan_id: str) -> dict[str, object]:
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute("SELECT * FROM plans WHERE id = %s", [plan_id]).fetchone()
    assert found is not None
    return found
