"""Webhooks out of a whole house: real receivers, a clock that is turned, and workers that die."""

import json
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from plugin_backend.db.journal import Owned, record_event
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.work import WEBHOOK_PLACES
from plugin_backend.outbound import Guard
from plugin_backend.services import endings, quotas
from plugin_backend.services.house import Outgoing
from plugin_backend.services.webhooks import webhooks
from plugin_backend.services.webhooks.webhook_outbox import pass_on
from plugin_backend.services.webhooks.webhooks import NewWebhook
from tests.databases import until_told
from tests.domain.requests import asked
from tests.receivers import Receiver, Told, receiving
from tests.services.posting import (
    KilledError,
    allowing,
    dying_at,
    eventually,
    listening,
    post_all,
    post_until_silence,
    see,
    states,
    tried,
)
from tests.services.studio import Studio
from worker.errands import ThreadedErrands

HAPPENINGS = ("grant", "limit", "generate", "cancel", "read", "post", "refuse", "die")


def test_what_happens_is_told_with_ids_state_and_a_signature(posting: Studio, receiver: Receiver) -> None:
    caller = posting.person()
    made = listening(posting, caller, receiver, "generation.*")

    view = posting.finish(posting.ask(caller, asked()))
    post_all(posting)

    last = max(receiver.came, key=lambda each: int(each.said["data"]["version"]))
    assert last.said["type"] == "generation.ready"
    assert last.said["data"]["id"] == view.generation.id
    assert last.said["data"]["state"] == "ready"
    assert last.said["data"]["url"] == f"https://here.example/v1/generations/{view.generation.id}"
    assert made.secret is not None
    assert all(each.is_signed_by(made.secret.spelt()) for each in receiver.came)
    assert "forest" not in str([each.body for each in receiver.came])
    assert see(posting, caller, made).pending == 0


@pytest.mark.slow
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happenings=st.lists(st.sampled_from(HAPPENINGS), max_size=12))
def test_exactly_the_events_of_the_feed_are_told_whoever_dies_or_refuses(
    studio: Studio, happenings: list[str]
) -> None:
    with receiving() as receiver:
        posting = allowing(studio, receiver)
        caller, other = posting.person(), posting.person()
        made = listening(posting, caller, receiver, "generation.*", "quota.*", "credits.granted")
        first = posting.one("SELECT coalesce(max(id), 0) FROM events")
        for number, word in enumerate(happenings):
            _happen(posting, receiver, word, caller if number % 3 else other)
        receiver.answer = lambda _: Told()
        post_until_silence(posting)

        told = posting.rows(
            "SELECT id, type, subject_id FROM events WHERE owner_id = :id AND id > :first"
            " AND (type LIKE 'generation.%' OR type LIKE 'quota.%' OR type = 'credits.granted') ORDER BY id",
            id=caller.user_id,
            first=first,
        )
        said = {each.id: each.said for each in receiver.came}
        came = [(each["data"]["version"], each["type"], each["data"]["id"]) for each in said.values()]
        assert sorted(came) == told
        assert len({(each.id, each.body) for each in receiver.came}) == len(said)
        if not {"die", "refuse"} & set(happenings):
            assert len(receiver.came) == len(told)
        webhooks.delete(posting.house, caller, made.row.id)


def _happen(studio: Studio, receiver: Receiver, word: str, caller: Caller) -> None:
    match word:
        case "grant":
            studio.grant(caller.user_id, 5)
        case "limit":
            limits = {"max_concurrent": 3}
            quotas.override(studio.house, actor=None, user_id=caller.user_id, limits=limits, reason="a test")
        case "generate":
            studio.ask(caller, asked())
            studio.work_off()
        case "cancel":
            endings.cancel(studio.house, caller, studio.ask(caller, asked()).generation.id)
        case "read":
            pass_on(studio.house)
        case "refuse":
            receiver.answer = lambda _: Told(500)
            post_all(studio)
            receiver.answer = lambda _: Told()
        case "die":
            with suppress(KilledError):
                post_all(dying_at(studio, "webhook:after-post"))
        case _:
            post_all(studio)


def test_an_event_whose_transaction_commits_late_is_told_all_the_same(
    posting: Studio, receiver: Receiver
) -> None:
    caller = posting.person()
    listening(posting, caller, receiver)
    owned = Owned(caller.workspace_id, caller.user_id)
    with posting.house.begin() as slow:
        record_event(slow, "credits.adjusted", subject_id=caller.user_id, owned=owned)
        posting.grant(caller.user_id, 7)  # begins later, commits first
        pass_on(posting.house)
        assert states(posting) == Counter()

    post_all(posting)

    assert sorted(each.said["type"] for each in receiver.came) == ["credits.adjusted", "credits.granted"]


