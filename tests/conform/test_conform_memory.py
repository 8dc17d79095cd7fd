"""What a conform is said to take is what it takes: the media process is held to it, and does it."""

from fractions import Fraction
from pathlib import Path

import pytest

from plugin_backend.domain.conform import plan_conform
from plugin_backend.domain.conform_plan import OutputSpec, SourceFacts
from plugin_backend.domain.media_memory import conform_mb
from plugin_backend.domain.retiming import Retime
from plugin_backend.domain.sequence import Sequence
from tests.conform.take import EXR, PRORES, PROXY, store_take, work_for
from worker.media.process import MediaProcess

pytestmark = pytest.mark.slow

TAKE = SourceFacts(Fraction(24), 4, 3840, 2160)
HDR = {"frame_rate": "24", "width": 3840, "height": 2160, "colour_space": "rec2100-pq"}


@pytest.mark.parametrize(
    ("master", "sequence", "retime"),
    [(EXR, HDR, Retime.AUTO), (PRORES, HDR, Retime.AUTO), (PRORES, {**HDR, "frame_rate": "48"}, Retime.FLOW)],
)
def test_a_conform_at_2160p_stays_under_what_was_said(
    tmp_path: Path, master: OutputSpec, sequence: dict[str, object], retime: Retime
) -> None:
    store_take(tmp_path / "store", TAKE)
    plan = plan_conform(TAKE, Sequence.from_json(sequence), [master, PROXY], name_stem="large", retime=retime)
    work, url = work_for(plan, prefix="deliveries/one"), (tmp_path / "store").as_uri()

    # Over its bound the process ends the run.
    with MediaProcess(conform_mb(plan), tmp_path / "scratch", storage_url=url) as media:
        made = media.run("conform_chunk", work | {"chunk": 0}, deadline_seconds=280)

    assert made["segments"]
