"""Alerts on the real books: told once in their time, however many spend and look at once."""

from datetime import timedelta

import pytest

from plugin_backend.db.workspaces import lock_workspace
from plugin_backend.domain.brief import Kind
from plugin_backend.domain.callers import Caller, Role
from plugin_backend.domain.errors import ForbiddenError, FrozenError, NotFoundError, ValidationFailedError
from plugin_backend.domain.money.alerts import USUAL, Action, Measure, Rule
from plugin_backend.services import generations
from plugin_backend.services.money import alerting, freezing, pools
from plugin_backend.services.people import workspaces
from tests.domain.requests import asked
from tests.services.studio import Studio, at_once

DRAFT, MASTER = asked(kind=Kind.DRAFT), asked(kind=Kind.MASTER)


def rules(studio: Studio, admin: Caller, *given: tuple[Measure, int, Action]) -> None:
    said = [Rule(measure=measure, threshold=at, action=action) for measure, at, action in given]
    alerting.replace(studio.house, admin, admin.workspace_id, said, reason="House rules")


def fired(studio: Studio) -> list[tuple[str, int, int, int]]:
    return studio.rows("SELECT measure, threshold, used, allowed FROM alerts ORDER BY at, measure, threshold")


def test_four_fifths_of_a_days_drafts_are_told_once_a_day(studio: Studio) -> None:
    caller = studio.person(draft_limit_per_day=5)
    for _ in range(3):
        studio.ask(caller, DRAFT)
    assert alerting.sweep(studio.house) == 0

    studio.ask(caller, DRAFT)
    found = at_once(4, lambda _: alerting.sweep(studio.house))
    studio.ask(caller, DRAFT)

    assert sum(found) == 1
    assert alerting.sweep(studio.house) == 0
    assert fired(studio) == [("drafts", 80, 4, 5)]
    told = [event for event in studio.told(caller) if event.type == "quota.alert"]
    assert [(event.subject_id, event.data["used"]) for event in told] == [(caller.user_id, 4)]

    studio.clock.turn(timedelta(days=1))
    for _ in range(4):
        studio.ask(caller, DRAFT)
    assert alerting.sweep(studio.house) == 1


def test_credits_are_counted_from_when_they_last_came_in(studio: Studio) -> None:
    caller = studio.person()
    price = studio.ask(studio.person(credits_granted=1_000), MASTER).generation.credits_held
    studio.grant(caller.user_id, price)
    assert alerting.sweep(studio.house) == 0

    studio.ask(caller, MASTER)
    assert alerting.sweep(studio.house) == 1
    assert alerting.sweep(studio.house) == 0
    studio.grant(caller.user_id, price)  # half of what there is now is held
    assert alerting.sweep(studio.house) == 0
    studio.ask(caller, MASTER)

    assert alerting.sweep(studio.house) == 1
    assert [event.data["allowed"] for event in studio.told(caller) if event.type == "credits.alert"] == [
        price,
        2 * price,
    ]


def test_spending_stops_at_a_hard_limit_and_an_admin_lets_it_go_on(studio: Studio) -> None:
    caller = studio.person(credits_granted=1_000)
    admin = studio.person(role=Role.OWNER, colleague_of=caller)
    price = studio.ask(caller, MASTER).generation.credits_held
    rules(studio, admin, (Measure.SPEND, 2 * price, Action.FREEZE), (Measure.SPEND, price, Action.TELL))
    assert alerting.sweep(studio.house) == 1

    studio.ask(caller, MASTER)  # at the threshold: before the clock comes
    with pytest.raises(FrozenError):
        studio.ask(caller, DRAFT)
    studio.ask(admin, DRAFT)
    assert alerting.sweep(studio.house) == 0

    freezing.change_user(studio.house, admin, caller.user_id, is_frozen=False, reason="One more")
    studio.ask(caller, MASTER)
    assert alerting.sweep(studio.house) == 0
    why = (
        "SELECT actor_id, words FROM audit_entries JOIN audit_reasons ON entry_id = id"
        " WHERE action = 'user.frozen'"
    )
    assert studio.rows(why) == [("system", f"The alert for spend at {2 * price:,} credits.")]
    assert fired(studio) == [("spend", price, price, price), ("spend", 2 * price, 2 * price, 2 * price)]


