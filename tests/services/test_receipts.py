"""Receipts: the four figures, the ledger ids behind them, and one sentence that says why."""

from dataclasses import replace

import pytest

from plugin_backend.domain.brief import Direct, Kind, Resolution
from plugin_backend.services import endings
from tests.domain.requests import asked
from tests.services.studio import Studio, with_brief

MASTER = replace(with_brief(asked(kind=Kind.MASTER, resolution=Resolution.P1080), seed=100), takes=3)


def test_an_open_receipt_shows_the_hold_and_promises_nothing(studio: Studio) -> None:
    caller = studio.person(credits_granted=100)
    view = studio.ask(caller, MASTER)

    receipt = studio.receipt(caller, view.generation.id)

    row = receipt.generation
    assert (row.credits_quoted, row.credits_held, row.credits_settled) == (30, 30, None)
    assert (receipt.credits_returned, receipt.draft_units_returned) == (None, None)
    assert [entry["kind"] for entry in receipt.entries] == ["hold"]
    assert receipt.why.startswith("Under way")


def test_a_closed_receipt_is_what_the_ledger_says(studio: Studio) -> None:
    caller = studio.person(credits_granted=100)
    studio.upstream.broken_seeds = {102}
    view = studio.finish(studio.ask(caller, MASTER))

    receipt = studio.receipt(caller, view.generation.id)

    assert [(e["kind"], e["available_delta"], e["held_delta"]) for e in receipt.entries] == [
        ("hold", -30, 30),
        ("settle", 10, -30),
    ]
    written = studio.rows(
        "SELECT id FROM ledger_entries WHERE generation_id = :id ORDER BY number", id=view.generation.id
    )
    assert [(entry["id"],) for entry in receipt.entries] == written
    assert receipt.generation.credits_held - (receipt.credits_returned or 0) == 20
    assert len(receipt.attempts) == 3


def test_a_draft_returns_the_units_of_the_iterations_it_did_not_need(studio: Studio) -> None:
    caller = studio.person()
    view = studio.finish(studio.ask(caller, replace(asked(), takes=2, direct=Direct(max_iterations=3))))

    receipt = studio.receipt(caller, view.generation.id)

    row = receipt.generation
    assert (row.draft_units, row.draft_units_used, receipt.draft_units_returned) == (8, 2, 6)
    assert studio.drafts_used(caller) == 2
    assert list(receipt.entries) == []


@pytest.mark.parametrize(
    ("broken", "cancelled", "why"),
    [
        (set(), False, "3 of 3 takes were stored, 10 credits each; the rest returned."),
        ({100, 101}, False, "1 of 3 takes were stored, 10 credits each; the rest returned."),
        ({100, 101, 102}, False, "No take could be stored; everything returned."),
        (set(), True, "Cancelled before anything was made; everything returned."),
    ],
)
def test_the_reason_is_a_sentence(studio: Studio, broken: set[int], cancelled: bool, why: str) -> None:  # noqa: FBT001 - a case of the table
    caller = studio.person(credits_granted=100)
    studio.upstream.broken_seeds = broken
    view = studio.ask(caller, MASTER)
    if cancelled:
        endings.cancel(studio.house, caller, view.generation.id)
    studio.finish(view)

    assert studio.receipt(caller, view.generation.id).why == why
