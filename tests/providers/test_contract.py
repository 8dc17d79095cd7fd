"""The contract of every adapter: asked once, never lost, never believed, its lies no end of a take."""

from typing import Any

import pytest

from plugin_backend.domain.ids import new_token
from plugin_backend.domain.keeping import Copy
from tests.fakes.faults import Door, Fault, Kind
from tests.providers.contract import Rig
from worker.providers.protocol import (
    Accepted,
    Broken,
    CannotList,
    Finished,
    Found,
    InDoubt,
    NotFound,
    Refused,
    Running,
)

AT_ONCE = (Kind.RESET, Kind.TRUNCATE, Kind.HTML, Kind.HUGE)
BREAKS = (pytest.param(Kind.HANG, marks=pytest.mark.slow), *AT_ONCE)


def breaking(on: Door, *, most: int | None = None) -> list[Any]:
    """Every way to break an answer of that door; one that never comes takes a while."""
    hang, *others = (Fault(kind=kind, on=on, most=most) for kind in (Kind.HANG, *AT_ONCE))
    return [pytest.param(hang, marks=pytest.mark.slow), *others]


def test_a_shot_is_accepted_made_and_fetched(rig: Rig) -> None:
    shot = rig.shot()
    answer = rig.provider.submit(shot)

    assert isinstance(answer, Accepted)
    assert isinstance(rig.look(answer.provider_ref), Running)
    finished = rig.ended(answer.provider_ref)
    assert isinstance(finished, Finished)
    fetched = rig.fetched(finished.outputs)

    (file,) = fetched["files"]
    assert (file["role"], file["media_type"]) == ("movie", "video/mp4")
    assert file["key"] == f"takes/{shot.take_id}/original/0.mp4"
    assert rig.storage.head(file["key"]).bytes == file["bytes"] > 0
    assert rig.taken_on == 1
    assert rig.simulator.books().by_token().keys() == {shot.token}


def test_a_refusal_is_for_good_and_in_the_providers_own_words(rig: Rig) -> None:
    rig.simulator.faults.add(Fault(kind=Kind.REFUSE, status=400))

    answer = rig.provider.submit(rig.shot())

    assert isinstance(answer, Refused)
    assert (answer.slug, answer.retryable, answer.is_outage) == ("invalid-input", False, False)
    assert "The request was refused." in answer.detail
    assert rig.taken_on == 0


@pytest.mark.parametrize("status", [401, 402, 403])
def test_trouble_with_our_account_is_the_providers_outage_not_the_editors_fault(
    rig: Rig, status: int
) -> None:
    rig.simulator.faults.add(Fault(kind=Kind.REFUSE, status=status))

    answer = rig.provider.submit(rig.shot())

    assert isinstance(answer, Refused)
    assert (answer.slug, answer.retryable, answer.is_outage) == ("provider-failed", False, True)


def test_too_many_requests_wait_as_long_as_they_are_told(rig: Rig) -> None:
    rig.simulator.faults.add(Fault(kind=Kind.TOO_MANY, retry_after=17, most=1), Fault(kind=Kind.TOO_MANY))

    told, untold = rig.provider.submit(rig.shot()), rig.provider.submit(rig.shot())

    assert isinstance(told, Refused)
    assert isinstance(untold, Refused)
    assert (told.retryable, told.retry_after_seconds) == (True, 17)
    assert (untold.retryable, untold.retry_after_seconds) == (True, None)
    assert rig.taken_on == 0


@pytest.mark.parametrize("accepts", [False, True])
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_an_error_after_sending_leaves_us_in_doubt(rig: Rig, status: int, *, accepts: bool) -> None:
    rig.simulator.faults.add(Fault(kind=Kind.ERROR, status=status, accepts=accepts))

    assert isinstance(rig.provider.submit(rig.shot()), InDoubt)
    assert rig.taken_on == int(accepts)


@pytest.mark.parametrize("accepts", [False, True])
@pytest.mark.parametrize("kind", BREAKS)
def test_an_answer_that_cannot_be_read_leaves_us_in_doubt(rig: Rig, kind: Kind, *, accepts: bool) -> None:
    rig.simulator.faults.add(Fault(kind=kind, accepts=accepts))

    assert isinstance(rig.provider.submit(rig.shot()), InDoubt)
    assert rig.simulator.seen[Door.SUBMIT] == 1


def test_a_redirect_of_the_paid_call_is_not_followed(rig: Rig) -> None:
    rig.simulator.faults.add(Fault(kind=Kind.REDIRECT, on=Door.SUBMIT, location=f"{rig.simulator.url}/other"))

    answer = rig.provider.submit(rig.shot())

    assert isinstance(answer, Refused)
    assert answer.is_outage
    assert not any(request.path.endswith("/other") for request in rig.simulator.requests)


def test_a_provider_that_is_not_there_was_certainly_not_asked(rig: Rig) -> None:
    rig.simulator.__exit__(None, None, None)

    answer = rig.provider.submit(rig.shot())

    assert isinstance(answer, Refused)
    assert (answer.retryable, answer.is_outage) == (True, True)


def test_a_lost_answer_is_found_again_where_the_provider_lists(rig: Rig) -> None:
    shot = rig.shot()
    rig.simulator.faults.add(Fault(kind=Kind.RESET, accepts=True, most=1))
    assert isinstance(rig.provider.submit(shot), InDoubt)

    whereabouts = rig.provider.find(shot.token)

    if not rig.subject.lists:
        assert whereabouts == CannotList()
        return
    assert isinstance(whereabouts, Found)
    assert isinstance(rig.ended(whereabouts.provider_ref), Finished)
    assert rig.provider.find(new_token()) == NotFound()
    assert rig.taken_on == 1


