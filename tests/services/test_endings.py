"""How generations end: cancelled in any state, failed, retried, deleted; each time the receipt is right."""

from datetime import timedelta

import pytest

from plugin_backend.db.generations import GenerationView
from plugin_backend.domain.brief import GenerationRequest
from plugin_backend.domain.callers import Role
from plugin_backend.domain.errors import (
    ConflictError,
    ForbiddenError,
    IllegalTransitionError,
    NotFoundError,
)
from plugin_backend.domain.lifecycle import GenerationState, TakeState
from plugin_backend.services import endings, stepping
from tests.services.situations import DRAFT, EACH, MASTER, SITUATIONS, generating, part_stored
from tests.services.studio import Studio


@pytest.mark.parametrize("wanted", [DRAFT, MASTER], ids=["draft", "master"])
@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_cancel_ends_it_and_charges_only_what_was_stored(
    studio: Studio, situation: str, wanted: GenerationRequest
) -> None:
    caller = studio.person(credits_granted=100)
    arrange, stored = SITUATIONS[situation]
    view = arrange(studio, caller, wanted)

    endings.cancel(studio.house, caller, view.generation.id)
    found = studio.finish(view)
    receipt = studio.receipt(caller, view.generation.id)

    cost = stored * EACH if wanted is MASTER else 0
    assert found.generation.state is GenerationState.CANCELLED
    assert sum(take.state is TakeState.STORED for take in found.takes) == stored
    assert studio.balance(caller) == (100 - cost, 0)
    assert studio.drafts_used(caller) == (stored if wanted is DRAFT else 0)
    assert studio.under_way(caller) == (0, 0)
    assert receipt.generation.credits_settled == cost
    assert receipt.credits_returned == receipt.generation.credits_held - cost
    assert receipt.draft_units_returned == receipt.generation.draft_units - studio.drafts_used(caller)
    kinds = [entry["kind"] for entry in receipt.entries]
    assert kinds == (["hold", "settle"] if wanted is MASTER else [])
    assert {attempt.state for attempt in receipt.attempts} <= {"closed"}
    assert studio.count("work") == 0


@pytest.mark.parametrize("wanted", [DRAFT, MASTER], ids=["draft", "master"])
def test_a_take_that_its_provider_bills_after_a_cancel_is_charged(
    studio: Studio, wanted: GenerationRequest
) -> None:
    caller = studio.person(credits_granted=100)
    studio.upstream.bills_cancelled = True
    view = generating(studio, caller, wanted)

    endings.cancel(studio.house, caller, view.generation.id)
    studio.finish(view)
    receipt = studio.receipt(caller, view.generation.id)

    assert receipt.generation.credits_settled == (3 * EACH if wanted is MASTER else 0)
    assert receipt.generation.draft_units_used == (3 if wanted is DRAFT else 0)
    assert "3 takes could no longer be recalled" in receipt.why


@pytest.mark.parametrize("again", [False, True])
def test_a_cancelled_generation_can_be_cancelled_again(studio: Studio, again: bool) -> None:  # noqa: FBT001 - a case of the table
    caller = studio.person()
    view = generating(studio, caller, DRAFT) if again else studio.ask(caller, DRAFT)
    endings.cancel(studio.house, caller, view.generation.id)
    before = studio.everything()

    endings.cancel(studio.house, caller, view.generation.id)

    assert studio.everything() == before


@pytest.mark.parametrize("state", ["ready", "failed"])
def test_what_has_ended_otherwise_cannot_be_cancelled(studio: Studio, state: str) -> None:
    caller = studio.person()
    studio.upstream.broken_seeds = {100, 101, 102} if state == "failed" else set()
    view = studio.finish(studio.ask(caller, DRAFT))
    assert view.generation.state == state
    before = studio.everything()

    with pytest.raises(IllegalTransitionError):
        endings.cancel(studio.house, caller, view.generation.id)

    assert studio.everything() == before


def test_several_are_cancelled_each_with_its_own_answer(studio: Studio) -> None:
    caller, stranger = studio.person(), studio.person()
    ready = studio.finish(studio.ask(caller, DRAFT)).generation.id
    waiting, theirs = (studio.ask(person, DRAFT).generation.id for person in (caller, stranger))

    found = endings.cancel_many(studio.house, caller, [ready, waiting, theirs, waiting])

    answers: dict[str, object] = dict(found)
    assert list(answers) == [ready, waiting, theirs]
    assert isinstance(answers[ready], IllegalTransitionError)
    assert isinstance(answers[waiting], GenerationView)
    assert isinstance(answers[theirs], NotFoundError)


def test_one_of_three_takes_fails_and_two_are_charged(studio: Studio) -> None:
    caller = studio.person(credits_granted=100)
    studio.upstream.broken_seeds = {101}

    master, draft = (studio.finish(studio.ask(caller, wanted)) for wanted in (MASTER, DRAFT))

    for view in (master, draft):
        assert view.generation.state is GenerationState.READY
        assert [take.state for take in view.takes] == ["stored", "failed", "stored"]
        assert view.takes[1].failure is not None
        assert view.takes[1].failure["slug"] == "moderated"
    assert studio.balance(caller) == (80, 0)
    assert studio.drafts_used(caller) == 2
    receipt = studio.receipt(caller, master.generation.id)
    assert (receipt.generation.credits_settled, receipt.credits_returned) == (20, 10)
    assert receipt.why.startswith("2 of 3 takes were stored")


