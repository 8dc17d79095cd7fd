"""Who leaves: beside what others do in the same moment, and what of them stays with their colleagues."""

from datetime import timedelta

from sqlalchemy import text

from plugin_backend.db.generations import GenerationFilter
from plugin_backend.domain.callers import Caller, Role
from plugin_backend.domain.review import Approval
from plugin_backend.services import generations
from plugin_backend.services.keeping import erasing
from plugin_backend.services.money import transfers
from plugin_backend.services.money.transfers import Transfer
from plugin_backend.services.people import members, workspaces
from plugin_backend.services.reviewing import approvals, reviews
from plugin_backend.services.reviewing.approvals import Answer
from tests.api.words import WORD, rows_with_it
from tests.domain.requests import asked
from tests.services.studio import Studio, at_once


def _forget(studio: Studio, boss: Caller, leaver: Caller) -> None:
    """Have somebody forgotten, to the receipt."""
    erasing.erase_user(studio.house, boss, leaver.user_id, reason="They asked us to.")
    for _ in range(5):
        studio.clock.turn(timedelta(seconds=10))
        studio.work_off(("ers_",))
    assert studio.one("SELECT step FROM erasures WHERE owner_id = :id", id=leaver.user_id) == "done"


def test_an_owner_who_leaves_beside_another_who_steps_down_leaves_an_owner(studio: Studio) -> None:
    for _ in range(4):
        first = studio.person(role=Role.OWNER)
        second = studio.person(role=Role.OWNER, colleague_of=first)

        def act(turn: int, leaver: Caller = first, other: Caller = second) -> object:
            if turn == 0:
                return erasing.erase_user(studio.house, leaver, leaver.user_id, reason="Enough.")
            return members.change(studio.house, other, other.user_id, {"role": Role.EDITOR})

        results = at_once(2, act)

        assert sum(isinstance(each, Exception) for each in results) == 1, results
        owners = (
            "SELECT count(*) FROM users WHERE workspace_id = :id AND role = 'owner' AND disabled_at IS NULL"
        )
        assert studio.one(owners, id=first.workspace_id) == 1


def test_what_lasts_of_their_credits_stays_with_the_workspace(studio: Studio) -> None:
    boss = studio.person(role=Role.OWNER)
    leaver = studio.person(colleague_of=boss, credits_granted=300)

    _forget(studio, boss, leaver)

    assert workspaces.mine(studio.house, boss).pool_available == 300
    assert studio.balance(leaver) == (0, 0)


def test_no_words_about_them_are_left_on_the_other_side_of_a_transfer(studio: Studio) -> None:
    boss = studio.person(role=Role.OWNER)
    leaver = studio.person(colleague_of=boss, credits_granted=300)
    colleague = studio.person(colleague_of=boss)
    for target in (colleague.user_id, boss.workspace_id):
        wanted = Transfer(source=leaver.user_id, target=target, amount=10, reason=f"{WORD} has too many")
        transfers.transfer(studio.house, boss, wanted)
    back = Transfer(source=colleague.user_id, target=leaver.user_id, amount=1, reason=f"{WORD} gave too many")
    transfers.transfer(studio.house, boss, back)
    kept = Transfer(source=colleague.user_id, target=boss.user_id, amount=1, reason="Theirs.")
    transfers.transfer(studio.house, boss, kept)
    assert {"audit_reasons.words", "ledger_entries.reason"} <= rows_with_it(studio.url).keys()

    _forget(studio, boss, leaver)

    assert rows_with_it(studio.url) == {}
    assert studio.one("SELECT count(*) FROM ledger_entries WHERE reason = 'Theirs.'") == 2
    assert studio.one("SELECT count(*) FROM audit_reasons WHERE words = 'Theirs.'") == 2


def test_what_they_approved_is_approved_no_more_and_ages_again(studio: Studio) -> None:
    boss = studio.person(role=Role.OWNER)
    leaver = studio.person(colleague_of=boss)
    with studio.house.engine.begin() as connection:
        connection.execute(text("UPDATE plans SET draft_retention_days = 30"))
    view = studio.finish(studio.ask(boss, asked()))
    take_id, approved = view.takes[0].id, GenerationFilter(approval=Approval.APPROVED)
    approvals.give(studio.house, leaver, take_id, Answer(status=Approval.APPROVED, label="Director"))
    assert len(generations.find(studio.house, boss, approved)) == 1
    assert generations.get(studio.house, boss, view.generation.id).expires_at is None

    _forget(studio, boss, leaver)

    assert reviews.get(studio.house, boss, take_id).approval is None
    assert generations.find(studio.house, boss, approved) == ()
    assert generations.get(studio.house, boss, view.generation.id).expires_at is not None
