"""What the database refuses by itself, whatever the code asks: money, states, uniqueness, the books."""

from collections.abc import Callable
from typing import Any

import pytest
from psycopg.errors import (
    CheckViolation,
    ForeignKeyViolation,
    NotNullViolation,
    UniqueViolation,
)
from psycopg.types.json import Jsonb

from plugin_backend.db.engine import open_engine
from plugin_backend.db.tables import metadata
from tests.db.bad_rows import BAD_ROWS as OF_WORK
from tests.db.bad_rows import ENDED, PERSON
from tests.db.bad_rows_of_people import BAD_ROWS_OF_PEOPLE, MAIL
from tests.db.rows import ASSET, AT, ATTEMPT, CHUNK, DELIVERY, GENERATION, OWNED, RENDER, TAKE, WORK, Rows

BAD_ROWS = [*OF_WORK, *BAD_ROWS_OF_PEOPLE]

_OF_STRANGERS = {
    "mails": "a letter may go to somebody who is not here yet",
    "work": "that letter has a next step",
}
"""Whose rows may be nobody's, and why; half somebody's they never are (`owned_or_nobodys`)."""
SOMEBODYS = sorted(
    {each.name for each in metadata.sorted_tables if "owner_id" in each.c}.difference(_OF_STRANGERS)
)


@pytest.mark.parametrize(
    ("table", "good", "wrong", "guard"),
    BAD_ROWS,
    ids=[f"{t}-{g}-{n}" for n, (t, _, _, g) in enumerate(BAD_ROWS)],
)
def test_a_bad_row_is_refused_by_its_guard(
    rows: Rows, table: str, good: dict[str, Any], wrong: dict[str, Any], guard: str
) -> None:
    identity = {"id": f"{good['id'].partition('_')[0]}_new"} if "id" in good else {}

    with pytest.raises(CheckViolation) as refusal:
        rows.insert(table, good, **identity, **wrong)

    assert guard in (refusal.value.diag.constraint_name or "")


def test_every_check_of_the_schema_has_a_bad_row_here(rows: Rows) -> None:
    """A new constraint comes with its proof."""
    found = rows.connection.execute(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c'"
        " AND connamespace = 'public'::regnamespace"
    ).fetchall()
    proven = {(table, guard) for table, _, _, guard in BAD_ROWS}

    assert {
        (table, name)
        for table, name in found
        if table != "ledger_entries" and not any(table == t and guard in name for t, guard in proven)
    } == set()


def _second_attempt(rows: Rows) -> None:
    rows.insert("attempts", ATTEMPT)
    rows.insert("attempts", ATTEMPT, id="att_2", token="two", state="accepted")


def _same_token(rows: Rows) -> None:
    rows.insert("attempts", ATTEMPT, state="lost")
    rows.insert("attempts", ATTEMPT, id="att_2")


def _same_reference(rows: Rows) -> None:
    rows.insert("attempts", ATTEMPT, state="closed", provider_ref="r")
    rows.insert("attempts", ATTEMPT, id="att_2", token="two", provider_ref="r")


def _same_account(rows: Rows) -> None:
    rows.insert("accounts", {"id": "acc_3", "owner_kind": "user", "owner_id": "usr_1"})


def _same_address(rows: Rows) -> None:
    rows.insert("users", PERSON, email="ONE@Example.org")


def _same_take(rows: Rows) -> None:
    rows.insert("takes", TAKE, id="take_2")


def _same_render(rows: Rows) -> None:
    rows.insert("renders", RENDER, id="rnd_2")


def _same_chunk(rows: Rows) -> None:
    rows.insert("chunks", CHUNK)
    rows.insert("chunks", CHUNK, id="chk_2")


def _same_work(rows: Rows) -> None:
    rows.insert("work", WORK)
    rows.insert("work", WORK)


def _same_key(rows: Rows) -> None:
    key = {"owner_id": "usr_1", "route": "r", "key": "k", "fingerprint": "f", "created_at": AT}
    rows.insert("idempotency_keys", key)
    rows.insert("idempotency_keys", key)


@pytest.mark.parametrize(
    "act",
    [
        _second_attempt,
        _same_token,
        _same_reference,
        _same_account,
        _same_address,
        _same_take,
        _same_render,
        _same_chunk,
        _same_work,
        _same_key,
    ],
)
def test_what_there_is_one_of_stays_one(rows: Rows, act: Callable[[Rows], None]) -> None:
    with pytest.raises(UniqueViolation):
        act(rows)


def test_a_new_attempt_may_follow_one_that_ended_and_another_part_has_its_own(rows: Rows) -> None:
    for number, state in enumerate(("refused", "lost", "closed", "intent")):
        rows.insert("attempts", ATTEMPT, id=f"att_{number}", token=f"t{number}", state=state)

    rows.insert("attempts", ATTEMPT, id="att_9", token="t9", part=1)


@pytest.mark.parametrize("table", SOMEBODYS)
def test_every_row_of_somebodys_says_whose_it_is(rows: Rows, table: str) -> None:
    nullable = rows.connection.execute(
        "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
        " AND column_name IN ('owner_id', 'workspace_id') AND is_nullable = 'YES'",
        [table],
    ).fetchone()

    assert nullable == (0,)


@pytest.mark.parametrize("table", ["generations", "takes", "assets", "deliveries", "work"])
def test_a_row_of_half_an_owner_or_of_a_stranger_is_refused(rows: Rows, table: str) -> None:
    good = {"generations": GENERATION, "takes": TAKE, "assets": ASSET, "deliveries": DELIVERY, "work": WORK}
    others: dict[str, dict[str, Any]] = {"takes": {"number": 2}, "work": {}}
    key = "subject_id" if table == "work" else "id"
    fresh = {key: "new_1", **others.get(table, {})}

    with pytest.raises(CheckViolation if table in _OF_STRANGERS else NotNullViolation):
        rows.insert(table, good[table], **fresh, owner_id=None)
    with pytest.raises(ForeignKeyViolation):
        rows.insert(table, good[table], **fresh, **{**OWNED, "workspace_id": "wsp_9"})


def test_a_letter_to_a_stranger_and_its_step_are_nobodys(rows: Rows) -> None:
    rows.insert("mails", MAIL)
    rows.insert("work", WORK, subject_id=MAIL["id"], owner_id=None, workspace_id=None)


def test_a_stored_take_and_an_ended_generation_are_accepted_when_whole(rows: Rows) -> None:
    rows.insert("takes", TAKE, id="take_2", number=2, state="stored", source=Jsonb({}))
    rows.insert("generations", GENERATION, id="gen_3", **ENDED)


def test_sessions_of_the_service_wait_for_locks_and_statements_only_so_long(database: str) -> None:
    engine = open_engine(database)
    with engine.connect() as connection:
        shown = [
            connection.exec_driver_sql(f"SHOW {name}").scalar_one()
            for name in (
                "lock_timeout",
                "statement_timeout",
                "idle_in_transaction_session_timeout",
                "timezone",
            )
        ]
    engine.dispose()

    assert shown == ["5s", "10s", "15s", "UTC"]
