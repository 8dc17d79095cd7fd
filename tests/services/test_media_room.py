"""What the media processes have no memory for is refused when it is quoted or asked for, with what fits."""

from dataclasses import replace

import pytest

from plugin_backend.domain.brief import Kind, Resolution
from plugin_backend.domain.delivering.delivery import DeliveryRequest, Host
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat
from plugin_backend.domain.errors import ValidationFailedError
from plugin_backend.services import deliveries, generations, quoting
from tests.domain.requests import SEQUENCE, asked
from tests.services.studio import Studio, with_brief

SMALL_MB = 640
LARGE = DeliveryRequest(sequence=SEQUENCE, master_format=DeliveryFormat.HEVC_HDR10)


def _small(studio: Studio) -> Studio:
    """The same place, where a media process may take less."""
    return replace(studio, house=replace(studio.house, media_memory_mb=SMALL_MB))


def test_a_take_too_large_is_refused_by_field_with_what_fits(studio: Studio) -> None:
    caller = studio.person(credits_granted=1_000)
    wanted = with_brief(asked(kind=Kind.MASTER), resolution=Resolution.P2160)

    with pytest.raises(ValidationFailedError) as caught:
        generations.request(_small(studio).house, caller, [wanted])

    [problem] = caught.value.problems
    assert problem.pointer == "/brief/resolution"
    assert "640 MB here: 1080p fits." in problem.detail
    assert generations.request(studio.house, caller, [wanted]).views


def test_a_quote_says_which_models_have_no_room_and_why(studio: Studio) -> None:
    wanted = with_brief(asked(kind=Kind.MASTER), resolution=Resolution.P2160)
    caller = studio.person()

    usual = {each.model: each for each in quoting.quote(studio.house, caller, wanted)}
    small = {each.model: each for each in quoting.quote(_small(studio).house, caller, wanted)}

    assert usual["animatic"].possible
    assert not small["animatic"].possible
    assert small["animatic"].price is None
    assert "640 MB here" in small["animatic"].reasons[0]


def test_a_delivery_too_large_is_refused_by_field_and_nothing_is_kept(studio: Studio) -> None:
    caller = studio.person()
    take = studio.finish(studio.ask(caller, asked())).takes[0].id

    with pytest.raises(ValidationFailedError) as caught:
        deliveries.request(_small(studio).house, caller, take, LARGE)

    [problem] = caught.value.problems
    assert problem.pointer == "/sequence/width"
    assert "3840 x 2160" in problem.detail
    assert studio.count("deliveries") == 0
    assert deliveries.request(studio.house, caller, take, LARGE)[0].delivery.plan is not None


def test_what_is_said_to_fit_is_accepted(studio: Studio) -> None:
    caller, small = studio.person(), _small(studio)
    take = studio.finish(studio.ask(caller, asked())).takes[0].id
    with pytest.raises(ValidationFailedError) as caught:
        deliveries.request(small.house, caller, take, LARGE)
    words = caught.value.problems[0].detail.split("MB here: ")[1].split()
    fitting = replace(SEQUENCE, width=int(words[0]), height=int(words[2]))

    accepted, _ = deliveries.request(small.house, caller, take, replace(LARGE, sequence=fitting))

    assert accepted.delivery.plan is not None


def test_deliver_to_is_refused_when_quoted_as_when_asked_for(studio: Studio) -> None:
    caller, small = studio.person(), _small(studio)
    deliver_to = DeliveryRequest(host=Host.DOWNLOAD, master_format=DeliveryFormat.HEVC_HDR10)
    wanted = replace(asked(), sequence=SEQUENCE, deliver_to=deliver_to)

    for refused in (
        lambda: quoting.quote(small.house, caller, wanted),
        lambda: generations.request(small.house, caller, [wanted]),
    ):
        with pytest.raises(ValidationFailedError) as caught:
            refused()
        assert [problem.pointer for problem in caught.value.problems] == ["/sequence/width"]
