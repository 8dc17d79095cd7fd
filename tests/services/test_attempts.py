"""POSTs to a provider: sent once, never guessed at, and never forgotten by whoever was asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from plugin_backend.db.rows import AttemptRow
from plugin_backend.domain.brief import Kind, Resolution
from plugin_backend.domain.lifecycle import GenerationState, TakeState
from plugin_backend.domain.work import Claim, LeaseLostError
from plugin_backend.services import endings, stepping
from plugin_backend.services.making import attempts, hands, taking
from plugin_backend.services.making.attempts import GRACE, Ordered
from plugin_backend.services.making.hands import TakeInHand
from tests.domain.requests import asked
from tests.services.studio import Studio, with_brief
from tests.services.upstream import Upstream
from worker import steps
from worker.providers.protocol import (
    CannotList,
    InDoubt,
    Progress,
    Refused,
    Running,
    Shot,
    Submission,
    Whereabouts,
)

DRAFT = replace(with_brief(asked(), seed=100), takes=2)


@dataclass
class Unsure(Upstream):
    """Answers the first POSTs as scripted; `knows` says whether it has the shot all the same."""

    script: list[Submission] = field(default_factory=list)
    knows: bool = False
    lists: bool = True

    def submit(self, shot: Shot) -> Submission:
        if not self.script:
            return super().submit(shot)
        answer = self.script.pop(0)
        self.submitted.append(shot.take_id)
        if self.knows:
            self.shots[f"ref-{shot.token}"] = shot
        return answer

    def find(self, token: str, *, since: datetime | None = None) -> Whereabouts:
        return super().find(token, since=since) if self.lists else CannotList()

    def poll(self, refs: Sequence[str]) -> Mapping[str, Progress]:
        return super().poll(refs)


def _with(studio: Studio, upstream: Upstream) -> Studio:
    providers = {upstream.name: upstream}
    return replace(studio, upstream=upstream, runtime=replace(studio.runtime, providers=providers))


ONE = replace(DRAFT, takes=1)
ANIMATIC = Ordered(provider="animatic")


def test_a_post_whose_answer_was_lost_is_found_again_and_never_sent_twice(studio: Studio) -> None:
    studio = _with(studio, Unsure(script=[InDoubt("504")], knows=True))
    view = studio.finish(studio.ask(studio.person(), ONE))

    assert view.generation.state is GenerationState.READY
    assert len(studio.upstream.submitted) == 1
    assert studio.rows("SELECT state FROM attempts") == [("closed",)]


def test_a_post_that_never_arrived_is_sent_again_only_after_the_grace(studio: Studio) -> None:
    studio = _with(studio, Unsure(script=[InDoubt("timeout")]))
    began = studio.clock.moment
    view = studio.finish(studio.ask(studio.person(), ONE))

    assert view.generation.state is GenerationState.READY
    assert len(studio.upstream.submitted) == 2
    assert studio.clock.moment - began >= GRACE
    assert sorted(state for (state,) in studio.rows("SELECT state FROM attempts")) == ["closed", "lost"]


def test_where_nobody_can_be_asked_the_take_fails_and_costs_nothing(studio: Studio) -> None:
    studio = _with(studio, Unsure(script=[InDoubt("timeout")], lists=False))
    caller = studio.person(credits_granted=10)
    view = studio.finish(
        studio.ask(caller, with_brief(replace(ONE, kind=Kind.MASTER), resolution=Resolution.P1080))
    )

    assert view.generation.state is GenerationState.FAILED
    assert view.generation.failure is not None
    assert view.generation.failure["slug"] == "outcome-unknown"
    assert len(studio.upstream.submitted) == 1
    assert studio.balance(caller) == (10, 0)


def test_a_provider_that_is_busy_is_asked_again_and_one_that_refuses_for_good_is_not(studio: Studio) -> None:
    busy, final = Refused("rate-limited", "429", retryable=True), Refused("moderated", "No.")
    studio = _with(studio, Unsure(script=[busy, busy, final]))

    view = studio.finish(studio.ask(studio.person(), ONE))

    assert view.generation.failure is not None
    assert view.generation.failure["slug"] == "moderated"
    assert len(studio.upstream.submitted) == 3
    assert {state for (state,) in studio.rows("SELECT state FROM attempts")} == {"refused"}


def test_a_provider_that_is_always_busy_is_given_up_after_six_attempts(studio: Studio) -> None:
    busy: Submission = Refused("rate-limited", "429", retryable=True)
    studio = _with(studio, Unsure(script=[busy] * 20))

    view = studio.finish(studio.ask(studio.person(), ONE))

    assert view.generation.state is GenerationState.FAILED
    assert len(studio.upstream.submitted) == attempts.MAX_ATTEMPTS


def _mid_post(studio: Studio) -> tuple[Claim, TakeInHand, AttemptRow]:
    """A take's step, stopped between writing its intent and the provider's answer."""
    view = studio.ask(studio.person(), ONE)
    studio.step(view.generation.id)
    studio.step(view.generation.id)
    claim = stepping.claim(studio.house, view.takes[0].id)
    assert claim is not None
    hand = hands.look(studio.house, claim)
    assert hand is not None
    return claim, hand, attempts.intend(studio.house, claim, hand.take, ANIMATIC)


def _accept(studio: Studio, claim: Claim, hand: TakeInHand, attempt: AttemptRow) -> None:
    after = timedelta(seconds=1)
    attempts.accepted(studio.house, attempt, hand.take, provider_ref="ref-1", claim=claim, after=after)


def test_what_a_provider_took_is_written_even_by_a_step_that_lost_its_lease(studio: Studio) -> None:
    claim, hand, attempt = _mid_post(studio)
    studio.clock.turn(timedelta(minutes=1))
    assert stepping.claim(studio.house, hand.take.id) is not None

    _accept(studio, claim, hand, attempt)

    assert studio.rows("SELECT state, provider_ref FROM attempts") == [("accepted", "ref-1")]
    assert takes_state(studio, hand.take.id) == (TakeState.SUBMITTED, "ref-1")


def test_what_a_provider_took_after_the_take_was_given_up_is_remembered(studio: Studio) -> None:
    claim, hand, attempt = _mid_post(studio)
    operator = studio.person(is_operator=True)
    endings.fail_as_admin(studio.house, operator, hand.generation.id, reason="stuck")

    _accept(studio, claim, hand, attempt)

    assert studio.rows("SELECT state, provider_ref FROM attempts") == [("closed", "ref-1")]
    assert takes_state(studio, hand.take.id) == (TakeState.FAILED, None)


def test_a_second_intent_is_refused_while_one_is_open(studio: Studio) -> None:
    claim, hand, _ = _mid_post(studio)

    with pytest.raises(Exception, match="uq_attempts_one_open"):
        attempts.intend(studio.house, claim, hand.take, ANIMATIC)


def takes_state(studio: Studio, take_id: str) -> tuple[str, str | None]:
    ((state, reference),) = studio.rows("SELECT state, provider_ref FROM takes WHERE id = :id", id=take_id)
    return state, reference


def test_a_step_that_lost_its_lease_writes_nothing_of_what_it_saw(studio: Studio) -> None:
    view = studio.ask(studio.person(), ONE)
    studio.upstream.slow_seeds = {100}
    studio.work_off()
    studio.clock.turn(timedelta(seconds=5))
    claim = stepping.claim(studio.house, view.takes[0].id)
    assert claim is not None
    hand = hands.look(studio.house, claim)
    assert hand is not None
    studio.clock.turn(timedelta(minutes=1))
    assert stepping.claim(studio.house, view.takes[0].id) is not None
    before = studio.everything()

    acts: list[Callable[[], None]] = [
        lambda: taking.progressed(studio.house, claim, hand, progress=0.9, after=timedelta(0)),
        lambda: taking.rendered(studio.house, claim, hand, outputs={}),
        lambda: taking.cancelled(studio.house, claim, hand),
        lambda: taking.stopped(studio.house, claim, hand, charged=True),
        lambda: taking.failed(studio.house, claim, hand, slug="s", detail="d"),
        lambda: taking.wait(studio.house, claim, after=timedelta(0)),
    ]
    for act in acts:
        with pytest.raises(LeaseLostError):
            act()

    assert studio.everything() == before


def test_a_take_of_a_provider_this_worker_lacks_fails_with_its_name(studio: Studio) -> None:
    studio = replace(studio, runtime=replace(studio.runtime, providers={}))

    view = studio.finish(studio.ask(studio.person(), ONE))

    assert view.takes[0].failure is not None
    assert "animatic is not configured" in view.takes[0].failure["detail"]


def test_progress_is_shown_and_a_step_that_breaks_is_tried_again_then_given_up(studio: Studio) -> None:
    class Broken(Upstream):
        def poll(self, refs: Sequence[str]) -> Mapping[str, Progress]:
            if len(polls) == 0:
                polls.append("once")
                return dict.fromkeys(refs, Running(0.25))
            raise RuntimeError("a bug of ours")

    polls: list[str] = []
    studio = _with(studio, Broken())
    view = studio.ask(studio.person(), ONE)
    studio.work_off()
    studio.clock.turn(timedelta(seconds=2))
    studio.work_off()
    assert studio.see(view.generation.id).takes[0].progress == 0.25

    found = studio.finish(view)

    assert found.takes[0].failure is not None
    assert found.takes[0].failure["slug"] == "internal"
    assert "a bug of ours" not in str(found.takes[0].failure)
    assert steps.advance(studio.runtime, found.takes[0].id) is False
