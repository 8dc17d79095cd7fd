"""A draft becomes its master by the closest way that its model has."""

import pytest

from plugin_backend.domain.brief import Kind, Operation, Resolution
from plugin_backend.domain.catalogue import Catalogue
from plugin_backend.domain.making.promotion import Method, method_for, promoted
from plugin_backend.domain.money.pricing import price
from tests.domain.requests import asked

CATALOGUE = Catalogue.load()


@pytest.mark.parametrize(
    ("model", "draft", "size", "method"),
    [
        ("animatic", "animatic", "1080p", Method.SAME_SEED),
        ("animatic", "ray-3.2", "1080p", Method.RESUBMIT),
        ("ray-3.2", "ray-3.2", "1080p", Method.EDIT_SOURCE),
        ("ray-3.2", "animatic", "720p", Method.EDIT_SOURCE),
        ("ray-2", "ray-2", "2160p", Method.UPSCALE),
        ("ray-2", "ray-flash-2", "2160p", Method.KEYFRAMES),
        ("ray-2", "ray-2", "720p", Method.KEYFRAMES),
        ("ray-3-atlas", "ray-3-atlas", "1080p", Method.RESUBMIT),
    ],
)
def test_each_model_has_its_way(model: str, draft: str, size: str, method: Method) -> None:
    rows = CATALOGUE.model(model).promotion
    found = method_for(rows, draft_model=draft, resolution=Resolution(size), has_frames=True)
    assert found is method


def test_frames_that_were_not_kept_cannot_be_kept_to() -> None:
    rows = CATALOGUE.model("kling-3.0").promotion
    found = method_for(rows, draft_model="kling-3.0", resolution=Resolution.P1080, has_frames=False)
    assert found is Method.RESUBMIT


def test_the_partner_makes_the_masters_of_a_cheaper_models_drafts() -> None:
    assert CATALOGUE.master_of("ray-flash-2").id == "ray-2"
    assert CATALOGUE.master_of("ray-3.2").id == "ray-3.2"


def test_a_master_that_works_the_draft_over_costs_what_an_edit_does() -> None:
    model = CATALOGUE.model("ray-3.2")
    plain = asked(kind=Kind.MASTER, model="ray-3.2", resolution=Resolution.P1080)

    tied = promoted(plain, Method.EDIT_SOURCE, draft_take_id="take_1")

    assert tied.brief.operation is Operation.EDIT
    assert tied.brief.source is not None
    assert tied.brief.source.take_id == "take_1"
    assert (price(plain, model).credits_total, price(tied, model).credits_total) == (120, 216)
    assert promoted(plain, Method.KEYFRAMES, draft_take_id="take_1") is plain
