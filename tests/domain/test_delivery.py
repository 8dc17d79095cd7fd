"""What each host is given by habit, and what is refused by name."""

from dataclasses import replace
from fractions import Fraction

import pytest

from plugin_backend.domain.delivering.delivery import (
    DeliveryRequest,
    Host,
    TimelineFile,
    validate_delivery,
)
from plugin_backend.domain.delivering.delivery_formats import DELIVERY_FORMATS, DeliveryFormat, ExrProfile
from plugin_backend.domain.delivering.delivery_sound import Audio
from plugin_backend.domain.delivering.placing import Fit, Position
from plugin_backend.domain.delivering.retiming import Retime
from plugin_backend.domain.delivering.shapes import Shape
from plugin_backend.domain.errors import ValidationFailedError
from plugin_backend.domain.sequence import SUPPORTED_RATES, Sequence
from tests.domain.requests import SEQUENCE

FIVE = Fraction(5)


def _pointers(request: DeliveryRequest, *, handles: int = 0, sequence: Sequence = SEQUENCE) -> list[str]:
    sequence = replace(sequence, handles_frames=handles)
    try:
        validate_delivery(request, duration=FIVE, sequence=sequence)
    except ValidationFailedError as refusal:
        return [problem.pointer for problem in refusal.problems]
    return []


@pytest.mark.parametrize("rate", [*map(str, SUPPORTED_RATES)])
@pytest.mark.parametrize("host", Host)
def test_what_a_host_is_given_by_habit_can_be_made_at_any_rate(host: Host, rate: str) -> None:
    sequence = Sequence.from_json({"frame_rate": rate})
    request = DeliveryRequest(host=host, sequence=sequence)

    assert request.format in DELIVERY_FORMATS
    assert all(timeline.counts(sequence.frame_rate) for timeline in request.timelines)
    assert DeliveryRequest(host=host).timelines[: len(request.timelines)] == request.timelines


@pytest.mark.parametrize("master_format", DeliveryFormat)
def test_every_format_of_the_contract_is_written(master_format: DeliveryFormat) -> None:
    assert master_format in DELIVERY_FORMATS
    assert _pointers(DeliveryRequest(master_format=master_format)) == []


@pytest.mark.parametrize("timeline", TimelineFile)
def test_every_timeline_is_written_at_a_film_s_rate(timeline: TimelineFile) -> None:
    assert _pointers(DeliveryRequest(timeline=(TimelineFile.OTIO, timeline))) == []


@pytest.mark.parametrize(
    ("rate", "refused"),
    [
        ("60000/1001", []),
        ("100", ["/timeline/2"]),  # After Effects ends at 99
        ("120", ["/timeline/1", "/timeline/2"]),  # and an EDL has two digits for frames
    ],
)
def test_a_timeline_that_does_not_count_that_fast_is_refused_by_its_place(
    rate: str, refused: list[str]
) -> None:
    asked = (TimelineFile.OTIO, TimelineFile.EDL, TimelineFile.AFTER_EFFECTS)
    sequence = Sequence.from_json({"frame_rate": rate})

    assert _pointers(DeliveryRequest(timeline=asked), sequence=sequence) == refused


def test_stills_are_not_given_a_timeline_that_names_movies() -> None:
    png = DeliveryRequest(host=Host.FINAL_CUT_PRO, master_format=DeliveryFormat.PNG)
    asked = (TimelineFile.OTIO, TimelineFile.FCPXML, TimelineFile.OTIOZ)

    assert png.timelines == ()
    assert _pointers(replace(png, timeline=asked)) == ["/timeline/1", "/timeline/2"]
    assert _pointers(replace(png, master_format=DeliveryFormat.EXR_ACES, timeline=asked)) == []


@pytest.mark.parametrize("profile", ExrProfile)
def test_frames_of_light_are_stored_as_asked_and_the_container_is_for_aces2065_1(
    profile: ExrProfile,
) -> None:
    aces = DeliveryRequest(master_format=DeliveryFormat.EXR_ACES, exr_profile=profile)
    refused = ["/exr_profile"] if profile is ExrProfile.ST2065_4 else []

    assert _pointers(aces) == []
    assert _pointers(DeliveryRequest(host=Host.NUKE, exr_profile=profile)) == []
    assert _pointers(replace(aces, master_format=DeliveryFormat.EXR_ACESCG)) == refused
    assert _pointers(replace(aces, master_format=DeliveryFormat.TIFF)) == ["/exr_profile"]
    assert _pointers(DeliveryRequest(exr_profile=profile)) == ["/exr_profile"]


def test_a_list_of_frames_comes_without_a_movie_and_with_the_timelines_that_can_hold_it() -> None:
    apart = tuple(range(0, 1000, 2))  # 500 runs and 499 gaps: the last that an EDL can number
    frames = DeliveryRequest(host=Host.RESOLVE, master_format=DeliveryFormat.EXR_ACES, frames=apart)
    more = replace(frames, frames=(*apart, 1000))

    assert not frames.has_movie
    assert TimelineFile.EDL in frames.timelines
    assert TimelineFile.EDL not in more.timelines
    assert _pointers(replace(frames, timeline=(TimelineFile.EDL, TimelineFile.FCPXML))) == ["/timeline/1"]
    assert _pointers(replace(more, timeline=(TimelineFile.OTIO, TimelineFile.EDL))) == ["/timeline/1"]
    assert _pointers(replace(frames, frames=apart, timeline=(TimelineFile.AAF,))) == []
    assert replace(frames, master_format=DeliveryFormat.H264).has_movie
    assert not replace(frames, frames=None, master_format=DeliveryFormat.PNG).has_movie


