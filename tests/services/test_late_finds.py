"""What a provider made for a take that had ended without it: delivered free, once, and on our books."""

from datetime import timedelta

import pytest

from plugin_backend.db.generations import GenerationView
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.lifecycle import GenerationState, TakeState
from plugin_backend.services import endings, reconciliation, stepping
from plugin_backend.services.making import attempts, hands
from plugin_backend.services.money import exposures
from tests.services.remote import PRICE, RAY_32, Remote, exposed, far, settle, turn_to_next, work_off
from tests.services.studio import Studio
from worker.providers.protocol import Broken, InDoubt, Running
from worker.shots import shot_to_send

pytestmark = pytest.mark.slow

DOUBT = InDoubt("504 from a gateway", request_id="lum-504")


def _ended(studio: Studio, caller: Caller) -> GenerationView:
    """A generation that has failed for want of an answer."""
    view = settle(studio, studio.ask(caller, RAY_32))
    assert (view.generation.state, studio.balance(caller)) == (GenerationState.FAILED, (100, 0))
    return view


def _given_up(studio: Studio, caller: Caller) -> GenerationView:
    """A generation that an operator gave up while its POST was in doubt."""
    view = studio.ask(caller, RAY_32)
    work_off(studio)
    operator = studio.person(is_operator=True)
    endings.fail_as_admin(studio.house, operator, view.generation.id, reason="stuck")
    return view


def _recovered(studio: Studio, view: GenerationView) -> GenerationView:
    """The generation that was made of what was found."""
    found = studio.one("SELECT id FROM generations WHERE recovered_from = :id", id=view.generation.id)
    return settle(studio, studio.see(found))


def _sweep(studio: Studio) -> int:
    found = reconciliation.sweep(studio.house)
    work_off(studio)
    return found


def _count(studio: Studio) -> int:
    return int(studio.one("SELECT count(*) FROM generations WHERE recovered_from IS NOT NULL"))


def _check_free(studio: Studio, caller: Caller, view: GenerationView) -> None:
    recovered = _recovered(studio, view)
    row = recovered.generation
    assert row.state is GenerationState.READY
    assert (row.credits_held, row.credits_settled, row.draft_units_used) == (0, 0, 0)
    assert [(take.state, take.credits) for take in recovered.takes] == [(TakeState.STORED, 0)]
    assert (studio.balance(caller), studio.under_way(caller)) == ((100, 0), (0, 0))
    assert _count(studio) == 1


@pytest.mark.parametrize("sweeps", [0, 1])
def test_an_answer_after_the_take_was_given_up_is_delivered_free(studio: Studio, sweeps: int) -> None:
    luma = Remote()
    studio = far(studio, luma)
    caller = studio.person(credits_granted=100)
    view = studio.ask(caller, RAY_32)
    studio.step(view.generation.id)
    studio.step(view.generation.id)
    claim = stepping.claim(studio.house, view.takes[0].id)
    assert claim is not None
    hand = hands.look(studio.house, claim)
    assert hand is not None
    ordered = attempts.Ordered(provider="luma", model="ray-3.2", credits_at_risk=PRICE)
    attempt = attempts.intend(studio.house, claim, hand.take, ordered)
    operator = studio.person(is_operator=True)
    endings.fail_as_admin(studio.house, operator, view.generation.id, reason="stuck")
    for _ in range(sweeps):
        assert _sweep(studio) == 1  # in vain: there is no listing

    ref = luma.start(shot_to_send(hand, token=attempt.token))
    attempts.accepted(studio.house, attempt, hand.take, provider_ref=ref, claim=claim, after=timedelta(0))
    work_off(studio)

    _check_free(studio, caller, view)
    assert studio.rows("SELECT state, provider_ref, billed FROM attempts") == [("closed", ref, True)]


