"""Complaints about jobs that were given up, repeated or forgotten while a provider was still at work."""

from dataclasses import replace
from datetime import timedelta

import pytest

from plugin_backend.services.making import attempts
from tests.complaints.conftest import Play
from tests.complaints.scene import EVERY, LISTS, LISTS_NOT, PURSE
from tests.fakes.conduct import Conduct
from tests.fakes.faults import Door, Fault, Kind

pytestmark = pytest.mark.slow

DOUBT = [Kind.RESET, Kind.HTML, Kind.ERROR, Kind.TRUNCATE]


def test_a_render_that_takes_far_longer_than_usual_is_waited_for_and_not_called_a_failure(play: Play) -> None:
    scene = play("luma", conduct=Conduct(picture_scale=0.1, fetches_inputs=False, seconds=25 * 60.0))

    ended = scene.end(scene.ask("luma"))

    assert (ended["state"], ended["failure"]) == ("ready", None)
    assert scene.upstream("luma").books().accepted == 1
    scene.check_books()


def test_a_render_that_ends_after_we_gave_it_up_and_refunded_is_delivered_free_and_our_bill_is_shown(
    play: Play,
) -> None:
    scene = play("luma", conduct=Conduct(picture_scale=0.1, fetches_inputs=False, seconds=9 * 3600.0))
    made = scene.ask("luma")

    ended = scene.end(made)

    assert (ended["state"], ended["failure"]["slug"]) == ("failed", "timed-out")
    assert scene.purse() == (PURSE, 0)
    assert [(each["generation_id"], each["credits"]) for each in scene.exposures()] == [(made["id"], 15)]
    scene.turn(timedelta(hours=10))
    late = scene.recovered(made)
    assert late is not None
    assert (late["state"], late["recovered_from"], late["cost"]["credits_settled"]) == (
        "ready",
        made["id"],
        0,
    )
    assert scene.purse() == (PURSE, 0)
    assert scene.upstream("luma").books().accepted == 1
    scene.check_books()


@pytest.mark.parametrize("kind", DOUBT)
def test_while_a_job_may_be_under_way_nobody_is_told_to_try_again_and_nothing_returns(
    play: Play, kind: Kind
) -> None:
    (name,) = LISTS
    scene = play(name)
    scene.upstream(name).faults.add(
        Fault(kind=kind, accepts=True, most=1), Fault(kind=Kind.ERROR, on=Door.LIST, most=3)
    )
    made = scene.ask(name, key="once")
    scene.work()

    seen = scene.see(made)
    again = scene.ask(name, key="once")

    assert (seen["state"], seen["failure"]) == ("planned", None)
    assert scene.purse()[1] == seen["cost"]["credits_held"] > 0
    assert again["id"] == made["id"]
    assert scene.end(made)["state"] == "ready"
    assert scene.upstream(name).books().accepted == 1
    scene.check_books()


@pytest.mark.parametrize("name", LISTS_NOT)
def test_where_nobody_can_say_whether_a_job_began_the_editor_pays_nothing_and_the_operator_is_shown_it(
    play: Play, name: str
) -> None:
    scene = play(name)
    scene.upstream(name).faults.add(Fault(kind=Kind.RESET, accepts=True, most=1))
    made = scene.ask(name)

    ended = scene.end(made)

    assert (ended["state"], ended["failure"]["slug"]) == ("failed", "outcome-unknown")
    assert "nothing was charged" in ended["failure"]["detail"]
    assert scene.purse() == (PURSE, 0)
    assert [each["generation_id"] for each in scene.exposures()] == [made["id"]]
    assert scene.upstream(name).books().accepted == 1
    scene.check_books()


def test_money_is_not_given_back_while_the_provider_may_still_render_and_bill(play: Play) -> None:
    scene = play("luma")
    scene.upstream("luma").faults.add(Fault(kind=Kind.RESET, accepts=True, most=1))
    made = scene.ask("luma")
    scene.work()

    scene.turn(attempts.GRACE - timedelta(seconds=1))
    scene.work()
    assert (scene.see(made)["failure"], scene.purse()) == (None, (PURSE - 15, 15))

    assert scene.end(made)["failure"]["slug"] == "outcome-unknown"
    assert scene.purse() == (PURSE, 0)


