"""Routing: the next model is tried only when the first certainly did not start, at that one's own price."""

from dataclasses import replace
from typing import Any

import pytest

from plugin_backend.db.generations import GenerationView
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.lifecycle import GenerationState, TakeState
from plugin_backend.services import endings
from plugin_backend.services.making.attempts import MAX_ATTEMPTS
from tests.services.remote import PRICE, RAY_32, Remote, far, settle
from tests.services.studio import Studio
from worker.providers.protocol import Broken, InDoubt, Refused

OUT_OF_MONEY = Refused("provider-failed", "luma refused it (HTTP 402)", is_outage=True, request_id="lum-402")
BUSY = Refused("provider-failed", "luma is busy (HTTP 429)", retryable=True, retry_after_seconds=1)
CHEAPER, DEARER = 14, 40
"""What the same shot costs on ray-flash-2 and on ray-2, both at luma-dream-machine."""


def _routed(
    studio: Studio, caller: Caller, *, takes: int = 1, fallback: str = "ray-flash-2"
) -> GenerationView:
    """A generation that may be made by ray-3.2 or, cheaper, by a model of another provider."""
    return studio.ask(caller, replace(RAY_32, takes=takes, fallback_models=(fallback,)))


def _run(studio: Studio, luma: Remote) -> tuple[Studio, Caller, GenerationView, Remote]:
    other = Remote("luma-dream-machine")
    studio = far(studio, luma, other)
    caller = studio.person(credits_granted=100)
    view = settle(studio, _routed(studio, caller))
    return studio, caller, view, other


def test_a_model_whose_account_is_out_of_money_gives_way_to_the_next_at_that_ones_price(
    studio: Studio,
) -> None:
    studio, caller, view, other = _run(studio, Remote(answers=[OUT_OF_MONEY]))

    (take,) = view.takes
    assert view.generation.state is GenerationState.READY
    assert (take.model, take.credits, take.choice) == ("ray-flash-2", CHEAPER, 1)
    assert take.provider == "luma-dream-machine"
    assert [shot.request.brief.model for shot in other.posts] == ["ray-flash-2"]
    assert studio.balance(caller) == (100 - CHEAPER, 0)


def test_the_trace_and_the_receipt_say_who_gave_way_to_whom_and_why(studio: Studio) -> None:
    studio, caller, view, _ = _run(studio, Remote(answers=[OUT_OF_MONEY]))

    receipt = studio.receipt(caller, view.generation.id)

    (fallback,) = receipt.fallbacks
    assert (fallback["fallback_from"], fallback["fallback_to"]) == ("ray-3.2", "ray-flash-2")
    assert "HTTP 402" in fallback["why"]
    refused, accepted = sorted(receipt.attempts, key=lambda each: each.provider)
    assert (refused.state, refused.request_id, refused.billed) == ("refused", "lum-402", False)
    assert (accepted.model, accepted.credits_at_risk) == ("ray-flash-2", CHEAPER)
    assert receipt.why == f"1 of 1 takes were stored, {CHEAPER} credits each; the rest returned."


def test_passing_trouble_is_waited_out_before_the_next_model_is_tried_and_counts_anew_there(
    studio: Studio,
) -> None:
    luma = Remote(answers=[BUSY] * 50)
    studio, _, view, other = _run(studio, luma)

    assert len(luma.posts) == MAX_ATTEMPTS
    assert len(other.posts) == 1
    assert view.takes[0].provider == "luma-dream-machine"


@pytest.mark.parametrize("slug", ["moderated", "invalid-input"])
def test_what_is_wrong_with_the_request_is_wrong_with_every_model_and_final(
    studio: Studio, slug: str
) -> None:
    refusal = Refused(slug, "luma moderated it: the first frame shows a brand", request_id="lum-1")
    studio, caller, view, other = _run(studio, Remote(answers=[refusal]))

    assert view.generation.failure == {"slug": slug, "detail": refusal.detail, "retryable": False}
    assert other.posts == []
    assert studio.balance(caller) == (100, 0)


@pytest.mark.parametrize("lists", [True, False])
def test_a_post_in_doubt_is_never_followed_by_one_elsewhere_while_it_may_exist(
    studio: Studio,
    lists: bool,  # noqa: FBT001 - a case of the table
) -> None:
    luma = Remote(answers=[InDoubt("504 from a gateway")], hears=True, lists=lists)
    studio, caller, view, other = _run(studio, luma)

    assert other.posts == []
    assert len(luma.posts) == 1
    assert view.takes[0].state == (TakeState.STORED if lists else TakeState.FAILED)
    assert studio.balance(caller) == ((100 - PRICE, 0) if lists else (100, 0))


def test_what_a_provider_accepted_and_broke_is_not_made_elsewhere(studio: Studio) -> None:
    luma = Remote(fate=Broken("provider-failed", "The model gave up.", retryable=True))
    studio, caller, view, other = _run(studio, luma)

    assert other.posts == []
    assert view.generation.failure is not None
    assert view.generation.failure["retryable"] is True
    assert studio.balance(caller) == (100, 0)


def test_a_provider_without_its_key_on_this_worker_gives_way_too(studio: Studio) -> None:
    other = Remote("luma-dream-machine")
    studio = far(studio, Remote(), other)
    here = {name: each for name, each in studio.runtime.providers.items() if name != "luma"}
    studio = replace(studio, runtime=replace(studio.runtime, providers=here))

    view = settle(studio, _routed(studio, studio.person(credits_granted=100)))

    assert view.takes[0].provider == "luma-dream-machine"


def test_nobody_wants_the_next_model_once_it_was_cancelled(studio: Studio) -> None:
    luma, other = Remote(answers=[BUSY] * 50), Remote("luma-dream-machine")
    studio = far(studio, luma, other)
    caller = studio.person(credits_granted=100)
    view = _routed(studio, caller)
    studio.step(view.generation.id)
    studio.step(view.generation.id)
    studio.step(view.takes[0].id)
    endings.cancel(studio.house, caller, view.generation.id)

    found = settle(studio, view)

    assert found.generation.state is GenerationState.CANCELLED
    assert other.posts == []
    assert studio.balance(caller) == (100, 0)


def test_every_take_is_charged_at_the_price_of_the_model_that_made_it(studio: Studio) -> None:
    luma, other = Remote(answers=[OUT_OF_MONEY]), Remote("luma-dream-machine")
    studio = far(studio, luma, other)
    caller = studio.person(credits_granted=100)
    view = _routed(studio, caller, takes=3)

    found = settle(studio, view)

    assert sorted(_prices(found)) == [CHEAPER, PRICE, PRICE]
    assert studio.balance(caller) == (100 - 2 * PRICE - CHEAPER, 0)
    assert f"{CHEAPER}" in studio.receipt(caller, view.generation.id).why
    assert studio.receipt(caller, view.generation.id).credits_returned == PRICE - CHEAPER


def test_the_hold_covers_the_dearest_model_and_returns_what_it_was_not_needed_for(studio: Studio) -> None:
    studio = far(studio, Remote(), Remote("luma-dream-machine"))
    caller = studio.person(credits_granted=100)

    view = _routed(studio, caller, fallback="ray-2")

    assert studio.balance(caller) == (100 - DEARER, DEARER)
    settle(studio, view)
    assert studio.balance(caller) == (100 - PRICE, 0)


def _prices(view: GenerationView) -> list[Any]:
    return [take.credits for take in view.takes]
