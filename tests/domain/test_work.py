"""Lanes say which workers, and delays grow and stay bounded."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.work import STEP_LEASE, Lane, retry_delay
from plugin_backend.queue.hints import timeout_of
from plugin_backend.queue.names import QueueName, queues_for
from plugin_backend.services.making.attempts import GRACE

HTTP_TIMEOUT = timedelta(seconds=15)


def test_every_lane_is_of_one_tier_and_one_kind_of_work() -> None:
    assert {(lane.is_draft, lane.is_media) for lane in Lane} == {
        (True, False),
        (False, False),
        (True, True),
        (False, True),
    }


def test_every_lane_has_a_queue_and_masters_never_enter_the_drafts_own() -> None:
    for lane in Lane:
        names = queues_for(lane)
        assert names
        assert (QueueName.MEDIA_DRAFTS in names) == (lane is Lane.MEDIA_DRAFT)
        assert (QueueName.STEPS in names) != lane.is_media


@given(st.integers(0, 1_000))
def test_retries_wait_longer_each_time_up_to_a_minute(tries: int) -> None:
    delay = retry_delay(tries)

    assert timedelta(seconds=1) <= delay <= timedelta(minutes=1)
    assert retry_delay(tries + 1) >= delay


def test_an_intent_is_called_lost_only_after_everything_that_may_still_send_it() -> None:
    longest_pause = timedelta(seconds=timeout_of(QueueName.STEPS))

    assert longest_pause < STEP_LEASE
    assert STEP_LEASE + longest_pause + HTTP_TIMEOUT <= GRACE
