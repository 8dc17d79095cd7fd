"""The editor's word to the director: the plan, the takes, and the way on are theirs to decide."""

from datetime import timedelta

import pytest

from plugin_backend.db.generations import GenerationView
from plugin_backend.domain.brief import Kind
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.direction.orders import Order, Verb
from plugin_backend.domain.errors import ConflictError, IllegalTransitionError, NotFoundError
from plugin_backend.services import direction, endings, receipts, steering, takes
from tests.services.directed import directed, followed, look_at_all, made, missed, run
from tests.services.studio import Studio


def test_a_directed_generation_pauses_before_each_spend(studio: Studio) -> None:
    caller = studio.person()
    view = studio.ask(caller, directed(tries=2, pause=True))
    first = run(studio, view, lambda _number, directives: missed(directives))
    assert (first.generation.state, studio.upstream.submitted) == ("paused", [])

    steering.tell(studio.house, caller, view.generation.id, Order(verb=Verb.ACCEPT))
    second = run(studio, view, lambda _number, directives: missed(directives))
    assert (second.generation.state, len(studio.upstream.submitted)) == ("paused", 1)
    proposal = receipts.trace(studio.house, caller, view.generation.id)[-1]["data"]["proposal"]
    assert "camera-1" in proposal["stronger"]

    steering.tell(studio.house, caller, view.generation.id, Order(verb=Verb.STEER, note="slower"))
    third = run(studio, view, lambda _number, directives: missed(directives))
    assert (third.generation.state, len(studio.upstream.submitted)) == ("ready", 2)
    assert direction.of_generation(studio.house, caller, view.generation.id).tries[-1]["steers"] == ["slower"]


@pytest.mark.parametrize("verb", [Verb.ACCEPT, Verb.STOP])
def test_a_pause_can_be_ended_with_the_best_take(studio: Studio, verb: Verb) -> None:
    caller, view = _paused_after_a_take(studio)

    steering.tell(studio.house, caller, view.generation.id, Order(verb=verb))

    found = studio.see(view.generation.id)
    assert (found.generation.state, found.generation.draft_units_used) == ("ready", 1)
    assert studio.drafts_used(caller) == 1


def _paused_after_a_take(studio: Studio) -> tuple[Caller, GenerationView]:
    caller = studio.person()
    view = studio.ask(caller, directed(tries=2, pause=True))
    studio.work_off()
    steering.tell(studio.house, caller, view.generation.id, Order(verb=Verb.ACCEPT))
    found = run(studio, view, lambda _number, directives: missed(directives))
    assert found.generation.state == "paused"
    return caller, found


def test_a_plan_that_is_stopped_costs_nothing(studio: Studio) -> None:
    caller = studio.person()
    view = studio.ask(caller, directed(tries=2, pause=True))
    studio.work_off()

    steering.tell(studio.house, caller, view.generation.id, Order(verb=Verb.STOP))

    found = studio.see(view.generation.id)
    assert (found.generation.state, found.takes[0].state) == ("cancelled", "cancelled")
    assert (studio.drafts_used(caller), studio.upstream.submitted) == (0, [])


def test_a_plan_can_be_steered_before_anything_is_spent(studio: Studio) -> None:
    caller = studio.person()
    view = studio.ask(caller, directed(pause=True))
    studio.work_off()

    steering.tell(studio.house, caller, view.generation.id, Order(verb=Verb.STEER, note="tilt up at the end"))
    found = run(studio, view, lambda _number, directives: followed(directives))

    assert found.generation.state == "ready"
    (told,) = direction.of_generation(studio.house, caller, view.generation.id).tries
    moves = [each["move"] for each in told["directives"] if each["kind"] == "camera"]
    assert "tilt-up" in moves
    assert told["steers"] == ["tilt up at the end"]


@pytest.mark.parametrize("stored", [False, True])
def test_a_pause_that_nobody_answers_for_a_day_takes_what_there_is(studio: Studio, *, stored: bool) -> None:
    if stored:
        caller, view = _paused_after_a_take(studio)
    else:
        caller = studio.person()
        view = studio.ask(caller, directed(pause=True))
        studio.work_off()
    studio.clock.turn(timedelta(hours=23, minutes=59))
    studio.work_off()
    assert studio.see(view.generation.id).generation.state == "paused"

    studio.clock.turn(timedelta(minutes=11))
    studio.work_off()

    assert studio.see(view.generation.id).generation.state == ("ready" if stored else "cancelled")
    assert studio.drafts_used(caller) == int(stored)


