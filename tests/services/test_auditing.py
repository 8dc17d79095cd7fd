"""The audit's chain on a real database: sealed by whoever writes; nothing done to it goes unseen."""

import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from plugin_backend.db import audit as chains
from plugin_backend.db import migrate
from plugin_backend.db.journal import audit
from plugin_backend.domain.audit_chain import Fault, fault_of
from plugin_backend.services.running import auditing
from tests.databases import connect
from tests.services.sealed import flaw, tamper, write
from tests.services.studio import Studio, studio_on

WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)

# The second and the third entry change places; each statement keeps what is unique unique.
EXCHANGED_ENTRIES = """
    UPDATE audit_seals SET entry_id = number - 5 WHERE number IN (2, 3);
    UPDATE audit_seals SET entry_id = -entry_id WHERE entry_id < 0
"""
EXCHANGED_SEALS = """
    UPDATE audit_seals SET number = (5 - number) * 10 WHERE number IN (2, 3);
    UPDATE audit_seals SET number = number / 10 WHERE number > 9
"""


def test_what_the_service_writes_is_sealed_as_it_is_written(studio: Studio) -> None:
    admin = studio.person(credits_granted=50, draft_limit_per_day=3)
    studio.person(colleague_of=admin, credits_granted=1)
    studio.person(credits_granted=7)

    found = list(auditing.verify(studio.house))

    assert [chain.flaw for chain in found] == [None, None]
    assert sum(chain.entries for chain in found) == studio.count("audit_entries") == 7
    assert auditing.unsealed(studio.house) is None


@given(before=VALUES, after=VALUES, action=WORDS, reason=st.none() | WORDS)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_database_and_the_reader_seal_alike(
    studio: Studio, before: Any, after: Any, action: str, reason: str | None
) -> None:
    with studio.house.begin() as work:
        start = chains.extent(work.connection, "wsp_1")[0]
        audit(
            work,
            action,
            subject_id="s",
            actor_id="a",
            workspace_id="wsp_1",
            before={"was": before},
            after={"is": after},
            reason=reason,
        )
    with studio.house.begin() as work:
        (link,) = chains.links(work.connection, "wsp_1", after=start.number, limit=2)

    assert fault_of(link, after=start) is None
    assert link.reason is None if reason is None else link.reason is not None and link.reason.words == reason


@pytest.mark.parametrize(
    ("statement", "fault", "number"),
    [
        ("UPDATE audit_entries SET after = '{\"limit\": 6}' WHERE action = 'c'", Fault.ALTERED, 3),
        ("UPDATE audit_entries SET at = at + interval '1 microsecond' WHERE action = 'a'", Fault.ALTERED, 1),
        ("UPDATE audit_entries SET reason = 'more' WHERE action = 'b'", Fault.ALTERED, 2),
        (
            "UPDATE audit_seals SET hash = set_byte(hash, 31, get_byte(hash, 31) # 1) WHERE number = 2",
            Fault.ALTERED,
            2,
        ),
        ("UPDATE audit_seals SET prev_hash = hash WHERE number = 2", Fault.OUT_OF_ORDER, 2),
        ("DELETE FROM audit_entries WHERE action = 'b'", Fault.REMOVED, 2),
        ("DELETE FROM audit_seals WHERE number = 3", Fault.REMOVED, 3),
        ("DELETE FROM audit_seals WHERE number = 4", Fault.CUT_OFF, 4),
        ("UPDATE audit_chains SET number = 3", Fault.HEAD, 4),
        ("DELETE FROM audit_chains", Fault.HEAD, 4),
        ("UPDATE audit_chains SET hash = set_byte(hash, 0, get_byte(hash, 0) # 1)", Fault.HEAD, 4),
        ("UPDATE audit_reasons SET words = 'because not'", Fault.REASON, 1),
        (
            EXCHANGED_ENTRIES,
            Fault.ALTERED,
            2,
        ),
        (
            EXCHANGED_SEALS,
            Fault.OUT_OF_ORDER,
            2,
        ),
    ],
)
def test_the_first_entry_that_is_not_what_was_written_is_named(
    studio: Studio, statement: str, fault: Fault, number: int
) -> None:
    write(studio, "a", "b", "c", "d", reason="because")
    assert flaw(studio) is None

    tamper(studio, *statement.split(";"))

    found = flaw(studio)
    assert found is not None
    assert (found.fault, found.number) == (fault, number)


def test_an_entry_inserted_past_the_trigger_is_found(studio: Studio) -> None:
    write(studio, "a")
    tamper(
        studio,
        "INSERT INTO audit_entries (workspace_id, actor_id, action, subject_id, at)"
        " VALUES ('wsp_1', 'usr_9', 'forged', 'usr_9', now())",
    )

    assert flaw(studio) is None
    assert auditing.unsealed(studio.house, workspace_id="wsp_1") == 2
    assert auditing.unsealed(studio.house, workspace_id="wsp_2") is None


