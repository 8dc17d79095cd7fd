"""Movies as a source: any frame of any codec, the same as from the start, and without reading from there."""

import io
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from plugin_backend.domain.sequence import ColourSpace
from plugin_backend.files.storage import open_storage
from tests.ingest.filming import film_numbers, numbers_in
from tests.media_process import corpus
from worker.media.sources.display import planes_of
from worker.media.sources.movie import MoviePart, MovieSource, open_clean
from worker.media.sources.stored_file import StoredFile

FRAMES = 96
RATE = Fraction(24000, 1001)
X265 = "log-level=none:keyint=24:min-keyint=24:open-gop=1:bframes=4"


@dataclass
class Counted(io.FileIO):
    """A file that knows how much of it was read."""

    path: str
    taken: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        super().__init__(self.path)

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(-1 if size is None else size) or b""
        self.taken += len(data)
        return data


@dataclass(frozen=True, slots=True)
class Shelf:
    """One movie, every frame of it decoded in one go, and what was read of the file since."""

    path: Path
    media_type: str
    first: Fraction
    whole: tuple[NDArray[Any], ...]
    opened: list[Counted]

    def source(self, *, frames: int = FRAMES) -> MovieSource:
        return MovieSource(
            (MoviePart("a", self.media_type, self.first, frames),), RATE, ColourSpace.REC709, self._open
        )

    def _open(self, key: str) -> BinaryIO:
        del key
        self.opened.append(Counted(str(self.path)))
        return cast("BinaryIO", self.opened[-1])


CODECS: dict[str, dict[str, Any]] = {
    "b-frames.mp4": {"options": {"g": "24", "bf": "3"}},
    "open-gop.mp4": {"options": {"g": "24", "bf": "3", "x264-params": "open-gop=1"}},
    "open-gop-hevc.mp4": {"codec": "libx265", "options": {"x265-params": X265}},
    "one-key-frame.mp4": {"options": {"g": "1000", "bf": "3"}},
    "prores.mov": {"codec": "prores_ks", "pixels": "yuv422p10le"},
    "vp9.webm": {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "g": "30"}},
    "fragments.mp4": {"container": {"movflags": "frag_keyframe+empty_moov"}, "options": {"g": "24"}},
}


@pytest.fixture(scope="module", params=sorted(CODECS))
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    path = tmp_path_factory.mktemp("shelf") / str(request.param)
    film_numbers(path, range(FRAMES), rate=RATE, **CODECS[request.param])
    media_type = "video/webm" if path.suffix == ".webm" else "video/mp4"
    with path.open("rb") as file, open_clean(file, media_type) as container:
        stream = container.streams.video[0]
        frames = [(frame.pts, frame.to_ndarray().copy()) for frame in container.decode(stream)]
        assert stream.time_base is not None
        first = min(pts or 0 for pts, _ in frames) * Fraction(stream.time_base)
    return Shelf(path, media_type, first, tuple(picture for _, picture in frames), [])


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.integers(0, FRAMES - 1), min_size=1, max_size=8))
def test_any_frames_are_those_that_decoding_from_the_start_gives(shelf: Shelf, wanted: set[int]) -> None:
    numbers = sorted(wanted)
    found = list(shelf.source().frames(numbers))
    assert len(found) == len(numbers)
    for number, frame in zip(numbers, found, strict=True):
        assert np.array_equal(frame.frame.to_ndarray(), shelf.whole[number])


def test_a_late_chunk_does_not_read_the_movie_from_its_start(tmp_path: Path) -> None:
    path = film_numbers(
        tmp_path / "long.mp4",
        range(240),
        options={"g": "24", "bf": "2", "crf": "2"},
        container={"movflags": "faststart"},
    )
    shelf = Shelf(path, "video/mp4", Fraction(0), (), [])
    assert len(list(shelf.source(frames=240).frames(range(216, 240)))) == 24
    (file,) = shelf.opened
    assert file.taken < path.stat().st_size / 4


def test_parts_are_entered_where_their_frames_begin(tmp_path: Path) -> None:
    paths = {
        name: film_numbers(tmp_path / f"{name}.mp4", numbers, rate=RATE)
        for name, numbers in (("a", range(30)), ("b", range(29, 60)), ("c", range(60, 70)))
    }
    parts = (
        MoviePart("a", "video/mp4", Fraction(0), 30),
        MoviePart("b", "video/mp4", Fraction(0), 30, skip=1),
        MoviePart("c", "video/mp4", Fraction(0), 10),
    )
    source = MovieSource(parts, RATE, ColourSpace.REC709, lambda key: paths[key].open("rb"))

    def drawn(wanted: range) -> list[int]:
        luma = [planes_of(each.frame, each.tags, each.space).y[:180, :320] for each in source.frames(wanted)]
        return numbers_in(np.stack(luma).astype(np.uint16), middle=110)

    assert drawn(range(70)) == list(range(70))
    assert drawn(range(28, 33)) == list(range(28, 33))
    assert drawn(range(59, 70, 5)) == [59, 64, 69]
    with pytest.raises(ValueError, match="fewer frames"):
        list(source.frames([70]))


@pytest.fixture
def stored(tmp_path: Path) -> tuple[StoredFile, bytes]:
    data = np.random.default_rng(0).bytes((3 << 20) + 12_345)
    storage = open_storage((tmp_path / "store").as_uri())
    storage.put_bytes("a/b.bin", data)
    return StoredFile(storage, "a/b.bin"), data


def test_a_stored_file_reads_as_the_file_it_is(stored: tuple[StoredFile, bytes]) -> None:
    file, data = stored
    chance = np.random.default_rng(1)
    assert file.seek(0, io.SEEK_END) == len(data)
    assert file.read(10) == b""
    for _ in range(50):
        at, size = int(chance.integers(0, len(data))), int(chance.integers(1, 400_000))
        assert file.seek(at) == at
        got = b""
        while len(got) < size and (piece := file.read(size - len(got))):
            got += piece
        assert got == data[at : at + size]
        assert file.tell() == at + len(got)
    file.seek(-5, io.SEEK_END)
    assert file.read() == data[-5:]


def test_a_movie_is_played_straight_from_storage(tmp_path: Path) -> None:
    storage = open_storage((tmp_path / "store").as_uri())
    path = corpus.movie(tmp_path / "a.mp4", seconds=2)
    storage.put_file("takes/a/source/0.mp4", path)
    source = MovieSource(
        (MoviePart("takes/a/source/0.mp4", "video/mp4", Fraction(0), 48),),
        RATE,
        ColourSpace.REC709,
        lambda key: cast("BinaryIO", StoredFile(storage, key)),
    )
    assert len(list(source.frames(range(10, 40)))) == 30
