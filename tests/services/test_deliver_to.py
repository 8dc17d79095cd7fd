"""What is asked for with a generation is delivered as if it had been asked for of its take."""

from dataclasses import replace

import pytest

from plugin_backend.domain.brief import Kind
from plugin_backend.domain.delivering.conform_plan import ConformPlan
from plugin_backend.domain.delivering.delivery import DeliveryRequest, Host, TimelineFile
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat, ExrProfile
from plugin_backend.domain.delivering.delivery_sound import Audio
from plugin_backend.domain.delivering.placing import Fit, Position
from plugin_backend.domain.delivering.retiming import Retime
from plugin_backend.domain.delivering.shapes import Shape
from plugin_backend.domain.errors import AssetNotReadyError, ConflictError, ValidationFailedError
from plugin_backend.services import assets, deliveries, quoting, takes
from plugin_backend.services.delivering.delivery_plans import planned
from plugin_backend.services.takes import MasterRequest
from tests.domain.requests import SEQUENCE, asked
from tests.services.recordings import recorded
from tests.services.studio import Studio

WISH = DeliveryRequest(host=Host.NUKE)
WISHES = {
    "placing": replace(WISH, fit=Fit.FILL, position=Position(x=0.2, y=0.8), retime=Retime.BLEND),
    "a part": replace(WISH, in_frame=10, out_frame=29, exr_profile=ExrProfile.DWAB, timeline=()),
    "frames": replace(WISH, frames=(3, 10, 11, 12), timeline=(TimelineFile.OTIO,)),
    "shapes": replace(WISH, host=Host.DOWNLOAD, shapes=(Shape.SQUARE, Shape.UPRIGHT)),
    "no proxy": replace(WISH, master_format=DeliveryFormat.PRORES_4444, proxy=False, audio=Audio.SILENT),
}


@pytest.mark.parametrize("wish", WISHES.values(), ids=WISHES)
def test_every_field_of_a_delivery_may_be_asked_for_beforehand(studio: Studio, wish: DeliveryRequest) -> None:
    caller = studio.person()
    made = studio.finish(studio.ask(caller, replace(asked(), sequence=SEQUENCE, deliver_to=wish)))
    (summary,) = made.deliveries

    found = deliveries.get(studio.house, caller, summary.id).delivery
    same = deliveries.request(studio.house, caller, made.takes[0].id, replace(wish, sequence=SEQUENCE))[
        0
    ].delivery

    assert DeliveryRequest.from_json(found.request) == replace(wish, sequence=SEQUENCE)
    assert found.plan is not None
    assert same.plan is not None
    assert ConformPlan.from_json(found.plan["plan"]) == ConformPlan.from_json(same.plan["plan"])


@pytest.mark.parametrize(
    ("wish", "roles"),
    [
        (WISH, ["master", "proxy"]),
        (replace(WISH, proxy=False), ["master"]),
        (replace(WISH, master_format=DeliveryFormat.PRORES_4444, proxy=False), ["master"]),
        (replace(WISH, master_format=DeliveryFormat.HEVC_HDR10, proxy=False), ["master", "proxy"]),
        (replace(WISH, shapes=(Shape.SQUARE,)), ["master"]),
    ],
)
def test_a_proxy_is_made_unless_it_is_not_wanted(
    studio: Studio, wish: DeliveryRequest, roles: list[str]
) -> None:
    caller = studio.person()
    take_id = studio.finish(studio.ask(caller, asked())).takes[0].id
    wanted = replace(wish, sequence=SEQUENCE)
    (plan,) = planned(deliveries.request(studio.house, caller, take_id, wanted)[0].delivery)
    assert [output.role for output in plan.outputs] == roles


REFUSED = {
    "/deliver_to/position": replace(WISH, position=Position()),
    "/deliver_to/out_frame": replace(WISH, in_frame=10, out_frame=500),
    "/deliver_to/frames/1": replace(WISH, frames=(3, 2)),
    "/deliver_to/shapes": replace(WISH, master_format=DeliveryFormat.PRORES_4444, shapes=(Shape.SQUARE,)),
    "/deliver_to/timeline/0": replace(WISH, host=Host.PHOTOSHOP, timeline=(TimelineFile.FCPXML,)),
    "/deliver_to/audio_gain_db": replace(WISH, audio=Audio.SILENT, audio_gain_db=3.0),
    "/deliver_to/proxy": replace(WISH, shapes=(Shape.SQUARE,), proxy=True),
    "/deliver_to/exr_profile": replace(WISH, host=Host.DOWNLOAD, exr_profile=ExrProfile.PIZ),
}


@pytest.mark.parametrize("pointer", REFUSED)
def test_what_could_not_be_delivered_is_refused_before_anything_is_made_or_quoted(
    studio: Studio, pointer: str
) -> None:
    caller = studio.person()
    wanted = replace(asked(), sequence=SEQUENCE, deliver_to=REFUSED[pointer])
    for ask in (lambda: studio.ask(caller, wanted), lambda: quoting.quote(studio.house, caller, wanted)):
        with pytest.raises(ValidationFailedError) as refusal:
            ask()
        assert [problem.pointer for problem in refusal.value.problems] == [pointer]
    assert studio.count("generations") == 0


def test_a_sound_of_ones_own_is_looked_for_at_once_and_kept_until_it_is_laid(studio: Studio) -> None:
    caller, stranger = studio.person(), studio.person()
    wanted = replace(asked(), sequence=SEQUENCE)
    heard = recorded(studio, caller)
    for asset_id in (recorded(studio, caller, kind="image"), recorded(studio, stranger), "ast_none"):
        with pytest.raises(ValidationFailedError) as refusal:
            studio.ask(caller, replace(wanted, deliver_to=replace(WISH, audio_asset_id=asset_id)))
        assert [each.pointer for each in refusal.value.problems] == ["/deliver_to/audio_asset_id"]
    unchecked = recorded(studio, caller, state="checking")
    with pytest.raises(AssetNotReadyError):
        studio.ask(caller, replace(wanted, deliver_to=replace(WISH, audio_asset_id=unchecked)))

    asking = studio.ask(caller, replace(wanted, deliver_to=replace(WISH, audio_asset_id=heard)))
    with pytest.raises(ConflictError):  # the generation is unfinished
        assets.delete(studio.house, caller, heard)
    (summary,) = studio.finish(asking).deliveries
    with pytest.raises(ConflictError):  # its delivery is
        assets.delete(studio.house, caller, heard)
    deliveries.cancel(studio.house, caller, summary.id)
    assets.delete(studio.house, caller, heard)


def test_a_master_is_delivered_as_its_own_request_says_else_as_its_draft_s(studio: Studio) -> None:
    caller = studio.person(credits_granted=1_000)
    draft = replace(asked(), sequence=SEQUENCE, deliver_to=WISHES["a part"])
    take_id = studio.finish(studio.ask(caller, draft)).takes[0].id
    for said, expected in ((None, WISHES["a part"]), (WISHES["frames"], WISHES["frames"])):
        (view,) = takes.master(studio.house, caller, take_id, MasterRequest(deliver_to=said)).views
        assert view.generation.kind is Kind.MASTER
        (summary,) = studio.finish(view).deliveries
        found = deliveries.get(studio.house, caller, summary.id).delivery
        assert DeliveryRequest.from_json(found.request) == replace(expected, sequence=SEQUENCE)
