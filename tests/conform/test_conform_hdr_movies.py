"""HDR movies: known by their tags, measured by their light, kept in HDR and tone-mapped in SDR."""

import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.conform.desk import Desk
from tests.domain.conforms import PRORES
from tests.ingest.filming import film
from tests.media import readers

pytestmark = pytest.mark.slow


def pq(nits: NDArray[np.float64]) -> NDArray[np.float64]:
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = (nits / 10_000) ** m1
    return ((c1 + c2 * power) / (1 + c3 * power)) ** m2


def film_pq(path: Path, *, peak: float, count: int = 8) -> Path:
    """Grey from black to `peak` cd/m2, drifting, as HDR10 is coded."""
    x = (np.arange(320)[None, :] + np.zeros((180, 1))) / 319

    def frame(number: int) -> NDArray[np.uint16]:
        nits = peak * np.abs(np.sin(np.pi * (x + number / 50))) ** 2
        wide: NDArray[np.uint16] = np.rint(pq(nits) * 65535).astype(np.uint16)
        return np.repeat(wide[..., None], 3, axis=-1)

    return film(
        path,
        (frame(number) for number in range(count)),
        codec="libx265",
        pixels="yuv420p10le",
        tags=(9, 16, 9, 1),
        options={"x265-params": "log-level=none:colorprim=9:transfer=16:colormatrix=9", "crf": "4"},
    )


def test_an_hdr_movie_is_known_by_its_tags_and_measured_by_its_light(desk: Desk, tmp_path: Path) -> None:
    bright = desk.take(film_pq(tmp_path / "bright.mp4", peak=900))
    assert (bright.source["colour_space"], bright.facts["dynamic_range"]) == ("rec2100-pq", "hdr")
    assert bright.facts["bit_depth"] == 10
    assert bright.measures["luminance_peak_stops"] == pytest.approx(np.log2(900 / 203), abs=0.1)
    proxy = readers.report(desk.door.path(bright.files["proxy"]))
    assert re.search(r"yuv420p\(tv, bt709", proxy)
    dim = desk.take(film_pq(tmp_path / "dim.mp4", peak=150))
    assert (dim.source["colour_space"], dim.facts["dynamic_range"]) == ("rec2100-pq", "sdr")


def test_an_hdr_movie_stays_what_it_is_in_hdr_and_is_tone_mapped_in_sdr(desk: Desk, tmp_path: Path) -> None:
    sent = film_pq(tmp_path / "a.mp4", peak=900)
    taken = desk.take(sent)
    sequence = {"width": 320, "height": 180, "colour_space": "rec2100-pq"}
    hdr = desk.deliver(taken, [PRORES], sequence=sequence)
    assert not hdr.plan.expanded
    assert "bt2020nc/bt2020/smpte2084" in readers.report(hdr.movie)
    ours = readers.luma(hdr.movie, width=320, height=180).astype(int)
    theirs = readers.luma(sent, width=320, height=180, pixels="yuv420p10le").astype(int)
    assert np.abs(ours - theirs).max() <= 4
    sdr = desk.deliver(taken, [PRORES], sequence={"width": 320, "height": 180})
    mapped = readers.luma(sdr.movie, width=320, height=180).astype(int)
    assert mapped.max() <= 944
    assert np.quantile(mapped, 0.99) > 850  # the brightest is near white, not clipped flat
    rising = mapped[0, 90, :160]
    assert (np.diff(rising.astype(int)) >= -2).all()  # and order is kept
