"""What each host is given by habit, and what is refused by name."""

from dataclasses import replace
from fractions import Fraction

import pytest

from plugin_backend.domain.delivery import (
    TIMELINES_MADE,
    DeliveryRequest,
    Host,
    TimelineFile,
    validate_delivery,
)
from plugin_backend.domain.delivery_formats import DELIVERY_FORMATS, DeliveryFormat
from plugin_backend.domain.errors import ValidationFailedError
from tests.domain.requests import SEQUENCE

FIVE = Fraction(5)


def _pointers(request: DeliveryRequest, *, handles: int = 0) -> list[str]:
    sequence = replace(SEQUENCE, handles_frames=handles)
    try:
        validate_delivery(request, duration=FIVE, sequence=sequence)
    except ValidationFailedError as refusal:
        return [problem.pointer for problem in refusal.problems]
    return []


@pytest.mark.parametrize("host", Host)
def test_what_a_host_is_given_by_habit_can_be_made(host: Host) -> None:
    request = DeliveryRequest(host=host)

    assert request.format in DELIVERY_FORMATS
    assert set(request.timelines) <= set(TIMELINES_MADE)
    assert _pointers(request) == []


@pytest.mark.parametrize("master_format", DeliveryFormat)
def test_a_format_is_written_or_refused_by_its_name(master_format: DeliveryFormat) -> None:
    refused = _pointers(DeliveryRequest(master_format=master_format))

    assert refused == ([] if master_format in DELIVERY_FORMATS else ["/master_format"])


@pytest.mark.parametrize("timeline", TimelineFile)
def test_a_timeline_is_written_or_refused_by_its_place(timeline: TimelineFile) -> None:
    refused = _pointers(DeliveryRequest(timeline=(TimelineFile.OTIO, timeline)))

    assert refused == ([] if timeline in TIMELINES_MADE else ["/timeline/1"])


def test_handles_lie_inside_the_take() -> None:
    # Five seconds at 24000/1001 are 120 frames: handles of 59 leave two between them, of 60 none.
    assert _pointers(DeliveryRequest(), handles=59) == []
    assert _pointers(DeliveryRequest(), handles=60) == ["/sequence/handles_frames"]


def test_every_problem_is_told_at_once() -> None:
    request = DeliveryRequest(master_format=DeliveryFormat.TIFF, timeline=(TimelineFile.AAF,))

    assert _pointers(request, handles=500) == ["/master_format", "/timeline/0", "/sequence/handles_frames"]


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
    )

    assert DeliveryRequest.from_json(request.to_json()) == request
