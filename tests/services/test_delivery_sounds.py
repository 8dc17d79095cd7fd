"""Which sound a delivery is asked with: looked up at once, refused by its field, kept in the plan."""

from dataclasses import replace

import pytest

from plugin_backend.domain.callers import Caller
from plugin_backend.domain.delivering.delivery import DeliveryRequest
from plugin_backend.domain.delivering.delivery_sound import Audio
from plugin_backend.domain.errors import AssetNotReadyError, ValidationFailedError
from plugin_backend.services import deliveries
from tests.domain.requests import SEQUENCE, asked
from tests.services.recordings import recorded
from tests.services.studio import Studio

DOWNLOAD = DeliveryRequest(sequence=SEQUENCE)


def _sound(studio: Studio, caller: Caller, wanted: DeliveryRequest) -> object:
    take_id = studio.finish(studio.ask(caller, asked())).takes[0].id
    view, _ = deliveries.request(studio.house, caller, take_id, wanted)
    assert DeliveryRequest.from_json(view.delivery.request) == replace(
        wanted, sequence=DeliveryRequest.from_json(view.delivery.request).sequence
    )
    assert view.delivery.plan is not None
    return view.delivery.plan["sound"]


def test_a_silent_take_has_no_track_unless_one_is_wanted(studio: Studio) -> None:
    caller = studio.person()

    assert _sound(studio, caller, DOWNLOAD) is None
    assert _sound(studio, caller, replace(DOWNLOAD, audio=Audio.SILENT)) == {
        "key": None,
        "from": "silence",
        "offset_seconds": "0.0",
        "gain_db": 0.0,
    }


def test_a_recording_of_ones_own_lies_where_it_is_wanted(studio: Studio) -> None:
    caller = studio.person()
    asset_id = recorded(studio, caller)
    wanted = replace(DOWNLOAD, audio_asset_id=asset_id, audio_offset_seconds=-1.5, audio_gain_db=-6.0)

    assert _sound(studio, caller, wanted) == {
        "key": f"assets/{asset_id}/clean.wav",
        "from": "asset",
        "offset_seconds": "-1.5",
        "gain_db": -6.0,
    }


def test_what_is_no_sound_here_is_refused_by_its_field(studio: Studio) -> None:
    caller, stranger = studio.person(), studio.person()
    refused = [
        replace(DOWNLOAD, audio_asset_id=recorded(studio, caller, kind="image")),
        replace(DOWNLOAD, audio_asset_id=recorded(studio, stranger)),
        replace(DOWNLOAD, audio_asset_id=recorded(studio, caller), audio=Audio.NONE),
    ]
    for wanted in refused:
        with pytest.raises(ValidationFailedError) as refusal:
            _sound(studio, caller, wanted)
        assert [problem.pointer for problem in refusal.value.problems] == ["/audio_asset_id"]


def test_a_gain_of_silence_is_refused(studio: Studio) -> None:
    with pytest.raises(ValidationFailedError) as refusal:
        _sound(studio, studio.person(), replace(DOWNLOAD, audio=Audio.SILENT, audio_gain_db=3.0))

    assert [problem.pointer for problem in refusal.value.problems] == ["/audio_gain_db"]


def test_a_recording_that_is_still_checked_is_waited_for(studio: Studio) -> None:
    caller = studio.person()
    with pytest.raises(AssetNotReadyError):
        _sound(studio, caller, replace(DOWNLOAD, audio_asset_id=recorded(studio, caller, state="checking")))