def test_two_who_pass_on_at_once_write_each_message_once(posting: Studio, receiver: Receiver) -> None:
    caller = posting.person()
    listening(posting, caller, receiver)
    for _ in range(20):
        posting.grant(caller.user_id, 1)
    until_told(posting.url)
    readers = [threading.Thread(target=pass_on, args=(posting.house,)) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()

    assert post_all(posting) == 20
    assert len({each.id for each in receiver.came}) == 20


def test_a_worker_killed_after_the_post_sends_it_again_under_the_same_id(
    posting: Studio, receiver: Receiver
) -> None:
    caller = posting.person()
    listening(posting, caller, receiver)
    posting.grant(caller.user_id, 5)
    dying = dying_at(posting, "webhook:after-post")
    with pytest.raises(KilledError):
        post_all(dying)
    assert (len(receiver.came), states(posting)) == (1, Counter(pending=1))

    assert post_all(posting) == 0  # its lease has not run out
    posting.clock.turn(timedelta(seconds=31))
    post_all(posting)

    first, second = receiver.came
    assert (first.id, first.body) == (second.id, second.body)
    assert states(posting) == Counter(delivered=1)


def test_429_with_a_time_is_left_alone_for_that_time(posting: Studio, receiver: Receiver) -> None:
    caller = posting.person()
    listening(posting, caller, receiver)
    answers = [Told(429, {"Retry-After": "90"}), Told(503, {"Retry-After": "3600"}), Told()]
    receiver.answer = lambda _: answers[len(receiver.came) - 1]
    posting.grant(caller.user_id, 5)

    waits = post_until_silence(posting)

    assert waits == [timedelta(seconds=90), timedelta(hours=1)]
    assert states(posting) == Counter(delivered=1)


def test_a_redirect_is_a_failure_and_is_not_followed(posting: Studio, receiver: Receiver) -> None:
    caller = posting.person()
    made = listening(posting, caller, receiver)
    receiver.answer = lambda _: Told(302, {"Location": f"{receiver.origin}/elsewhere"})
    posting.grant(caller.user_id, 5)

    post_all(posting)

    assert (len(receiver.came), receiver.redirected_to) == (1, 0)
    (attempt,) = tried(posting, caller, made)
    assert (attempt.status, attempt.state) == (302, "pending")


def test_of_a_huge_answer_a_little_is_read_and_less_is_kept(posting: Studio, receiver: Receiver) -> None:
    caller = posting.person()
    made = listening(posting, caller, receiver)
    receiver.answer = lambda _: Told(200, body=b"\0x" * 50_000_000)
    posting.grant(caller.user_id, 5)

    post_all(posting)

    (attempt,) = tried(posting, caller, made)
    assert states(posting) == Counter(delivered=1)
    assert attempt.answer is not None
    assert (len(attempt.answer), "\0" in attempt.answer) == (512, False)


def test_a_receiver_that_hangs_takes_its_own_places_and_nobody_elses(studio: Studio) -> None:
    hung = threading.Event()
    with receiving() as slow, receiving("127.0.0.2") as good:
        posting = allowing(studio, slow, good)
        errands = ThreadedErrands()
        posting = replace(posting, runtime=replace(posting.runtime, errands=errands))
        caller, other = posting.person(), posting.person()
        slow.answer = lambda _: Told(stalls=hung)
        listening(posting, caller, slow)
        listening(posting, other, good)
        for _ in range(2 * WEBHOOK_PLACES):
            posting.grant(caller.user_id, 1)
        posting.grant(other.user_id, 1)
        post_all(posting)

        eventually(lambda: len(good.came) == 1 and len(slow.came) == WEBHOOK_PLACES)
        assert len(slow.came) == WEBHOOK_PLACES
        hung.set()
        assert errands.finish(within=30)
    assert states(posting)["delivered"] == 1 + WEBHOOK_PLACES


def test_after_a_rotation_both_secrets_sign_and_then_the_new_one(posting: Studio, receiver: Receiver) -> None:
    caller = posting.person()
    made = listening(posting, caller, receiver)
    turned = webhooks.rotate(posting.house, caller, made.row.id, overlap=timedelta(hours=1))
    assert made.secret is not None
    assert turned.secret is not None
    old, new = made.secret.spelt(), turned.secret.spelt()

    posting.grant(caller.user_id, 5)
    post_all(posting)
    posting.clock.turn(timedelta(hours=1))
    posting.grant(caller.user_id, 6)
    post_all(posting)

    during, after = receiver.came
    assert (during.is_signed_by(old), during.is_signed_by(new)) == (True, True)
    assert (after.is_signed_by(old), after.is_signed_by(new)) == (False, True)


def test_a_host_that_became_ours_is_not_asked(posting: Studio, receiver: Receiver) -> None:
    caller = posting.person()
    made = listening(posting, caller, receiver)
    posting.grant(caller.user_id, 5)
    nothing_trusted = replace(posting.house, outgoing=Outgoing(guard=Guard()))
    closed = replace(posting, house=nothing_trusted, runtime=replace(posting.runtime, house=nothing_trusted))

    post_all(closed)

    assert receiver.came == []
    (attempt,) = tried(posting, caller, made)
    assert (attempt.status, attempt.state) == (None, "pending")
    assert attempt.error == "127.0.0.1 is not asked without https."


def test_no_log_line_holds_the_address_or_a_secret(posting: Studio, receiver: Receiver) -> None:
    caller = posting.person()
    wanted = NewWebhook(url=f"{receiver.origin}/canary-path?token=canary", events=("credits.*",))
    with capture_logs() as lines:
        made = webhooks.create(posting.house, caller, wanted)
        posting.grant(caller.user_id, 5)
        receiver.answer = lambda _: Told(500, body=b"canary")
        post_all(posting)

    assert made.secret is not None
    assert any(line["event"] == "webhook.sent" for line in lines)
    assert "canary" not in json.dumps(lines, default=str)
    assert made.secret.spelt() not in repr(made)
    assert "canary" not in repr(made)
