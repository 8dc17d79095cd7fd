"""From a picked draft to its master on a provider's model: the way is chosen, priced, sent and told."""

from dataclasses import replace

import pytest

from plugin_backend.domain.brief import Kind, Resolution
from plugin_backend.domain.errors import ValidationFailedError
from plugin_backend.domain.lifecycle import GenerationState
from plugin_backend.services import endings, takes
from plugin_backend.services.takes import MasterRequest
from tests.domain.requests import asked
from tests.services.remote import Remote, far, settle
from tests.services.studio import Studio
from worker.providers.protocol import Broken

DRAFT = asked(model="ray-3.2", resolution=Resolution.P360)
FLASH = asked(model="ray-flash-2", resolution=Resolution.P540)


def test_ray_works_the_draft_over_for_the_price_of_an_edit(studio: Studio) -> None:
    luma = Remote()
    studio = far(studio, luma)
    caller = studio.person(credits_granted=1000)
    draft = settle(studio, studio.ask(caller, DRAFT))

    made = takes.master(
        studio.house, caller, draft.takes[0].id, MasterRequest(resolution=Resolution.P720)
    ).views[0]
    ready = settle(studio, made)

    assert made.generation.credits_held == 216  # 5 s of HDR edit at 720p
    assert ready.generation.state is GenerationState.READY
    assert ready.generation.promotion == {
        "method": "edit-source",
        "draft_take_id": draft.takes[0].id,
        "draft_model": "ray-3.2",
        "similarity": None,
    }
    sent = luma.posts[-1]
    assert sent.continued is not None
    assert sent.continued.provider_ref == draft.takes[0].provider_ref
    assert sent.promotion is not None
    assert sent.promotion["draft_ref"] == draft.takes[0].provider_ref


def test_a_cheaper_models_draft_is_mastered_by_its_partner(studio: Studio) -> None:
    machine = Remote(name="luma-dream-machine")
    studio = far(studio, machine)
    caller = studio.person(credits_granted=2000)
    draft = settle(studio, studio.ask(caller, FLASH))

    wanted = MasterRequest(resolution=Resolution.P720)
    made = takes.master(studio.house, caller, draft.takes[0].id, wanted).views[0].generation

    assert (made.model, made.kind, made.credits_held) == ("ray-2", Kind.MASTER, 71)
    assert made.promotion is not None
    assert made.promotion["draft_model"] == "ray-flash-2"


def test_a_master_on_another_model_is_asked_for_by_name(studio: Studio) -> None:
    studio = far(studio, Remote(), Remote(name="luma-dream-machine"))
    caller = studio.person(credits_granted=2000)
    draft = settle(studio, studio.ask(caller, FLASH))
    take_id = draft.takes[0].id

    wanted = MasterRequest(model="ray-3.2", resolution=Resolution.P1080)
    made = takes.master(studio.house, caller, take_id, wanted).views[0].generation

    assert (made.model, made.credits_held) == ("ray-3.2", 432)  # 5 s of HDR edit at 1080p
    with pytest.raises(ValidationFailedError):
        takes.master(studio.house, caller, take_id, replace(wanted, model="ray-99"))


def test_a_failed_master_is_retried_in_the_same_way(studio: Studio) -> None:
    luma = Remote()
    studio = far(studio, luma)
    caller = studio.person(credits_granted=1000)
    draft = settle(studio, studio.ask(caller, DRAFT))
    luma.fate = Broken("provider-failed", "Not today.", retryable=True)
    wanted = MasterRequest(resolution=Resolution.P720)
    failed = settle(studio, takes.master(studio.house, caller, draft.takes[0].id, wanted).views[0])

    again = endings.retry(studio.house, caller, failed.generation.id).views[0].generation

    assert failed.generation.state is GenerationState.FAILED
    assert again.promotion == failed.generation.promotion
