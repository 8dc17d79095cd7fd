"""Whatever people, workers and administrators do in whatever order, the books add up after every step."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from plugin_backend.domain.brief import Direct, Kind, Resolution
from plugin_backend.domain.direction.evaluation import Defect, DefectKind, Evaluation
from plugin_backend.domain.direction.orders import Order, Verb
from plugin_backend.domain.errors import BackendError
from plugin_backend.domain.money.purses import SpendFrom
from plugin_backend.services import accounts, credits, endings, stepping, takes
from plugin_backend.services.director import evaluating, steering
from plugin_backend.services.keeping.tidying import unbalanced_accounts
from plugin_backend.services.money import expiring, pools
from plugin_backend.services.people import workspaces
from plugin_backend.services.takes import MasterRequest
from tests.domain.requests import asked
from tests.services.studio import Studio, with_brief
from tests.services.upstream import Upstream
from tests.services.violations import VIOLATIONS

# How the upstream treats a take, by its seed; the takes of one request count on from the first.
BROKEN = {200, 201, 202, 203}
SLOW = {300, 301, 302, 303}
SEEDS = st.sampled_from([100, 199, 200, 202, 299, 300])

CLEAN = Evaluation(adherence=(), defects=(), camera=(), move="static")
BLACK = replace(
    CLEAN,
    defects=(
        Defect(
            kind=DefectKind.BLACK,
            severity=1.0,
            at_seconds=(0.0,),
            measured=5.0,
            limit=0.0,
            unit="seconds",
            says="It is black.",
        ),
    ),
)


class Money(RuleBasedStateMachine):
    """One person with few credits, a part in a pool, few drafts and two places to run in."""

    studio: Studio
    generations = Bundle("generations")

    @initialize()
    def begin(self) -> None:
        upstream = Upstream(broken_seeds=set(BROKEN), slow_seeds=set(SLOW))
        runtime = replace(self.studio.runtime, providers={upstream.name: upstream})
        self.at = replace(self.studio, upstream=upstream, runtime=runtime)
        self.caller = self.at.person(draft_limit_per_day=8, max_concurrent=2)
        self.operator = self.at.person(is_operator=True)
        self.granted = 0
        self.pooled = 0

    @rule(amount=st.integers(1, 60))
    def grant(self, amount: int) -> None:
        self.at.grant(self.caller.user_id, amount)
        self.granted += amount

    @rule(amount=st.integers(1, 60), seconds=st.integers(1, 120))
    def grant_for_a_while(self, amount: int, seconds: int) -> None:
        ends = self.at.clock.moment + timedelta(seconds=seconds)
        user_id = self.caller.user_id
        credits.change(
            self.at.house, actor=None, user_id=user_id, amount=amount, reason="a while", expires_at=ends
        )
        self.granted += amount

    @rule()
    def expire(self) -> None:
        self.granted -= expiring.expire(self.at.house)

    @rule(amount=st.integers(1, 60))
    def take_away(self, amount: int) -> None:
        available = self.at.balance(self.caller)[0]
        try:
            credits.change(
                self.at.house, actor=None, user_id=self.caller.user_id, amount=-amount, reason="less"
            )
        except BackendError:
            assert amount > available
        else:
            assert amount <= available
            self.granted -= amount

    @rule(amount=st.integers(1, 60))
    def fill_the_pool(self, amount: int) -> None:
        pools.change(self.at.house, self.operator, self.caller.workspace_id, amount=amount, reason="more")
        self.pooled += amount

    @rule(spend_from=st.sampled_from(SpendFrom), cap=st.none() | st.integers(0, 60))
    def spend_otherwise(self, spend_from: SpendFrom, cap: int | None) -> None:
        changes = {"spend_from": spend_from, "member_cap": cap}
        workspaces.change(self.at.house, self.operator, self.caller.workspace_id, changes)

    @rule(days=st.sampled_from([1, 20]))
    def wait_for_days(self, days: int) -> None:
        self.at.clock.turn(timedelta(days=days))

    @rule(
        target=generations,
        kind=st.sampled_from(Kind),
        count=st.integers(1, 3),
        iterations=st.integers(0, 2),
        pause=st.booleans(),
        seed=SEEDS,
    )
    def ask(self, *, kind: Kind, count: int, iterations: int, pause: bool, seed: int) -> Any:
        wanted = with_brief(asked(kind=kind), seed=seed, resolution=Resolution.P540)
        direct = Direct(max_iterations=iterations if kind is Kind.DRAFT else 0, pause=pause)
        return self._accepted(lambda: self.at.ask(self.caller, replace(wanted, takes=count, direct=direct)))

    @rule(target=generations, generation_id=generations)
    def retry(self, generation_id: str) -> Any:
        return self._accepted(lambda: endings.retry(self.at.house, self.caller, generation_id).views[0])

    @rule(target=generations, generation_id=generations)
    def master(self, generation_id: str) -> Any:
        take_id = self.at.see(generation_id).takes[0].id
        return self._accepted(
            lambda: takes.master(self.at.house, self.caller, take_id, MasterRequest()).views[0]
        )

    @rule(generation_id=generations)
    def cancel(self, generation_id: str) -> None:
        self._perhaps(lambda: endings.cancel(self.at.house, self.caller, generation_id))

    @rule(generation_id=generations)
    def give_up(self, generation_id: str) -> None:
        self._perhaps(
            lambda: endings.fail_as_admin(self.at.house, self.operator, generation_id, reason="stuck")
        )

    @rule(generation_id=generations, verb=st.sampled_from(Verb))
    def tell(self, generation_id: str, verb: Verb) -> None:
        note = "slower" if verb is Verb.STEER else ""
        order = Order(verb=verb, note=note)
        self._perhaps(lambda: steering.tell(self.at.house, self.caller, generation_id, order))

    @rule(is_good=st.booleans())
    def look_at_a_take(self, *, is_good: bool) -> None:
        for subject_id in self._mine_due("evl")[:1]:
            claim = stepping.claim(self.at.house, subject_id)
            hand = None if claim is None else evaluating.look(self.at.house, claim)
            if claim is not None and hand is not None:
                evaluating.seen(self.at.house, claim, hand, CLEAN if is_good else BLACK)

    @rule(generation_id=generations)
    def delete(self, generation_id: str) -> None:
        self._perhaps(lambda: endings.delete(self.at.house, self.caller, generation_id))

    @rule(generation_id=generations)
    def break_its_step(self, generation_id: str) -> None:
        claim = stepping.claim(self.at.house, generation_id)
        if claim is not None:
            endings.fail_broken(self.at.house, claim, slug="internal", detail="It broke.")

    @rule(which=st.integers(0, 50))
    def step(self, which: int) -> None:
        due = self._mine_due()
        if due:
            self.at.step(due[which % len(due)])

    @rule()
    def work_off(self) -> None:
        for subject_id in self._mine_due("gen|take"):
            self.at.step(subject_id)

    @rule(seconds=st.sampled_from([1, 3, 11, 90]))
    def wait(self, seconds: int) -> None:
        self.at.clock.turn(timedelta(seconds=seconds))

    @rule(bills=st.booleans())
    def change_the_upstream(self, *, bills: bool) -> None:
        self.at.upstream.bills_cancelled = bills
        self.at.upstream.slow_seeds.clear()

    @invariant()
    def the_books_add_up(self) -> None:
        found = {name: count for name, count in self.at.rows(VIOLATIONS) if count}
        assert found == {}
        available, held = self.at.balance(self.caller)
        assert available + held == self.granted - self._settled("user")
        assert min(available, held) >= 0
        pool = workspaces.get(self.at.house, self.operator, self.caller.workspace_id)
        assert pool.pool_available + pool.pool_held == self.pooled - self._settled("workspace")

    def teardown(self) -> None:
        """Left alone, everything ends, and nothing stays held."""
        if not hasattr(self, "caller"):
            return
        self.at.upstream.slow_seeds.clear()
        for _ in range(60):
            if self.at.under_way(self.caller) == (0, 0):
                break
            self._answer_all()
            for subject_id in self._mine_due():
                self.at.step(subject_id)
            self.at.clock.turn(timedelta(seconds=3))
        assert self.at.under_way(self.caller) == (0, 0)
        assert self.at.balance(self.caller)[1] == 0
        self.the_books_add_up()
        assert unbalanced_accounts(self.at.house) == []
        self.at.clock.turn(timedelta(seconds=120))
        self.expire()
        assert expiring.mine(self.at.house, self.caller) == ()
        self.the_books_add_up()

    def _settled(self, kind: str) -> int:
        """What one of the two accounts has paid."""
        paid = (
            "SELECT coalesce(sum(credits_settled), 0) FROM generations g"
            " JOIN accounts a ON a.id = g.account_id WHERE g.owner_id = :id AND a.owner_kind = :kind"
        )
        return int(self.at.one(paid, id=self.caller.user_id, kind=kind))

    def _answer_all(self) -> None:
        query = "SELECT id FROM generations WHERE state = 'paused' AND owner_id = :id"
        for (generation_id,) in self.at.rows(query, id=self.caller.user_id):
            steering.tell(self.at.house, self.caller, generation_id, Order(verb=Verb.STOP))

    def _mine_due(self, kinds: str = "gen|take|evl") -> list[str]:
        mine = self.at.rows(
            "SELECT subject_id FROM work WHERE owner_id = :id AND next_at <= :now AND lease IS NULL"
            " AND subject_id ~ :kinds ORDER BY next_at, subject_id",
            id=self.caller.user_id,
            now=self.at.clock.moment,
            kinds=f"^({kinds})_",
        )
        return [subject_id for (subject_id,) in mine]

    def _accepted(self, act: Any) -> Any:
        """The id of what was accepted, within its purse; a refusal changes nothing and adds nothing."""
        before, purse = self.at.everything(), accounts.me(self.at.house, self.caller).purse
        try:
            row = act().generation
        except BackendError:
            assert self.at.everything() == before
            return multiple()
        assert row.credits_held <= purse.most_at_once
        return row.id

    def _perhaps(self, act: Any) -> None:
        before = self.at.everything()
        try:
            act()
        except BackendError:
            assert self.at.everything() == before


def test_the_books_add_up_whatever_happens_in_whatever_order(studio: Studio) -> None:
    class Machine(Money):
        pass

    Machine.studio = studio
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
