import hashlib
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from plugin_backend.domain.sequence import ColourSpace, FrameRate, Timecode
from tests.media import readers
from tests.media.scenes import noise16
from worker.media.colour import colour_tags
from worker.media.formats import MOVIE_FORMATS, MovieFormat
from worker.media.kernels import Rgb16
from worker.media.movie import MovieLabels, MovieWriter

SIZE = (320, 180)  # DNxHR takes no less than 256 x 120
PRORES = MovieFormat.PRORES_422_HQ


def picture(number: int) -> Rgb16:
    """A frame of the usual size."""
    return noise16(number, width=SIZE[0], height=SIZE[1])


def write(
    path: Path,
    pictures: list[Rgb16],
    *,
    movie_format: MovieFormat,
    rate: str = "25",
    space: ColourSpace | None = None,
    labels: MovieLabels | None = None,
) -> Path:
    """In Rec. 709, or where the format has none of that, in a space it has."""
    spaces = MOVIE_FORMATS[movie_format].colour_spaces
    usual = ColourSpace.REC709 if ColourSpace.REC709 in spaces else min(spaces)
    with MovieWriter(
        path,
        movie_format=movie_format,
        rate=Fraction(rate),
        width=SIZE[0],
        height=SIZE[1],
        colour_space=space or usual,
        labels=labels,
    ) as movie:
        for each in pictures:
            movie.write(each)
    return path


@pytest.mark.parametrize("space", sorted(MOVIE_FORMATS[PRORES].colour_spaces))
def test_prores_says_what_its_colours_mean_in_the_container_and_in_every_frame(
    tmp_path: Path, space: ColourSpace
) -> None:
    path = write(tmp_path / "m.mov", [picture(0)] * 3, movie_format=PRORES, space=space)
    tags = colour_tags(space)
    codes = (tags.primaries, tags.transfer, tags.matrix)
    data = path.read_bytes()
    box = data.index(b"colrnclc") + 8
    assert tuple(int.from_bytes(data[box + 2 * i : box + 2 * i + 2], "big") for i in range(3)) == codes
    frame = data.index(b"icpf") + 4
    in_frame = (codes[0], 0, codes[2]) if space is ColourSpace.P3_D65 else codes  # RDD 36 has no sRGB curve
    assert tuple(data[frame + 14 : frame + 17]) == in_frame
    assert data[frame + 4 : frame + 8] == b"apl0"


def test_prores_is_apch_at_ten_bits_and_keeps_levels_to_a_code(tmp_path: Path) -> None:
    levels = [0, 16384, 32768, 65535]
    flat = [np.full((180, 320, 3), level, dtype=np.uint16) for level in levels]
    path = write(tmp_path / "m.mov", flat, movie_format=PRORES)
    told = readers.report(path)
    assert "prores (HQ) (apch" in told
    assert "yuv422p10le(tv, bt709, progressive)" in told
    assert "320x180" in told
    luma = readers.luma(path, width=320, height=180)
    for plane, level in zip(luma, levels, strict=True):
        assert np.abs(plane - (64 + 876 * level / 65535)).max() <= 1


def test_prores_keeps_a_picture(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65535, 320).astype(np.uint16)
    picture = np.stack([np.tile(ramp, (180, 1))] * 3, axis=-1)
    picture[..., 2] = picture[::-1, ::-1, 2]
    path = write(tmp_path / "m.mov", [picture], movie_format=PRORES)
    expected = 64 + 876 / 65535 * (picture @ np.array([0.2126, 0.7152, 0.0722]))
    back = readers.luma(path, width=320, height=180)[0]
    assert np.abs(back - expected).mean() < 0.6
    assert np.abs(back - expected).max() < 4


@pytest.mark.parametrize("movie_format", [MovieFormat.H264, MovieFormat.PROXY])
def test_h264_is_high_profile_with_its_index_first_and_a_key_frame_every_second(
    tmp_path: Path, movie_format: MovieFormat
) -> None:
    pictures = [picture(i) for i in range(60)]
    path = write(tmp_path / "m.mp4", pictures, movie_format=movie_format, rate="24000/1001")
    told = readers.report(path)
    assert "h264 (High)" in told
    assert "yuv420p(tv, bt709, progressive)" in told
    assert readers.index_comes_first(path)
    assert readers.key_frames(path) == [0, 24, 48]
    assert [(stamp.decode, stamp.show) for stamp in readers.stamps(path)] == [
        (1001 * i, 1001 * i) for i in range(60)
    ]


