"""A workspace's pool: members spend from it up to their caps, whoever asks at the same moment."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from plugin_backend.db.people import Standing
from plugin_backend.domain.brief import Kind, Resolution
from plugin_backend.domain.callers import Caller, Role
from plugin_backend.domain.errors import (
    ConflictError,
    ForbiddenError,
    InsufficientCreditsError,
    NotFoundError,
)
from plugin_backend.domain.money.purses import SpendFrom
from plugin_backend.services import accounts, endings, generations
from plugin_backend.services.keeping.tidying import unbalanced_accounts
from plugin_backend.services.money import pools
from plugin_backend.services.people import workspaces
from tests.domain.requests import asked
from tests.services.studio import Studio, at_once, studio_on

MASTER = asked(kind=Kind.MASTER, resolution=Resolution.P1080)  # 5 s at 2 credits a second: 10


def _boss(studio: Studio, *, pool: int, **settings: Any) -> Caller:
    """The owner of a workspace with a pool."""
    boss = studio.person(role=Role.OWNER)
    if pool:
        pools.change(studio.house, boss, boss.workspace_id, amount=pool, reason="a budget")
    workspaces.change(studio.house, boss, boss.workspace_id, {"spend_from": SpendFrom.POOL, **settings})
    return boss


def _pool(studio: Studio, boss: Caller) -> tuple[int, int]:
    found = workspaces.mine(studio.house, boss)
    return found.pool_available, found.pool_held


def _me(studio: Studio, caller: Caller) -> Standing:
    return accounts.me(studio.house, caller)


def test_what_members_spend_is_held_and_settled_on_the_pool(studio: Studio) -> None:
    boss = _boss(studio, pool=100)
    member = studio.person(colleague_of=boss, credits_granted=50)

    view = studio.ask(member, MASTER)
    assert _pool(studio, boss) == (90, 10)
    assert (_me(studio, member).purse.available, _me(studio, member).purse.held) == (90, 10)
    studio.finish(view)

    assert _pool(studio, boss) == (90, 0)
    assert studio.balance(member) == (50, 0)
    kinds = [
        (each.kind, each.owner_id)
        for each in pools.ledger_of(studio.house, boss, boss.workspace_id, before=None, limit=9)
    ]
    assert kinds == [("settle", member.user_id), ("hold", member.user_id), ("grant", None)]
    assert unbalanced_accounts(studio.house) == []


def test_a_cap_counts_holds_and_gives_back_what_returns(studio: Studio) -> None:
    boss = _boss(studio, pool=1_000, member_cap=20)
    member, other = studio.person(colleague_of=boss), studio.person(colleague_of=boss)
    first = studio.ask(member, MASTER)
    studio.ask(member, MASTER)

    with pytest.raises(InsufficientCreditsError, match="gives you 20 a month") as refused:
        studio.ask(member, MASTER)
    assert (refused.value.available, refused.value.limit) == (0, 20)
    studio.ask(other, MASTER)
    endings.cancel(studio.house, member, first.generation.id)
    studio.ask(member, MASTER)

    assert _me(studio, member).purse.taken == 20
    assert _pool(studio, boss) == (970, 30)


def test_a_new_month_gives_the_cap_anew_and_what_returns_goes_to_the_month_it_was_taken_in(
    studio: Studio,
) -> None:
    boss = _boss(studio, pool=1_000, member_cap=10)
    member = studio.person(colleague_of=boss)
    studio.clock.turn(datetime(2026, 3, 31, 23, 59, 50, tzinfo=UTC) - studio.clock.moment)
    march = studio.ask(member, MASTER)
    studio.clock.turn(datetime(2026, 4, 1, tzinfo=UTC) - studio.clock.moment)

    april = studio.ask(member, MASTER)
    endings.cancel(studio.house, member, march.generation.id)
    with pytest.raises(InsufficientCreditsError):
        studio.ask(member, MASTER)
    studio.finish(april)

    found = studio.rows("SELECT month::text, held, spent FROM pool_months ORDER BY month")
    assert found == [("2026-03-01", 0, 0), ("2026-04-01", 0, 10)]


def test_personal_then_pool_pays_each_generation_from_one_of_them(studio: Studio) -> None:
    boss = _boss(studio, pool=10, spend_from=SpendFrom.PERSONAL_THEN_POOL)
    member = studio.person(colleague_of=boss, credits_granted=15)
    assert _me(studio, member).purse.available == 25

    studio.ask(member, MASTER)
    assert (studio.balance(member), _pool(studio, boss)) == ((5, 10), (10, 0))
    studio.ask(member, MASTER)
    assert (studio.balance(member), _pool(studio, boss)) == ((5, 10), (0, 10))

    with pytest.raises(InsufficientCreditsError) as refused:
        studio.ask(member, MASTER)
    assert (refused.value.available, refused.value.limit) == (5, None)


def test_each_spends_their_own_where_the_workspace_says_so(studio: Studio) -> None:
    boss = _boss(studio, pool=100, spend_from=SpendFrom.PERSONAL)
    member = studio.person(colleague_of=boss)

    with pytest.raises(InsufficientCreditsError):
        studio.ask(member, MASTER)

    assert _me(studio, member).purse.available == 0


def test_a_crowd_of_members_never_passes_a_cap_nor_the_pool(
    database: str, studio: Studio, tmp_path: Path
) -> None:
    boss = _boss(studio, pool=150, member_cap=60)
    members = [studio.person(colleague_of=boss) for _ in range(3)]
    with studio_on(database, tmp_path, pool_size=16) as crowd:
        found = at_once(48, lambda number: crowd.ask(members[number % 3], MASTER))

    accepted = [each for each in found if not isinstance(each, Exception)]
    refused = [each for each in found if isinstance(each, Exception)]
    assert len(accepted) == 15  # the pool's
    assert {type(each) for each in refused} == {InsufficientCreditsError}
    assert _pool(studio, boss) == (0, 150)
    taken = [_me(studio, member).purse.taken for member in members]
    assert sum(taken) == 150
    assert max(taken) <= 60
    assert unbalanced_accounts(studio.house) == []


def test_who_asks_for_much_at_once_empties_their_own_account_and_then_the_pool(
    database: str, studio: Studio, tmp_path: Path
) -> None:
    boss = _boss(studio, pool=45, spend_from=SpendFrom.PERSONAL_THEN_POOL)
    member = studio.person(colleague_of=boss, credits_granted=35)
    with studio_on(database, tmp_path, pool_size=16) as crowd:
        found = at_once(12, lambda _: crowd.ask(member, MASTER))

    assert sum(isinstance(each, InsufficientCreditsError) for each in found) == 12 - 3 - 4
    assert (studio.balance(member), _pool(studio, boss)) == ((5, 30), (5, 40))
    assert unbalanced_accounts(studio.house) == []


def test_a_batch_that_does_not_fit_takes_nothing_of_the_pool(studio: Studio) -> None:
    boss = _boss(studio, pool=100, member_cap=20)
    member = studio.person(colleague_of=boss)
    before = studio.everything()
    with pytest.raises(InsufficientCreditsError):
        generations.request(studio.house, member, [MASTER, MASTER, MASTER])

    assert studio.everything() == before


def test_a_pool_is_filled_within_reach_and_never_below_what_is_available(studio: Studio) -> None:
    boss, stranger = _boss(studio, pool=30), studio.person(role=Role.OWNER)
    operator = studio.person(is_operator=True)
    member = studio.person(colleague_of=boss)
    studio.ask(member, MASTER)

    with pytest.raises(NotFoundError):
        pools.change(studio.house, stranger, boss.workspace_id, amount=5, reason="mine")
    with pytest.raises(ForbiddenError):
        pools.change(studio.house, member, boss.workspace_id, amount=5, reason="mine")
    with pytest.raises(ConflictError, match="20 are available"):
        pools.change(studio.house, boss, boss.workspace_id, amount=-21, reason="less")
    entry = pools.change(studio.house, operator, boss.workspace_id, amount=-20, reason="less")

    assert (entry.kind, entry.available_after, entry.reason) == ("adjust", 0, "less")
    assert _pool(studio, boss) == (0, 10)


def test_a_ledger_row_says_whose_shot_it_paid_for(studio: Studio) -> None:
    boss = _boss(studio, pool=30)
    studio.ask(boss, replace(MASTER, label="SH010"))

    (hold, _) = pools.ledger_of(studio.house, boss, boss.workspace_id, before=None, limit=9)

    assert (hold.owner_id, hold.label, hold.project_id) == (boss.user_id, "SH010", None)