def test_an_order_given_while_takes_are_under_way_is_carried_out_when_they_are_there(studio: Studio) -> None:
    caller = studio.person()
    studio.upstream.slow_seeds = {100}
    view = studio.ask(caller, directed(tries=3))
    studio.work_off()

    steering.tell(studio.house, caller, view.generation.id, Order(verb=Verb.STOP))
    studio.upstream.slow_seeds = set()
    studio.clock.turn(timedelta(seconds=5))
    found = run(studio, view, lambda _number, directives: missed(directives))

    assert (found.generation.state, found.generation.iteration) == ("ready", 0)
    assert found.generation.standing_order is None


def test_the_take_that_is_named_is_accepted_and_picked(studio: Studio) -> None:
    caller = studio.person()
    view = studio.ask(caller, directed(takes=2, tries=2))
    made(studio)

    steering.tell(studio.house, caller, view.generation.id, Order(verb=Verb.ACCEPT, take=2))
    found = run(
        studio,
        view,
        lambda number, directives: followed(directives) if number == 1 else missed(directives),
    )

    assert (found.generation.state, found.generation.iteration) == ("ready", 0)
    assert [take.picked_at is not None for take in found.takes] == [False, True]
    judged = receipts.trace(studio.house, caller, view.generation.id)[-1]
    assert (judged["step"], judged["take"]) == ("judge", 2)


def test_what_cannot_be_done_is_refused_and_changes_nothing(studio: Studio) -> None:
    caller = studio.person()
    view = studio.ask(caller, directed(tries=1))
    made(studio)
    before = studio.everything()

    def tell(order: Order, by: Caller = caller) -> None:
        steering.tell(studio.house, by, view.generation.id, order)

    with pytest.raises(ConflictError, match="No further try is held for"):
        tell(Order(verb=Verb.STEER, note="slower"))
    with pytest.raises(ConflictError, match="Take 7 is not stored"):
        tell(Order(verb=Verb.ACCEPT, take=7))
    stranger = studio.person()
    with pytest.raises(NotFoundError):
        tell(Order(verb=Verb.STOP), by=stranger)
    assert {name: mark for name, mark in studio.everything().items() if name in {"generations", "takes"}} == {
        name: mark for name, mark in before.items() if name in {"generations", "takes"}
    }

    look_at_all(studio, lambda _number, directives: followed(directives))
    studio.work_off()
    with pytest.raises(IllegalTransitionError):
        tell(Order(verb=Verb.ACCEPT))


def test_a_cancel_in_a_pause_keeps_what_was_stored_and_ends(studio: Studio) -> None:
    caller, view = _paused_after_a_take(studio)

    endings.cancel(studio.house, caller, view.generation.id)
    studio.work_off()

    found = studio.see(view.generation.id)
    assert (found.generation.state, found.takes[0].state) == ("cancelled", "stored")
    assert studio.drafts_used(caller) == 1


def test_a_master_is_told_what_its_draft_was(studio: Studio) -> None:

    caller = studio.person(credits_granted=100)
    view = studio.ask(caller, directed(pause=True))
    studio.work_off()
    steering.tell(studio.house, caller, view.generation.id, Order(verb=Verb.STEER, note="tilt up"))
    draft = run(studio, view, lambda _number, directives: followed(directives))

    asked_for = takes.master(studio.house, caller, draft.takes[0].id, takes.MasterRequest())
    (master,) = asked_for.views
    studio.work_off()

    (of_draft,) = direction.of_generation(studio.house, caller, view.generation.id).tries
    (of_master,) = direction.of_generation(studio.house, caller, master.generation.id).tries
    kept: tuple[str, ...] = ("plan", "directives", "steers", "stronger")
    assert {name: of_master[name] for name in kept} == {name: of_draft[name] for name in kept}
    assert master.generation.kind is Kind.MASTER