@pytest.mark.parametrize("movie_format", list(MovieFormat))
@pytest.mark.parametrize(
    ("rate", "label"),
    [
        ("24000/1001", "01:00:00:00"),
        ("24", "00:59:58:23"),
        ("25", "10:20:30:12"),
        ("30000/1001", "01:00:00;02"),
        ("30000/1001", "01:00:00:00"),
        ("60000/1001", "01:00:59;58"),
    ],
)
def test_another_reader_finds_the_timecode_and_the_exact_rate(
    tmp_path: Path, movie_format: MovieFormat, rate: str, label: str
) -> None:
    timecode = Timecode.parse(label, rate=FrameRate.parse(rate))
    path = write(
        tmp_path / f"m{MOVIE_FORMATS[movie_format].suffix}",
        [picture(i) for i in range(5)],
        movie_format=movie_format,
        rate=rate,
        labels=MovieLabels(timecode=timecode),
    )
    assert readers.timecode(path) == label
    ticks = Fraction(rate).denominator if "/" in rate else 1000
    assert [stamp.show for stamp in readers.stamps(path)] == [ticks * i for i in range(5)]
    assert {stamp.duration for stamp in readers.stamps(path)} == {ticks}


def test_reel_and_metadata_are_found_where_editors_look(tmp_path: Path) -> None:
    labels = MovieLabels(
        timecode=Timecode.parse("01:00:00:00", rate=FrameRate.parse("25")),
        reel="A001R1AB",
        metadata={"com.example.generation": "gen_01", "com.example.prompt": "雪の山 & <light>"},
    )
    told = readers.report(write(tmp_path / "m.mov", [picture(0)] * 2, movie_format=PRORES, labels=labels))
    assert "reel_name       : A001R1AB" in told  # the source name of the timecode track
    assert "com.apple.proapps.reel: A001R1AB" in told
    assert "com.example.generation: gen_01" in told
    assert "com.example.prompt: 雪の山 & <light>" in told
    assert "encoder         : Apple ProRes 422 HQ" in told


@pytest.mark.slow
@pytest.mark.parametrize("movie_format", list(MovieFormat))
def test_equal_frames_make_equal_files(tmp_path: Path, movie_format: MovieFormat) -> None:
    pictures = [picture(i) for i in range(30)]
    digests = {
        hashlib.sha256(write(tmp_path / f"{i}", pictures, movie_format=movie_format).read_bytes()).hexdigest()
        for i in range(3)
    }
    assert len(digests) == 1


def test_what_a_format_cannot_carry_is_refused_before_a_file_is_made(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="rec2100-pq"):
        write(tmp_path / "m.mp4", [], movie_format=MovieFormat.H264, space=ColourSpace.REC2100_PQ)
    with pytest.raises(ValueError, match="acescg"):
        write(tmp_path / "m.mov", [], movie_format=PRORES, space=ColourSpace.ACESCG)
    with pytest.raises(ValueError, match="even"):
        MovieWriter(
            tmp_path / "m.mov",
            movie_format=PRORES,
            rate=Fraction(24),
            width=321,
            height=180,
            colour_space=ColourSpace.REC709,
        )
    wrong = MovieLabels(timecode=Timecode.parse("01:00:00:00", rate=FrameRate.parse("24")))
    with pytest.raises(ValueError, match="counts at 24"):
        write(tmp_path / "m.mov", [], movie_format=PRORES, rate="25", labels=wrong)
    assert list(tmp_path.iterdir()) == []


def test_a_frame_of_another_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="80 x 180"):
        write(tmp_path / "m.mov", [noise16(0, height=180, width=80)], movie_format=PRORES)


def test_a_movie_without_frames_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one frame"):
        write(tmp_path / "m.mov", [], movie_format=PRORES)


MEMORY_PROBE = """
import resource, sys
from fractions import Fraction
from pathlib import Path
import numpy as np
from plugin_backend.domain.sequence import ColourSpace
from worker.media.formats import MovieFormat
from worker.media.movie import MovieWriter
frame = np.random.default_rng(0).integers(0, 65536, (360, 640, 3)).astype(np.uint16)
with MovieWriter(Path(sys.argv[1]), movie_format=MovieFormat(sys.argv[2]), rate=Fraction(24), width=640,
                 height=360, colour_space=ColourSpace.REC709) as movie:
    for _ in range(60):
        movie.write(frame)
    early = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(int(sys.argv[3])):
        movie.write(frame)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - early)
"""


@pytest.mark.parametrize("movie_format", [MovieFormat.PROXY, pytest.param(PRORES, marks=pytest.mark.slow)])
def test_memory_does_not_grow_with_length(tmp_path: Path, movie_format: MovieFormat) -> None:
    made = subprocess.run(
        [sys.executable, "-c", MEMORY_PROBE, str(tmp_path / "m.mov"), movie_format, "300"],
        capture_output=True,
        text=True,
        check=True,
    )
    a_frame_in_kilobytes = 640 * 360 * 4 // 1024
    assert int(made.stdout) < 10 * a_frame_in_kilobytes  # 300 more frames, written
