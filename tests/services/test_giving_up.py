"""What an administrator gives up while a step is at work on it: nothing stays open, nothing stays charged."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from plugin_backend.db.generations import GenerationView
from plugin_backend.db.health import take_turn
from plugin_backend.domain.callers import Caller, Role
from plugin_backend.domain.lifecycle import GenerationState, TakeState
from plugin_backend.services import endings
from plugin_backend.services.money import exposures
from tests.services.remote import PRICE, RAY_32, Remote, far, settle, work_off
from tests.services.studio import Studio
from worker.providers.protocol import InDoubt, Running, Stopped

_LONG = 30.0
_LOCKS = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@contextmanager
def _meanwhile(*acts: Callable[[], object]) -> Iterator[list[threading.Thread]]:
    """Threads that have ended when the block has."""
    threads = [threading.Thread(target=act) for act in acts]
    yield threads
    for thread in threads:
        thread.join(_LONG)
        assert not thread.is_alive()


def _until_so_many_wait(studio: Studio, count: int) -> None:
    latest = time.monotonic() + _LONG
    while studio.one(_LOCKS) < count:
        assert time.monotonic() < latest, "nobody waits"


def _given_up_by(studio: Studio, caller: Caller, view: GenerationView) -> Callable[[], object]:
    admin = studio.person(role=Role.ADMIN, colleague_of=caller)
    return lambda: endings.fail_as_admin(studio.house, admin, view.generation.id, reason="Stuck.")


def test_an_intent_that_is_written_while_its_take_is_given_up_does_not_stay_open(studio: Studio) -> None:
    luma = Remote()
    studio = far(studio, luma)
    caller = studio.person(credits_granted=100)
    view = studio.ask(caller, RAY_32)
    studio.step(view.generation.id)
    studio.step(view.generation.id)
    take_id, give_up = view.takes[0].id, _given_up_by(studio, caller, view)

    acts = _meanwhile(lambda: studio.step(take_id), give_up)
    with acts as (step, request), studio.house.begin() as work:
        take_turn(work.connection, luma.name)  # the step gets as far as this, inside its transaction
        step.start()
        _until_so_many_wait(studio, 1)
        request.start()
        _until_so_many_wait(studio, 2)

    assert studio.see(view.generation.id).takes[0].state is TakeState.FAILED
    assert studio.rows("SELECT id FROM attempts WHERE state IN ('intent', 'accepted')") == []
    assert studio.balance(caller) == (100, 0)


@pytest.mark.parametrize("charged", [True, None])
def test_a_bill_for_what_was_cancelled_and_then_given_up_is_ours(
    studio: Studio,
    charged: bool | None,  # noqa: FBT001 - a case of the table
) -> None:
    luma = Remote(fate=Running(0.3), stops=Stopped(charged=charged))
    studio = far(studio, luma)
    caller = studio.person(credits_granted=100)
    view = studio.ask(caller, replace(RAY_32, takes=2))
    studio.step(view.generation.id)
    studio.step(view.generation.id)
    studio.step(view.takes[0].id)
    luma.answers = [InDoubt("504")]
    studio.step(view.takes[1].id)
    endings.cancel(studio.house, caller, view.generation.id)
    work_off(studio)
    assert [take.charged for take in studio.see(view.generation.id).takes] == [True, False]

    _given_up_by(studio, caller, view)()
    found = settle(studio, view)
    receipt = studio.receipt(caller, view.generation.id)

    assert found.generation.state is GenerationState.FAILED
    assert [take.charged for take in receipt.takes] == [False, False]
    assert studio.balance(caller) == (100, 0)
    (total,) = exposures.totals(studio.house, studio.person(is_operator=True))
    assert (total.provider, total.credits) == ("luma", 2 * PRICE)
