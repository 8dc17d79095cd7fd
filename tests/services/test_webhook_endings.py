"""How a webhook ends: given up, disabled, held back, sent again, deleted, forgotten."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from plugin_backend.domain.callers import Role
from plugin_backend.domain.errors import ConflictError, NotFoundError, ValidationFailedError
from plugin_backend.domain.webhooks.webhooks import Covers
from plugin_backend.services.keeping.tidying import tidy
from plugin_backend.services.webhooks import webhook_replays, webhooks
from plugin_backend.services.webhooks.webhook_outbox import pass_on
from plugin_backend.services.webhooks.webhook_replays import Span
from tests.databases import until_told
from tests.receivers import Receiver, Told
from tests.services.posting import listening, post_all, post_until_silence, see, states, tried
from tests.services.studio import Studio


def test_an_endpoint_that_never_accepts_is_tried_ten_times_then_disabled_and_its_owner_told(
    posting: Studio, receiver: Receiver
) -> None:
    mailing = replace(posting.house, sends_mail=True)
    posting = replace(posting, house=mailing, runtime=replace(posting.runtime, house=mailing))
    caller = posting.person()
    made = listening(posting, caller, receiver)
    receiver.answer = lambda _: Told(500, body=b"on fire")
    posting.grant(caller.user_id, 5)

    waits = post_until_silence(posting)

    scheduled = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
    assert len(receiver.came) == 10
    assert [
        seconds <= wait.total_seconds() <= 1.1 * seconds
        for seconds, wait in zip(scheduled, waits, strict=True)
    ] == [True] * 9
    shown = see(posting, caller, made).row
    assert (shown.disabled_why, states(posting)) == ("failing", Counter(failed=1))
    assert "webhook.disabled" in [event.type for event in posting.told(caller)]
    assert posting.rows("SELECT about, owner_id FROM mails") == [("webhook-disabled", caller.user_id)]
    (attempt, *_) = tried(posting, caller, made)
    assert (attempt.number, attempt.status, attempt.answer, attempt.error) == (10, 500, "on fire", None)


def test_one_bad_message_does_not_disable_an_endpoint_that_accepts_others(
    posting: Studio, receiver: Receiver
) -> None:
    caller = posting.person()
    made = listening(posting, caller, receiver)
    posting.grant(caller.user_id, 5)
    post_all(posting)
    (bad,) = receiver.came
    receiver.answer = lambda come: Told(500 if come.id != bad.id and len(receiver.came) < 12 else 200)
    posting.grant(caller.user_id, 6)
    post_all(posting)
    poisoned = receiver.came[-1].id
    receiver.answer = lambda come: Told(500 if come.id == poisoned else 200)
    posting.clock.turn(timedelta(seconds=1))
    posting.grant(caller.user_id, 7)

    post_until_silence(posting)

    assert states(posting) == Counter(delivered=2, failed=1)
    assert see(posting, caller, made).row.disabled_at is None


def test_410_disables_at_once_and_what_happens_meanwhile_is_held_for_a_replay(
    posting: Studio, receiver: Receiver
) -> None:
    caller = posting.person()
    made = listening(posting, caller, receiver)
    receiver.answer = lambda _: Told(410)
    began = posting.clock.moment
    posting.grant(caller.user_id, 5)
    post_until_silence(posting)
    assert (len(receiver.came), see(posting, caller, made).row.disabled_why) == (1, "gone")
    posting.grant(caller.user_id, 6)
    post_until_silence(posting)
    assert (len(receiver.came), see(posting, caller, made).held) == (1, 1)
    span = Span(since=began, until=began + timedelta(days=1))
    with pytest.raises(ConflictError):
        webhook_replays.replay_span(posting.house, caller, made.row.id, span)

    receiver.answer = lambda _: Told()
    webhooks.change(posting.house, caller, made.row.id, {"disabled": False})
    assert webhook_replays.replay_span(posting.house, caller, made.row.id, span) == 2
    post_until_silence(posting)

    assert states(posting) == Counter(delivered=2)
    assert receiver.came[0].id in {each.id for each in receiver.came[1:]}
    assert webhook_replays.replay_span(posting.house, caller, made.row.id, span) == 0
    both = replace(span, delivered_too=True)
    assert webhook_replays.replay_span(posting.house, caller, made.row.id, both) == 2


def test_a_test_is_tried_once_and_disables_nothing(posting: Studio, receiver: Receiver) -> None:
    caller = posting.person()
    made = listening(posting, caller, receiver)
    receiver.answer = lambda _: Told(410)

    sent = webhook_replays.send_test(posting.house, caller, made.row.id)
    assert post_until_silence(posting) == []

    (come,) = receiver.came
    assert (come.id, come.said["type"]) == (sent, "webhook.test")
    assert see(posting, caller, made).row.disabled_at is None
    assert states(posting) == Counter(failed=1)


def test_an_attempt_is_sent_again_when_somebody_asks(posting: Studio, receiver: Receiver) -> None:
    caller = posting.person()
    made = listening(posting, caller, receiver)
    posting.grant(caller.user_id, 5)
    post_all(posting)
    (attempt,) = tried(posting, caller, made)

    webhook_replays.replay(posting.house, caller, made.row.id, attempt.id)
    post_all(posting)

    first, second = receiver.came
    assert first.id == second.id == attempt.message_id
    with pytest.raises(NotFoundError):
        webhook_replays.replay(posting.house, posting.person(), made.row.id, attempt.id)


def test_a_workspaces_endpoint_hears_everybody_until_its_owner_administers_no_more(
    posting: Studio, receiver: Receiver
) -> None:
    admin = posting.person(role=Role.ADMIN)
    colleague, stranger = posting.person(colleague_of=admin), posting.person()
    listening(posting, admin, receiver, covers=Covers.WORKSPACE)
    for each in (colleague, stranger):
        posting.grant(each.user_id, 5)
    post_all(posting)
    assert [each.said["data"]["owner_id"] for each in receiver.came] == [colleague.user_id]

    posting.grant(colleague.user_id, 6)
    until_told(posting.url)
    pass_on(posting.house)  # on its way, when the role is taken
    with posting.house.begin() as work:
        work.connection.exec_driver_sql(
            "UPDATE users SET role = 'editor' WHERE id = %(id)s", {"id": admin.user_id}
        )
    posting.grant(colleague.user_id, 7)
    post_until_silence(posting)

    assert len(receiver.came) == 1


def test_a_deleted_endpoint_is_sent_nothing_and_forgets_where(posting: Studio, receiver: Receiver) -> None:
    caller = posting.person()
    made = listening(posting, caller, receiver)
    posting.grant(caller.user_id, 5)
    until_told(posting.url)
    pass_on(posting.house)

    webhooks.delete(posting.house, caller, made.row.id)
    post_until_silence(posting)

    assert receiver.came == []
    assert posting.rows("SELECT url FROM webhooks") == [("",)]
    tidy(posting.house)
    assert (posting.count("webhooks"), posting.count("webhook_messages")) == (0, 0)


def test_messages_and_attempts_are_kept_for_thirty_days(posting: Studio, receiver: Receiver) -> None:
    caller = posting.person()
    listening(posting, caller, receiver)
    posting.grant(caller.user_id, 5)
    post_all(posting)
    posting.clock.turn(timedelta(days=30))
    tidy(posting.house)
    assert (posting.count("webhook_messages"), posting.count("webhook_attempts")) == (1, 1)

    posting.clock.turn(timedelta(seconds=1))
    tidy(posting.house)

    assert (posting.count("webhook_messages"), posting.count("webhook_attempts")) == (0, 0)


def test_more_than_can_be_sent_again_at_once_is_refused_and_so_is_what_is_not_kept(
    posting: Studio, receiver: Receiver
) -> None:
    caller = posting.person()
    made = listening(posting, caller, receiver)
    now = posting.clock.moment

    for since, until in ((now - timedelta(days=31), now), (now, now)):
        with pytest.raises(ValidationFailedError):
            webhook_replays.replay_span(
                posting.house, caller, made.row.id, Span(since=since, until=until, delivered_too=True)
            )
