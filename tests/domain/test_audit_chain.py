"""A seal, byte by byte as docs/quotas.md says it."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from plugin_backend.domain.audit_chain import (
    START,
    Entry,
    Fault,
    Head,
    Link,
    Reason,
    canonical,
    fault_of,
    seal,
)

REASON = Reason(bytes(range(32)), "Für den März")
ENTRY = Entry(
    id=7,
    workspace_id="wsp_1",
    actor_id="usr_1",
    action="quota.changed",
    subject_id="usr_2",
    before=None,
    after='{"é": 5}',
    reason_hash=REASON.pledge(),
    request_id="",
    at=datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC),
)
LINK = Link(
    number=1,
    entry_id=7,
    prev_hash=START.hash,
    hash=seal(ENTRY, number=1, prev_hash=START.hash),
    entry=ENTRY,
    reason=REASON,
)


def test_what_is_hashed_is_written_as_the_page_says() -> None:
    pledge = hashlib.sha256(bytes(range(32)) + "Für den März".encode()).hexdigest()

    assert (
        canonical(ENTRY, number=1, prev_hash=bytes(32))
        == (
            f"audit 1,5:wsp_1,1:1,64:{'00' * 32},1:7,5:usr_1,13:quota.changed,5:usr_2,-,"
            f'9:{{"é": 5}},64:{pledge},0:,27:2026-03-01T12:00:00.000005Z,'
        ).encode()
    )
    assert fault_of(LINK, after=START) is None


@pytest.mark.parametrize(
    ("link", "after", "fault"),
    [
        (replace(LINK, entry=replace(ENTRY, after='{"é": 6}')), START, Fault.ALTERED),
        (replace(LINK, entry=replace(ENTRY, before="", request_id=None)), START, Fault.ALTERED),
        (replace(LINK, has_words=True), START, Fault.ALTERED),
        (replace(LINK, entry=None), START, Fault.REMOVED),
        (replace(LINK, number=2), START, Fault.REMOVED),
        (LINK, Head(0, b"\1" * 32), Fault.OUT_OF_ORDER),
        (replace(LINK, reason=Reason(REASON.salt, "For April")), START, Fault.REASON),
        (replace(LINK, reason=None), START, None),
    ],
)
def test_each_fault_has_its_name(link: Link, after: Head, fault: Fault | None) -> None:
    assert fault_of(link, after=after) is fault
