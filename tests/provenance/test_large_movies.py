"""Movies larger than what is hashed at a time, with sound, and the signs of life while one is signed."""

from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from plugin_backend.files.storage import open_storage
from plugin_backend.signing import development_credential, roots_of
from tests.provenance.signing_desk import claim, flipped, read_elsewhere, statement
from worker.media.operations import OperationContext
from worker.provenance.sealing import Sealer

pytestmark = pytest.mark.slow

CREDENTIAL = development_credential("one secret" * 4)
ROOT = roots_of([CREDENTIAL])


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[int]]:
    """A movie of 9 MB, and what was heard while it was signed."""
    folder, beats = tmp_path_factory.mktemp("large"), list[int]()
    context = OperationContext(folder, lambda done, _total: beats.append(done), open_storage(folder.as_uri()))
    movie = _grain(folder / "shot.mov")
    Sealer(statement(claim(proxy_key=None)), CREDENTIAL, context).seal(movie)
    return movie, beats


def _grain(path: Path) -> Path:
    chance = np.random.default_rng(1)
    with av.open(str(path), "w", options={"movflags": "faststart"}) as movie:
        picture, sound = movie.add_stream("prores_ks", rate=24), movie.add_stream("pcm_s16le", rate=48_000)
        assert isinstance(picture, VideoStream)
        assert isinstance(sound, AudioStream)
        sound.layout = "stereo"
        picture.width, picture.height, picture.pix_fmt = 640, 360, "yuv422p10le"
        for number in range(48):
            pixels = chance.integers(0, 255, (360, 640, 3), np.uint8)
            movie.mux(picture.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
            silence = np.zeros((1, 4000), np.int16)
            heard = av.AudioFrame.from_ndarray(silence, format="s16", layout="stereo")
            heard.sample_rate, heard.pts = 48_000, number * 2000
            movie.mux(sound.encode(heard))
        movie.mux(picture.encode(None))
    return path


def test_it_is_trusted_whole(signed: tuple[Path, list[int]]) -> None:
    movie, _ = signed

    assert movie.stat().st_size > 8 << 20
    assert read_elsewhere(movie, "video/quicktime", root=ROOT)["state"] == "Trusted"


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.9999])
def test_one_flipped_bit_is_found_wherever_it_is(signed: tuple[Path, list[int]], part: float) -> None:
    movie, _ = signed
    changed = flipped(movie, int(movie.stat().st_size * part))

    assert read_elsewhere(changed, "video/quicktime", root=ROOT)["state"] == "Invalid"


def test_every_stretch_that_is_read_or_written_is_a_sign_of_life(signed: tuple[Path, list[int]]) -> None:
    movie, beats = signed

    assert all(later > earlier for earlier, later in pairwise(beats))
    assert len(beats) > movie.stat().st_size >> 20  # at least one for each megabyte
    assert min(beats) > 100_000  # never mistaken for a count of frames that was told before
