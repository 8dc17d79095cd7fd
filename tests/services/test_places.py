"""Places among those that run at once: a pause gives its place away, and takes another when it goes on."""

from plugin_backend.domain.direction.orders import Order, Verb
from plugin_backend.services import endings
from plugin_backend.services.director import steering
from tests.services.directed import directed, followed, made, run
from tests.services.studio import Studio


def test_a_generation_that_waits_for_its_editor_lets_the_next_one_run(studio: Studio) -> None:
    caller = studio.person(max_concurrent=1)
    paused = studio.ask(caller, directed(tries=2, pause=True)).generation.id
    other = studio.ask(caller, directed()).generation.id
    studio.work_off(("gen_",))

    assert studio.see(paused).generation.state == "paused"
    assert studio.see(other).generation.state == "planned"
    assert studio.under_way(caller) == (2, 1)


def test_what_goes_on_after_a_pause_waits_for_a_place(studio: Studio) -> None:
    caller = studio.person(max_concurrent=1)
    paused = studio.ask(caller, directed(tries=2, pause=True))
    other = studio.ask(caller, directed())
    made(studio)

    steering.tell(studio.house, caller, paused.generation.id, Order(verb=Verb.ACCEPT))
    studio.work_off(("gen_",))
    waiting = studio.see(paused.generation.id).generation
    assert (waiting.state, waiting.counted_running) == ("planned", False)

    for view in (other, paused):
        ended = run(studio, view, lambda _number, directives: followed(directives))
        if ended.generation.state == "paused":
            steering.tell(studio.house, caller, view.generation.id, Order(verb=Verb.ACCEPT))
    assert studio.see(other.generation.id).generation.state == "ready"
    assert studio.see(paused.generation.id).generation.state == "ready"
    assert studio.under_way(caller) == (0, 0)


def test_what_is_cancelled_in_a_pause_frees_no_place_twice(studio: Studio) -> None:
    caller = studio.person(max_concurrent=1)
    paused = studio.ask(caller, directed(tries=2, pause=True)).generation.id
    studio.ask(caller, directed())
    studio.work_off(("gen_",))

    endings.cancel(studio.house, caller, paused)
    studio.work_off(("gen_",))

    assert studio.see(paused).generation.state == "cancelled"
    assert studio.under_way(caller) == (1, 1)
