"""Cancels: what is told is true of every provider, and nobody is told that a thing is free which is not."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.making.cancelling import CancelledTake, Stage, Stopping, cancellation, stopping

PROVIDERS = ("animatic", "adobe-firefly", "luma", "luma-dream-machine", "atlas", "comet")
cancelled = st.builds(
    CancelledTake,
    number=st.integers(1, 8),
    stage=st.sampled_from(Stage),
    provider=st.sampled_from(PROVIDERS),
    credits=st.integers(0, 1000),
    sent_ago=st.none() | st.timedeltas(timedelta(0), timedelta(hours=1)),
    parts_made=st.integers(0, 2),
)


def _told(stage: Stage, provider: str, **more: int) -> tuple[str, bool | None, int, str]:
    take = CancelledTake(
        number=1, stage=stage, provider=provider, credits=40, sent_ago=timedelta(seconds=12), **more
    )
    told = cancellation([take])
    return told.stage.value, told.charged, told.credits_at_most, told.detail


def test_what_was_never_sent_costs_nothing() -> None:
    assert _told(Stage.QUEUED, "luma") == ("queued", False, 0, "Nothing was sent; everything returns.")
    assert cancellation([]).charged is False


def test_a_provider_that_cannot_be_stopped_is_named_with_the_time_and_the_price() -> None:
    stage, charged, most, detail = _told(Stage.SENT, "luma")

    assert (stage, charged, most) == ("sent", None, 40)
    assert detail == (
        "Take 1 was sent to luma 12 s ago; luma does not stop. What arrives is kept, charged at 40 credits;"
        " if nothing arrives, nothing is charged."
    )


def test_a_provider_that_can_be_asked_may_still_bill() -> None:
    stage, charged, most, detail = _told(Stage.SENT, "adobe-firefly")

    assert (stage, charged, most) == ("sent", None, 40)
    assert "asked to stop" in detail


def test_our_own_engine_stops_at_once_for_nothing() -> None:
    assert _told(Stage.SENT, "animatic")[1:3] == (False, 0)


def test_what_is_made_is_kept_and_charged() -> None:
    stage, charged, most, detail = _told(Stage.MADE, "luma")

    assert (stage, charged, most) == ("made", True, 40)
    assert detail == "Take 1 was made already: it is kept, charged at 40 credits."


def test_the_parts_of_a_longer_take_that_are_made_are_kept_and_charged() -> None:
    stage, charged, _, detail = _told(Stage.SENT, "luma", parts_made=1)

    assert (stage, charged) == ("sent", True)
    assert detail.endswith("The parts made before are kept and charged.")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_provider_has_a_rule(provider: str) -> None:
    assert (stopping(provider) is Stopping.FREE) == (provider == "animatic")


@given(st.lists(cancelled, max_size=8))
def test_free_is_only_said_where_nothing_can_be_charged(taken: list[CancelledTake]) -> None:
    told = cancellation(taken)

    assert told.credits_at_most <= sum(take.credits for take in taken)
    if told.charged is False:
        assert told.credits_at_most == 0
        assert not any(take.stage is Stage.MADE for take in taken)
    if any(take.stage is Stage.MADE for take in taken):
        assert told.stage is Stage.MADE
    assert told.detail