def test_a_proxy_that_has_no_place_is_refused_where_it_is_asked_for_by_name() -> None:
    shapes = DeliveryRequest(shapes=(Shape.WIDE,))
    frames = DeliveryRequest(host=Host.NUKE, frames=(3, 4))
    still = DeliveryRequest(host=Host.PHOTOSHOP)
    movie = DeliveryRequest(host=Host.PREMIERE_PRO)
    for request in (shapes, frames, still):
        assert _pointers(request) == _pointers(replace(request, proxy=False)) == []
        assert _pointers(replace(request, proxy=True)) == ["/proxy"]
    assert _pointers(replace(movie, proxy=True)) == []
    assert _pointers(replace(frames, frames=None, proxy=True)) == []


def test_frames_without_their_proxy_have_no_movie_to_name_and_keep_their_sound() -> None:
    frames = DeliveryRequest(host=Host.FINAL_CUT_PRO, master_format=DeliveryFormat.EXR_ACES)
    alone = replace(frames, proxy=False)

    assert (frames.has_movie, alone.has_movie) == (True, False)
    assert (frames.timelines, alone.timelines) == ((TimelineFile.FCPXML,), ())
    assert _pointers(replace(alone, timeline=(TimelineFile.OTIO, TimelineFile.OTIOZ))) == ["/timeline/1"]
    assert _pointers(replace(alone, audio=Audio.SILENT)) == []


def test_a_request_of_an_earlier_version_is_read() -> None:
    stored = {"host": "nuke", "master_format": None, "sequence": None, "timeline": ["otio"], "proxy": True}
    asked = DeliveryRequest(host=Host.NUKE, timeline=(TimelineFile.OTIO,))

    assert DeliveryRequest.from_json(stored) == replace(asked, proxy=True)
    assert DeliveryRequest.from_json({**stored, "shapes": ["1:1"]}).proxy is None  # it was no wish then
    later = {**stored, "retime": "auto", "fit": "fill", "in_frame": 3, "out_frame": None, "audio": "none"}
    assert DeliveryRequest.from_json(later) == replace(
        asked, proxy=True, fit=Fit.FILL, in_frame=3, audio=Audio.NONE
    )


def test_shapes_are_h264_filled_and_without_a_timeline() -> None:
    shapes = DeliveryRequest(shapes=(Shape.WIDE, Shape.UPRIGHT))
    asked = replace(shapes, fit=Fit.PAD, timeline=(TimelineFile.OTIO,), master_format=DeliveryFormat.EXR_ACES)

    assert _pointers(replace(shapes, position=Position(0, 0))) == []
    assert replace(shapes, host=Host.RESOLVE, master_format=DeliveryFormat.H264).timelines == ()
    assert _pointers(asked) == ["/shapes", "/fit", "/timeline"]


def test_handles_lie_inside_the_take() -> None:
    # Five seconds at 24000/1001 are 120 frames: handles of 59 leave two between them, of 60 none.
    assert _pointers(DeliveryRequest(), handles=59) == []
    assert _pointers(DeliveryRequest(), handles=60) == ["/sequence/handles_frames"]


def test_every_problem_is_told_at_once() -> None:
    request = DeliveryRequest(audio=Audio.NONE, audio_gain_db=3.0, timeline=(TimelineFile.EDL,))
    fast = Sequence.from_json({"frame_rate": "120"})
    pointers = _pointers(request, handles=500, sequence=fast)

    assert pointers == ["/timeline/0", "/audio_gain_db", "/sequence/handles_frames"]


@pytest.mark.parametrize("sequence", [None, SEQUENCE])
@pytest.mark.parametrize("timeline", [None, (), (TimelineFile.EDL, TimelineFile.OTIO)])
def test_a_request_survives_the_trip_through_its_row(
    sequence: None, timeline: tuple[TimelineFile, ...] | None
) -> None:
    request = DeliveryRequest(
        host=Host.RESOLVE,
        master_format=DeliveryFormat.EXR_ACES,
        sequence=sequence,
        timeline=timeline,
        proxy=False,
        retime=Retime.FLOW,
        fit=Fit.FILL,
        position=Position(0.25, 1),
        shapes=(Shape.SQUARE,),
        in_frame=3,
        out_frame=9,
        frames=(3, 10, 11),
        audio_asset_id="ast_1",
        audio_offset_seconds=-1.5,
        audio_gain_db=-3.0,
        exr_profile=ExrProfile.DWAB,
    )

    assert DeliveryRequest.from_json(request.to_json()) == request


@pytest.mark.parametrize("host", Host)
def test_shapes_are_h264_for_any_host_that_names_no_format(host: Host) -> None:
    request = DeliveryRequest(host=host, shapes=(Shape.SQUARE,))
    assert request.format is DeliveryFormat.H264
    assert _pointers(request) == []