def test_the_sweep_finds_it_in_the_listing_of_a_provider_that_lists(studio: Studio) -> None:
    luma = Remote(answers=[DOUBT], hears=True, lists=True)
    studio = far(studio, luma)
    caller = studio.person(credits_granted=100)
    view = _given_up(studio, caller)

    assert _sweep(studio) == 1

    _check_free(studio, caller, view)
    assert _sweep(studio) == 0


def test_a_provider_that_cannot_list_is_asked_once_and_not_again(studio: Studio) -> None:
    studio = far(studio, Remote(answers=[DOUBT], hears=True))
    caller = studio.person(credits_granted=100)
    _given_up(studio, caller)

    assert _sweep(studio) == 1
    assert _sweep(studio) == 0
    assert studio.rows("SELECT slug, state FROM attempts") == [("outcome-unknown", "closed")]
    assert _count(studio) == 0


def test_a_poll_that_timed_out_is_not_the_end_what_finishes_later_is_delivered_free(studio: Studio) -> None:
    luma = Remote(fate=Running(0.9))
    studio = far(studio, luma)
    caller = studio.person(credits_granted=100)
    view = _ended(studio, caller)
    assert view.generation.failure is not None
    assert view.generation.failure["slug"] == "timed-out"
    assert _sweep(studio) == 1
    assert _count(studio) == 0

    luma.fate = None
    turn_to_next(studio)
    work_off(studio)

    _check_free(studio, caller, view)
    assert len(luma.posts) == 1


def test_what_broke_after_all_makes_no_generation_and_says_why(studio: Studio) -> None:
    luma = Remote(fate=Running(0.9))
    studio = far(studio, luma)
    _ended(studio, studio.person(credits_granted=100))

    luma.fate = Broken("moderated", "luma moderated it", billed=False, request_id="lum-9")
    _sweep(studio)

    assert _count(studio) == 0
    assert studio.rows("SELECT slug, detail, billed, request_id FROM attempts") == [
        ("moderated", "luma moderated it", False, "lum-9")
    ]
    assert exposed(studio) == []


def test_a_listing_that_does_not_answer_is_waited_for_and_then_the_person_pays_nothing(
    studio: Studio,
) -> None:
    luma = Remote(answers=[DOUBT], hears=True, lists=None)
    began = studio.clock.moment
    studio = far(studio, luma)
    caller = studio.person(credits_granted=100)
    view = _ended(studio, caller)
    assert view.generation.failure is not None
    assert view.generation.failure["slug"] == "outcome-unknown"
    assert studio.clock.moment - began >= attempts.DOUBT_ENDS
    assert len(luma.posts) == 1

    luma.lists = True
    _sweep(studio)

    _check_free(studio, caller, view)


def test_it_is_delivered_once_however_many_find_it(studio: Studio) -> None:
    luma = Remote(answers=[DOUBT], hears=True, lists=True)
    studio = far(studio, luma)
    caller = studio.person(credits_granted=100)
    view = _given_up(studio, caller)
    (attempt_id,) = studio.rows("SELECT id FROM attempts")[0]
    for _ in range(3):
        reconciliation.sweep(studio.house)
        claim = stepping.claim(studio.house, attempt_id)
        if claim is not None:
            hand = reconciliation.look(studio.house, claim)
            assert hand is not None
            reconciliation.found(studio.house, claim, hand, provider_ref="luma-1")
    stale = stepping.claim(studio.house, attempt_id)
    assert stale is not None
    hand = reconciliation.look(studio.house, stale)
    assert hand is not None
    outputs = {"files": [{"role": "movie", "url": "https://x/1"}]}
    reconciliation.made(studio.house, stale, hand, outputs=outputs)
    _sweep(studio)

    with pytest.raises(Exception, match=attempt_id):
        reconciliation.made(studio.house, stale, hand, outputs=outputs)

    _check_free(studio, caller, view)