def test_a_head_kept_elsewhere_shows_what_a_forger_with_every_right_did(studio: Studio) -> None:
    write(studio, "a", "b")
    kept = dict(auditing.heads(studio.house))
    write(studio, "c")
    assert flaw(studio, kept=kept) is None

    rewound = "UPDATE audit_chains c SET number = 1, hash = s.hash FROM audit_seals s WHERE s.number = 1"
    tamper(
        studio, "DELETE FROM audit_seals WHERE number > 1", "DELETE FROM audit_entries WHERE id > 1", rewound
    )
    assert flaw(studio) is None
    cut = flaw(studio, kept=kept)
    assert cut is not None
    assert (cut.fault, cut.number) == (Fault.CUT_OFF, 2)

    write(studio, "B", "C")  # the history, told anew
    assert flaw(studio) is None
    rewritten = flaw(studio, kept=kept)
    assert rewritten is not None
    assert (rewritten.fault, rewritten.number) == (Fault.REWRITTEN, 2)

    tamper(studio, *(f"DELETE FROM {table}" for table in ("audit_seals", "audit_entries", "audit_chains")))
    (gone,) = auditing.verify(studio.house, kept=kept)
    assert gone.flaw is not None
    assert gone.flaw.workspace_id == "wsp_1"


def test_reasons_are_forgotten_and_the_chain_holds(studio: Studio) -> None:
    write(studio, "a", "b", reason="Because of somebody's name")

    with connect(studio.url) as connection:
        connection.execute("DELETE FROM audit_reasons")

    (found,) = auditing.verify(studio.house)
    assert (found.flaw, found.entries, found.forgotten) == (None, 2, 2)
    assert studio.rows("SELECT count(*) FROM audit_entries e WHERE e::text LIKE '%name%'") == [(0,)]


def test_many_who_write_at_once_make_one_chain(studio: Studio) -> None:
    def busy(number: int) -> None:
        for turn in range(10):
            write(studio, f"{number}.{turn}", workspace_id="wsp_1" if number % 2 else "wsp_2")

    threads = [threading.Thread(target=busy, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert [(chain.entries, chain.flaw) for chain in auditing.verify(studio.house)] == [
        (30, None),
        (30, None),
    ]


def test_locks_in_any_order_around_an_entry_end_in_no_deadlock(studio: Studio) -> None:
    """The chain's lock is taken at the commit: what else a transaction locks may come before or after."""
    person = studio.person()
    gate, wrong = threading.Barrier(2), []

    def change(mine: str, *, entry_first: bool) -> None:
        try:
            with studio.house.begin() as work:
                if entry_first:
                    audit(work, "x", subject_id="s", actor_id="a", workspace_id="wsp_1")
                    gate.wait()
                work.connection.execute(text("UPDATE users SET version = 9 WHERE id = :id"), {"id": mine})
                if not entry_first:
                    gate.wait()
                    audit(work, "y", subject_id="s", actor_id="a", workspace_id="wsp_1")
        except Exception as error:  # noqa: BLE001 - the test looks at it
            wrong.append(error)

    threads = [
        threading.Thread(target=change, args=(person.user_id,), kwargs={"entry_first": True}),
        threading.Thread(target=change, args=(person.user_id,), kwargs={"entry_first": False}),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert wrong == []
    assert flaw(studio) is None


def test_what_stood_there_before_the_chain_is_sealed_when_it_comes(
    empty_database: str, tmp_path: Path
) -> None:
    migrate.upgrade(empty_database, "0011")
    old = "INSERT INTO audit_entries (workspace_id, actor_id, action, subject_id, after, reason, at) VALUES "
    rows = [
        f"('wsp_{number % 2}', 'a', 'act', 's', '{{\"n\": {number}}}', 'why {number}', now())"
        for number in range(9)
    ]
    with connect(empty_database) as connection:
        connection.execute(old + ", ".join(rows))

    migrate.upgrade(empty_database)

    with connect(empty_database) as connection:
        connection.execute(old + rows[0])  # as the release before writes it
    with studio_on(empty_database, tmp_path) as studio:
        found = list(auditing.verify(studio.house))
        words = studio.rows("SELECT words FROM audit_reasons ORDER BY entry_id")

    assert [(chain.workspace_id, chain.entries, chain.flaw) for chain in found] == [
        ("wsp_0", 6, None),
        ("wsp_1", 4, None),
    ]
    assert words == [(f"why {number}",) for number in (*range(9), 0)]
