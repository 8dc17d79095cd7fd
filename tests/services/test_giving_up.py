"""No take is watched for ever: at its deadline it is given up, and a cancel stops it where it can be."""

from dataclasses import replace
from datetime import timedelta

import pytest

from plugin_backend.domain.lifecycle import GenerationState, TakeState
from plugin_backend.domain.work import watch_hint
from plugin_backend.services import endings
from tests.services.flights import RUNNING, Polled, call_watcher, flying
from tests.services.remote import PRICE, far, settle, work_off
from tests.services.studio import Studio
from worker.providers.protocol import Stopped


def test_what_is_never_finished_is_given_up_at_its_deadline_and_nothing_is_charged(studio: Studio) -> None:
    studio = far(studio, Polled(fate=RUNNING))
    caller, (view,) = flying(studio)
    deadline = studio.see(view.generation.id).takes[0].deadline
    assert deadline is not None

    found = settle(studio, view, within=timedelta(hours=12))

    assert found.generation.failure is not None
    assert found.generation.failure["slug"] == "timed-out"
    assert studio.clock.moment - deadline < timedelta(minutes=2)
    assert studio.balance(caller) == (PRICE, 0)
    assert studio.rows("SELECT state, billed FROM attempts") == [("closed", None)]


def test_a_provider_that_never_answers_again_holds_no_credits_for_ever(studio: Studio) -> None:
    luma = Polled(fate=RUNNING)
    studio = far(studio, luma)
    caller, (view,) = flying(studio)
    luma.breaks = ConnectionError()

    found = settle(studio, view, within=timedelta(hours=12))

    assert found.generation.state is GenerationState.FAILED
    assert studio.balance(caller) == (PRICE, 0)


def test_a_take_whose_provider_is_no_longer_set_up_is_waited_for_until_its_deadline(studio: Studio) -> None:
    studio = far(studio, Polled(fate=RUNNING))
    caller, (view,) = flying(studio)
    providers = {name: each for name, each in studio.runtime.providers.items() if name != "luma"}
    without = replace(studio, runtime=replace(studio.runtime, providers=providers))

    call_watcher(without)
    assert studio.see(view.generation.id).takes[0].state is TakeState.SUBMITTED
    without.clock.turn(timedelta(days=1))
    call_watcher(without)
    work_off(without)

    assert studio.see(view.generation.id).generation.state is GenerationState.FAILED
    assert studio.balance(caller) == (PRICE, 0)


@pytest.mark.parametrize(("charged", "left"), [(False, PRICE), (True, 0), (None, 0)])
def test_a_take_that_is_watched_is_stopped_when_nobody_wants_it(
    studio: Studio, *, charged: bool | None, left: int
) -> None:
    studio = far(studio, Polled(fate=RUNNING, stops=Stopped(charged=charged)))
    caller, (view,) = flying(studio)

    endings.cancel(studio.house, caller, view.generation.id)
    work_off(studio)

    assert studio.see(view.generation.id).generation.state is GenerationState.CANCELLED
    assert studio.balance(caller) == (left, 0)


def test_one_that_cannot_be_stopped_goes_on_being_watched_and_is_bounded_all_the_same(
    studio: Studio,
) -> None:
    studio = far(studio, Polled(fate=RUNNING, stops=None))
    caller, (view,) = flying(studio)

    endings.cancel(studio.house, caller, view.generation.id)
    found = settle(studio, view, within=timedelta(hours=12))

    assert found.generation.finished_at is not None
    assert studio.balance(caller) == (PRICE, 0)


def test_the_hint_of_a_watched_take_names_its_watcher(studio: Studio) -> None:
    studio = far(studio, Polled(fate=RUNNING))
    caller, (view,) = flying(studio)
    studio.overheard.hints.clear()

    endings.cancel(studio.house, caller, view.generation.id)

    assert watch_hint("luma") in studio.overheard.hints