BAD_POLLS = [
    Fault(kind=Kind.HTML, on=Door.POLL, most=1),
    Fault(kind=Kind.RESET, on=Door.POLL, most=1),
    Fault(kind=Kind.ERROR, on=Door.POLL, status=503, most=1),
    Fault(kind=Kind.REFUSE, on=Door.POLL, status=404, most=1),
    Fault(kind=Kind.REFUSE, on=Door.POLL, status=401, most=1),
    Fault(kind=Kind.TOO_MANY, on=Door.POLL, most=1),
]


def test_one_bad_poll_never_fails_a_paid_render(play: Play) -> None:
    scene = play(*EVERY)
    made = {name: scene.ask(name) for name in EVERY}
    for name in EVERY:
        scene.upstream(name).faults.add(*BAD_POLLS)

    ended = {name: scene.end(each) for name, each in made.items()}

    assert {name: each["state"] for name, each in ended.items()} == dict.fromkeys(EVERY, "ready")
    for name in EVERY:
        simulator = scene.upstream(name)
        assert {struck for _, _, struck in simulator.faults.standing()} == {1}, name
        assert simulator.books().accepted == 1
    scene.check_books()


def test_a_job_that_its_provider_cancelled_ends_and_costs_nothing(play: Play) -> None:
    scene = play("adobe-firefly")
    made = scene.ask("adobe-firefly")
    scene.work()
    firefly = scene.upstream("adobe-firefly")
    (job,) = firefly.jobs.everything()

    firefly.jobs.cancel(job, at=firefly.clock.now())

    ended = scene.end(made, within=timedelta(minutes=5))
    assert (ended["state"], ended["failure"]["slug"]) == ("failed", "provider-failed")
    assert scene.purse() == (PURSE, 0)


@pytest.mark.parametrize("kind", [Kind.STUCK, Kind.UNKNOWN_STATE])
def test_no_job_is_waited_for_without_end(play: Play, kind: Kind) -> None:
    """An unknown state is no end either: the deadline is."""
    scene = play("luma", conduct=Conduct(picture_scale=0.1, fetches_inputs=False, seconds=10**6))
    scene.upstream("luma").faults.add(Fault(kind=kind))

    ended = scene.end(scene.ask("luma"), within=timedelta(hours=12))

    assert (ended["state"], ended["failure"]["slug"]) == ("failed", "timed-out")
    assert scene.purse() == (PURSE, 0)


def test_a_panel_that_was_reloaded_finds_its_jobs_again(play: Play) -> None:
    """Nothing of a job lives in the panel: a list, or the same key again, brings it back."""
    scene = play("luma", "atlas")
    made = [scene.ask("luma", key="one"), scene.ask("atlas", key="two")]
    scene.work()
    reloaded = replace(scene, editor=scene.editor.at_another_door())

    listed = reloaded.editor.get("/v1/generations?state=unfinished").json["items"]

    assert {each["id"] for each in listed} == {each["id"] for each in made}
    assert reloaded.ask("luma", key="one")["id"] == made[0]["id"]
    assert [reloaded.end(each)["state"] for each in made] == ["ready", "ready"]


def test_a_callback_that_comes_twenty_times_or_lies_is_one_take_and_one_charge(play: Play) -> None:
    scene = play("luma-dream-machine")
    made = scene.ask("luma-dream-machine")
    scene.work()
    (token,) = scene.upstream("luma-dream-machine").books().by_token()
    lie = {"id": "x", "state": "completed", "assets": {"video": "https://example.com/stolen.mp4"}}

    for _ in range(20):
        answer = scene.editor.client.post(f"/v1/hooks/luma-dream-machine/{token}", json=lie)
        assert answer.status_code == 200
        scene.work()
        assert scene.see(made)["state"] == "generating"
    scene.turn(timedelta(minutes=2))
    for _ in range(20):
        scene.editor.client.post(f"/v1/hooks/luma-dream-machine/{token}", json=lie)
        scene.work()

    ended = scene.end(made)
    assert (ended["state"], len(ended["takes"])) == ("ready", 1)
    assert scene.purse() == (PURSE - ended["cost"]["credits_settled"], 0)
    assert scene.upstream("luma-dream-machine").books().accepted == 1
    scene.check_books()


def test_a_worker_that_dies_after_the_post_loses_no_job_and_sends_it_no_second_time(play: Play) -> None:
    (name,) = LISTS
    scene = play(name)
    made = scene.ask(name)
    scene = scene.dying("take:after-post")

    ended = scene.end(made)

    assert ended["state"] == "ready"
    assert scene.upstream(name).books().accepted == 1
    scene.check_books()
