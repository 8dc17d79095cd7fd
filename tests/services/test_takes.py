"""Takes: sent once, mastered from the same seed, and never forgotten by whoever was asked to make them."""

from dataclasses import replace

import pytest

from plugin_backend.domain.brief import DynamicRange, Kind, Resolution
from plugin_backend.domain.callers import Role
from plugin_backend.domain.delivering.delivery import DeliveryRequest, Host
from plugin_backend.domain.errors import (
    ConflictError,
    ForbiddenError,
    InsufficientCreditsError,
    NotFoundError,
    PriceChangedError,
)
from plugin_backend.domain.lifecycle import GenerationState
from plugin_backend.services import endings, takes
from plugin_backend.services.takes import MasterRequest
from tests.domain.requests import SEQUENCE, asked
from tests.services.studio import Studio, keyed, with_brief

DRAFT = replace(with_brief(asked(), seed=100), takes=2)


def test_a_master_is_the_same_shot_and_seed_at_the_masters_size(studio: Studio) -> None:
    caller = studio.person(credits_granted=100)
    draft = studio.finish(studio.ask(caller, replace(DRAFT, label="SH010")))

    master = takes.master(studio.house, caller, draft.takes[1].id, MasterRequest()).views[0]

    brief = master.generation.request["brief"]
    assert master.generation.kind is Kind.MASTER
    assert master.generation.from_take_id == draft.takes[1].id
    assert [take.seed for take in master.takes] == [101]
    assert brief["prompt"] == DRAFT.brief.prompt
    assert (brief["resolution"], brief["dynamic_range"]) == ("1080p", "hdr")
    assert master.generation.label == "SH010"
    assert (master.generation.credits_held, master.generation.draft_units) == (10, 0)
    assert studio.finish(master).generation.state is GenerationState.READY
    assert studio.balance(caller) == (90, 0)


def test_a_master_is_made_as_it_is_asked_for(studio: Studio) -> None:
    caller = studio.person(credits_granted=100)
    draft = studio.finish(studio.ask(caller, DRAFT))
    wanted = MasterRequest(
        resolution=Resolution.P2160,
        dynamic_range=DynamicRange.SDR,
        exr=True,
        sequence=SEQUENCE,
        deliver_to=DeliveryRequest(host=Host.NUKE),
        label="final",
        max_credits=40,
    )

    made = takes.master(studio.house, caller, draft.takes[0].id, wanted).views[0].generation

    assert made.credits_held == 40
    assert made.request["brief"]["resolution"] == "2160p"
    assert made.request["sequence"] == SEQUENCE.to_json()
    assert made.request["deliver_to"] == {"host": "nuke", "master_format": None}
    assert made.label == "final"


def test_a_master_over_its_price_or_without_credits_is_refused_whole(studio: Studio) -> None:
    caller = studio.person(credits_granted=39)
    draft = studio.finish(studio.ask(caller, DRAFT))
    before = studio.everything()
    dear = MasterRequest(resolution=Resolution.P2160)

    with pytest.raises(InsufficientCreditsError):
        takes.master(studio.house, caller, draft.takes[0].id, dear)
    with pytest.raises(PriceChangedError):
        takes.master(studio.house, caller, draft.takes[0].id, replace(dear, max_credits=39))

    assert studio.everything() == before


def test_only_a_stored_take_of_this_workspace_is_mastered(studio: Studio) -> None:
    caller, stranger = studio.person(credits_granted=100), studio.person(credits_granted=100)
    viewer = studio.person(role=Role.VIEWER, colleague_of=caller)
    studio.upstream.broken_seeds = {101}
    waiting = studio.ask(caller, DRAFT)
    with pytest.raises(ConflictError):
        takes.master(studio.house, caller, waiting.takes[0].id, MasterRequest())
    draft = studio.finish(waiting)

    for person, number, refusal in (
        (caller, 1, ConflictError),
        (stranger, 0, NotFoundError),
        (viewer, 0, ForbiddenError),
    ):
        with pytest.raises(refusal):
            takes.master(studio.house, person, draft.takes[number].id, MasterRequest())
    with pytest.raises(NotFoundError):
        takes.get(studio.house, stranger, draft.takes[0].id)


def test_a_replayed_master_is_the_first_one_even_after_its_draft_is_gone(studio: Studio) -> None:
    caller = studio.person(credits_granted=100)
    draft = studio.finish(studio.ask(caller, DRAFT))
    key = keyed(caller)
    first = takes.master(studio.house, caller, draft.takes[0].id, MasterRequest(), idempotency=key)
    studio.finish(first.views[0])
    endings.delete(studio.house, caller, draft.generation.id)

    again = takes.master(studio.house, caller, draft.takes[0].id, MasterRequest(), idempotency=key)

    assert again.replayed
    assert again.views[0].generation.id == first.views[0].generation.id
