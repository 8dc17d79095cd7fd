"""Media over its plan's days goes, told three days before; what somebody still needs stays."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from plugin_backend.db.generations import GenerationFilter, GenerationView
from plugin_backend.domain.brief import Resolution
from plugin_backend.domain.callers import Caller
from plugin_backend.services import deliveries, endings, generations, takes
from plugin_backend.services.keeping import retention
from plugin_backend.services.storyboards import delete as close_board
from plugin_backend.services.takes import MasterRequest
from tests.services.boards import SHOT, board, drafted, made
from tests.services.situations import DRAFT, MASTER
from tests.services.storing import delivered, used
from tests.services.studio import Studio

DAYS, MASTER_DAYS = 30, 90


@pytest.fixture
def keeper(studio: Studio) -> Caller:
    """Somebody whose plan keeps drafts for a month and masters for three."""
    with studio.house.engine.begin() as connection:
        connection.execute(
            text("UPDATE plans SET draft_retention_days = :d, master_retention_days = :m WHERE id = 'pro'"),
            {"d": DAYS, "m": MASTER_DAYS},
        )
    return studio.person(plan="pro", credits_granted=500)


def _ready(studio: Studio, caller: Caller) -> GenerationView:
    view = studio.ask(caller, DRAFT)
    for take in view.takes:
        studio.house.storage.put_bytes(f"takes/{take.id}/000000.exr", b"frame")
    return studio.finish(view)


def _day(studio: Studio, count: float = 1) -> None:
    """So many days go by; the clock has its turn now and then."""
    for _ in range(max(1, int(count))):
        studio.clock.turn(timedelta(days=min(count, 1)))
        retention.go_on_a_while(studio.house)


def _is_there(studio: Studio, view: GenerationView) -> bool:
    return studio.see(view.generation.id).generation.deleted_at is None


def _expires(studio: Studio, caller: Caller, view: GenerationView) -> datetime | None:
    found = generations.get(studio.house, caller, view.generation.id).expires_at
    (listed,) = generations.find(studio.house, caller, GenerationFilter(ids=(view.generation.id,)))
    assert listed.expires_at == found
    return found


def _warnings(studio: Studio, caller: Caller) -> list[str]:
    return [event.subject_id for event in studio.told(caller) if event.type == "generation.expiring"]


def test_a_draft_goes_after_its_days_and_its_owner_was_told_three_days_before(
    studio: Studio, keeper: Caller
) -> None:
    view = _ready(studio, keeper)
    ended = studio.clock.moment
    assert _expires(studio, keeper, view) == ended + timedelta(days=DAYS)

    _day(studio, 26)
    assert _warnings(studio, keeper) == []
    _day(studio, 1)
    assert _warnings(studio, keeper) == [view.generation.id]
    _day(studio, 2)
    assert _is_there(studio, view)
    _day(studio, 1)

    assert _warnings(studio, keeper) == [view.generation.id]
    assert not _is_there(studio, view)
    studio.work_off()
    assert studio.house.storage.list("takes") == ()
    assert used(studio, keeper) == {}
    assert studio.receipt(keeper, view.generation.id).generation.credits_settled == 0


def test_a_master_is_kept_by_its_own_days_and_without_days_for_ever(studio: Studio, keeper: Caller) -> None:
    master = studio.finish(studio.ask(keeper, MASTER))
    assert _expires(studio, keeper, master) == studio.clock.moment + timedelta(days=MASTER_DAYS)
    other = studio.person(plan="studio")
    kept = _ready(studio, other)
    assert _expires(studio, other, kept) is None
    studio.clock.turn(timedelta(days=1_000))
    _day(studio, 5)

    assert not _is_there(studio, master)
    assert _is_there(studio, kept)


def test_a_plan_that_keeps_less_from_today_takes_nothing_without_telling_first(
    studio: Studio, keeper: Caller
) -> None:
    view = _ready(studio, keeper)
    studio.clock.turn(timedelta(days=20))
    with studio.house.engine.begin() as connection:
        connection.execute(text("UPDATE plans SET draft_retention_days = 7 WHERE id = 'pro'"))
    _day(studio, 0.5)
    told = studio.clock.moment
    assert _warnings(studio, keeper) == [view.generation.id]
    assert _expires(studio, keeper, view) == told + timedelta(days=3)

    _day(studio, 2)
    assert _is_there(studio, view)
    _day(studio, 1)
    assert not _is_there(studio, view)


Use = Callable[[Studio, Caller, GenerationView], object]
USES: dict[str, Use] = {
    "picked": lambda s, c, v: takes.pick(s.house, c, v.takes[0].id, picked=True),
    "delivered": lambda s, c, v: delivered(s, c, v.takes[0].id, size=5),
    "applied": lambda s, c, v: deliveries.applied(s.house, c, delivered(s, c, v.takes[0].id, size=5)),
}


@pytest.mark.parametrize("use", USES)
def test_what_was_of_use_is_kept_so_long_from_then(studio: Studio, keeper: Caller, use: str) -> None:
    view = _ready(studio, keeper)
    _day(studio, 28)
    USES[use](studio, keeper, view)
    then = studio.clock.moment
    _day(studio, 26)
    assert _is_there(studio, view)
    assert _warnings(studio, keeper) == [view.generation.id]  # of the end that was put off

    _day(studio, 4)
    assert _warnings(studio, keeper) == [view.generation.id] * 2
    assert studio.clock.moment >= then + timedelta(days=DAYS)
    assert not _is_there(studio, view)


def test_what_a_master_is_being_made_of_waits_for_it(studio: Studio, keeper: Caller) -> None:
    view = _ready(studio, keeper)
    _day(studio, 29)
    wanted = MasterRequest(resolution=Resolution.P1080)
    master = takes.master(studio.house, keeper, view.takes[0].id, wanted).views[0].generation.id
    _day(studio, 10)
    assert _is_there(studio, view)

    endings.cancel(studio.house, keeper, master)
    _day(studio, 1)
    assert not _is_there(studio, view)


def test_what_a_storyboard_shows_stays_until_it_is_closed(studio: Studio, keeper: Caller) -> None:
    shown = made(studio, keeper, drafted(studio, keeper, board(studio, keeper, SHOT)))
    (shot,) = shown.shots
    with studio.house.engine.begin() as connection:
        connection.execute(
            text("UPDATE storyboard_shots SET take_id = :take WHERE id = :id"),
            {"take": shot.takes[0].id, "id": shot.row.id},
        )
    (draft,) = shot.drafts
    assert _expires(studio, keeper, draft) is None
    _day(studio, 40)
    assert _is_there(studio, draft)

    close_board(studio.house, keeper, shown.row.id)
    _day(studio, 4)
    assert not _is_there(studio, draft)


def test_more_than_a_batch_is_gone_through_turn_by_turn(studio: Studio, keeper: Caller) -> None:
    first = _ready(studio, keeper)
    with studio.house.engine.begin() as connection:
        columns = [
            name
            for (name,) in connection.execute(
                text("SELECT column_name FROM information_schema.columns WHERE table_name = 'generations'")
            )
        ]
        copied = ", ".join("'gen_' || n" if name == "id" else f'g."{name}"' for name in columns)
        connection.execute(
            text(
                f"INSERT INTO generations ({', '.join(columns)}) SELECT {copied} FROM generations g,"
                " generate_series(1, 210) n WHERE g.id = :id"
            ),
            {"id": first.generation.id},
        )
    _day(studio, 30)
    _day(studio, 1)

    assert studio.one("SELECT count(*) FROM generations WHERE deleted_at IS NULL") == 0
    assert len(_warnings(studio, keeper)) <= 211
    assert studio.one("SELECT count(*) FROM events WHERE type = 'generation.expiring'") == 211
