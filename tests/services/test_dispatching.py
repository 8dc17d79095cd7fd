"""The sweep: everybody in turn, drafts first, masters always, short queues, and nothing lost with Redis."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from plugin_backend.db import work as work_rows
from plugin_backend.db.journal import Owned
from plugin_backend.db.work import Due
from plugin_backend.domain.brief import Kind, Resolution
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.work import Lane, watch_hint
from plugin_backend.queue import listeners
from plugin_backend.queue.connection import open_redis
from plugin_backend.queue.hints import RqHints
from plugin_backend.queue.names import QueueName
from plugin_backend.services import dispatching, stepping
from plugin_backend.services.dispatching import sweep
from tests.domain.requests import asked
from tests.services.flights import Lanes
from tests.services.studio import Studio, studio_on

DRAFT = asked()
MASTER = asked(kind=Kind.MASTER, resolution=Resolution.P1080)
NOWHERE = "redis://127.0.0.1:1"


def _due(studio: Studio, caller: Caller, count: int, lane: Lane = Lane.STEP_DRAFT) -> list[str]:
    """Rows of a person that are due, the oldest first."""
    ids = [f"gen_{lane.value.replace('-', '')}{caller.user_id[-8:]}{number:04}" for number in range(count)]
    owned, began = Owned(caller.workspace_id, caller.user_id), studio.clock.moment
    rows = [Due(each, lane, owned, next_at=began + timedelta(milliseconds=n)) for n, each in enumerate(ids)]
    with studio.house.begin() as work:
        work_rows.open_work(work.connection, rows, now=work.now)
    studio.clock.turn(timedelta(seconds=1))
    return ids


def test_one_row_of_a_newcomer_is_among_the_first_two_of_a_crowd(studio: Studio) -> None:
    crowd, newcomer = studio.person(), studio.person()
    many = _due(studio, crowd, 100)
    (one,) = _due(studio, newcomer, 1)
    queues = Lanes(2)

    sweep(studio.house, queues)

    assert set(queues.ids) == {many[0], one}


def test_the_person_served_longest_ago_is_first_and_each_has_a_turn(studio: Studio) -> None:
    people = [studio.person() for _ in range(3)]
    owners = {each: person for person in people for each in _due(studio, person, 10)}
    served = []
    for _ in range(6):
        queues = Lanes(1)
        sweep(studio.house, queues)
        (first,) = queues.ids
        served.append(people.index(owners[first]))
        claim = stepping.claim(studio.house, first)
        assert claim is not None
        studio.clock.turn(timedelta(seconds=1))

    assert sorted(served[:3]) == [0, 1, 2]
    assert served[3:] == served[:3]


def test_drafts_go_before_masters_and_masters_go_all_the_same(studio: Studio) -> None:
    person = studio.person()
    masters = _due(studio, person, 50, Lane.STEP_MASTER)
    drafts = _due(studio, person, 50, Lane.STEP_DRAFT)
    queues = Lanes(2)

    assert sweep(studio.house, queues) == 4

    assert queues.ids == [*drafts[:2], *masters[:2]]


def test_what_is_hinted_already_leased_or_not_due_is_not_hinted_again(studio: Studio) -> None:
    person = studio.person()
    hinted, leased, later, plain = _due(studio, person, 4)
    assert stepping.claim(studio.house, leased) is not None
    held = stepping.claim(studio.house, later)
    assert held is not None
    stepping.hand_back(studio.house, held, after=timedelta(minutes=1))
    queues = Lanes(10)
    queues.on_queue = frozenset({hinted})

    sweep(studio.house, queues)

    assert queues.ids == [plain]


def test_a_row_whose_lease_ran_out_is_hinted_again(studio: Studio) -> None:
    (one,) = _due(studio, studio.person(), 1)
    assert stepping.claim(studio.house, one) is not None
    queues = Lanes(2)
    sweep(studio.house, queues)
    assert queues.ids == []

    studio.clock.turn(timedelta(seconds=31))
    sweep(studio.house, queues)

    assert queues.ids == [one]


def test_full_queues_are_sent_nothing(studio: Studio) -> None:
    _due(studio, studio.person(), 5)

    assert sweep(studio.house, Lanes(0)) == 0


@pytest.fixture
def hints(redis: Redis) -> RqHints:
    return RqHints(redis)


@pytest.fixture
def studio(database: str, tmp_path: Path) -> Iterator[Studio]:
    with studio_on(database, tmp_path) as found:
        yield found


def test_the_queue_stays_short_however_much_is_due_and_grows_with_its_listeners(
    studio: Studio, redis: Redis, hints: RqHints
) -> None:
    _due(studio, studio.person(), 100)
    for _ in range(5):
        sweep(studio.house, hints)
    assert hints.depths()[QueueName.STEPS] == 4

    for number in range(3):
        listeners.announce(redis, QueueName.STEPS, f"worker-{number}")
    for _ in range(5):
        sweep(studio.house, hints)

    assert hints.depths()[QueueName.STEPS] == 12


def test_many_listeners_are_all_given_work_by_one_sweep(studio: Studio, redis: Redis, hints: RqHints) -> None:
    _due(studio, studio.person(), 100)
    for number in range(12):
        listeners.announce(redis, QueueName.STEPS, f"worker-{number}")

    sent = sweep(studio.house, hints)

    assert sent == hints.depths()[QueueName.STEPS] == 48


def test_when_redis_forgot_everything_the_next_sweep_hints_again(
    studio: Studio, redis: Redis, hints: RqHints
) -> None:
    (one,) = _due(studio, studio.person(), 1)
    assert sweep(studio.house, hints) == 1
    assert sweep(studio.house, hints) == 0

    redis.flushdb()  # other tests share the server

    assert sweep(studio.house, hints) == 1
    assert hints.waiting() == {one}


def test_a_drafts_own_queue_is_used_only_while_somebody_listens(
    studio: Studio, redis: Redis, hints: RqHints
) -> None:
    person = studio.person()
    _due(studio, person, 10, Lane.MEDIA_DRAFT)
    sweep(studio.house, hints)
    depths = hints.depths()
    assert (depths[QueueName.MEDIA_DRAFTS], depths[QueueName.MEDIA]) == (0, 2)

    listeners.announce(redis, QueueName.MEDIA_DRAFTS, "drafts")
    sweep(studio.house, RqHints(redis))

    assert hints.depths()[QueueName.MEDIA_DRAFTS] == 2


def test_with_redis_away_a_request_is_accepted_and_found_when_it_returns(
    database: str, tmp_path: Path, redis: Redis
) -> None:
    away = RqHints(open_redis(NOWHERE, timeout_seconds=0.2))
    with studio_on(database, tmp_path, hints=away) as studio:
        caller = studio.person(credits_granted=10)
        view = studio.ask(caller, MASTER)
        with pytest.raises(RedisError):
            sweep(studio.house, away)

        back = RqHints(redis)
        assert sweep(studio.house, back) == 1
        assert back.waiting() == {view.generation.id}


def test_a_request_enqueues_at_once_only_while_the_queue_is_short(
    database: str, tmp_path: Path, redis: Redis
) -> None:
    hints = RqHints(redis)
    with studio_on(database, tmp_path, hints=hints) as studio:
        caller = studio.person()
        for _ in range(20):
            studio.ask(caller, replace(DRAFT, takes=1))

        assert studio.count("work") == 20
        assert hints.depths()[QueueName.STEPS] == 8


def _watched(studio: Studio, caller: Caller, *, count: int, topic: str) -> None:
    owned = Owned(caller.workspace_id, caller.user_id)
    rows = [Due(f"take_{topic[0]}{n:04}", Lane.WATCH, owned, topic=topic) for n in range(count)]
    with studio.house.begin() as work:
        work_rows.open_work(work.connection, rows, now=work.now)


def test_a_watcher_is_called_once_however_many_of_its_takes_are_due(studio: Studio) -> None:
    caller = studio.person()
    _watched(studio, caller, count=50, topic="luma")
    _watched(studio, caller, count=2, topic="adobe-firefly")
    queues = Lanes(100)

    assert sweep(studio.house, queues) == 2

    assert queues.sent == [watch_hint("adobe-firefly"), watch_hint("luma")]


def test_a_watcher_called_a_moment_ago_is_not_called_again_and_its_name_is_read_back(
    studio: Studio, redis: Redis, hints: RqHints
) -> None:
    _watched(studio, studio.person(), count=3, topic="luma-dream-machine")

    assert sweep(studio.house, hints) == 1
    assert hints.waiting() == RqHints(redis).waiting() == {"watch_luma-dream-machine"}
    redis.flushdb()

    assert sweep(studio.house, hints) == 0


def test_rows_about_one_provider_do_not_crowd_out_those_about_another(studio: Studio) -> None:
    caller = studio.person()
    owned = Owned(caller.workspace_id, caller.user_id)
    rows = [
        Due(f"take_{topic[0]}{n:04}", Lane.PROVIDER_MASTER, owned, topic=topic)
        for topic, count in (("luma", 200), ("atlas", 2))
        for n in range(count)
    ]
    with studio.house.begin() as work:
        work_rows.open_work(work.connection, rows, now=work.now)
    queues = Lanes(2)

    sweep(studio.house, queues)

    assert sorted(queues.ids) == ["take_a0000", "take_a0001", "take_l0000", "take_l0001"]


def test_every_lane_is_swept() -> None:
    assert {lane for lanes in dispatching.LANES for lane in lanes} == set(Lane)
