"""Many requests at the same moment, and the same request many times: the limits hold to the unit."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from plugin_backend.domain.brief import (
    Kind,
    Resolution,
)
from plugin_backend.domain.errors import (
    BackendError,
    DraftQuotaExhaustedError,
    GoneError,
    IdempotencyInProgressError,
    IdempotencyKeyReusedError,
    InsufficientCreditsError,
)
from plugin_backend.services import endings, generations
from plugin_backend.services.idempotency import begin
from tests.domain.requests import asked
from tests.services.studio import Studio, at_once, keyed, studio_on

DRAFT = asked()
MASTER = asked(kind=Kind.MASTER, resolution=Resolution.P1080)  # 5 s at 2 credits a second: 10


def test_sixty_four_at_once_against_a_quota_of_five_accept_exactly_five(
    database: str, studio: Studio, tmp_path: Path
) -> None:
    caller = studio.person(draft_limit_per_day=5)
    with studio_on(database, tmp_path, pool_size=16) as crowd:
        found = at_once(64, lambda _: crowd.ask(caller, DRAFT))

    refused = [each for each in found if isinstance(each, BackendError)]
    assert [type(each) for each in refused] == [DraftQuotaExhaustedError] * 59
    assert studio.count("generations") == studio.drafts_used(caller) == 5
    assert studio.under_way(caller) == (5, 0)


def test_a_hundred_at_once_against_the_credits_of_ten_accept_exactly_ten(
    database: str, studio: Studio, tmp_path: Path
) -> None:
    caller = studio.person(credits_granted=100)
    with studio_on(database, tmp_path, pool_size=16) as crowd:
        found = at_once(100, lambda _: crowd.ask(caller, MASTER))

    assert sum(isinstance(each, InsufficientCreditsError) for each in found) == 90
    assert studio.count("generations") == 10
    assert studio.balance(caller) == (0, 100)
    assert studio.one("SELECT sum(held_delta) FROM ledger_entries") == 100


def test_the_same_key_thirty_times_at_once_is_one_generation(
    database: str, studio: Studio, tmp_path: Path
) -> None:
    caller = studio.person(credits_granted=1_000)
    with studio_on(database, tmp_path, pool_size=16) as crowd:
        found = at_once(
            30, lambda _: generations.request(crowd.house, caller, [MASTER], idempotency=keyed(caller))
        )

    assert {each.views[0].generation.id for each in found} == {studio.one("SELECT id FROM generations")}
    assert sorted(each.replayed for each in found) == [False] + [True] * 29
    assert studio.balance(caller) == (990, 10)


def test_a_replay_answers_as_things_stand_now_and_another_body_is_refused(studio: Studio) -> None:
    caller = studio.person()
    first = generations.request(studio.house, caller, [DRAFT, DRAFT], idempotency=keyed(caller))
    endings.cancel(studio.house, caller, first.views[0].generation.id)

    replay = generations.request(studio.house, caller, [DRAFT, DRAFT], idempotency=keyed(caller))

    assert replay.replayed
    assert [view.generation.id for view in replay.views] == [view.generation.id for view in first.views]
    assert [view.generation.state for view in replay.views] == ["cancelled", "queued"]
    with pytest.raises(IdempotencyKeyReusedError):
        generations.request(studio.house, caller, [DRAFT], idempotency=keyed(caller, fingerprint="g"))


def test_a_replay_is_answered_where_the_same_request_would_be_refused_today(studio: Studio) -> None:
    caller = studio.person(credits_granted=10)
    first = generations.request(studio.house, caller, [MASTER], idempotency=keyed(caller))
    with pytest.raises(InsufficientCreditsError):
        generations.request(studio.house, caller, [MASTER], idempotency=keyed(caller, key="another"))

    replay = generations.request(studio.house, caller, [MASTER], idempotency=keyed(caller))

    assert replay.replayed
    assert replay.views[0].generation.id == first.views[0].generation.id


@pytest.mark.slow
def test_a_key_that_another_request_is_still_at_is_to_be_asked_for_again(
    database: str, studio: Studio, tmp_path: Path
) -> None:
    caller = studio.person()
    with studio_on(database, tmp_path) as other, other.house.begin() as work:
        begin(work, keyed(caller))  # and does not come to its commit
        with pytest.raises(IdempotencyInProgressError):
            generations.request(studio.house, caller, [DRAFT], idempotency=keyed(caller))

    assert studio.count("generations") == 0


@pytest.mark.slow
def test_a_wait_for_other_rows_says_nothing_of_the_key(database: str, studio: Studio, tmp_path: Path) -> None:
    caller = studio.person()
    with studio_on(database, tmp_path) as other, other.house.begin() as work:
        work.connection.execute(text("SELECT 1 FROM users WHERE id = :id FOR UPDATE"), {"id": caller.user_id})
        with pytest.raises(OperationalError):
            generations.request(studio.house, caller, [DRAFT], idempotency=keyed(caller))

    assert not generations.request(studio.house, caller, [DRAFT], idempotency=keyed(caller)).replayed


def test_a_replay_of_what_was_deleted_since_says_that_it_is_gone(studio: Studio) -> None:
    caller = studio.person()
    first = generations.request(studio.house, caller, [DRAFT], idempotency=keyed(caller)).views[0]
    endings.cancel(studio.house, caller, first.generation.id)
    endings.delete(studio.house, caller, first.generation.id)

    with pytest.raises(GoneError):
        generations.request(studio.house, caller, [DRAFT], idempotency=keyed(caller))


def test_a_refused_key_may_be_used_again(studio: Studio) -> None:
    caller = studio.person()
    with pytest.raises(InsufficientCreditsError):
        generations.request(studio.house, caller, [MASTER], idempotency=keyed(caller))

    studio.grant(caller.user_id, 10)
    again = generations.request(studio.house, caller, [MASTER], idempotency=keyed(caller))

    assert not again.replayed
