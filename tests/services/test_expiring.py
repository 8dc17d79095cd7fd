"""Credits that expire, on the real books; and credits passed on, whoever else does so at the same moment."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from plugin_backend.domain.brief import Kind
from plugin_backend.domain.callers import Caller, Role
from plugin_backend.domain.errors import BackendError, ConflictError, ValidationFailedError
from plugin_backend.domain.money.credit_lots import Share
from plugin_backend.services import credits
from plugin_backend.services.keeping import tidying
from plugin_backend.services.money import expiring, transfers
from plugin_backend.services.money.transfers import Transfer
from plugin_backend.services.running import auditing
from tests.domain.requests import asked
from tests.services.studio import NOON, Studio, at_once, keyed
from tests.services.violations import VIOLATIONS

DAY = timedelta(days=1)


def grant(studio: Studio, caller: Caller, amount: int, *, days: int) -> str:
    return credits.change(
        studio.house,
        actor=None,
        user_id=caller.user_id,
        amount=amount,
        reason="For a while",
        expires_at=studio.clock.moment + days * DAY,
    ).id


def books_add_up(studio: Studio) -> bool:
    return not any(count for _, count in studio.rows(VIOLATIONS)) and not tidying.unbalanced_accounts(
        studio.house
    )


def test_what_is_left_at_the_end_is_taken_back_once_and_what_is_held_is_not(studio: Studio) -> None:
    caller = studio.person(credits_granted=3)
    lot = grant(studio, caller, 30, days=1)
    running = studio.ask(caller, asked(kind=Kind.MASTER))
    held = running.generation.credits_held
    assert 0 < held < 30

    studio.clock.turn(DAY)
    tidying.tidy(studio.house)
    assert studio.balance(caller) == (3, held)
    assert expiring.mine(studio.house, caller)[0].share == Share(held=held, expired=30 - held)
    tidying.tidy(studio.house)
    assert studio.balance(caller) == (3, held)

    done = studio.finish(running)
    cost = done.generation.credits_settled or 0
    tidying.tidy(studio.house)

    assert studio.balance(caller) == (3, 0)
    assert expiring.mine(studio.house, caller) == ()
    taken = studio.one(
        "SELECT -sum(available_delta) FROM ledger_entries JOIN credit_expiries ON entry_id = id"
        " WHERE lot_id = :lot",
        lot=lot,
    )
    assert taken + cost == 30
    assert books_add_up(studio)
    told = [event for event in studio.told(caller) if event.type == "credits.expired"]
    assert {event.data["grant_id"] for event in told} == {lot}
    assert all(chain.flaw is None for chain in auditing.verify(studio.house))


def test_many_clocks_take_back_once(studio: Studio) -> None:
    callers = [studio.person(credits_granted=1) for _ in range(3)]
    for caller in callers:
        grant(studio, caller, 10, days=1)
        grant(studio, caller, 20, days=2)
    studio.clock.turn(DAY)

    taken = at_once(4, lambda _: expiring.expire(studio.house))

    assert sum(taken) == 30
    assert [studio.balance(caller) for caller in callers] == [(21, 0)] * 3
    assert studio.count("credit_checkpoints") == 3
    studio.clock.turn(DAY)
    assert expiring.expire(studio.house) == 60
    assert studio.count("credit_checkpoints") == 0
    assert books_add_up(studio)


@pytest.mark.parametrize("amount", [5, -5])
def test_an_end_is_still_to_come_and_of_a_grant(studio: Studio, amount: int) -> None:
    caller = studio.person(credits_granted=10)
    ends = NOON if amount > 0 else NOON + DAY
    with pytest.raises(ValidationFailedError, match="/expires_at"):
        credits.change(
            studio.house, actor=None, user_id=caller.user_id, amount=amount, reason="why", expires_at=ends
        )
    assert studio.balance(caller) == (10, 0)


def test_credits_are_passed_on_by_two_entries_that_name_each_other(studio: Studio) -> None:
    giver = studio.person(credits_granted=50)
    taker = studio.person(colleague_of=giver)
    admin = studio.person(role=Role.ADMIN, colleague_of=giver)
    grant(studio, giver, 5, days=1)
    wanted = Transfer(source=giver.user_id, target=taker.user_id, amount=20, reason="Their shot now")
    key = keyed(admin)

    taken, given = transfers.transfer(studio.house, admin, wanted, idempotency=key)
    again = transfers.transfer(studio.house, admin, wanted, idempotency=key)

    assert (taken.counterpart_id, given.counterpart_id) == (given.id, taken.id)
    assert (taken.available_delta, given.available_delta) == (-20, 20)
    assert [each.id for each in again] == [taken.id, given.id]
    assert (studio.balance(giver), studio.balance(taker)) == ((35, 0), (20, 0))

    pool = Transfer(source=taker.user_id, target=giver.workspace_id, amount=15, reason="For all")
    transfers.transfer(studio.house, admin, pool)
    with pytest.raises(ConflictError, match="30 are available for it, and 5 more that expire"):
        transfers.transfer(
            studio.house, admin, Transfer(source=giver.user_id, target=taker.user_id, amount=31, reason="all")
        )
    assert studio.balance(giver) == (35, 0)
    assert studio.one("SELECT available FROM accounts WHERE owner_kind = 'workspace'") == 15
    assert books_add_up(studio)


def test_nobody_passes_credits_out_of_reach(studio: Studio) -> None:
    giver, stranger = studio.person(credits_granted=50), studio.person()
    admin = studio.person(role=Role.ADMIN, colleague_of=giver)
    operator = studio.person(is_operator=True)
    abroad = Transfer(source=giver.user_id, target=stranger.user_id, amount=20, reason="abroad")

    for wanted in (abroad, Transfer(source=giver.user_id, target=giver.user_id, amount=1, reason="self")):
        with pytest.raises(ValidationFailedError, match="/to"):
            transfers.transfer(studio.house, admin, wanted)
    transfers.transfer(studio.house, operator, abroad)

    assert (studio.balance(giver), studio.balance(stranger)) == ((30, 0), (20, 0))


def test_transfers_to_and_fro_at_once_neither_lock_up_nor_lose_anything(studio: Studio) -> None:
    people = [studio.person(credits_granted=30)]
    people += [studio.person(colleague_of=people[0], credits_granted=30) for _ in range(2)]
    admin = studio.person(role=Role.ADMIN, colleague_of=people[0])

    def act(number: int) -> object:
        source, target = people[number % 3], people[(number + 1 + number // 3 % 2) % 3]
        wanted = Transfer(source=source.user_id, target=target.user_id, amount=11, reason="to and fro")
        return transfers.transfer(studio.house, admin, wanted)

    found = at_once(12, act)

    assert not [each for each in found if isinstance(each, OperationalError)]
    assert not [each for each in found if isinstance(each, Exception) and not isinstance(each, BackendError)]
    assert sum(studio.balance(person)[0] for person in people) == 90
    assert books_add_up(studio)
