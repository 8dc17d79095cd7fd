"""A provider's circuit: opens after outages in a row, lets one probe through, closes at an answer."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.making.health import FAILURES_TO_OPEN, PROBE_WITHIN, Call, Circuit, Health, Waiting
from plugin_backend.domain.making.providers import ProviderLimits

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIMITS = ProviderLimits(concurrency=20, requests_per_minute=60)
SECOND = timedelta(seconds=1)


def _outages(count: int, *, call: Call = Call.SENDING, health: Health | None = None) -> Health:
    found = health or Health()
    for _ in range(count):
        found = found.failed(call, "nothing there", now=NOON)
    return found


def _room(health: Health, now: datetime, *, under_way: int = 0) -> int:
    return health.room(LIMITS, under_way=under_way, now=now)


def test_outages_in_a_row_open_it_and_an_answer_between_them_counts_anew() -> None:
    nearly = _outages(FAILURES_TO_OPEN - 1)
    assert nearly.circuit is Circuit.CLOSED

    interrupted = _outages(FAILURES_TO_OPEN - 1, health=nearly.succeeded(Call.SENDING, now=NOON))

    assert interrupted.circuit is Circuit.CLOSED
    assert _outages(1, health=nearly).circuit is Circuit.OPEN


def test_one_that_is_open_is_sent_nothing_until_it_has_rested_and_then_one() -> None:
    opened = _outages(FAILURES_TO_OPEN)
    assert opened.probe_at is not None

    assert opened.waiting(now=opened.probe_at - SECOND) is Waiting.OUTAGE
    assert _room(opened, opened.probe_at - SECOND) == 0
    assert _room(opened, opened.probe_at) == 1


def test_while_one_finds_out_nobody_else_is_sent_and_one_that_never_returns_has_a_follower() -> None:
    opened = _outages(FAILURES_TO_OPEN)
    assert opened.probe_at is not None

    probed = opened.probed(now=opened.probe_at)

    assert _room(probed, opened.probe_at + SECOND) == 0
    assert _room(probed, opened.probe_at + PROBE_WITHIN) == 1


def test_a_probe_that_fails_makes_the_rest_longer_up_to_five_minutes() -> None:
    health, rests = _outages(FAILURES_TO_OPEN), []
    for _ in range(12):
        assert health.probe_at is not None
        now = health.probe_at
        health = health.probed(now=now).failed(Call.SENDING, "still nothing", now=now)
        assert health.probe_at is not None
        rests.append(health.probe_at - now)

    assert rests == sorted(rests)
    assert rests[0] > timedelta(seconds=15)
    assert rests[-1] == timedelta(minutes=5)


def test_one_that_still_shows_what_it_has_but_begins_nothing_stays_open() -> None:
    opened = _outages(FAILURES_TO_OPEN, call=Call.SENDING)

    assert opened.succeeded(Call.WATCHING, now=NOON).circuit is Circuit.OPEN
    assert opened.succeeded(Call.SENDING, now=NOON).circuit is Circuit.CLOSED


def test_one_that_stopped_showing_anything_is_well_as_soon_as_it_shows_something() -> None:
    opened = _outages(FAILURES_TO_OPEN, call=Call.WATCHING)
    assert opened.circuit is Circuit.OPEN

    assert opened.succeeded(Call.WATCHING, now=NOON).circuit is Circuit.CLOSED


def test_a_pause_lasts_as_long_as_was_asked_and_an_earlier_end_does_not_shorten_it() -> None:
    paused = Health().paused(timedelta(seconds=30), now=NOON).paused(timedelta(seconds=5), now=NOON)

    assert paused.waiting(now=NOON + timedelta(seconds=29)) is Waiting.PAUSED
    assert paused.waiting(now=NOON + timedelta(seconds=30)) is None


def test_a_clock_that_was_set_back_does_not_shut_a_provider_out_for_as_long() -> None:
    earlier = NOON - timedelta(days=2)
    opened = _outages(FAILURES_TO_OPEN)
    paused = Health().paused(timedelta(seconds=30), now=NOON)

    assert _room(opened, earlier) == 1
    assert _room(paused, earlier) == LIMITS.concurrency


@given(under_way=st.integers(0, 60))
def test_there_is_never_room_for_more_than_its_places(under_way: int) -> None:
    assert _room(Health(), NOON, under_way=under_way) == max(0, LIMITS.concurrency - under_way)


events = st.lists(
    st.tuples(st.sampled_from(["sent", "unsent", "seen", "unseen", "paused", "probe"]), st.integers(0, 400)),
    max_size=60,
)


@given(events)
def test_whatever_happens_it_is_asked_again_within_minutes_and_an_answer_makes_it_well(
    happened: list[tuple[str, int]],
) -> None:
    health, now = Health(), NOON
    for what, seconds in happened:
        now += timedelta(seconds=seconds)
        match what:
            case "sent" | "seen":
                call = Call.SENDING if what == "sent" else Call.WATCHING
                health = health.succeeded(call, now=now)
            case "unsent" | "unseen":
                call = Call.SENDING if what == "unsent" else Call.WATCHING
                health = health.failed(call, "nothing", now=now)
            case "paused":
                health = health.paused(timedelta(seconds=seconds), now=now)
            case _ if health.may_probe(now=now):
                health = health.probed(now=now)
        assert (health.circuit is Circuit.CLOSED) == (health.probe_at is None)

    later = now + timedelta(minutes=7)
    assert _room(health, later) >= 1
    well = health.succeeded(Call.SENDING, now=later)
    assert _room(well, later) == LIMITS.concurrency
