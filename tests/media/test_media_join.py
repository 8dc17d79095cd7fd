from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from plugin_backend.domain.sequence import ColourSpace, FrameRate, Timecode
from tests.media import readers
from tests.media.scenes import noise16
from worker.media.formats import MOVIE_FORMATS, MovieFormat
from worker.media.join import join
from worker.media.movie import MovieLabels, MovieWriter

pytestmark = pytest.mark.slow

COUNTINGS = [
    ("24000/1001", "01:00:00:00"),
    ("25", "10:00:00:00"),
    ("30000/1001", "00:59:59;28"),
    ("60000/1001", "01:00:59;56"),
]
FRAMES = 50
WIDTH, HEIGHT = 256, 120
CUTS = (0, 1, 3, 25, FRAMES)  # a segment of one frame, a short one, one that ends within a second


def write(
    path: Path,
    numbers: range,
    *,
    movie_format: MovieFormat,
    rate: FrameRate,
    labels: MovieLabels | None = None,
    is_segment: bool = False,
    width: int = WIDTH,
) -> Path:
    spaces = MOVIE_FORMATS[movie_format].colour_spaces
    with MovieWriter(
        path,
        movie_format=movie_format,
        rate=rate.fraction,
        width=width,
        height=HEIGHT,
        colour_space=ColourSpace.REC709 if ColourSpace.REC709 in spaces else min(spaces),
        labels=labels,
        is_segment=is_segment,
    ) as movie:
        for number in numbers:
            movie.write(noise16(number, width=width, height=HEIGHT))
    return path


def segments(folder: Path, *, movie_format: MovieFormat, rate: FrameRate) -> list[Path]:
    return [
        write(
            folder / f"segment-{first}{MOVIE_FORMATS[movie_format].suffix}",
            range(first, end),
            movie_format=movie_format,
            rate=rate,
            is_segment=True,
        )
        for first, end in pairwise(CUTS)
    ]


def told(path: Path) -> list[str]:
    """What the reader reports, but for the name and the rates of bits, which cuts change a little."""
    lines = readers.report(path).splitlines()
    return [line.split(" kb/s")[0].rsplit(", ", 1)[0] for line in lines if str(path) not in line]


@pytest.mark.parametrize(("rate_text", "label"), COUNTINGS)
@pytest.mark.parametrize("movie_format", list(MovieFormat))
def test_a_joined_movie_reads_as_one_written_in_one_go(
    tmp_path: Path, movie_format: MovieFormat, rate_text: str, label: str
) -> None:
    rate = FrameRate.parse(rate_text)
    labels = MovieLabels(Timecode.parse(label, rate=rate), "A001", {"com.example.take": "tk_1"})
    suffix = MOVIE_FORMATS[movie_format].suffix
    whole = write(
        tmp_path / f"whole{suffix}", range(FRAMES), movie_format=movie_format, rate=rate, labels=labels
    )
    joined = tmp_path / f"joined{suffix}"
    parts = segments(tmp_path, movie_format=movie_format, rate=rate)
    assert join(parts, joined, movie_format=movie_format, rate=rate.fraction, labels=labels) == FRAMES
    assert readers.stamps(joined) == readers.stamps(whole)
    assert told(joined) == told(whole)
    assert readers.timecode(joined) == label
    assert readers.index_comes_first(joined)


def test_joined_prores_holds_the_very_pictures_of_one_go(tmp_path: Path) -> None:
    rate = FrameRate.parse("24000/1001")
    whole = write(tmp_path / "whole.mov", range(FRAMES), movie_format=MovieFormat.PRORES_422_HQ, rate=rate)
    parts = segments(tmp_path, movie_format=MovieFormat.PRORES_422_HQ, rate=rate)
    joined = tmp_path / "joined.mov"
    join(parts, joined, movie_format=MovieFormat.PRORES_422_HQ, rate=rate.fraction)
    assert np.array_equal(
        readers.luma(joined, width=WIDTH, height=HEIGHT), readers.luma(whole, width=WIDTH, height=HEIGHT)
    )


@pytest.mark.parametrize("movie_format", [MovieFormat.H264, MovieFormat.PROXY])
def test_every_joined_h264_frame_is_the_frame_it_should_be(tmp_path: Path, movie_format: MovieFormat) -> None:
    rate = FrameRate.parse("25")
    parts = segments(tmp_path, movie_format=movie_format, rate=rate)
    join(parts, tmp_path / "joined.mp4", movie_format=movie_format, rate=rate.fraction)
    shown = readers.luma(tmp_path / "joined.mp4", width=WIDTH, height=HEIGHT, pixels="yuv420p")
    expected = [
        16 + 219 * noise16(number, width=WIDTH, height=HEIGHT).mean() / 65535 for number in range(FRAMES)
    ]
    assert np.abs(shown.mean(axis=(1, 2)) - expected).max() < 0.9  # neighbours differ by 2


def test_segments_of_another_size_or_rate_are_refused(tmp_path: Path) -> None:
    rate = FrameRate.parse("25")
    kind = MovieFormat.PROXY
    first = write(tmp_path / "a.mp4", range(2), movie_format=kind, rate=rate, is_segment=True)
    wider = write(tmp_path / "b.mp4", range(2), movie_format=kind, rate=rate, width=320, is_segment=True)
    with pytest.raises(ValueError, match="recipe"):
        join([first, wider], tmp_path / "j.mp4", movie_format=kind, rate=rate.fraction)
    with pytest.raises(ValueError, match="not on a frame"):
        join([first], tmp_path / "j.mp4", movie_format=kind, rate=FrameRate.parse("24").fraction)
    with pytest.raises(ValueError, match="no segments"):
        join([], tmp_path / "j.mp4", movie_format=kind, rate=rate.fraction)
