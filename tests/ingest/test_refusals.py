"""What a provider may send instead of a take, and what an editor is told. Nothing is made again for it."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.ingest.filming import film, film_numbers
from tests.ingest.takes import Door
from tests.media_process import corpus
from worker.media.ingest.found import Found
from worker.media.ingest.refusals import TakeRefusedError
from worker.providers.protocol import FetchRefusedError

Read = Callable[..., Found]

FASTSTART = {"movflags": "faststart"}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("good") / "good.mp4"
    return film_numbers(path, range(60), options={"crf": "10", "g": "20"}, container=FASTSTART)


NOT_MOVIES = {
    "nothing": (b"", "wrong-type", "The file is empty"),
    "html": (b"<!doctype html><html><body>Sign in</body></html>", "wrong-type", "text document"),
    "json": (b'{"error": "expired"}' * 20, "wrong-type", "not a file we can read"),
    "zip": (corpus.zip_file(), "wrong-type", "a zip archive"),
    "png": (corpus.encoded(corpus.picture(), "PNG"), "wrong-type", "sent PNG, not a movie"),
    "playlist": (b"#EXTM3U\n#EXT-X-VERSION:3\nhttp://169.254.169.254/latest\n", "wrong-type", "a playlist"),
    "a box and zeros": (b"\0\0\0\x20ftypisom" + bytes(4000), "damaged", "is damaged"),
    "a header alone": (b"\0\0\0\x18ftypisom\0\0\0\0isommp41", "damaged", "is damaged"),
}


@pytest.mark.parametrize("name", NOT_MOVIES)
def test_what_is_no_movie_is_refused_in_plain_words(read: Read, tmp_path: Path, name: str) -> None:
    data, slug, words = NOT_MOVIES[name]
    path = tmp_path / "sent.mp4"
    path.write_bytes(data)
    with pytest.raises(TakeRefusedError) as refused:
        read(path)
    assert refused.value.slug == slug
    assert words in refused.value.detail
    assert "provider" in refused.value.detail


def test_sound_alone_is_no_take(read: Read, tmp_path: Path) -> None:
    with pytest.raises(TakeRefusedError, match="wrong-type"):
        read(corpus.tone(tmp_path / "a.mp3", seconds=0.3))
    with pytest.raises(TakeRefusedError, match="no picture"):
        read(corpus.tone(tmp_path / "a.mp4", "-c:a", "aac", seconds=0.3))


def test_a_movie_cut_short_is_refused_with_how_much_there_was(read: Read, good: Path, tmp_path: Path) -> None:
    data = good.read_bytes()
    for share in (0.95, 0.7, 0.4):
        short = tmp_path / f"{share}.mp4"
        short.write_bytes(data[: int(len(data) * share)])
        with pytest.raises(TakeRefusedError) as refused:
            read(short)
        assert refused.value.slug == "truncated"
        assert "of 60 frames" in refused.value.detail


def test_a_movie_without_its_index_is_refused(read: Read, tmp_path: Path) -> None:
    late = film_numbers(tmp_path / "late.mp4", range(30))  # the index comes last
    late.write_bytes(late.read_bytes()[:-600])
    with pytest.raises(TakeRefusedError, match="damaged"):
        read(late)


@pytest.mark.parametrize("seed", range(6))
def test_holes_in_the_coded_frames_are_found(read: Read, good: Path, tmp_path: Path, seed: int) -> None:
    """Zeros over a stretch of the pictures, as a lost part of a download leaves them."""
    data = bytearray(good.read_bytes())
    chance = np.random.default_rng(seed)
    pictures = data.index(b"mdat") + 8
    at = int(chance.integers(pictures + 2000, len(data) - 4000))
    data[at : at + 2500] = bytes(2500)
    path = tmp_path / "holes.mp4"
    path.write_bytes(bytes(data))
    with pytest.raises(TakeRefusedError) as refused:
        read(path)
    assert refused.value.slug == "damaged"


def test_flipped_bytes_are_refused_or_harmless_and_never_anything_else(
    read: Read, good: Path, tmp_path: Path
) -> None:
    chance = np.random.default_rng(11)
    for _ in range(12):
        data = bytearray(good.read_bytes())
        for at in chance.integers(0, len(data), 6):
            data[at] ^= int(chance.integers(1, 256))
        path = tmp_path / "flipped.mp4"
        path.write_bytes(bytes(data))
        try:
            found = read(path)
        except TakeRefusedError:
            continue
        assert found.frame_count > 0


def test_a_black_movie_is_refused_and_a_dark_one_is_not(read: Read, tmp_path: Path) -> None:
    black = np.zeros((90, 160, 3), dtype=np.uint8)
    with pytest.raises(TakeRefusedError, match=r"black: .*Every frame"):
        read(film(tmp_path / "black.mp4", [black] * 24))
    night = black.copy()
    night[20:24, 60:64] = 255  # a moon
    assert read(film(tmp_path / "night.mp4", [night] * 24)).frame_count == 24


def test_a_movie_that_is_too_long_or_too_small_is_refused(read: Read, tmp_path: Path) -> None:
    tiny = np.full((8, 8, 3), 90, dtype=np.uint8)
    with pytest.raises(TakeRefusedError, match=r"empty: .*8 x 8"):
        read(film(tmp_path / "tiny.mov", [tiny] * 3, codec="mjpeg", pixels="yuvj420p"))
    small = np.full((32, 32, 3), 90, dtype=np.uint8)
    hours = film(tmp_path / "long.mp4", [small] * 40, stamps=[number * 24 * 60 for number in range(40)])
    with pytest.raises(TakeRefusedError, match=r"too-long: .*s; a take lasts at most 600 s"):
        read(hours)


def test_a_picture_of_absurd_size_is_refused_by_its_header(read: Read, tmp_path: Path) -> None:
    wide = np.full((16, 16384, 3), 90, dtype=np.uint8)
    with pytest.raises(TakeRefusedError, match=r"too-large: .*16384 x 16"):
        read(film(tmp_path / "wide.mov", [wide], codec="prores_ks", pixels="yuv422p10le"))


def test_a_codec_nobody_reads_is_refused_by_name(read: Read, tmp_path: Path) -> None:
    path = corpus.movie(tmp_path / "old.mov", "-c:v", "cinepak", seconds=0.2, size="160x96", rate="24")
    with pytest.raises(TakeRefusedError, match=r"wrong-type: .*coded as cinepak"):
        read(path)


def test_parts_of_another_size_or_rate_are_refused(read: Read, good: Path, tmp_path: Path) -> None:
    small = film_numbers(tmp_path / "small.mp4", range(10), width=160, height=90)
    with pytest.raises(
        TakeRefusedError, match=r"mismatched: Part 2 .* another size: 160 x 90, not 320 x 180"
    ):
        read(good, small)
    fast = film_numbers(tmp_path / "fast.mp4", range(10), rate=Fraction(30))
    with pytest.raises(TakeRefusedError, match=r"mismatched: Part 2 .* another frame rate: 30, not 24"):
        read(good, fast)


def test_through_the_real_door_a_refusal_ends_the_take_and_leaves_nothing_but_the_original(
    door: Door, tmp_path: Path
) -> None:
    path = tmp_path / "page.mp4"
    path.write_bytes(b"<html>Not found</html>")
    with pytest.raises(FetchRefusedError) as refused:
        door.take(path, take_id="take_refused")
    assert refused.value.slug == "provider-failed"
    assert "The provider sent no movie. This is a text document" in refused.value.detail
    left = [file.key for file in door.storage.list("takes/take_refused")]
    assert left == ["takes/take_refused/original/0.bin"]


def test_neither_movie_nor_frames_is_refused(door: Door, tmp_path: Path) -> None:
    with pytest.raises(FetchRefusedError, match="neither a movie nor frames"):
        door.take(audio=corpus.tone(tmp_path / "a.wav", seconds=0.2))
