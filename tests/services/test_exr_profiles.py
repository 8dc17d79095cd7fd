"""How EXR frames are stored: asked with a delivery or with the generation it is made of, kept in the plan."""

from dataclasses import replace

import pytest

from plugin_backend.domain.delivering.conform_plan import ConformPlan
from plugin_backend.domain.delivering.delivery import DeliveryRequest, Host
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat, ExrProfile
from plugin_backend.domain.errors import ValidationFailedError
from plugin_backend.services import deliveries
from plugin_backend.services.delivering.delivery_plans import check_deliver_to, delivery_request
from tests.domain.requests import SEQUENCE, asked
from tests.services.studio import Studio


@pytest.mark.parametrize(
    ("wanted", "planned"),
    [(None, ExrProfile.PIZ), (ExrProfile.DWAB, ExrProfile.DWAB), (ExrProfile.ST2065_4, ExrProfile.ST2065_4)],
)
def test_a_delivery_s_plan_keeps_the_profile_for_its_frames_alone(
    studio: Studio, wanted: ExrProfile | None, planned: ExrProfile
) -> None:
    caller = studio.person()
    take = studio.finish(studio.ask(caller, asked())).takes[0]
    request = DeliveryRequest(host=Host.NUKE, sequence=SEQUENCE, exr_profile=wanted)
    view, _ = deliveries.request(studio.house, caller, take.id, request)

    assert view.delivery.request["exr_profile"] == wanted
    assert view.delivery.plan is not None
    plan = ConformPlan.from_json(view.delivery.plan["plan"])
    assert [output.exr_profile for output in plan.outputs] == [planned, None]


def test_deliver_to_takes_one_too_and_refuses_it_by_its_field() -> None:
    wish = replace(
        asked(), sequence=SEQUENCE, deliver_to=DeliveryRequest(host=Host.NUKE, exr_profile=ExrProfile.ZIPS)
    )
    check_deliver_to(wish, memory_mb=2560)
    assert delivery_request(wish).exr_profile is ExrProfile.ZIPS

    wrong = (
        (DeliveryFormat.EXR_ACESCG, ExrProfile.ST2065_4),
        (DeliveryFormat.PRORES_4444, ExrProfile.PIZ),
    )
    for format_, profile in wrong:
        wish = replace(
            wish, deliver_to=DeliveryRequest(host=Host.NUKE, master_format=format_, exr_profile=profile)
        )
        with pytest.raises(ValidationFailedError) as refusal:
            check_deliver_to(wish, memory_mb=2560)
        assert [problem.pointer for problem in refusal.value.problems] == ["/deliver_to/exr_profile"]