def test_when_every_take_fails_it_fails_with_their_reason_and_costs_nothing(studio: Studio) -> None:
    caller = studio.person(credits_granted=100)
    studio.upstream.broken_seeds = {100, 101, 102}

    view = studio.finish(studio.ask(caller, MASTER))

    assert view.generation.state is GenerationState.FAILED
    assert view.generation.failure is not None
    assert view.generation.failure["slug"] == "moderated"
    assert studio.balance(caller) == (100, 0)
    assert studio.receipt(caller, view.generation.id).credits_returned == 30


def test_a_failed_generation_is_retried_as_a_new_one_and_no_other_is(studio: Studio) -> None:
    caller = studio.person(credits_granted=100)
    studio.upstream.broken_seeds = {100, 101, 102}
    failed = studio.finish(studio.ask(caller, MASTER)).generation
    studio.upstream.broken_seeds = set()

    again = endings.retry(studio.house, caller, failed.id).views[0]

    assert again.generation.id != failed.id
    assert again.generation.retried_from == failed.id
    assert again.generation.request == failed.request
    assert studio.balance(caller) == (70, 30)
    assert studio.finish(again).generation.state is GenerationState.READY
    with pytest.raises(IllegalTransitionError):
        endings.retry(studio.house, caller, again.generation.id)


@pytest.mark.parametrize(
    "situation", ["queued", "planned", "planned, takes due", "generating", "one rendered"]
)
def test_an_administrator_gives_up_a_stuck_generation_and_everything_returns(
    studio: Studio, situation: str
) -> None:
    caller = studio.person(credits_granted=100)
    admin = studio.person(role=Role.ADMIN, colleague_of=caller)
    view = SITUATIONS[situation][0](studio, caller, MASTER)

    endings.fail_as_admin(studio.house, admin, view.generation.id, reason="The provider is down.")
    studio.clock.turn(timedelta(minutes=1))
    studio.work_off()

    found = studio.see(view.generation.id)
    assert found.generation.state is GenerationState.FAILED
    assert {take.state for take in found.takes} == {TakeState.FAILED}
    assert studio.balance(caller) == (100, 0)
    assert studio.under_way(caller) == (0, 0)
    assert studio.count("work") == 0
    assert studio.rows("SELECT state FROM attempts WHERE state IN ('intent', 'accepted')") == []
    assert studio.one(
        "SELECT words FROM audit_reasons JOIN audit_entries ON id = entry_id WHERE action = 'generation.fail'"
    ) == ("The provider is down.")


def test_with_a_stored_take_an_administrator_cancels_instead(studio: Studio) -> None:
    caller = studio.person(credits_granted=100)
    admin = studio.person(role=Role.ADMIN, colleague_of=caller)
    view = part_stored(studio, caller, MASTER)

    with pytest.raises(ConflictError):
        endings.fail_as_admin(studio.house, admin, view.generation.id, reason="r")
    endings.cancel_as_admin(studio.house, admin, view.generation.id, reason="r")

    assert studio.finish(view).generation.state is GenerationState.CANCELLED
    assert studio.balance(caller) == (90, 0)


def test_an_operator_reaches_every_workspace_and_an_editor_administers_nothing(studio: Studio) -> None:
    caller, operator = studio.person(), studio.person(is_operator=True)
    view = studio.ask(caller, DRAFT)

    with pytest.raises(ForbiddenError):
        endings.fail_as_admin(studio.house, caller, view.generation.id, reason="r")
    endings.fail_as_admin(studio.house, operator, view.generation.id, reason="r")

    assert studio.see(view.generation.id).generation.state is GenerationState.FAILED


@pytest.mark.parametrize("situation", [name for name in SITUATIONS if name != "queued"])
def test_a_generation_whose_own_step_breaks_for_good_keeps_what_is_stored_and_makes_no_more(
    studio: Studio, situation: str
) -> None:
    caller = studio.person(credits_granted=100)
    arrange, _ = SITUATIONS[situation]
    view = arrange(studio, caller, MASTER)
    sent = len(studio.upstream.submitted)
    stored = sum(take.state is TakeState.STORED for take in studio.see(view.generation.id).takes)
    studio.clock.turn(timedelta(minutes=1))
    claim = stepping.claim(studio.house, view.generation.id)
    assert claim is not None

    endings.fail_broken(studio.house, claim, slug="internal", detail="It broke.")
    studio.upstream.slow_seeds = set()
    for _ in range(5):
        studio.work_off()
        studio.clock.turn(timedelta(minutes=1))

    found = studio.see(view.generation.id)
    assert found.generation.state == ("ready" if stored else "failed")
    assert len(studio.upstream.submitted) == sent
    assert sum(take.charged for take in found.takes) == stored
    assert studio.balance(caller) == (100 - stored * EACH, 0)
    assert studio.count("work") == 0
