"""Deleting: a tombstone that keeps its receipt, refused while something is made of it, and final."""

from collections.abc import Callable

import pytest

from plugin_backend.db.generations import GenerationView
from plugin_backend.domain.brief import Resolution
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.delivering.delivery import DeliveryRequest
from plugin_backend.domain.errors import (
    ConflictError,
    GoneError,
    NotFoundError,
)
from plugin_backend.domain.work import STEP_LEASE
from plugin_backend.services import deliveries, endings, generations, takes
from plugin_backend.services.takes import MasterRequest
from tests.services.situations import DRAFT, MASTER, SITUATIONS
from tests.services.studio import Studio


def test_a_deleted_generation_is_a_tombstone_with_its_receipt(studio: Studio) -> None:
    caller = studio.person(credits_granted=100)
    view = studio.finish(studio.ask(caller, MASTER))
    keys = [f"takes/{take.id}/proxy.mp4" for take in view.takes]
    for key in keys:
        studio.house.storage.put_bytes(key, b"proxy")

    endings.delete(studio.house, caller, view.generation.id)
    studio.work_off()

    with pytest.raises(NotFoundError):
        generations.get(studio.house, caller, view.generation.id)
    with pytest.raises(NotFoundError):
        endings.delete(studio.house, caller, view.generation.id)
    assert not any(studio.house.storage.exists(key) for key in keys)
    studio.house.storage.put_bytes(keys[0], b"a step that stood still goes on")
    _turn_past_strays(studio)
    assert not studio.house.storage.exists(keys[0])
    assert studio.receipt(caller, view.generation.id).generation.credits_settled == 30
    assert studio.balance(caller) == (70, 0)
    assert studio.count("work") == 0


def _turn_past_strays(studio: Studio) -> None:
    while studio.count("work"):
        studio.clock.turn(STEP_LEASE)
        studio.work_off()


@pytest.mark.parametrize("situation", SITUATIONS)
def test_an_unfinished_generation_is_not_deleted(studio: Studio, situation: str) -> None:
    caller = studio.person(credits_granted=100)
    view = SITUATIONS[situation][0](studio, caller, DRAFT)

    with pytest.raises(ConflictError):
        endings.delete(studio.house, caller, view.generation.id)


def _master_of(studio: Studio, caller: Caller, view: GenerationView) -> str:
    wanted = MasterRequest(resolution=Resolution.P1080)
    return takes.master(studio.house, caller, view.takes[0].id, wanted).views[0].generation.id


def _delivery_of(studio: Studio, caller: Caller, view: GenerationView) -> str:
    return deliveries.request(studio.house, caller, view.takes[0].id, DeliveryRequest())[0].delivery.id


def test_a_draft_is_not_deleted_while_a_master_of_it_is_unfinished(studio: Studio) -> None:
    caller = studio.person(credits_granted=100)
    draft = studio.finish(studio.ask(caller, DRAFT))
    master_id = _master_of(studio, caller, draft)

    with pytest.raises(ConflictError):
        endings.delete(studio.house, caller, draft.generation.id)
    endings.cancel(studio.house, caller, master_id)
    endings.delete(studio.house, caller, draft.generation.id)


def test_a_draft_is_not_deleted_while_a_delivery_of_it_is_unfinished(studio: Studio) -> None:
    caller = studio.person()
    draft = studio.finish(studio.ask(caller, DRAFT))
    delivery_id = _delivery_of(studio, caller, draft)

    with pytest.raises(ConflictError):
        endings.delete(studio.house, caller, draft.generation.id)
    deliveries.cancel(studio.house, caller, delivery_id)
    endings.delete(studio.house, caller, draft.generation.id)


Use = Callable[[Studio, Caller, GenerationView], object]
LATER_USES: dict[str, Use] = {
    "master": _master_of,
    "delivery": _delivery_of,
}


@pytest.mark.parametrize("use", LATER_USES)
def test_the_takes_of_a_deleted_generation_are_gone(studio: Studio, use: str) -> None:
    caller = studio.person(credits_granted=100)
    draft = studio.finish(studio.ask(caller, DRAFT))
    endings.delete(studio.house, caller, draft.generation.id)
    before = studio.everything()

    with pytest.raises(GoneError):
        LATER_USES[use](studio, caller, draft)

    assert studio.everything() == before


def test_a_failed_master_of_a_deleted_draft_is_not_retried(studio: Studio) -> None:
    caller = studio.person(credits_granted=100)
    draft = studio.finish(studio.ask(caller, DRAFT))
    master_id = _master_of(studio, caller, draft)
    operator = studio.person(is_operator=True)
    endings.fail_as_admin(studio.house, operator, master_id, reason="r")
    endings.delete(studio.house, caller, draft.generation.id)

    with pytest.raises(GoneError):
        endings.retry(studio.house, caller, master_id)
