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
from tests.db.rows import (
    ASSET,
    AT,
    ATTEMPT,
    CHUNK,
    DELIVERY,
    DIRECTION,
    EVALUATION,
    GENERATION,
    GRANT,
    OWNED,
    REFRESH,
    RENDER,
    SESSION,
    SHOT,
    TAKE,
    WORK,
    Rows,
)

ENDED = {"state": "ready", "finished_at": AT, "credits_settled": 10}
PLAN = {"id": "p", "label": "P", "drafts_per_day": 1, "max_concurrent": 1, "max_unfinished": 1}
PLAN_GRANT = {
    "account_id": "acc_1",
    "period": "2026-11",
    "above": 0,
    "upto": 10,
    "plan_id": "free",
    "entry_id": "led_1",
    "at": AT,
}
PERSON = {
    "id": "usr_2",
    "workspace_id": "wsp_1",
    "email": "two@example.org",
    "role": "editor",
    "plan_id": "free",
    "created_at": AT,
}

HEALTH = {"provider": "luma", "updated_at": AT}

# One row each that breaks one guard: the table, a good row, what is wrong with it, the guard that says so.
BAD_ROWS: list[tuple[str, Any, dict[str, Any], str]] = [
    ("accounts", {"id": "acc_3", "owner_kind": "user", "owner_id": "x"}, {"available": -1}, "never_negative"),
    ("accounts", {"id": "acc_3", "owner_kind": "user", "owner_id": "x"}, {"held": -1}, "never_negative"),
    (
        "accounts",
        {"id": "acc_3", "owner_kind": "user", "owner_id": "x"},
        {"owner_kind": "bank"},
        "owner_kind",
    ),
    ("plans", PLAN, {"drafts_per_day": -1}, "drafts_per_day"),
    ("plans", PLAN, {"max_concurrent": 0}, "max_concurrent"),
    ("plans", PLAN, {"max_unfinished": 0}, "max_unfinished"),
    ("plans", PLAN, {"credits_per_month": -1}, "credits_per_month"),
    ("plans", PLAN, {"sign_up_credits": -1}, "sign_up_credits"),
    ("plans", PLAN, {"draft_retention_days": 0}, "draft_retention_days"),
    ("plans", PLAN, {"master_retention_days": 0}, "master_retention_days"),
    ("plans", PLAN, {"storage_limit_bytes": 0}, "storage_limit_bytes"),
    ("plan_grants", PLAN_GRANT, {"above": -1}, "above"),
    ("plan_grants", PLAN_GRANT, {"above": 10}, "grants_something"),
    ("users", PERSON, {"role": "king"}, "role"),
    ("users", PERSON, {"draft_limit_override": -1}, "draft_limit_override"),
    ("users", PERSON, {"max_concurrent_override": 0}, "max_concurrent_override"),
    ("users", PERSON, {"unfinished": -1}, "unfinished"),
    ("users", PERSON, {"running": -1}, "running"),
    (
        "draft_days",
        {"owner_id": "usr_1", "day": "2026-03-01", "workspace_id": "wsp_1", "used": 1},
        {"used": -1},
        "used",
    ),
    ("generations", GENERATION, {"state": "sleeping"}, "state_known"),
    ("generations", GENERATION, {"kind": "final"}, "kind"),
    ("generations", GENERATION, {"takes_wanted": 0}, "takes_wanted"),
    ("generations", GENERATION, {"max_iterations": 4}, "max_iterations"),
    ("generations", GENERATION, {"max_iterations": -1}, "max_iterations"),
    ("generations", GENERATION, {"credits_per_take": -1}, "credits_per_take"),
    ("generations", GENERATION, {"credits_quoted": -1}, "credits_quoted"),
    ("generations", GENERATION, {"credits_held": -1}, "credits_held"),
    ("generations", GENERATION, {"draft_units": -1}, "draft_units"),
    ("generations", GENERATION, {"state": "ready"}, "ends_settled"),
    ("generations", GENERATION, {"state": "failed", "finished_at": AT}, "ends_settled"),
    ("generations", GENERATION, {"finished_at": AT, "credits_settled": 0}, "ends_settled"),
    ("generations", GENERATION, {"credits_settled": 0}, "ends_settled"),
    ("generations", GENERATION, {**ENDED, "credits_settled": 11}, "settles_within_hold"),
    ("generations", GENERATION, {**ENDED, "credits_settled": -1}, "settles_within_hold"),
    ("generations", GENERATION, {**ENDED, "draft_units_used": 1}, "uses_within_taken"),
    ("takes", TAKE, {"number": 2, "state": "lost"}, "state_known"),
    ("takes", TAKE, {"number": 0}, "number"),
    ("takes", TAKE, {"number": 2, "progress": 1.5}, "progress"),
    ("takes", TAKE, {"number": 2, "state": "stored"}, "stored_has_source"),
    ("takes", TAKE, {"number": 2, "credits": -1}, "credits"),
    ("takes", TAKE, {"number": 2, "choice": -1}, "choice"),
    ("takes", TAKE, {"number": 2, "parts": 0}, "parts"),
    ("attempts", ATTEMPT, {"state": "guessed"}, "state_known"),
    ("attempts", ATTEMPT, {"credits_at_risk": -1}, "credits_at_risk"),
    ("deliveries", DELIVERY, {"state": "lost"}, "state_known"),
    ("deliveries", DELIVERY, {"progress": -0.1}, "progress"),
    ("deliveries", DELIVERY, {"take_id": None}, "of_take_or_storyboard"),
    ("deliveries", DELIVERY, {"storyboard_id": "sty_1"}, "of_take_or_storyboard"),
    ("assets", ASSET, {"state": "lost"}, "state_known"),
    ("assets", ASSET, {"bytes": 0}, "bytes"),
    ("assets", ASSET, {"attested_by": "usr_1"}, "attested_by_somebody"),
    ("renders", RENDER, {"token": "two", "state": "lost"}, "state_known"),
    ("chunks", CHUNK, {"state": "lost"}, "state_known"),
    ("chunks", CHUNK, {"first_frame": -1}, "first_frame"),
    ("chunks", CHUNK, {"frame_count": 0}, "frame_count"),
    ("chunks", CHUNK, {"delivery_id": "dlv_1"}, "of_render_or_delivery"),
    ("chunks", CHUNK, {"render_id": None}, "of_render_or_delivery"),
    ("provider_health", HEALTH, {"state": "ajar", "probe_at": AT}, "state_known"),
    ("provider_health", HEALTH, {"failures": -1}, "failures"),
    ("provider_health", HEALTH, {"state": "open"}, "open_has_probe"),
    ("sessions", SESSION, {"kind": "phone"}, "kind_known"),
    ("sessions", SESSION, {"kind": "browser"}, "browser_has_secret"),
    ("sessions", SESSION, {"secret_hash": "h"}, "browser_has_secret"),
    ("sessions", SESSION, {"ended_at": AT}, "end_has_reason"),
    ("refresh_tokens", REFRESH, {"used_at": AT}, "used_has_successor"),
    ("refresh_tokens", REFRESH, {"successor_id": "rft_2"}, "used_has_successor"),
    ("device_grants", GRANT, {"state": "lost", "decided_by": "usr_1"}, "state_known"),
    ("device_grants", GRANT, {"interval_seconds": 0}, "interval_seconds"),
    ("device_grants", GRANT, {"state": "approved"}, "decided_by_somebody"),
    ("device_grants", GRANT, {"state": "redeemed", "decided_by": "usr_1"}, "redeemed_has_moment"),
    ("directions", DIRECTION, {"iteration": -1}, "iteration"),
    ("evaluations", EVALUATION, {"evaluation": Jsonb({})}, "measured_is_done"),
    ("storyboard_shots", SHOT, {"position": -1}, "position"),
    ("storyboard_shots", SHOT, {"handles_frames": -1}, "handles_frames"),
    ("work", WORK, {"lease": "mine"}, "lease_has_end"),
    ("work", WORK, {"lease_until": AT}, "lease_has_end"),
]


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


@pytest.mark.parametrize("table", [table.name for table in metadata.sorted_tables if "owner_id" in table.c])
def test_every_row_of_somebodys_says_whose_it_is(rows: Rows, table: str) -> None:
    nullable = rows.connection.execute(
        "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
        " AND column_name IN ('owner_id', 'workspace_id') AND is_nullable = 'YES'",
        [table],
    ).fetchone()

    assert nullable == (0,)


@pytest.mark.parametrize("table", ["generations", "takes", "assets", "deliveries", "work"])
def test_a_row_of_nobody_or_of_a_stranger_is_refused(rows: Rows, table: str) -> None:
    good = {"generations": GENERATION, "takes": TAKE, "assets": ASSET, "deliveries": DELIVERY, "work": WORK}
    others: dict[str, dict[str, Any]] = {"takes": {"number": 2}, "work": {}}
    key = "subject_id" if table == "work" else "id"
    fresh = {key: "new_1", **others.get(table, {})}

    with pytest.raises(NotNullViolation):
        rows.insert(table, good[table], **fresh, owner_id=None)
    with pytest.raises(ForeignKeyViolation):
        rows.insert(table, good[table], **fresh, **{**OWNED, "workspace_id": "wsp_9"})


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
