"""Of which deliveries the light is told: of those that have a file with room for it."""

import pytest

from plugin_backend.domain.delivering.conform_plan import OutputRole, OutputSpec
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat
from plugin_backend.domain.delivering.placing import Fit
from plugin_backend.domain.delivering.shapes import Shape
from plugin_backend.domain.sequence import ColourSpace
from tests.domain.conforms import EXR, H264, PRORES, PROXY, plan, sequence, source


@pytest.mark.parametrize(
    ("outputs", "measured"),
    [
        ([H264, PROXY], None),
        ([OutputSpec(OutputRole.MASTER, DeliveryFormat.H264, shape=Shape.UPRIGHT)], None),
        ([OutputSpec(OutputRole.MASTER, DeliveryFormat.TIFF)], None),
        ([PRORES, PROXY], ColourSpace.REC2100_PQ),
        ([EXR, PROXY], ColourSpace.REC2100_PQ),  # frames of light, looked at on the sequence's display
    ],
)
def test_an_hdr_sequence_does_not_make_sdr_files_bright(
    outputs: list[OutputSpec], measured: ColourSpace | None
) -> None:
    made = plan(source(), sequence(colour_space="rec2100-pq"), *outputs, fit=Fit.FILL)
    assert made.hdr_space is measured
