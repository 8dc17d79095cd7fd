"""Credits that expire: whatever is granted, held, settled, taken and swept, each is spent or expires once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from plugin_backend.domain import ledger
from plugin_backend.domain.ledger import Movement
from plugin_backend.domain.money.credit_lots import Account, Lot, Posted, Share, replay

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
amounts = st.integers(1, 20)


class Expiry(RuleBasedStateMachine):
    """One account and its ledger; the sweep does what the clock does, told by the replay alone."""

    @initialize(opening=st.integers(0, 10))
    def begin(self, opening: int) -> None:
        self.available, self.held, self.hour = opening, 0, 0
        self.opening = opening
        self.entries: list[Posted] = []
        self.lots: list[Lot] = []
        self.closed: set[str] = set()
        self.open_holds: dict[str, int] = {}
        self.kept: Account | None = None

    def post(
        self,
        movement: Movement,
        *,
        generation_id: str | None = None,
        is_transfer: bool = False,
        expires: str | None = None,
    ) -> Posted:
        self.available += movement.available_delta
        self.held += movement.held_delta
        assert self.available >= 0
        assert self.held >= 0
        number = 3 * len(self.entries) + 10  # other accounts have the numbers between
        entry = Posted(
            id=f"led_{number}",
            number=number,
            kind=movement.kind,
            available_delta=movement.available_delta,
            held_delta=movement.held_delta,
            generation_id=generation_id,
            is_transfer=is_transfer,
            expires=expires,
        )
        self.entries.append(entry)
        return entry

    def open_lots(self) -> list[Lot]:
        return [lot for lot in self.lots if lot.entry_id not in self.closed]

    def now(self) -> Account:
        """As the service tells it: from what was kept last, or from the first open lot."""
        lots = self.open_lots()
        if self.kept is not None:
            account = Account.from_json(self.kept.number, self.kept.to_json())
        else:
            first = min((lot.number for lot in lots), default=10)
            before = [entry for entry in self.entries if entry.number < first]
            free = self.opening + sum(entry.available_delta for entry in before)
            account = Account(number=first - 1, rest=Share(free=free))
        return replay(account, lots, [entry for entry in self.entries if entry.number > account.number])

    def lasting(self) -> int:
        account = self.now()
        return self.available - sum(account.shares[lot.entry_id].free for lot in self.open_lots())

    @rule(amount=amounts, hours=st.none() | st.integers(1, 6))
    def grant(self, amount: int, hours: int | None) -> None:
        entry = self.post(ledger.grant(amount))
        if hours is not None:
            ends = NOON + timedelta(hours=self.hour + hours)
            self.lots.append(Lot(entry_id=entry.id, number=entry.number, amount=amount, expires_at=ends))

    @precondition(lambda self: self.available > 0)
    @rule(data=st.data())
    def hold(self, data: st.DataObject) -> None:
        amount = data.draw(st.integers(1, self.available))
        generation_id = f"gen_{len(self.entries)}"
        self.post(ledger.hold(amount), generation_id=generation_id)
        self.open_holds[generation_id] = amount

    @precondition(lambda self: self.open_holds)
    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        generation_id = data.draw(st.sampled_from(sorted(self.open_holds)))
        held = self.open_holds.pop(generation_id)
        self.post(ledger.settle(held, cost=data.draw(st.integers(0, held))), generation_id=generation_id)

    @precondition(lambda self: self.available > 0)
    @rule(data=st.data())
    def take(self, data: st.DataObject) -> None:
        self.post(ledger.adjust(-data.draw(st.integers(1, self.available))))

    @precondition(lambda self: self.lasting() > 0)
    @rule(data=st.data())
    def pass_on(self, data: st.DataObject) -> None:
        before = self.now()
        self.post(ledger.adjust(-data.draw(st.integers(1, self.lasting()))), is_transfer=True)
        assert self.now().shares == before.shares, "a transfer touches nothing that expires"

    @rule(hours=st.integers(1, 4))
    def wait(self, hours: int) -> None:
        self.hour += hours

    @rule()
    def sweep(self) -> None:
        account = self.now()
        due = [lot for lot in self.open_lots() if lot.expires_at <= NOON + timedelta(hours=self.hour)]
        for lot in due:
            left = account.shares[lot.entry_id].free
            if left:
                self.post(ledger.adjust(-left), expires=lot.entry_id)
        account = self.now()
        number = account.number
        for lot in due:
            self.lots = [
                replace(each, swept_number=each.swept_number or number) if each == lot else each
                for each in self.lots
            ]
            share = account.shares[lot.entry_id]
            assert share.free == 0
            if not share.held:
                assert share.spent + share.expired == lot.amount
                self.closed.add(lot.entry_id)
                del account.shares[lot.entry_id]
        self.kept = account if account.shares else None

    @invariant()
    def every_credit_is_somewhere(self) -> None:
        if not hasattr(self, "entries"):
            return
        account = self.now()
        shares = [account.shares[lot.entry_id] for lot in self.open_lots()]
        for lot, share in zip(self.open_lots(), shares, strict=True):
            assert min(share.free, share.held, share.spent, share.expired) >= 0
            assert share.free + share.held + share.spent + share.expired == lot.amount
        assert account.rest.free >= 0
        assert account.rest.free + sum(share.free for share in shares) == self.available

    def teardown(self) -> None:
        if not hasattr(self, "entries"):
            return
        for generation_id, held in list(self.open_holds.items()):
            self.post(ledger.settle(held, cost=held // 2), generation_id=generation_id)
        self.hour += 100
        self.sweep()
        assert self.open_lots() == []


TestExpiry = Expiry.TestCase
TestExpiry.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_what_expires_soonest_is_spent_first_and_returns_where_it_came_from() -> None:
    soon = Lot(entry_id="a", number=1, amount=5, expires_at=NOON)
    late = Lot(entry_id="b", number=2, amount=5, expires_at=NOON + timedelta(days=1))
    granted = (ledger.grant(5), ledger.grant(5), ledger.hold(8), ledger.settle(8, cost=6))
    entries = [
        Posted(
            id=name,
            number=number,
            kind=each.kind,
            available_delta=each.available_delta,
            held_delta=each.held_delta,
            generation_id="gen_1" if each.held_delta else None,
        )
        for number, (name, each) in enumerate(zip("abcd", granted, strict=True), start=1)
    ]

    found = replay(Account(number=0, rest=Share(free=7)), [late, soon], entries)

    assert found.shares == {"a": Share(spent=5), "b": Share(free=4, spent=1)}
    assert found.rest == Share(free=7)
