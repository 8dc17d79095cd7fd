"""Who may give plans, limits and credits: not those who made their workspace by joining."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest

from plugin_backend.db import workspaces
from plugin_backend.domain.callers import Caller, Role
from plugin_backend.domain.errors import ForbiddenError
from plugin_backend.domain.people.seats import Seat
from plugin_backend.services import accounts, credits, quotas
from plugin_backend.services.accounts import NewUser, UserChanges
from plugin_backend.services.money import bulk_quotas, pools
from plugin_backend.services.money.bulk_quotas import Chosen
from plugin_backend.services.people import seat_import
from tests.services.studio import Studio

Gift = Callable[[Studio, Caller], object]

SEAT: Final = Seat(line=2, email="s@example.org", role=None, plan=None, limits={}, credits=5, reason="more")

GIFTS: dict[str, Gift] = {
    "credits": lambda studio, owner: credits.change(
        studio.house, actor=owner, user_id=owner.user_id, amount=5, reason="for me"
    ),
    "the pool's credits": lambda studio, owner: pools.change(
        studio.house, owner, owner.workspace_id, amount=5, reason="for us"
    ),
    "a plan": lambda studio, owner: accounts.update_user(
        studio.house, owner, owner.user_id, UserChanges(plan="pro")
    ),
    "a colleague's plan": lambda studio, owner: accounts.create_user(
        studio.house, actor=owner, user=NewUser(email="more@example.org", plan="pro")
    ),
    "a limit": lambda studio, owner: quotas.override(
        studio.house, actor=owner, user_id=owner.user_id, limits={"draft_limit_per_day": 900}, reason="more"
    ),
    "limits of many": lambda studio, owner: bulk_quotas.change(
        studio.house, owner, Chosen(user_ids=(owner.user_id,)), {"max_concurrent": 9}, reason="more"
    ),
    "a seat with credits": lambda studio, owner: seat_import.import_seats(
        studio.house, owner, [SEAT], workspace_id=owner.workspace_id, dry_run=False
    ),
}


@pytest.mark.parametrize("gift", GIFTS)
def test_who_joined_by_themselves_is_given_by_operators_alone(studio: Studio, gift: str) -> None:
    owner = studio.person(role=Role.OWNER, plan="free")
    with studio.house.begin() as work:
        workspaces.made_by_joining(work.connection, owner.workspace_id)
    before = studio.everything()

    with pytest.raises(ForbiddenError, match="whoever runs this service"):
        GIFTS[gift](studio, owner)

    assert studio.everything() == before
    GIFTS[gift](studio, replace(owner, is_operator=True))


@pytest.mark.parametrize("gift", GIFTS)
def test_a_workspace_that_an_operator_made_is_its_owners_to_run(studio: Studio, gift: str) -> None:
    GIFTS[gift](studio, studio.person(role=Role.OWNER, plan="free"))


def test_taking_away_and_ordinary_seats_need_nobody(studio: Studio) -> None:
    owner = studio.person(role=Role.OWNER, plan="free", credits_granted=10)
    with studio.house.begin() as work:
        workspaces.made_by_joining(work.connection, owner.workspace_id)

    credits.change(studio.house, actor=owner, user_id=owner.user_id, amount=-5, reason="too many")
    plain = replace(SEAT, credits=0, reason=None)
    seat_import.import_seats(studio.house, owner, [plain], workspace_id=owner.workspace_id, dry_run=False)

    assert studio.balance(owner) == (5, 0)