def test_a_take_that_came_about_without_it_leaves_only_an_exposure(studio: Studio) -> None:
    luma = Remote(answers=[DOUBT], lists=True)
    studio = far(studio, luma)
    caller = studio.person(credits_granted=100)
    view = settle(studio, studio.ask(caller, RAY_32))
    assert view.generation.state is GenerationState.READY
    assert len(luma.posts) == 2

    luma.start(luma.posts[0])
    _sweep(studio)

    assert _count(studio) == 0
    assert exposed(studio) == [("luma-2", PRICE)]
    assert studio.balance(caller) == (100 - PRICE, 0)


def test_nothing_is_delivered_for_a_generation_that_was_deleted(studio: Studio) -> None:
    luma = Remote(fate=Running(0.9))
    studio = far(studio, luma)
    caller = studio.person(credits_granted=100)
    view = _ended(studio, caller)
    endings.delete(studio.house, caller, view.generation.id)

    luma.fate = None
    _sweep(studio)

    assert _count(studio) == 0
    assert exposed(studio) == [("luma-1", PRICE)]


@pytest.mark.parametrize(
    "luma", [Remote(answers=[DOUBT], lists=True), Remote(fate=Running(0.9))], ids=["in doubt", "running"]
)
def test_after_two_days_nobody_asks_any_more(studio: Studio, luma: Remote) -> None:
    studio = far(studio, luma)
    view = _given_up(studio, studio.person(credits_granted=100))
    began = studio.clock.moment
    asked = 0
    reconciliation.sweep(studio.house)
    while studio.count("work"):
        work_off(studio)
        asked += 1
        if studio.count("work"):
            turn_to_next(studio)

    assert studio.clock.moment - began <= reconciliation.LOOKED_FOR
    assert 10 < asked < 200
    studio.clock.turn(reconciliation.LOOKED_FOR)
    assert reconciliation.sweep(studio.house) == 0
    assert view.generation.id


def test_a_callback_for_a_take_that_has_ended_makes_us_look(studio: Studio) -> None:
    luma = Remote(answers=[DOUBT], hears=True, lists=True)
    studio = far(studio, luma)
    caller = studio.person(credits_granted=100)
    view = _given_up(studio, caller)

    with studio.house.begin() as work:
        assert reconciliation.heard_of(work, luma.posts[0].token)
        assert not reconciliation.heard_of(work, "somebody else's")
    work_off(studio)

    _check_free(studio, caller, view)


def test_both_receipts_say_what_became_of_it(studio: Studio) -> None:
    luma = Remote(answers=[DOUBT], hears=True, lists=True)
    studio = far(studio, luma)
    caller = studio.person(credits_granted=100)
    view = _given_up(studio, caller)
    _sweep(studio)
    recovered = _recovered(studio, view).generation

    before, after = (studio.receipt(caller, each) for each in (view.generation.id, recovered.id))

    assert before.recovered_as == [recovered.id]
    assert before.why == "No take could be stored; everything returned."
    assert after.why == f"Found after {view.generation.id} had ended, and delivered free."
    assert list(after.entries) == []
    assert after.terms == before.terms != {}  # it was asked for under the terms of then
    assert [(each.provider, each.request_id, each.billed) for each in after.attempts] == [
        ("luma", "lum-504", True)
    ]


def test_a_recovered_one_stays_an_exposure_and_is_shown_as_recovered(studio: Studio) -> None:
    luma = Remote(answers=[DOUBT], hears=True, lists=True)
    studio = far(studio, luma)
    caller = studio.person(credits_granted=100)
    view = _given_up(studio, caller)
    _sweep(studio)
    recovered = _recovered(studio, view).generation
    operator = studio.person(is_operator=True)

    (shown,) = exposures.find(studio.house, operator, settled=False, before=None, limit=10)
    (total,) = exposures.totals(studio.house, operator)

    assert (shown.recovered_from, shown.generation_id) == (view.generation.id, recovered.id)
    assert "delivered free" in shown.why
    assert (total.attempts, total.credits, total.recovered, total.credits_recovered) == (1, PRICE, 1, PRICE)
