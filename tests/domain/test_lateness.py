"""What is expected, why it is late, and when it is expected then: a table of every reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.lifecycle import TakeState
from plugin_backend.domain.making.health import Call, Health
from plugin_backend.domain.making.lateness import (
    TOLD_EVERY,
    Case,
    Provider,
    Reason,
    Sending,
    expectation,
    usual_time,
)
from plugin_backend.domain.making.measures import Measured

BEGUN = datetime(2026, 3, 1, 12, tzinfo=UTC)
USUAL = timedelta(seconds=100)
LUMA = Provider(name="luma", health=Health())
SLOW = Measured(sample=9, p50_seconds=100, p95_seconds=180, retries_per_take=0, credits_per_accepted_take=15)
SUBMITTED = (TakeState.SUBMITTED,)
WANTED = (TakeState.WANTED,)


def case(after: float, takes: tuple[TakeState, ...] = SUBMITTED, **changes: Any) -> Case:
    """So many seconds after it was asked for."""
    found = {"usual": USUAL, "provider": LUMA, **changes}
    return Case(created_at=BEGUN, now=BEGUN + timedelta(seconds=after), takes=takes, **found)


def away(now: float) -> Health:
    """A provider whose circuit opened so many seconds after."""
    found = Health()
    for _ in range(5):
        found = found.failed(Call.SENDING, "refused", now=BEGUN + timedelta(seconds=now))
    return found


def test_what_is_in_time_is_expected_at_its_usual_time_and_not_explained() -> None:
    found = expectation(case(99))

    assert (found.at, found.until, found.late) == (BEGUN + USUAL, BEGUN + USUAL, None)


PAUSED = Health(paused_until=BEGUN + timedelta(seconds=400))
REASONS = {
    "next in the queue": (case(150, WANTED, queue_position=1), Reason.QUEUE, "It is next"),
    "in the queue": (case(150, WANTED, queue_position=4), Reason.QUEUE, "3 were asked for before it"),
    "away": (
        case(150, WANTED, provider=replace(LUMA, health=away(145))),
        Reason.OUTAGE,
        "luma does not answer at the moment; it is tried at 12:02:40 UTC.",
    ),
    "paused": (
        case(150, WANTED, provider=replace(LUMA, health=PAUSED)),
        Reason.PAUSED,
        "luma is sent no more before 12:06:40 UTC",
    ),
    "full": (
        case(150, WANTED, provider=replace(LUMA, is_full=True)),
        Reason.BUSY,
        "as many of our requests under way as it takes",
    ),
    "refused": (
        case(150, WANTED, sending=Sending(refused=2, last_words="Busy.")),
        Reason.RETRYING,
        "luma turned it down 2 times, and is asked again. It said: Busy.",
    ),
    "in doubt": (
        case(150, WANTED, sending=Sending(refused=1, in_doubt=True)),
        Reason.IN_DOUBT,
        "its answer was lost",
    ),
    "in line": (case(150, WANTED), Reason.BUSY, "in line to be sent to luma"),
    "our workers are busy": (
        case(150, WANTED, provider=replace(LUMA, is_ours=True)),
        Reason.BUSY,
        "waits for a worker of ours",
    ),
    "slow": (case(150), Reason.SLOW, "luma has it, and takes longer than the 100 s expected."),
    "slow, measured": (
        case(150, measured=SLOW),
        Reason.SLOW,
        "here half are ready within 100 s, 19 of 20 within 3 min",
    ),
    "under way, and away": (
        case(150, provider=replace(LUMA, health=away(145))),
        Reason.OUTAGE,
        "luma has it. luma does not answer",
    ),
    "being fetched": (case(150, (TakeState.RENDERED,)), Reason.FETCHING, "brought here and checked"),
    "all made": (case(150, (TakeState.STORED, TakeState.FAILED)), Reason.FETCHING, "being judged"),
    "the least far decides": (
        case(150, (TakeState.STORED, TakeState.RENDERED, TakeState.SUBMITTED)),
        Reason.SLOW,
        "luma has it",
    ),
}


@pytest.mark.parametrize("name", REASONS)
def test_what_is_late_is_explained_with_a_new_moment(name: str) -> None:
    late_case, reason, words = REASONS[name]

    found = expectation(late_case)

    assert found.late is not None
    assert (found.late.since, found.late.reason) == (BEGUN + USUAL, reason)
    assert words in found.late.why
    assert found.late.why.endswith(".")
    assert found.at > late_case.now


def test_the_new_moment_is_what_is_known_best() -> None:
    def at(late_case: Case) -> timedelta:
        return expectation(late_case).at - BEGUN

    assert at(case(150)) == 2 * USUAL
    assert at(case(250)) == 4 * USUAL
    assert at(case(150, measured=SLOW)) == timedelta(seconds=180)
    assert at(case(190, measured=SLOW)) == 2 * USUAL
    assert at(case(150, WANTED, provider=replace(LUMA, health=PAUSED))) == timedelta(seconds=400) + USUAL


@given(
    st.floats(0, 10**6),
    st.sampled_from([SUBMITTED, WANTED, (TakeState.RENDERED,)]),
    st.sampled_from([Health(), PAUSED, away(1000)]),
    st.sampled_from([None, SLOW]),
    st.floats(0, 10**4),
)
def test_an_expectation_never_lies_in_the_past_and_is_told_anew_before_long(
    after: float, takes: tuple[TakeState, ...], health: Health, measured: Measured | None, usual: float
) -> None:
    asked = case(after, takes, measured=measured, usual=timedelta(seconds=usual))
    asked = replace(asked, provider=replace(LUMA, health=health))

    found = expectation(asked)

    assert found.at > asked.now
    assert asked.now < found.until <= found.at
    assert (found.late is not None) == (asked.now >= BEGUN + asked.usual)
    if found.late is not None:
        assert found.until - asked.now <= TOLD_EVERY
        assert found.late.since == BEGUN + asked.usual


def test_what_was_measured_is_the_usual_time_unless_its_length_sets_it() -> None:
    quick = replace(SLOW, p50_seconds=10)

    assert usual_time(None, None, is_scaled=False) is None
    assert usual_time(300, None, is_scaled=False) == timedelta(seconds=300)
    assert usual_time(300, quick, is_scaled=False) == timedelta(seconds=10)
    assert usual_time(300, quick, is_scaled=True) == timedelta(seconds=300)
    assert usual_time(None, quick, is_scaled=True) == timedelta(seconds=10)
