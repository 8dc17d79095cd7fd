"""Webhooks: which events there are, when a message is tried again, what it says and who signed it."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.webhooks.webhook_signing import Message, Secret, headers_of
from plugin_backend.domain.webhooks.webhooks import (
    EVENT_TYPES,
    LONGEST_WAIT,
    MOST_TRIES,
    Verdict,
    is_asked_for,
    next_wait,
    pattern_problems,
    verdict_on,
)
from tests.receivers import is_signed

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SCHEDULE = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)


def test_the_signature_is_the_one_in_the_specification() -> None:
    secret = Secret(base64.b64decode("plJ3nmyCDGBKInavdOK15jsl"))
    body = b'{"event_type":"ping","data":{"success":true}}'

    signature = secret.sign("msg_loFOjxBNrRLzqYUf", timestamp=1731705121, body=body)

    assert signature == "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="


@given(body=st.binary(max_size=200), generation=st.integers(1, 50))
def test_an_independent_reader_believes_both_secrets_and_no_other(body: bytes, generation: int) -> None:
    secrets = [Secret.of("whk_1", generation + n, pepper="p" * 32) for n in range(3)]

    headers = headers_of("msg_1", body, secrets[:2], now=NOON)

    assert [is_signed(headers, body, each.spelt()) for each in secrets] == [True, True, False]
    assert not is_signed(headers, body + b" ", secrets[0].spelt())
    assert not is_signed({**headers, "webhook-id": "msg_2"}, body, secrets[0].spelt())
    assert not is_signed({**headers, "webhook-timestamp": "1"}, body, secrets[0].spelt())


def test_a_secret_is_another_for_every_endpoint_and_pepper_and_is_shown_by_nobody_by_chance() -> None:
    one = Secret.of("whk_1", 1, pepper="p" * 32)

    assert one.spelt() != Secret.of("whk_2", 1, pepper="p" * 32).spelt()
    assert one.spelt() != Secret.of("whk_1", 1, pepper="q" * 32).spelt()
    assert 24 <= len(one.key) <= 64
    assert str(one.key) not in repr(one)


def test_families_and_single_types_are_understood() -> None:
    asked = ["generation.ready", "credits.*"]

    heard = {each for each in (*EVENT_TYPES, "credits.of-tomorrow") if is_asked_for(each, asked)}

    of_credits = {each for each in EVENT_TYPES if each.startswith("credits.")}
    assert heard == {"generation.ready", "credits.of-tomorrow", *of_credits}
    assert {"credits.granted", "credits.adjusted"} <= of_credits
    assert pattern_problems(asked) == []


@pytest.mark.parametrize("pattern", ["*", "generation", "generation.read", "take.*", ".*", ""])
def test_what_no_event_matches_is_refused_by_name(pattern: str) -> None:
    problems = pattern_problems(["generation.*", pattern])

    assert [problem.pointer for problem in problems] == ["/events/1"]
    assert "generation.*" in problems[0].detail


@given(message=st.text("abc0123", min_size=1), tries=st.integers(1, MOST_TRIES + 3))
def test_the_waits_are_those_of_the_schedule_and_a_little_more(message: str, tries: int) -> None:
    wait = next_wait(message, tries=tries)

    if tries >= len(SCHEDULE):
        assert wait is None
    else:
        assert wait is not None
        assert SCHEDULE[tries] <= wait <= 1.1 * SCHEDULE[tries]
        assert wait == next_wait(message, tries=tries)


@given(seconds=st.integers(0, 10**7))
def test_an_endpoint_that_asks_for_time_gets_it_up_to_a_day(seconds: int) -> None:
    asked = timedelta(seconds=seconds)

    wait = next_wait("msg_1", tries=1, asked=asked)

    assert wait is not None
    assert wait >= min(asked, LONGEST_WAIT)
    assert wait <= max(LONGEST_WAIT, 1.1 * SCHEDULE[1])


def test_only_2xx_is_an_acceptance_and_410_an_end() -> None:
    verdicts = {status: verdict_on(status) for status in (None, 101, 200, 204, 301, 307, 400, 410, 429, 500)}

    assert {status for status, each in verdicts.items() if each is Verdict.DELIVERED} == {200, 204}
    assert {status for status, each in verdicts.items() if each is Verdict.GONE} == {410}


@given(kind=st.sampled_from(sorted(EVENT_TYPES)))
def test_a_message_is_thin_and_says_what_where_and_when(kind: str) -> None:
    message = Message(
        id="msg_1",
        type=kind,
        subject_id="gen_01",
        data={"take_id": "take_01"},
        at=NOON,
        version=7,
        workspace_id="wsp_1",
        owner_id="usr_1",
    )

    body = message.body(public_url="https://here.example")

    assert len(body) < 1_000
    assert body == message.body(public_url="https://here.example")
    assert b'"timestamp":"2026-03-01T12:00:00.000Z"' in body
    assert b'"url":"https://here.example/v1/generations/gen_01"' in body
    assert b'"version":7' in body
