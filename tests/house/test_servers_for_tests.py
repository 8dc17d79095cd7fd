"""The suite's own promises: every test meets an empty, migrated database and an empty Redis."""

from contextlib import closing

import pytest
from redis import Redis

from plugin_backend.db import migrate
from tests.databases import Broom, connect


def test_the_database_is_migrated_to_the_newest_revision(database: str) -> None:
    assert migrate.current(database) == migrate.head()


@pytest.mark.parametrize("turn", ["first", "second"])
def test_no_test_meets_another_tests_keys(redis: Redis, turn: str) -> None:
    assert redis.dbsize() == 0

    redis.set("turn", turn)


def test_a_broom_restores_the_rows_it_was_made_with(empty_database: str) -> None:
    with connect(empty_database) as connection:
        connection.execute("CREATE TABLE plans (id int GENERATED ALWAYS AS IDENTITY, name text)")
        connection.execute("INSERT INTO plans (name) VALUES ('studio')")
        with closing(Broom(empty_database)) as broom:
            connection.execute("INSERT INTO plans (name) VALUES ('stray')")
            connection.execute("UPDATE plans SET name = 'changed' WHERE id = 1")

            broom.sweep()

        assert connection.execute("SELECT id, name FROM plans").fetchall() == [(1, "studio")]


def test_a_broom_passes_append_only_triggers(empty_database: str) -> None:
    with connect(empty_database) as connection:
        connection.execute("CREATE TABLE ledger (amount int)")
        connection.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'append only'; END$$"
        )
        connection.execute(
            "CREATE TRIGGER keep BEFORE TRUNCATE ON ledger FOR EACH STATEMENT EXECUTE FUNCTION refuse()"
        )
        with closing(Broom(empty_database)) as broom:
            connection.execute("INSERT INTO ledger VALUES (5)")

            broom.sweep()

        assert connection.execute("SELECT count(*) FROM ledger").fetchone() == (0,)


def test_a_session_left_in_the_middle_does_not_block_the_broom(empty_database: str) -> None:
    with connect(empty_database) as connection, closing(connect(empty_database)) as careless:
        connection.execute("CREATE TABLE ledger (amount int)")
        with closing(Broom(empty_database)) as broom:
            careless.execute("BEGIN")
            careless.execute("INSERT INTO ledger VALUES (5)")

            broom.sweep()

        assert connection.execute("SELECT count(*) FROM ledger").fetchone() == (0,)


def test_a_broom_counts_anew_also_after_its_own_session_was_ended(empty_database: str) -> None:
    with connect(empty_database) as connection:
        connection.execute("CREATE SEQUENCE numbers START 7")
        connection.execute("CREATE TABLE ledger (amount int)")
        with closing(Broom(empty_database)) as broom:
            for _ in range(2):
                connection.execute("INSERT INTO ledger VALUES (nextval('numbers'))")
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )

                broom.sweep()

                assert connection.execute("SELECT count(*) FROM ledger").fetchone() == (0,)
                assert connection.execute("SELECT nextval('numbers')").fetchone() == (7,)
                broom.sweep()
