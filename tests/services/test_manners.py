"""Manners towards a provider: places, pace, pauses. Who must wait waits in line, without an attempt."""

from dataclasses import replace
from datetime import timedelta

from plugin_backend.domain.lifecycle import GenerationState
from plugin_backend.domain.making.health import Call
from plugin_backend.domain.making.providers import ProviderLimits
from plugin_backend.domain.work import Lane, Room
from plugin_backend.services import endings, stepping
from plugin_backend.services.dispatching import sweep
from plugin_backend.services.making import attempts, hands, manners
from plugin_backend.services.making.attempts import Ordered
from plugin_backend.services.making.manners import NotNowError
from tests.services.flights import RUNNING, Lanes, break_circuit, hinted, lane, limited, swept, under_way
from tests.services.remote import PRICE, Remote, far, settle, work_off
from tests.services.studio import Studio, at_once
from worker.providers.protocol import Refused

OUTAGE = Refused("provider-failed", "luma cannot be reached.", retryable=True, is_outage=True)
HASTY = Refused("provider-failed", "luma: too many.", retryable=True, retry_after_seconds=40)


def test_a_provider_has_no_more_under_way_than_its_places_and_the_rest_waits_in_line(studio: Studio) -> None:
    luma = Remote(fate=RUNNING)
    studio = limited(studio, luma, places=3)
    views = under_way(studio, count=8)

    for view in views:
        studio.step(view.takes[0].id)

    assert len(luma.posts) == 3
    assert [lane(studio, view) for view in views] == ["watch"] * 3 + ["waiting-master"] * 5
    assert studio.count("attempts") == 3
    assert studio.rows("SELECT DISTINCT tries FROM work WHERE lane = 'waiting-master'") == [(0,)]


def test_many_threads_at_once_never_write_more_intents_than_there_are_places(studio: Studio) -> None:
    studio = limited(studio, Remote(fate=RUNNING), places=4)
    views = under_way(studio, count=12)
    held = []
    for view in views:
        claim = stepping.claim(studio.house, view.takes[0].id)
        assert claim is not None
        hand = hands.look(studio.house, claim)
        assert hand is not None
        held.append((claim, hand))
    ordered = Ordered(provider="luma", credits_at_risk=PRICE)

    results = at_once(12, lambda n: attempts.intend(studio.house, held[n][0], held[n][1].take, ordered))

    refused = [each for each in results if isinstance(each, NotNowError)]
    assert (len(refused), studio.count("attempts")) == (8, 4)


def test_a_place_that_is_free_again_goes_to_the_one_that_waited(studio: Studio) -> None:
    luma = Remote(fate=RUNNING)
    studio = limited(studio, luma, places=1)
    first, second = under_way(studio, count=2)
    studio.step(first.takes[0].id)
    studio.step(second.takes[0].id)
    assert swept(studio) == []

    luma.fate = None
    studio.clock.turn(timedelta(minutes=5))
    settle(studio, first)

    assert settle(studio, second).generation.state is GenerationState.READY


def test_the_trace_says_once_why_a_take_waits(studio: Studio) -> None:
    studio = limited(studio, Remote(fate=RUNNING), places=1)
    first, second = under_way(studio, count=2)
    studio.step(first.takes[0].id)

    for _ in range(4):
        studio.clock.turn(timedelta(seconds=2))
        assert studio.step(second.takes[0].id)

    said = "SELECT summary FROM trace_notes WHERE generation_id = :id AND data ? 'waiting'"
    ((summary,),) = studio.rows(said, id=second.generation.id)
    assert "luma" in summary


def test_a_provider_that_is_hasty_with_refusals_is_left_alone_as_long_as_it_says(studio: Studio) -> None:
    luma = Remote(answers=[HASTY])
    studio = far(studio, luma)
    first, second = under_way(studio, count=2)
    studio.step(first.takes[0].id)
    studio.step(second.takes[0].id)
    assert (len(luma.posts), lane(studio, second)) == (1, "waiting-master")

    studio.clock.turn(timedelta(seconds=39))
    assert swept(studio) == []
    studio.clock.turn(timedelta(seconds=2))

    assert second.takes[0].id in swept(studio)


def test_one_that_takes_few_requests_a_minute_is_sent_no_more(studio: Studio) -> None:
    firefly = Remote()
    studio = far(studio, firefly)
    limits = {"luma": ProviderLimits(concurrency=100, requests_per_minute=2)}
    house = replace(studio.house, provider_limits=limits)
    studio = replace(studio, house=house, runtime=replace(studio.runtime, house=house))

    views = under_way(studio, count=6)
    for view in views:
        studio.step(view.takes[0].id)

    assert len(firefly.posts) == 1
    assert {lane(studio, view) for view in views[1:]} == {"waiting-master"}


def test_drafts_that_wait_are_called_before_masters(studio: Studio) -> None:
    studio = limited(studio, Remote(fate=RUNNING), places=1)
    person = studio.person(credits_granted=10_000)
    views = under_way(studio, count=3, caller=person)
    for view in views:
        studio.step(view.takes[0].id)
    with studio.house.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE work SET lane = 'waiting-draft' WHERE subject_id = %s", (views[2].takes[0].id,)
        )
        connection.exec_driver_sql("DELETE FROM attempts")

    assert swept(studio) == [views[2].takes[0].id]


def test_a_take_that_waits_is_cancelled_at_once_and_costs_nothing(studio: Studio) -> None:
    luma = Remote()
    studio = far(studio, luma)
    person = studio.person(credits_granted=PRICE)
    (view,) = under_way(studio, count=1, caller=person)
    break_circuit(studio)
    studio.step(view.takes[0].id)
    assert lane(studio, view) == "waiting-master"

    endings.cancel(studio.house, person, view.generation.id)

    assert view.takes[0].id in swept(studio)
    work_off(studio)
    assert studio.see(view.generation.id).generation.state is GenerationState.CANCELLED
    assert studio.balance(person) == (PRICE, 0)
    assert luma.posts == []


def test_no_take_waits_for_ever_and_what_was_never_sent_costs_nothing(studio: Studio) -> None:
    studio = far(studio, Remote(answers=[OUTAGE] * 1000))
    person = studio.person(credits_granted=PRICE)
    (view,) = under_way(studio, count=1, caller=person)
    for _ in range(26):
        break_circuit(studio)
        studio.clock.turn(timedelta(hours=1))
        manners.failed(studio.house, "luma", Call.SENDING, "nothing there")
        for subject_id in hinted(studio):
            studio.step(subject_id)
        work_off(studio)

    found = studio.see(view.generation.id)
    assert found.generation.state is GenerationState.FAILED
    assert studio.balance(person) == (PRICE, 0)


def test_a_provider_that_hangs_is_handed_no_more_rows_than_processes_have_places(studio: Studio) -> None:
    studio = far(studio, Remote())
    views = under_way(studio, count=20)
    for view in views[:5]:
        assert stepping.claim(studio.house, view.takes[0].id) is not None

    assert len(swept(studio)) == 3  # eight places, five of them held


class _TwoProcesses(Lanes):
    def room(self) -> Room:
        return Room(dict.fromkeys(Lane, self.free), steps_processes=2)


def test_two_processes_have_twice_the_places(studio: Studio) -> None:
    studio = far(studio, Remote())
    under_way(studio, count=20)
    queues = _TwoProcesses(100)

    sweep(studio.house, queues)

    assert len([each for each in queues.ids if each.startswith("take_")]) == 16
