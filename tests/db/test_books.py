"""The books, guarded by the database: entries move as their kind, holds end once, nothing is rewritten."""

from typing import Any

import pytest
from psycopg.errors import (
    CheckViolation,
    FeatureNotSupported,
    ForeignKeyViolation,
    IntegrityConstraintViolation,
    UniqueViolation,
)

from tests.db.rows import Rows


@pytest.mark.parametrize(
    ("kind", "available", "held"),
    [
        ("gift", 5, 0),
        ("grant", 0, 0),
        ("grant", -5, 0),
        ("grant", 5, 5),
        ("hold", -5, 0),
        ("hold", -5, 6),
        ("hold", 5, -5),
        ("hold", 0, 0),
        ("adjust", 0, 0),
        ("adjust", 5, -5),
    ],
)
def test_an_entry_that_does_not_move_as_its_kind_is_refused(
    rows: Rows, kind: str, available: int, held: int
) -> None:
    with pytest.raises(CheckViolation):
        rows.entry(kind, available, held)


@pytest.mark.parametrize(("available", "held"), [(11, -10), (-1, -10)])
def test_a_settle_that_gives_back_more_or_charges_more_than_was_held_is_refused(
    rows: Rows, available: int, held: int
) -> None:
    rows.entry("hold", -10, 10)

    with pytest.raises(CheckViolation, match="moves_as_its_kind"):
        rows.entry("settle", available, held)


@pytest.mark.parametrize(("kind", "available", "held"), [("hold", -10, 10), ("settle", 5, -10)])
def test_a_generation_is_held_for_once_and_settled_once(
    rows: Rows, kind: str, available: int, held: int
) -> None:
    rows.entry("hold", -10, 10)
    if kind == "settle":
        rows.entry("settle", available, held)

    with pytest.raises(UniqueViolation, match=f"uq_ledger_{kind}_once"):
        rows.entry(kind, available, held, number=2)


@pytest.mark.parametrize(
    "differs",
    [
        {"generation_id": "gen_2"},
        {"account_id": "acc_2"},
        {"held_delta": -9, "available_delta": 0},
        {"held_delta": -11, "available_delta": 0},
    ],
    ids=["another generation", "another account", "less than the hold", "more than the hold"],
)
def test_a_settle_that_is_not_of_its_hold_is_refused(rows: Rows, differs: dict[str, Any]) -> None:
    rows.entry("hold", -10, 10)

    with pytest.raises(IntegrityConstraintViolation, match="no such hold"):
        rows.entry("settle", 5, -10, **differs)


def test_a_settle_before_any_hold_is_refused(rows: Rows) -> None:
    with pytest.raises(IntegrityConstraintViolation, match="no such hold"):
        rows.entry("settle", 10, -10)


@pytest.mark.parametrize(
    ("kind", "available", "held", "generation_id"),
    [("hold", -5, 5, None), ("grant", 5, 0, "gen_1"), ("adjust", 5, 0, "gen_1")],
)
def test_holds_name_their_generation_and_nothing_else_does(
    rows: Rows, kind: str, available: int, held: int, generation_id: str | None
) -> None:
    with pytest.raises(CheckViolation, match="holds_name_generation"):
        rows.entry(kind, available, held, generation_id=generation_id)


@pytest.mark.parametrize("figure", ["available_after", "held_after"])
def test_an_entry_that_leaves_less_than_nothing_is_refused(rows: Rows, figure: str) -> None:
    with pytest.raises(CheckViolation, match=figure):
        rows.entry("grant", 5, 0, **{figure: -1})


@pytest.mark.parametrize("table", ["ledger_entries", "events", "audit_entries"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET at = at",
        "DELETE FROM {}",
        "TRUNCATE {} CASCADE",
        "DELETE FROM {} WHERE false",
    ],
)
def test_the_books_and_the_journal_are_written_once(rows: Rows, table: str, statement: str) -> None:
    rows.entry("grant", 5, 0)

    with pytest.raises(IntegrityConstraintViolation, match=f"{table} is append-only"):
        rows.run(statement.format(table))


@pytest.mark.parametrize("table", ["ledger_entries", "events", "audit_entries", "audit_seals"])
def test_the_books_and_the_journal_are_not_emptied(rows: Rows, table: str) -> None:
    """By the trigger, or, where other rows point there, by those before it is asked."""
    with pytest.raises((IntegrityConstraintViolation, FeatureNotSupported)):
        rows.run(f"TRUNCATE {table}")


def test_a_reason_in_the_books_can_be_emptied_and_nothing_else_with_it(rows: Rows) -> None:
    rows.entry("grant", 10, 0, reason="for somebody's film")

    rows.run("UPDATE ledger_entries SET reason = NULL")

    for change in ("reason = 'other words'", "reason = NULL, available_delta = 11", "actor_id = 'usr_9'"):
        with pytest.raises(IntegrityConstraintViolation, match="ledger_entries is append-only"):
            rows.run(f"UPDATE ledger_entries SET {change}")


def test_emptying_the_generations_does_not_empty_the_books(rows: Rows) -> None:
    with pytest.raises(IntegrityConstraintViolation, match="ledger_entries is append-only"):
        rows.run("TRUNCATE generations CASCADE")


def test_a_generation_with_entries_cannot_be_removed(rows: Rows) -> None:
    rows.entry("hold", -10, 10, generation_id="gen_2")

    with pytest.raises(ForeignKeyViolation):
        rows.run("DELETE FROM generations WHERE id = 'gen_2'")
