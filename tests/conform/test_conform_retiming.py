"""Frames at another rate: chosen, blended or moved, and how near each comes to what was there."""

from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - its documentation's own name
import pytest
from numpy.typing import NDArray

from plugin_backend.domain.delivering.retiming import RateMethod, Retime
from tests.conform.desk import Desk
from tests.domain.conforms import EXR, PRORES
from tests.ingest.filming import film
from tests.media import readers
from worker.providers.protocol import StoredTake

pytestmark = pytest.mark.slow

WIDTH, HEIGHT, STEP = 320, 180, 6.0
FRAMES = 24


def scene(moment: float) -> NDArray[np.uint8]:
    """Waves under way, with detail in both directions; `moment` in frames, whole or not."""
    y, x = (axis.astype(np.float64) for axis in np.mgrid[0:HEIGHT, 0:WIDTH])
    x = x + STEP * moment
    grey = 120 + 50 * np.sin(x / 9 + y / 23) + 40 * np.sin(x / 5 - y / 11) * np.cos(y / 7)
    return np.repeat(np.clip(grey, 20, 230).astype(np.uint8)[..., None], 3, axis=-1)


@pytest.fixture(scope="module")
def take(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> StoredTake:
    folder = tmp_path_factory.mktemp("waves")
    return desk.take(film(folder / "a.mp4", (scene(n) for n in range(FRAMES)), options={"crf": "4"}))


def errors(desk: Desk, take: StoredTake, retime: Retime) -> NDArray[np.float64]:
    """How far each delivered frame is from the scene at its own moment, in ten-bit codes on average."""
    sequence = {"frame_rate": "48", "width": WIDTH, "height": HEIGHT}
    made = desk.deliver(take, [PRORES], sequence=sequence, retime=retime)
    shown = readers.luma(made.movie, width=WIDTH, height=HEIGHT).astype(float)
    assert len(shown) == 2 * FRAMES
    moments = [(frame + 0.5) / 2 - 0.5 for frame in range(len(shown))]
    wanted = np.stack([64 + 876 * scene(moment)[..., 0].astype(float) / 255 for moment in moments])
    inside = np.s_[2:-2, 8:-8, 16:-16]  # beyond the ends and edges nothing was filmed
    found: NDArray[np.float64] = np.abs(shown - wanted)[inside].mean(axis=(1, 2))
    return found


def test_flow_comes_nearest_then_a_blend_then_whole_frames(desk: Desk, take: StoredTake) -> None:
    nearest, blend, flow = (
        float(errors(desk, take, retime).mean()) for retime in (Retime.NEAREST, Retime.BLEND, Retime.FLOW)
    )

    assert flow < 0.35 * blend < 0.35 * nearest
    assert flow < 4


def test_across_a_cut_nothing_is_mixed(desk: Desk, tmp_path: Path) -> None:
    dark, light = (np.full((HEIGHT, WIDTH, 3), level, dtype=np.uint8) for level in (20, 220))
    taken = desk.take(film(tmp_path / "cut.mp4", [dark] * 6 + [light] * 6, options={"crf": "4"}))
    sequence = {"frame_rate": "60", "width": WIDTH, "height": HEIGHT}
    for retime in (Retime.BLEND, Retime.FLOW):
        made = desk.deliver(taken, [PRORES], sequence=sequence, retime=retime)
        levels = readers.luma(made.movie, width=WIDTH, height=HEIGHT).mean(axis=(1, 2))
        assert len(levels) == 30
        assert {round(float(level) / 100) for level in levels} == {1, 8}


def test_light_is_mixed_as_light_and_the_choice_is_told(desk: Desk, take: StoredTake) -> None:
    sequence = {"frame_rate": "30", "width": WIDTH, "height": HEIGHT}
    made = desk.deliver(take, [EXR], sequence=sequence, retime=Retime.FLOW)

    assert len(made.frames) == 30
    assert made.plan.rate_method is RateMethod.FLOW
    (decision,) = [each for each in made.plan.decisions if each.about == "frame-rate"]
    assert "optical flow" in decision.reason


def test_what_is_bright_and_moves_does_not_ring_in_light(desk: Desk, tmp_path: Path) -> None:
    """A sun in PQ, thousands of times as bright as all around it."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    suns = []
    for number in range(4):
        sky = np.full((HEIGHT, WIDTH, 3), 2500, dtype=np.uint16)
        sky[(x - 60 - 9 * number) ** 2 + (y - 90) ** 2 < 400] = 52_000
        suns.append(sky)
    options = {"crf": "6", "x265-params": "log-level=none"}
    kind: dict[str, Any] = {"codec": "libx265", "pixels": "yuv420p10le", "tags": (9, 16, 9, 1)}
    taken = desk.take(film(tmp_path / "sun.mp4", suns, options=options, **kind))
    sequence = {"frame_rate": "48", "width": WIDTH, "height": HEIGHT, "colour_space": "rec2100-pq"}
    made = desk.deliver(taken, [EXR], sequence=sequence, retime=Retime.FLOW)

    light = np.stack([np.asarray(oiio.ImageBuf(str(frame)).get_pixels(oiio.FLOAT)) for frame in made.frames])
    assert light.min() > -0.5
    assert light[1:-1].max() <= 1.01 * light[[0, -1]].max()


@pytest.mark.parametrize("retime", [Retime.BLEND, Retime.FLOW])
def test_a_narrow_picture_is_cut_as_a_wide_one_and_its_borders_stay_black(
    desk: Desk, tmp_path: Path, retime: Retime
) -> None:
    dark, light = (np.full((HEIGHT, 100, 3), level, dtype=np.uint8) for level in (60, 160))
    taken = desk.take(film(tmp_path / "cut.mp4", [dark] * 3 + [light] * 3, options={"crf": "4"}))
    sequence = {"frame_rate": "60", "width": WIDTH, "height": HEIGHT}
    made = desk.deliver(taken, [PRORES], sequence=sequence, retime=retime)

    shown = readers.luma(made.movie, width=WIDTH, height=HEIGHT).astype(float)
    assert {round(float(level) / 50) for level in shown[:, 20:-20, 130:190].mean(axis=(1, 2))} == {5, 12}
    assert np.abs(shown[:, :, np.r_[0:100, 220:WIDTH]] - 64).max() <= 4