def test_a_whole_workspace_stops_when_its_pool_or_its_month_is_spent(studio: Studio) -> None:
    caller = studio.person()
    admin = studio.person(role=Role.OWNER, colleague_of=caller)
    workspaces.change(studio.house, admin, admin.workspace_id, {"spend_from": "pool"})
    pools.change(studio.house, admin, admin.workspace_id, amount=1_000, reason="The budget")
    price = studio.ask(caller, MASTER).generation.credits_held
    rules(
        studio,
        admin,
        (Measure.POOL, max(1, 100 * price // 1_000), Action.TELL),
        (Measure.WORKSPACE_SPEND, price, Action.FREEZE),
    )

    assert alerting.sweep(studio.house) == 2

    for member in (caller, admin):
        with pytest.raises(FrozenError, match="whole workspace"):
            studio.ask(member, DRAFT)
    assert [measure for measure, *_ in fired(studio)] == ["pool", "workspace-spend"]


def test_a_burst_stops_at_the_threshold(studio: Studio) -> None:
    """However many ask at once, one at a time gets in, and whoever comes after the threshold does not."""
    caller = studio.person(credits_granted=1_000, draft_limit_per_day=20)
    owner = studio.person(role=Role.OWNER, colleague_of=caller)
    rules(studio, owner, (Measure.DRAFTS, 15, Action.FREEZE))

    found = at_once(8, lambda _: generations.request(studio.house, caller, [DRAFT]))

    assert [type(each) for each in found if isinstance(each, Exception)] == [FrozenError] * 5
    assert (studio.drafts_used(caller), fired(studio)) == (3, [("drafts", 15, 3, 20)])
    assert [event.data["action"] for event in studio.told(caller) if event.type == "quota.alert"] == [
        "freeze"
    ]


def test_a_pool_that_comes_to_its_threshold_freezes_everybody_at_once(studio: Studio) -> None:
    caller = studio.person()
    owner = studio.person(role=Role.OWNER, colleague_of=caller)
    workspaces.change(studio.house, owner, owner.workspace_id, {"spend_from": "pool"})
    pools.change(studio.house, owner, owner.workspace_id, amount=1_000, reason="The budget")
    rules(studio, owner, (Measure.POOL, 1, Action.FREEZE))

    studio.ask(caller, MASTER)

    for member in (caller, owner):
        with pytest.raises(FrozenError, match="whole workspace"):
            studio.ask(member, DRAFT)
    freezing.change_workspace(studio.house, owner, owner.workspace_id, is_frozen=False, reason="Go on")
    studio.ask(caller, MASTER)  # it was told, and is not told again


def test_a_workspace_that_is_held_is_frozen_by_the_clock_and_nobody_waits_in_a_circle(
    studio: Studio,
) -> None:
    caller = studio.person(credits_granted=1_000)
    owner = studio.person(role=Role.OWNER, colleague_of=caller)
    rules(studio, owner, (Measure.WORKSPACE_SPEND, 1, Action.FREEZE))
    with studio.house.begin() as work:
        lock_workspace(work.connection, caller.workspace_id)
        studio.ask(caller, MASTER)
    studio.ask(caller, MASTER)

    with pytest.raises(FrozenError, match="whole workspace"):
        studio.ask(caller, MASTER)


def test_a_rule_freezes_no_owner_and_only_an_owner_has_one_freeze_everybody(studio: Studio) -> None:
    owner = studio.person(role=Role.OWNER, draft_limit_per_day=1)
    admin = studio.person(role=Role.ADMIN, colleague_of=owner, draft_limit_per_day=1)
    operator = studio.person(role=Role.EDITOR, colleague_of=owner, draft_limit_per_day=1, is_operator=True)
    each = (Measure.DRAFTS, 100, Action.FREEZE)
    rules(studio, admin, each)
    for person in (owner, operator, admin):
        studio.ask(person, DRAFT)
    assert alerting.sweep(studio.house) == 2

    frozen = studio.rows("SELECT id FROM users WHERE frozen_at IS NOT NULL")
    told = studio.rows("SELECT subject_id FROM alerts WHERE action = 'tell' ORDER BY subject_id")
    assert frozen == [(admin.user_id,)]
    assert told == sorted([(owner.user_id,), (operator.user_id,)])

    whole = (Measure.POOL, 100, Action.FREEZE)
    with pytest.raises(ForbiddenError, match="owner"):
        rules(studio, admin, each, whole)
    rules(studio, owner, each, whole)
    rules(studio, admin, whole, (Measure.SPEND, 10, Action.TELL))  # what is the owner's stands as it was
    with pytest.raises(ForbiddenError, match="owner"):
        rules(studio, admin, each)
    with pytest.raises(ForbiddenError, match="owner"):
        alerting.replace(studio.house, admin, admin.workspace_id, None, reason="The usual ones")


def test_the_frozen_by_an_operator_stay_the_operators(studio: Studio) -> None:
    caller = studio.person(draft_limit_per_day=1)
    admin = studio.person(role=Role.OWNER, colleague_of=caller)
    operator = studio.person(is_operator=True)
    studio.ask(caller, DRAFT)
    rules(studio, admin, (Measure.DRAFTS, 100, Action.FREEZE))
    freezing.change_user(studio.house, operator, caller.user_id, is_frozen=True, reason="Abuse")

    assert alerting.sweep(studio.house) == 1

    assert studio.one("SELECT frozen_by_operator FROM users WHERE id = :id", id=caller.user_id) is True


def test_rules_are_checked_kept_and_given_back(studio: Studio) -> None:
    admin, stranger = studio.person(role=Role.OWNER), studio.person(role=Role.OWNER)
    with pytest.raises(ValidationFailedError, match="/rules/0/threshold"):
        rules(studio, admin, (Measure.DRAFTS, 101, Action.TELL))
    with pytest.raises(ValidationFailedError, match="/rules/1"):
        rules(studio, admin, (Measure.SPEND, 101, Action.TELL), (Measure.SPEND, 101, Action.FREEZE))
    with pytest.raises(NotFoundError):
        alerting.replace(studio.house, admin, stranger.workspace_id, None, reason="theirs")
    assert alerting.show(studio.house, admin, admin.workspace_id).rules == USUAL

    rules(studio, admin)
    assert alerting.show(studio.house, admin, admin.workspace_id).rules == ()
    usual = alerting.replace(studio.house, admin, admin.workspace_id, None, reason="As before")

    assert (usual.rules, usual.is_usual) == (USUAL, True)
    assert studio.one("SELECT count(*) FROM audit_entries WHERE action = 'alerts.changed'") == 2
