"""Credits by plan: each month once, the difference on the way up, once for signing up; the books balance."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from plugin_backend.db import money
from plugin_backend.domain.brief import Brief, GenerationRequest, Kind, Resolution
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import InsufficientCreditsError
from plugin_backend.services import accounts, generations
from plugin_backend.services.accounts import UserChanges
from plugin_backend.services.keeping.tidying import unbalanced_accounts
from plugin_backend.services.money import plan_grants
from tests.services.admitted import let_in
from tests.services.studio import NOON, Studio, at_once

PLANS = {"free": 0, "pro": 100, "studio": 250}
MONTH = timedelta(days=31)


class KilledError(Exception):
    """The process ends in the middle of it."""


def _grant_and_die(studio: Studio, person: Caller) -> None:
    with studio.house.begin() as work:
        plan_grants.grant_month(work, person.user_id)
        plan_grants.sign_up_credit(work, person.user_id)
        raise KilledError


@pytest.fixture
def operator(studio: Studio) -> Caller:
    for plan, credits in PLANS.items():
        _price(studio, plan, credits)
    return studio.person(is_operator=True)


acts = st.lists(
    st.one_of(
        st.sampled_from([("plan", plan) for plan in PLANS]),
        st.tuples(st.just("price"), st.sampled_from([0, 40, 100, 300])),
        st.tuples(st.just("days"), st.integers(1, 40)),
        st.sampled_from([("clock", 0), ("asked", 0), ("killed", 0)]),
    ),
    max_size=12,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=acts)
def test_a_month_is_granted_up_to_the_best_plan_it_was_looked_at_on(
    studio: Studio, operator: Caller, acts: list[tuple[str, object]]
) -> None:
    """Whatever happens in between: plans and prices move, months pass, grants are killed half way."""
    studio.clock.moment = NOON
    prices = dict(PLANS)
    _price(studio, "pro", prices["pro"])
    person, plan = studio.person(plan="free"), "free"
    due: dict[str, int] = {}
    for act, value in acts:
        month = f"{studio.clock.moment:%Y-%m}"
        match act, value:
            case "plan", str():
                accounts.update_user(studio.house, operator, person.user_id, UserChanges(plan=value))
                plan = value
                due[month] = max(due.get(month, 0), prices[plan])
            case "price", int():
                _price(studio, "pro", value)
                prices["pro"] = value
            case "days", int():
                studio.clock.turn(timedelta(days=value))
            case "clock", _:
                plan_grants.grant_all(studio.house)
                due[month] = max(due.get(month, 0), prices[plan])
            case "asked", _:
                with studio.house.begin() as work:
                    plan_grants.grant_month(work, person.user_id)
                due[month] = max(due.get(month, 0), prices[plan])
            case "killed", _:
                with pytest.raises(KilledError):
                    _grant_and_die(studio, person)

    assert _available(studio, person) == sum(due.values())
    assert unbalanced_accounts(studio.house) == []


def test_the_clock_grants_everybody_their_month_and_nobody_twice(studio: Studio, operator: Caller) -> None:
    people = [studio.person(plan=plan) for plan in ("pro", "studio", "free", "pro")]

    first, again = plan_grants.grant_all(studio.house), plan_grants.grant_all(studio.house)
    studio.clock.turn(MONTH)
    next_month = plan_grants.grant_all(studio.house)

    assert (first, again, next_month) == (4, 0, 4)  # the operator is on the studio plan too
    assert [_available(studio, each) for each in people] == [200, 500, 0, 200]
    assert operator.is_operator
    assert unbalanced_accounts(studio.house) == []


@pytest.mark.usefixtures("operator")
def test_two_that_grant_the_same_month_at_once_grant_it_once(studio: Studio) -> None:
    person = studio.person(plan="pro")

    with studio.house.begin() as first:
        granted = plan_grants.grant_month(first, person.user_id)
        assert (
            plan_grants.grant_all(studio.house) == 1
        )  # the operator's: whose account is held is passed over
    with studio.house.begin() as second:
        assert plan_grants.grant_month(second, person.user_id) is None

    assert granted is not None
    assert _available(studio, person) == 100


@pytest.mark.usefixtures("operator")
def test_however_many_ask_at_the_same_moment_a_month_comes_once(studio: Studio) -> None:
    person = studio.person(plan="pro")

    def grant(_: int) -> bool:
        plan_grants.grant_all(studio.house)
        with studio.house.begin() as work:
            return plan_grants.grant_month(work, person.user_id) is not None

    assert all(isinstance(each, bool) for each in at_once(4, grant))

    assert _available(studio, person) == 100
    assert (
        studio.one(
            "SELECT count(*) FROM plan_grants g JOIN accounts a ON a.id = g.account_id"
            " WHERE a.owner_id = :id",
            id=person.user_id,
        )
        == 1
    )
    assert unbalanced_accounts(studio.house) == []


def test_who_is_disabled_is_granted_nothing(studio: Studio, operator: Caller) -> None:
    person = studio.person(plan="pro")
    accounts.update_user(studio.house, operator, person.user_id, UserChanges(disabled=True))

    plan_grants.grant_all(studio.house)

    assert _available(studio, person) == 0


@pytest.mark.usefixtures("operator")
def test_work_that_this_months_credits_cover_does_not_wait_for_the_clock(studio: Studio) -> None:
    person = let_in(studio, studio.person(plan="pro"))
    brief = Brief(prompt="a pier at dawn", resolution=Resolution.P1080)
    wanted = GenerationRequest(kind=Kind.MASTER, brief=brief)

    asked = generations.request(studio.house, person, [wanted] * 2)

    assert [view.generation.credits_held for view in asked.views] == [10, 10]
    assert _available(studio, person) == 80
    with pytest.raises(InsufficientCreditsError):
        generations.request(studio.house, person, [wanted] * 9)
    assert _available(studio, person) == 80


def test_the_sign_up_credit_is_given_once_whatever_the_plan_becomes(studio: Studio, operator: Caller) -> None:
    person = studio.person(plan="free")
    with pytest.raises(KilledError):
        _grant_and_die(studio, person)

    entries = []
    for plan in ("free", "pro", "free"):
        accounts.update_user(studio.house, operator, person.user_id, UserChanges(plan=plan))
        with studio.house.begin() as work:
            entries.append(plan_grants.sign_up_credit(work, person.user_id))

    assert [entry is not None for entry in entries] == [True, False, False]
    assert _available(studio, person) == 100 + PLANS["pro"]
    assert [event.type for event in studio.told(person)] == ["credits.granted"] * 2


def test_a_period_is_a_utc_month() -> None:
    late = datetime.fromisoformat("2026-11-30T23:30:00-01:00")

    assert plan_grants.period_of(late) == "2026-12"
    assert plan_grants.period_of(datetime(2026, 11, 1, tzinfo=UTC)) == "2026-11"


def _price(studio: Studio, plan: str, credits: int) -> None:
    with studio.house.begin() as work:
        work.connection.execute(
            text("UPDATE plans SET credits_per_month = :credits WHERE id = :plan"),
            {"credits": credits, "plan": plan},
        )


def _available(studio: Studio, person: Caller) -> int:
    with studio.house.begin() as work:
        return money.balance(work.connection, money.account_of(work.connection, person.user_id)).available
