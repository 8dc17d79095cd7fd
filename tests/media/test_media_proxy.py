from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.media import readers
from tests.media.scenes import sunrise
from worker.media import kernels
from worker.media.formats import MovieFormat
from worker.media.join import join
from worker.media.kernels import Rgb8
from worker.media.proxy import PassFacts, ProxyPass, proxy_size
from worker.media.stills import Still, contact_sheet, encode_jpeg, kept_frames, poster

RATE = Fraction(24)
FRAMES = 30


def film(path: Path, *, first: int = 0, end: int = FRAMES, is_segment: bool = False) -> PassFacts:
    with ProxyPass(
        path,
        rate=RATE,
        width=160,
        height=90,
        clip_frames=FRAMES,
        first_frame=first,
        is_segment=is_segment,
    ) as passing:
        for number in range(first, end):
            passing.write(kernels.to_half(sunrise(number, height=180, width=320)))
    return passing.facts


def decoded(jpeg: bytes) -> Rgb8:
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert image is not None
    return np.asarray(image, dtype=np.uint8)


def test_one_pass_makes_the_proxy_the_stills_and_the_facts(tmp_path: Path) -> None:
    facts = film(tmp_path / "proxy.mp4")
    assert len(readers.stamps(tmp_path / "proxy.mp4")) == FRAMES
    assert "160x90" in readers.report(tmp_path / "proxy.mp4")
    assert facts.tally.measures(RATE).frame_count == FRAMES
    assert [still.frame for still in facts.stills] == list(kept_frames(FRAMES))
    assert decoded(facts.stills[0].jpeg).shape == (90, 160, 3)


def test_chunks_put_together_are_the_whole(tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.mp4")
    parts: list[PassFacts] = []
    for first, end in pairwise((0, 7, 8, 24, FRAMES)):
        film(tmp_path / f"{first}.mp4", first=first, end=end, is_segment=True).save(tmp_path / f"{first}.zip")
        parts.append(PassFacts.load(tmp_path / f"{first}.zip"))
    total = parts[0] + parts[1] + parts[2] + parts[3]
    assert total.stills == whole.stills
    facts, expected = (found.tally.measures(RATE) for found in (total, whole))
    assert facts.frame_count == expected.frame_count == FRAMES
    assert facts.luminance_mean == pytest.approx(expected.luminance_mean)
    assert facts.motion_mean_widths_per_second == pytest.approx(expected.motion_mean_widths_per_second)
    assert facts.flicker_codes == pytest.approx(expected.flicker_codes)
    segments = [tmp_path / f"{first}.mp4" for first in (0, 7, 8, 24)]
    assert join(segments, tmp_path / "j.mp4", movie_format=MovieFormat.PROXY, rate=RATE) == FRAMES
    assert readers.stamps(tmp_path / "j.mp4") == readers.stamps(tmp_path / "whole.mp4")


def test_equal_passes_leave_equal_facts(tmp_path: Path) -> None:
    film(tmp_path / "a.mp4", end=6).save(tmp_path / "a.zip")
    film(tmp_path / "b.mp4", end=6).save(tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


@given(st.integers(1, 10_000))
def test_kept_frames_are_distinct_frames_of_the_clip_in_order(frame_count: int) -> None:
    kept = kept_frames(frame_count)
    assert len(kept) == min(12, frame_count)
    assert list(kept) == sorted(set(kept))
    assert 0 <= kept[0] <= kept[-1] < frame_count


def test_the_poster_is_neither_black_nor_the_odd_one_out() -> None:
    rng = np.random.default_rng(0)
    scene = np.asarray(cv2.GaussianBlur(rng.integers(0, 256, (90, 160, 3)).astype(np.uint8), (0, 0), 5))
    scene = np.clip((scene.astype(int) - 128) * 6 + 128, 0, 255).astype(np.uint8)
    odd = scene[::-1, ::-1, ::-1].copy()
    images = [np.zeros_like(scene), scene // 8, scene, odd, scene // 2, np.full_like(scene, 255)]
    stills = [Still(i, encode_jpeg(image)) for i, image in enumerate(images)]
    assert poster(stills).frame in {2, 4}


@pytest.mark.parametrize(("size", "columns"), [((160, 90), 4), ((90, 160), 6), ((120, 120), 6)])
def test_a_contact_sheet_holds_every_still_in_reading_order(size: tuple[int, int], columns: int) -> None:
    width, height = size
    stills = [
        Still(i * 10, encode_jpeg(np.full((height, width, 3), 40 + 15 * i, np.uint8))) for i in range(12)
    ]
    sheet = decoded(contact_sheet(stills, title="A title", frame_count=120, rate=RATE))
    assert sheet.shape[1] == 1920
    cell = (1920 - 2 * 48 - (columns - 1) * 16) // columns
    tall = round(cell * height / width)
    for place in range(12):
        row, column = divmod(place, columns)
        x, y = 48 + column * (cell + 16) + cell // 2, 84 + row * (tall + 50) + tall // 2
        assert sheet[y, x].astype(int) == pytest.approx([40 + 15 * place] * 3, abs=3)


@pytest.mark.parametrize("title", ["", "x" * 400, "two\nlines \t of text", "夜の街 " * 80])
def test_any_title_stays_clear_of_the_facts_beside_it(title: str) -> None:
    still = Still(0, encode_jpeg(np.zeros((90, 160, 3), np.uint8)))
    sheet = decoded(contact_sheet([still], title=title, frame_count=1, rate=Fraction(30000, 1001)))
    bare = decoded(contact_sheet([still], title="", frame_count=1, rate=Fraction(30000, 1001)))
    facts = np.abs(bare[:80].astype(int) - bare[0, 0]).max(axis=2) > 60
    left = int(np.flatnonzero(facts.any(axis=0))[0])
    assert np.abs(sheet[:80, left - 24 :].astype(int) - bare[:80, left - 24 :]).max() < 40


@given(st.integers(16, 8192), st.integers(16, 8192))
def test_a_proxy_keeps_the_shape_even_sides_and_never_grows(width: int, height: int) -> None:
    small = proxy_size(width, height)
    assert all(side % 2 == 0 and side >= 2 for side in small)
    assert min(small) <= 540
    assert small[0] <= width + 1
    assert small[1] <= height + 1
    scale = min(1, 540 / min(width, height))
    assert abs(small[0] - width * scale) <= 1
    assert abs(small[1] - height * scale) <= 1


def test_the_usual_sizes_make_the_usual_proxies() -> None:
    assert proxy_size(3840, 2160) == (960, 540)
    assert proxy_size(1080, 1920) == (540, 960)
    assert proxy_size(640, 360) == (640, 360)
