"""What a conform is said to take is what it takes: the media process is held to it, and does it."""

from fractions import Fraction
from pathlib import Path

import pytest

from plugin_backend.domain.delivering.conform import plan_conform
from plugin_backend.domain.delivering.conform_plan import OutputSpec, SourceFacts
from plugin_backend.domain.delivering.media_memory import conform_mb
from plugin_backend.domain.delivering.retiming import Retime
from plugin_backend.domain.sequence import Sequence
from tests.conform.take import store_take, work_for
from tests.domain.conforms import EXR, PRORES, PROXY
from worker.media.process import MediaProcess

pytestmark = pytest.mark.slow

LARGE = SourceFacts(Fraction(24), 4, 3840, 2160)
USUAL = SourceFacts(Fraction(24), 2, 1920, 1080)


@pytest.mark.parametrize(
    ("take", "master", "rate"), [(LARGE, EXR, "24"), (LARGE, PRORES, "24"), (USUAL, EXR, "48")]
)
def test_a_conform_stays_under_what_was_said(
    tmp_path: Path, take: SourceFacts, master: OutputSpec, rate: str
) -> None:
    store_take(tmp_path / "store", take)
    size = {"width": take.width, "height": take.height}
    sequence = Sequence.from_json({"frame_rate": rate, "colour_space": "rec2100-pq", **size})
    plan = plan_conform(take, sequence, [master, PROXY], name_stem="large", retime=Retime.FLOW)
    work, url = work_for(plan, prefix="deliveries/one"), (tmp_path / "store").as_uri()

    # Over its bound the process ends the run.
    with MediaProcess(conform_mb(plan), tmp_path / "scratch", storage_url=url) as media:
        made = media.run("conform_chunk", work | {"chunk": 0}, deadline_seconds=280)

    assert made["segments"]