@pytest.mark.parametrize("fault", [*breaking(Door.LIST), Fault(kind=Kind.ERROR, on=Door.LIST)])
def test_a_listing_that_fails_never_says_that_an_attempt_is_lost(rig: Rig, fault: Fault) -> None:
    rig.simulator.faults.add(fault)

    assert rig.provider.find(new_token()) == CannotList(passing=rig.subject.lists)


def test_a_state_nobody_documented_is_still_running(rig: Rig) -> None:
    rig.simulator.faults.add(Fault(kind=Kind.UNKNOWN_STATE))
    ref = rig.accepted()

    progress = rig.look(ref)

    assert isinstance(progress, Running)
    assert progress.trouble is None
    assert isinstance(rig.ended(ref), Finished)


def test_a_job_that_is_not_found_at_first_is_still_running(rig: Rig) -> None:
    rig.simulator.faults.add(Fault(kind=Kind.NOT_FOUND_YET, seconds=15))
    ref = rig.accepted()

    assert isinstance(rig.look(ref), Running)
    assert isinstance(rig.ended(ref), Finished)


@pytest.mark.parametrize(
    "fault",
    [
        *breaking(Door.POLL, most=1),
        Fault(kind=Kind.REDIRECT, on=Door.POLL, most=1),
        *(Fault(kind=Kind.ERROR, on=Door.POLL, status=status, most=1) for status in (500, 503)),
        *(Fault(kind=Kind.REFUSE, on=Door.POLL, status=status, most=1) for status in (400, 403, 404)),
        Fault(kind=Kind.TOO_MANY, on=Door.POLL, retry_after=9, most=1),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status}",
)
def test_trouble_in_asking_is_no_end_of_a_take(rig: Rig, fault: Fault) -> None:
    refs = [rig.accepted(), rig.accepted()]
    rig.simulator.clock.advance(60)
    rig.simulator.faults.add(fault)

    found = rig.provider.poll(refs)

    (troubled,) = (progress for progress in found.values() if isinstance(progress, Running))
    assert troubled.trouble is not None
    assert troubled.look_again_seconds == (9 if fault.kind is Kind.TOO_MANY else 5)
    assert sum(isinstance(progress, Finished) for progress in found.values()) == 1
    assert all(isinstance(progress, Finished) for progress in rig.provider.poll(refs).values())


def test_moderation_that_comes_late_is_final(rig: Rig) -> None:
    rig.simulator.faults.add(Fault(kind=Kind.MODERATED))

    ended = rig.ended(rig.accepted())

    assert isinstance(ended, Broken)
    assert (ended.slug, ended.retryable) == ("moderated", False)
    assert rig.simulator.failure(moderated=True).words[:20] in ended.detail


def test_a_failure_of_the_providers_own_may_be_tried_again(rig: Rig) -> None:
    rig.simulator.faults.add(Fault(kind=Kind.FAILED))

    ended = rig.ended(rig.accepted())

    assert isinstance(ended, Broken)
    assert (ended.slug, ended.retryable) == ("provider-failed", True)


def test_success_with_nothing_in_it_is_a_failure_and_nothing_is_made_again(rig: Rig) -> None:
    rig.simulator.faults.add(Fault(kind=Kind.EMPTY_SUCCESS))

    ended = rig.ended(rig.accepted())

    assert isinstance(ended, Broken)
    assert ended.slug in ("provider-failed", "moderated")
    assert rig.taken_on == 1


def test_cancelling_says_what_came_of_it(rig: Rig) -> None:
    ref = rig.accepted()

    stopped = rig.provider.cancel(ref)

    assert (stopped is not None) == rig.subject.cancels
    if stopped is None:
        assert isinstance(rig.ended(ref), Finished)


def test_what_it_made_is_deleted_where_it_can_be_and_kept_where_it_cannot(rig: Rig) -> None:
    first, second = rig.accepted(), rig.accepted()
    for ref in (first, second):
        rig.ended(ref)

    told = Copy.GONE if rig.subject.deletes else Copy.KEPT
    assert rig.provider.forget([first]) == {first: told}
    assert [job["deleted"] for job in rig.simulator.books().jobs] == [rig.subject.deletes, False]
    assert not any(request.method == "DELETE" for request in rig.simulator.requests) or rig.subject.deletes


def test_who_does_not_say_that_it_deleted_is_asked_again_and_who_refuses_is_not(rig: Rig) -> None:
    if not rig.subject.deletes:
        assert rig.provider.forget(["any"]) == {"any": Copy.KEPT}
        return
    ref = rig.accepted()
    rig.ended(ref)
    passing = (
        Fault(kind=Kind.ERROR, on=Door.CANCEL, status=503, most=1),
        Fault(kind=Kind.TOO_MANY, on=Door.CANCEL, most=1),
        Fault(kind=Kind.HANG, on=Door.CANCEL, most=1),
    )
    for fault in passing:
        rig.simulator.faults.clear()
        rig.simulator.faults.add(fault)
        assert rig.provider.forget([ref]) == {ref: Copy.LATER}
    rig.simulator.faults.clear()
    rig.simulator.faults.add(Fault(kind=Kind.REFUSE, on=Door.CANCEL, status=403, most=1))
    assert rig.provider.forget([ref]) == {ref: Copy.KEPT}
    assert rig.provider.forget([ref]) == {ref: Copy.GONE}
    again = rig.provider.forget([ref])  # it is not there any more
    assert again == {ref: Copy.GONE if rig.subject.name == "luma-dream-machine" else Copy.KEPT}
