"""Freezing stops what is new, at every door, and nothing else."""

from datetime import timedelta

import pytest

from plugin_backend.domain.brief import Kind
from plugin_backend.domain.callers import Role
from plugin_backend.domain.errors import ForbiddenError, FrozenError, NotFoundError
from plugin_backend.domain.lifecycle import GenerationState
from plugin_backend.services import quoting, takes
from plugin_backend.services.money import freezing
from plugin_backend.services.takes import MasterRequest
from tests.domain.requests import asked
from tests.services.studio import Studio, at_once


def test_the_frozen_start_nothing_new_and_what_runs_finishes(studio: Studio) -> None:
    caller = studio.person(credits_granted=100)
    admin = studio.person(role=Role.ADMIN, colleague_of=caller)
    view = studio.ask(caller, asked(kind=Kind.DRAFT))

    freezing.change_user(studio.house, admin, caller.user_id, is_frozen=True, reason="An audit")
    before = studio.everything()
    with pytest.raises(FrozenError, match="for you"):
        studio.ask(caller, asked(kind=Kind.DRAFT))
    assert studio.everything() == before

    done = studio.finish(view)
    assert done.generation.state is GenerationState.READY
    with pytest.raises(FrozenError):
        takes.master(studio.house, caller, done.takes[0].id, MasterRequest())

    freezing.change_user(studio.house, admin, caller.user_id, is_frozen=False, reason="All is well")
    assert studio.ask(caller, asked(kind=Kind.DRAFT)).generation.state is GenerationState.QUEUED
    actions = studio.rows(
        "SELECT action, words FROM audit_entries JOIN audit_reasons ON entry_id = id"
        " WHERE action LIKE 'user.%frozen' ORDER BY id"
    )
    assert actions == [("user.frozen", "An audit"), ("user.unfrozen", "All is well")]
    assert [each.type for each in studio.told(caller) if each.type.startswith("quota.")] == [
        "quota.frozen",
        "quota.unfrozen",
    ]


def test_a_frozen_workspace_stops_everybody_in_it_and_nobody_else(studio: Studio) -> None:
    caller, stranger = studio.person(credits_granted=100), studio.person()
    admin = studio.person(role=Role.OWNER, colleague_of=caller)

    since = freezing.change_workspace(
        studio.house, admin, caller.workspace_id, is_frozen=True, reason="Budget is spent"
    )

    assert since is not None
    studio.clock.turn(timedelta(minutes=1))
    again = freezing.change_workspace(
        studio.house, admin, caller.workspace_id, is_frozen=True, reason="once more"
    )
    assert again == since
    for member in (caller, admin):
        with pytest.raises(FrozenError, match="whole workspace"):
            studio.ask(member, asked(kind=Kind.DRAFT))
    assert studio.ask(stranger, asked(kind=Kind.DRAFT)).generation.state is GenerationState.QUEUED
    with pytest.raises(NotFoundError):
        freezing.change_workspace(
            studio.house, admin, stranger.workspace_id, is_frozen=True, reason="not mine"
        )


def test_quotes_say_that_somebody_is_frozen(studio: Studio) -> None:
    caller = studio.person(credits_granted=100)
    admin = studio.person(role=Role.ADMIN, colleague_of=caller)
    assert any(each.possible for each in quoting.quote(studio.house, caller, asked()))

    freezing.change_user(studio.house, admin, caller.user_id, is_frozen=True, reason="An audit")

    found = quoting.quote(studio.house, caller, asked())
    assert not any(each.possible for each in found)
    with pytest.raises(FrozenError) as refusal:
        studio.ask(caller, asked())
    assert {each.reasons[0] for each in found} == {str(refusal.value)}
    assert quoting.routing(studio.house, caller, asked()).credits_held is None


def test_what_an_operator_froze_an_admin_does_not_lift(studio: Studio) -> None:
    caller = studio.person()
    admin = studio.person(role=Role.ADMIN, colleague_of=caller)
    operator = studio.person(is_operator=True)
    freezing.change_user(studio.house, operator, caller.user_id, is_frozen=True, reason="Abuse")

    with pytest.raises(ForbiddenError, match="only an operator"):
        freezing.change_user(studio.house, admin, caller.user_id, is_frozen=False, reason="please")

    freezing.change_user(studio.house, operator, caller.user_id, is_frozen=False, reason="Cleared")
    assert studio.one("SELECT frozen_at FROM users WHERE id = :id", id=caller.user_id) is None


def test_nothing_that_was_asked_after_the_freeze_gets_in(studio: Studio) -> None:
    """However many ask while it falls: each one either came before it or was refused."""
    caller = studio.person()
    admin = studio.person(role=Role.ADMIN, colleague_of=caller)

    def act(number: int) -> object:
        if number == 3:
            return freezing.change_user(studio.house, admin, caller.user_id, is_frozen=True, reason="now")
        return studio.ask(caller, asked(kind=Kind.DRAFT))

    found = at_once(8, act)

    refused = [each for each in found if isinstance(each, FrozenError)]
    assert len(refused) + studio.count("generations") == 7
    assert not [each for each in found if isinstance(each, Exception) and not isinstance(each, FrozenError)]
    with pytest.raises(FrozenError):
        studio.ask(caller, asked(kind=Kind.DRAFT))
