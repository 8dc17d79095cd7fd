"""Verifying the audit from where it was verified before."""

import pytest

from plugin_backend.domain.audit_chain import Fault
from plugin_backend.services.running import auditing
from tests.services.sealed import flaw, tamper, write
from tests.services.studio import Studio


def test_from_a_verified_head_on_only_what_came_after_is_read(studio: Studio) -> None:
    write(studio, "a", "b", "c", "d")
    (whole,) = auditing.verify(studio.house)
    since = {"wsp_1": whole.head}
    write(studio, "e", "f")
    pages: list[int] = []

    (found,) = auditing.verify(studio.house, since=since, progress=pages.append)
    assert (whole.entries, found.entries, found.flaw, pages) == (4, 2, None, [2])
    assert found.head == dict(auditing.heads(studio.house))["wsp_1"]

    tamper(studio, "UPDATE audit_entries SET actor_id = 'usr_9' WHERE action = 'b'")
    assert flaw(studio, since=since) is None, "what was verified is not read again"
    tamper(studio, "UPDATE audit_entries SET actor_id = 'usr_9' WHERE action = 'f'")
    late = flaw(studio, since=since)
    assert late is not None
    assert (late.fault, late.number) == (Fault.ALTERED, 6)


@pytest.mark.parametrize(
    ("statements", "fault"),
    [
        (["UPDATE audit_seals SET hash = prev_hash WHERE number = 2"], Fault.REWRITTEN),
        (["DELETE FROM audit_seals WHERE number > 1", "UPDATE audit_chains SET number = 1"], Fault.CUT_OFF),
        (["DELETE FROM audit_seals", "DELETE FROM audit_chains"], Fault.CUT_OFF),
    ],
)
def test_a_head_to_go_on_from_must_still_be_there(
    studio: Studio, statements: list[str], fault: Fault
) -> None:
    write(studio, "a", "b")
    since = dict(auditing.heads(studio.house))

    tamper(studio, *statements)

    (found,) = auditing.verify(studio.house, since=since)
    assert found.flaw is not None
    assert (found.flaw.fault, found.entries) == (fault, 0)


def test_after_a_verified_head_strays_are_looked_for_among_later_entries(studio: Studio) -> None:
    write(studio, "a")
    insert = (
        "INSERT INTO audit_entries (workspace_id, actor_id, action, subject_id, at)"
        " VALUES ('wsp_1', 'usr_9', 'forged', 'usr_9', now())"
    )
    tamper(studio, insert)
    write(studio, "b")
    since = dict(auditing.heads(studio.house))
    assert (auditing.unsealed(studio.house), auditing.unsealed(studio.house, since=since)) == (2, None)
    tamper(studio, insert)
    assert auditing.unsealed(studio.house, since=since) == 4
