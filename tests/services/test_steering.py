"""The editor's word to the director: the plan, the takes, and the way on are theirs to decide."""

from dataclasses import replace
from datetime import timedelta

import pytest

from plugin_backend.db.generations import GenerationView
from plugin_backend.domain.brief import Direct, Kind, Resolution
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.direction.directives import Directive
from plugin_backend.domain.direction.orders import Order, Verb
from plugin_backend.domain.direction.wording import Family, prompt_with
from plugin_backend.domain.errors import (
    ConflictError,
    IllegalTransitionError,
    NotFoundError,
    ValidationFailedError,
)
from plugin_backend.services import endings, generations, takes
from plugin_backend.services.director import direction, steering
from plugin_backend.services.director.planning import plan_of
from plugin_backend.services.money import receipts
from tests.services.directed import BRIEF, directed, followed, look_at_all, made, missed, run
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


def test_what_is_said_twice_is_heard_once(studio: Studio) -> None:
    caller = studio.person()
    view = studio.ask(caller, directed(tries=3, pause=True))
    studio.work_off()

    def tell(order: Order) -> None:
        steering.tell(studio.house, caller, view.generation.id, order)

    for _ in range(2):
        tell(Order(verb=Verb.ACCEPT))
    found = run(studio, view, lambda _number, directives: missed(directives))
    assert (found.generation.state, len(found.takes)) == ("paused", 1)
    for _ in range(2):
        tell(Order(verb=Verb.STEER, note="slower"))
    found = run(studio, view, lambda _number, directives: missed(directives))

    assert (found.generation.state, len(found.takes)) == ("paused", 2)
    assert direction.of_generation(studio.house, caller, view.generation.id).tries[-1]["steers"] == ["slower"]


def test_what_ends_by_a_word_leaves_no_step_behind(studio: Studio) -> None:
    caller, view = _paused_after_a_take(studio)

    steering.tell(studio.house, caller, view.generation.id, Order(verb=Verb.ACCEPT))
    assert studio.count("work") == 0
    endings.delete(studio.house, caller, view.generation.id)

    assert studio.rows("SELECT subject_id FROM work") == [(view.generation.id,)], "its media will be removed"


TILTED = replace(BRIEF, brief=replace(BRIEF.brief, prompt="tilt up over a harbour at dawn"))


def test_an_edited_plan_is_told_in_words_and_a_note_leaves_it_standing(studio: Studio) -> None:
    caller = studio.person()
    plan = plan_of(TILTED).to_json()
    view = studio.ask(caller, replace(directed(tries=2, pause=True), plan=plan))
    studio.work_off()
    steering.tell(studio.house, caller, view.generation.id, Order(verb=Verb.STEER, note="no people"))

    (told,) = direction.of_generation(studio.house, caller, view.generation.id).tries

    camera = [(each["move"], each["source"]) for each in told["directives"] if each["kind"] == "camera"]
    assert camera == [("tilt-up", "plan")]
    assert "avoid" in [each["kind"] for each in told["directives"]]
    directives = tuple(Directive.from_json(dict(each)) for each in told["directives"])
    said = prompt_with(
        BRIEF.brief.prompt, directives, family=Family.SENTENCES, duration=BRIEF.brief.duration_seconds
    )
    assert said.text.startswith(BRIEF.brief.prompt)
    assert "tilt" in said.text


def test_what_a_steered_plan_asks_anew_is_not_said_as_if_it_had_been_missed(studio: Studio) -> None:
    caller, view = _paused_after_a_take(studio)
    plan = plan_of(TILTED).to_json()

    steering.tell(studio.house, caller, view.generation.id, Order(verb=Verb.STEER, plan=plan))

    told = direction.of_generation(studio.house, caller, view.generation.id).tries[-1]
    assert "camera-1" not in told["stronger"]
    assert "pan" not in told["why"]


def test_the_next_try_can_be_what_the_director_proposes(studio: Studio) -> None:
    caller, paused = _paused_after_a_take(studio)

    for _ in range(2):  # pressed twice
        steering.tell(studio.house, caller, paused.generation.id, Order(verb=Verb.STEER))

    found = run(studio, paused, lambda _number, directives: missed(directives))
    told = direction.of_generation(studio.house, caller, paused.generation.id).tries
    assert (found.generation.iteration, len(told)) == (1, 2)
    assert "camera-1" in told[-1]["stronger"]
    assert told[-1]["steers"] == []


def test_a_note_that_no_prompt_has_room_for_is_refused_with_what_is_left(studio: Studio) -> None:
    house = replace(studio.house, configured_providers=frozenset({"luma"}))
    caller, model = studio.person(credits_granted=1_000), house.catalogue.model("ray-3.2")
    assert model.prompt_characters is not None
    prompt = "a harbour at dawn. ".ljust(model.prompt_characters - 100, "x")
    brief = replace(BRIEF.brief, model=model.id, prompt=prompt, resolution=Resolution.P540, seed=None)
    asked = replace(BRIEF, brief=brief, direct=Direct(max_iterations=1, pause=True))
    view = generations.request(house, caller, [asked]).views[0]
    studio.work_off(("gen_",))

    with pytest.raises(ValidationFailedError) as refused:
        steering.tell(studio.house, caller, view.generation.id, Order(verb=Verb.STEER, note="y" * 100))

    (problem,) = refused.value.problems
    assert problem.pointer == "/note"
    assert "99 are left" in problem.detail
    steering.tell(studio.house, caller, view.generation.id, Order(verb=Verb.STEER, note="y" * 99))
