"""Sound beside the picture, to the sample, over the joints of chained parts, and in the proxy."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.ingest.filming import film_numbers
from tests.ingest.sounds import RATE, burst_at, clicks, decoded, heard, with_sound
from tests.ingest.takes import Door
from tests.media import readers
from tests.media_process import corpus
from worker.media.ingest.found import Found
from worker.media.ingest.refusals import TakeRefusedError

pytestmark = pytest.mark.slow

Read = Callable[..., Found]


def test_sound_of_a_movie_is_kept_beside_it_and_in_the_proxy(door: Door, tmp_path: Path) -> None:
    picture = film_numbers(tmp_path / "p.mp4", range(48))
    made = door.take(with_sound(tmp_path / "a.mov", picture, clicks(2, at=1.25)))
    assert made.source["audio"] is True
    assert (made.facts["audio"], made.facts["audio_codec"]) == (True, "pcm_s16le")
    assert (made.facts["audio_channels"], made.facts["audio_seconds"]) == (2, 2.0)
    samples = heard(door.path(made.files["sound"]))
    assert len(samples) == 2 * RATE
    assert burst_at(samples) == pytest.approx(1.25, abs=1e-3)

    proxy = door.path(made.files["proxy"])
    assert "Audio: aac (LC)" in readers.report(proxy)
    assert readers.index_comes_first(proxy)
    assert len(readers.stamps(proxy)) == 48
    assert burst_at(decoded(proxy)) == pytest.approx(1.25, abs=0.03)


def test_sound_stays_with_its_picture_over_dropped_frames_and_silent_parts(
    read: Read, tmp_path: Path
) -> None:
    """Part 2 is silent, part 3 repeats a frame: its sound goes with that frame."""
    rate = Fraction(24)
    pictures = [
        film_numbers(tmp_path / f"{n}.mp4", numbers, rate=rate)
        for n, numbers in enumerate((range(24), range(24, 48), range(47, 72)))
    ]
    first = with_sound(tmp_path / "a.mov", pictures[0], clicks(3, at=0.5))  # runs on under part 2: cut
    third = with_sound(tmp_path / "c.mov", pictures[2], clicks(1, at=0.5))
    found = read(first, pictures[1], third)
    assert found.frame_count == 72
    samples = heard(tmp_path / "ingest" / "sound.wav")
    assert len(samples) == 3 * RATE
    assert burst_at(samples) == pytest.approx(0.5, abs=1e-3)
    later = samples[RATE:]
    assert not later[:RATE].any()
    assert burst_at(later) == pytest.approx(1.5 - 1 / 24, abs=1e-3)


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mkv", "libopus"), ("a.mp4", "libopus"), ("a.mkv", "flac"), ("a.mp4", "ac3")]
)
def test_sound_of_any_usual_codec_comes_along(read: Read, tmp_path: Path, name: str, codec: str) -> None:
    path = corpus.movie(tmp_path / name, "-c:v", "libx264", "-c:a", codec, seconds=1, rate="24", sound=True)
    found = read(path)
    assert found.facts["audio_codec"] == codec.removeprefix("lib")
    assert found.facts["audio_seconds"] == pytest.approx(1, abs=0.05)
    samples = heard(tmp_path / "ingest" / "sound.wav")
    assert len(samples) == RATE
    assert np.abs(samples[RATE // 4 : RATE // 2].astype(int)).max() > 1000


def test_sound_that_starts_late_starts_late(read: Read, tmp_path: Path) -> None:
    picture = film_numbers(tmp_path / "p.mp4", range(48))
    read(with_sound(tmp_path / "a.mov", picture, clicks(1, at=0.1), late=0.75))
    samples = heard(tmp_path / "ingest" / "sound.wav")
    assert len(samples) == 2 * RATE
    assert burst_at(samples) == pytest.approx(0.85, abs=0.002)


def test_a_recording_beside_the_movie_is_its_sound(read: Read, tmp_path: Path) -> None:
    picture = film_numbers(tmp_path / "p.mp4", range(48))
    tone = corpus.tone(tmp_path / "tone.mp3", seconds=5)
    found = read(picture, sound=tone)
    assert (found.facts["audio_codec"], found.facts["audio_sample_rate"]) in {
        ("mp3", 44100),
        ("mp3float", 44100),
    }
    assert found.facts["audio_seconds"] == pytest.approx(5, abs=0.1)
    assert len(heard(tmp_path / "ingest" / "sound.wav")) == 2 * RATE


def test_a_recording_that_is_none_is_refused(read: Read, tmp_path: Path) -> None:
    picture = film_numbers(tmp_path / "p.mp4", range(12))
    page = tmp_path / "page.mp3"
    page.write_bytes(b"<html></html>")
    with pytest.raises(TakeRefusedError, match="damaged: The sound"):
        read(picture, sound=page)


def test_a_silent_movie_has_no_sound(read: Read, tmp_path: Path) -> None:
    found = read(film_numbers(tmp_path / "p.mp4", range(12)))
    assert found.sound is None
    assert found.facts["audio"] is False
