"""The generation's own step: places to run in, what is due next, and the delivery that starts by itself."""

from dataclasses import replace
from datetime import timedelta

import pytest

from plugin_backend.domain.brief import Kind, Resolution
from plugin_backend.domain.delivering.delivery import DeliveryRequest, Host
from plugin_backend.services import endings, quotas, stepping
from plugin_backend.services.making import hands, taking
from plugin_backend.services.money import receipts
from tests.domain.requests import SEQUENCE, asked
from tests.services.studio import Studio, with_brief

SLOW = with_brief(asked(), seed=100)


def _states(studio: Studio) -> list[str]:
    return [state for (state,) in studio.rows("SELECT state FROM generations ORDER BY id")]


def test_what_exceeds_max_concurrent_waits_in_the_queue_and_goes_on_when_one_ends(studio: Studio) -> None:
    caller = studio.person(max_concurrent=2)
    studio.upstream.slow_seeds = {100}
    first, *_ = [studio.ask(caller, SLOW) for _ in range(4)]
    studio.work_off()
    assert _states(studio) == ["generating", "generating", "queued", "queued"]
    assert studio.under_way(caller) == (4, 2)

    endings.cancel(studio.house, caller, first.generation.id)
    studio.work_off()

    assert _states(studio) == ["cancelled", "generating", "generating", "queued"]
    assert studio.under_way(caller) == (3, 2)


def test_a_draft_that_waits_starts_before_a_master_that_waits_longer(studio: Studio) -> None:
    caller = studio.person(credits_granted=10, max_concurrent=1)
    studio.upstream.slow_seeds = {100}
    first = studio.ask(caller, SLOW)
    studio.work_off()
    master = studio.ask(caller, asked(kind=Kind.MASTER, resolution=Resolution.P1080))
    draft = studio.ask(caller, SLOW)
    studio.work_off()

    endings.cancel(studio.house, caller, first.generation.id)
    studio.work_off()

    assert studio.see(draft.generation.id).generation.state == "generating"
    assert studio.see(master.generation.id).generation.state == "queued"


def test_a_higher_limit_lets_the_waiting_ones_start_at_once(studio: Studio) -> None:
    caller = studio.person(max_concurrent=1)
    studio.upstream.slow_seeds = {100}
    for _ in range(3):
        studio.ask(caller, SLOW)
    studio.work_off()
    assert _states(studio).count("queued") == 2

    quotas.override(
        studio.house, actor=None, user_id=caller.user_id, limits={"max_concurrent": 3}, reason="more"
    )
    studio.work_off()

    assert _states(studio).count("queued") == 0


def test_two_that_end_at_once_start_two_within_seconds(studio: Studio) -> None:
    caller = studio.person(max_concurrent=2)
    studio.upstream.slow_seeds = {100}
    running = [studio.ask(caller, SLOW) for _ in range(4)][:2]
    studio.work_off()
    for view in running:
        endings.cancel(studio.house, caller, view.generation.id)
    studio.work_off()
    studio.clock.turn(timedelta(seconds=5))
    studio.work_off()

    assert _states(studio) == ["cancelled", "cancelled", "generating", "generating"]


def test_a_step_taken_twice_or_too_early_changes_nothing(studio: Studio) -> None:
    view = studio.finish(studio.ask(studio.person(), SLOW))
    before = studio.everything()

    for subject_id in (view.generation.id, view.takes[0].id):
        assert not studio.step(subject_id)

    assert studio.everything() == before


def test_the_trace_tells_the_plan_the_measures_and_the_choice(studio: Studio) -> None:
    caller = studio.person()
    view = studio.finish(studio.ask(caller, SLOW))

    told = receipts.trace(studio.house, caller, view.generation.id)

    planned = ["concept", "shots", "motion", "lighting", "render"]
    assert [line["step"] for line in told] == [*planned, "note", "measure", "measure", "judge"]
    assert "forest" in told[0]["summary"]
    assert "names nobody" in told[5]["summary"], "what advice warned of stands in the trace, too"


@pytest.mark.parametrize("host", ["premiere-pro", "nuke", "download"])
def test_deliver_to_starts_a_delivery_of_the_accepted_take(studio: Studio, host: str) -> None:
    caller = studio.person()
    wanted = replace(SLOW, takes=2, deliver_to=DeliveryRequest(host=Host(host)), sequence=SEQUENCE)

    view = studio.finish(studio.ask(caller, wanted))

    (delivery,) = view.deliveries
    assert (delivery.host, delivery.state) == (host, "queued")
    assert delivery.take_id == view.takes[0].id
    assert delivery.id in studio.due()


def test_a_take_that_came_out_too_short_for_its_delivery_is_ready_all_the_same(studio: Studio) -> None:
    caller = studio.person()
    wanted = replace(
        with_brief(SLOW, duration_seconds=20),
        deliver_to=DeliveryRequest(host=Host.NUKE),
        sequence=replace(SEQUENCE, handles_frames=100),  # of 480 frames; the upstream makes 120
    )

    view = studio.finish(studio.ask(caller, wanted))

    assert view.generation.state == "ready"
    assert view.deliveries == ()
    told = receipts.trace(studio.house, caller, view.generation.id)
    assert "The delivery could not start" in told[-1]["summary"]


def test_readers_of_a_generation_hear_of_every_frame_of_a_render_and_never_of_fewer(studio: Studio) -> None:
    """Its provider begins anew after twelve frames of twenty-four; nobody sees that."""
    studio.upstream.slow_seeds = {100}
    view = studio.ask(studio.person(), with_brief(asked(), seed=100))
    studio.work_off()
    take_id, told = view.takes[0].id, [0.0]
    for frame in (*range(1, 13), *range(1, 25)):
        studio.clock.turn(timedelta(seconds=5))
        claim = stepping.claim(studio.house, take_id)
        assert claim is not None
        hand = hands.look(studio.house, claim)
        assert hand is not None
        taking.progressed(studio.house, claim, hand, progress=frame / 24, after=timedelta(0))
        told.append(studio.see(view.generation.id).takes[0].progress or 0.0)

    assert told == sorted(told)
    assert sorted(set(told)) == pytest.approx([frame / 24 for frame in range(25)])
