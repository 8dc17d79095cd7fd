"""Cancels of what a provider makes: what the answer says is what the receipt says, and what is charged."""

from dataclasses import replace
from typing import Any

import pytest

from plugin_backend.db.generations import GenerationView
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.lifecycle import GenerationState, TakeState
from plugin_backend.services import endings
from plugin_backend.services.money import exposures
from tests.services.remote import PRICE, RAY_32, Remote, far, settle, work_off
from tests.services.studio import Studio
from worker import steps
from worker.providers.protocol import Broken, InDoubt, Running, Stopped


def _sent(studio: Studio, luma: Remote) -> tuple[Studio, Caller, GenerationView]:
    """A generation whose one take the provider has, and has not finished."""
    studio = far(studio, luma)
    luma.fate = Running(0.3)
    caller = studio.person(credits_granted=100)
    view = studio.ask(caller, RAY_32)
    work_off(studio)
    return studio, caller, view


def _cancel(studio: Studio, caller: Caller, view: GenerationView) -> dict[str, Any]:
    told = endings.cancel(studio.house, caller, view.generation.id).cancellation
    assert told is not None
    return dict(told)


def test_before_it_is_sent_everything_returns_and_the_answer_says_so(studio: Studio) -> None:
    luma = Remote()
    studio = far(studio, luma)
    caller = studio.person(credits_granted=100)
    view = studio.ask(caller, RAY_32)

    told = _cancel(studio, caller, view)

    assert (told["stage"], told["charged"], told["credits_at_most"]) == ("queued", False, 0)
    assert studio.balance(caller) == (100, 0)
    assert studio.receipt(caller, view.generation.id).cancellation == told


def test_a_provider_that_does_not_stop_is_named_and_what_arrives_is_kept_and_charged(studio: Studio) -> None:
    luma = Remote()
    studio, caller, view = _sent(studio, luma)

    told = _cancel(studio, caller, view)
    luma.fate = None
    found = settle(studio, view)

    assert (told["stage"], told["charged"], told["credits_at_most"]) == ("sent", None, PRICE)
    assert "luma does not stop" in told["detail"]
    assert found.generation.state is GenerationState.CANCELLED
    assert found.takes[0].state is TakeState.STORED
    assert studio.balance(caller) == (100 - PRICE, 0)
    receipt = studio.receipt(caller, view.generation.id)
    assert receipt.cancellation == told
    assert "1 take could no longer be recalled" in receipt.why
    assert "1 kept" in receipt.why


def test_a_provider_that_does_not_stop_and_then_breaks_costs_nothing(studio: Studio) -> None:
    luma = Remote()
    studio, caller, view = _sent(studio, luma)

    _cancel(studio, caller, view)
    luma.fate = Broken("provider-failed", "The model gave up.")
    found = settle(studio, view)

    assert found.generation.state is GenerationState.CANCELLED
    assert studio.balance(caller) == (100, 0)
    assert "after it was sent, and nothing arrived" in studio.receipt(caller, view.generation.id).why


@pytest.mark.parametrize(("charged", "cost"), [(False, 0), (True, PRICE), (None, PRICE)])
def test_a_provider_that_stops_costs_what_it_says_and_its_price_when_it_does_not_say(
    studio: Studio,
    charged: bool | None,  # noqa: FBT001 - a case of the table
    cost: int,
) -> None:
    studio, caller, view = _sent(studio, Remote(stops=Stopped(charged=charged)))

    _cancel(studio, caller, view)
    found = settle(studio, view)

    assert found.takes[0].state is TakeState.CANCELLED
    assert studio.balance(caller) == (100 - cost, 0)
    assert studio.rows("SELECT state, billed FROM attempts") == [("closed", charged)]
    assert exposures.totals(studio.house, studio.person(is_operator=True)) == ()


def test_a_stop_that_nobody_asked_for_is_a_failure_and_costs_nothing(studio: Studio) -> None:
    luma = Remote()
    studio, caller, view = _sent(studio, luma)

    luma.fate = Stopped(charged=None)
    found = settle(studio, view)

    assert found.generation.state is GenerationState.FAILED
    assert studio.balance(caller) == (100, 0)
    (total,) = exposures.totals(studio.house, studio.person(is_operator=True))
    assert (total.provider, total.credits) == ("luma", PRICE)


def test_in_doubt_it_is_found_first_and_then_stopped(studio: Studio) -> None:
    luma = Remote(answers=[InDoubt("504")], hears=True, lists=True, stops=Stopped(charged=False))
    studio, caller, view = _sent(studio, luma)

    told = _cancel(studio, caller, view)
    found = settle(studio, view)

    assert told["stage"] == "sent"
    assert found.generation.state is GenerationState.CANCELLED
    assert studio.balance(caller) == (100, 0)
    assert len(luma.posts) == 1


def test_given_up_after_a_cancel_nobody_pays_and_what_is_billed_is_an_exposure(studio: Studio) -> None:
    luma = Remote(fate=Running(0.3), stops=Stopped(charged=True))
    studio = far(studio, luma)
    caller = studio.person(credits_granted=100)
    view = studio.ask(caller, replace(RAY_32, takes=2))
    work_off(studio)
    endings.cancel(studio.house, caller, view.generation.id)
    steps.advance(studio.runtime, "watch_luma")  # which passes both on, to be stopped
    assert studio.step(view.takes[0].id)
    assert studio.see(view.generation.id).takes[0].charged

    operator = studio.person(is_operator=True)
    endings.fail_as_admin(studio.house, operator, view.generation.id, reason="stuck")

    assert studio.balance(caller) == (100, 0)
    assert not any(take.charged for take in studio.see(view.generation.id).takes)
    (total,) = exposures.totals(studio.house, operator)
    assert (total.attempts, total.credits) == (2, 2 * PRICE)


def test_asked_twice_the_first_answer_stands(studio: Studio) -> None:
    studio, caller, view = _sent(studio, Remote())

    first, second = _cancel(studio, caller, view), _cancel(studio, caller, view)

    assert first == second
