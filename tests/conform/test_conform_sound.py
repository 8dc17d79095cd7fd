"""Sound in deliveries: the take's own or one's own, in sync, as loud as said, in the form each file has."""

import re
import subprocess
import wave
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest
from numpy.typing import NDArray

from plugin_backend.domain.delivering.conform_plan import OutputRole, OutputSpec
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat
from plugin_backend.domain.delivering.parts import Part
from tests.conform.desk import Desk
from tests.conform.take import Delivered
from tests.domain.conforms import EXR, PRORES, PROXY
from tests.ingest.filming import film_numbers, numbers_in
from tests.ingest.sounds import RATE, burst_at, clicks, decoded, heard, with_sound
from tests.media import readers
from worker.media.loudness import LoudnessMeter
from worker.providers.protocol import StoredTake

pytestmark = pytest.mark.slow

HALF_A_FRAME = 1 / 48
SIZE = {"width": 320, "height": 180}


@pytest.fixture(scope="module")
def take(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> StoredTake:
    """Two seconds at 24 frames, with a burst at 1.25 s: as frame 30 begins."""
    folder = tmp_path_factory.mktemp("sound")
    picture = film_numbers(folder / "p.mp4", range(48))
    return desk.take(with_sound(folder / "a.mov", picture, clicks(2, at=1.25)))


def own(take: StoredTake, **changed: Any) -> dict[str, Any]:
    usual = {"key": take.files["sound"]["key"], "from": "take", "offset_seconds": "0", "gain_db": 0.0}
    return usual | changed


def delivered(
    desk: Desk, take: StoredTake, *outputs: OutputSpec, rate: str = "24", **sound: Any
) -> Delivered:
    return desk.deliver(take, outputs, sequence={"frame_rate": rate, **SIZE}, sound=own(take, **sound))


@pytest.mark.parametrize("rate", ["24000/1001", "24", "25", "30000/1001", "48", "60"])
def test_sound_is_in_sync_to_half_a_frame_at_any_rate(desk: Desk, take: StoredTake, rate: str) -> None:
    movie = delivered(desk, take, PRORES, rate=rate).movie

    samples = decoded(movie)
    assert burst_at(samples) == pytest.approx(1.25, abs=HALF_A_FRAME)
    frames = len(readers.stamps(movie))
    assert len(samples) == pytest.approx(frames / float(eval_rate(rate)) * RATE, abs=1)


def eval_rate(rate: str) -> float:
    over, _, under = rate.partition("/")
    return int(over) / int(under or 1)


def test_a_mov_has_pcm_an_mp4_has_aac_and_frames_have_a_wav(desk: Desk, take: StoredTake) -> None:
    movies = delivered(desk, take, PRORES, PROXY)
    assert "Audio: pcm_s24le" in readers.report(movies.movie)
    assert "48000 Hz, stereo" in readers.report(movies.movie)
    assert "Audio: aac (LC)" in readers.report(movies.proxy)
    assert burst_at(decoded(movies.proxy)) == pytest.approx(1.25, abs=0.03)
    assert not [file for file in movies.result["files"] if file["role"] == "audio"]

    frames = delivered(desk, take, EXR, PROXY)
    (file,) = [file for file in frames.result["files"] if file["role"] == "audio"]
    assert file["name"] == "shot.wav"
    assert burst_at(heard(frames.path(file))) == pytest.approx(1.25, abs=1e-3)


@pytest.mark.parametrize(("offset", "found"), [("0.5", 1.75), ("-1", 0.25)])
def test_an_offset_moves_the_sound_and_what_hangs_over_is_cut(
    desk: Desk, take: StoredTake, offset: str, found: float
) -> None:
    samples = decoded(delivered(desk, take, PRORES, offset_seconds=offset).movie)

    assert burst_at(samples) == pytest.approx(found, abs=1e-3)
    assert len(samples) == 2 * RATE


def test_gain_is_applied_and_stops_at_full_scale(desk: Desk, take: StoredTake) -> None:
    before = np.abs(decoded(delivered(desk, take, PRORES).movie).astype(int)).max()
    quieter = np.abs(decoded(delivered(desk, take, PRORES, gain_db=-6.0).movie).astype(int)).max()
    louder = np.abs(decoded(delivered(desk, take, PRORES, gain_db=24.0).movie).astype(int)).max()

    assert quieter == pytest.approx(before * 10 ** (-6 / 20), abs=2)
    assert louder >= 32_767


def test_mono_at_another_rate_is_as_loud_in_both_channels_to_its_end(
    desk: Desk, take: StoredTake, tmp_path: Path
) -> None:
    moments = np.arange(2 * 8_000) / 8_000
    with wave.open(str(tmp_path / "mono.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(np.rint(16_000 * np.sin(2 * np.pi * 500 * moments)).astype("<i2").tobytes())
    desk.door.storage.put_file("assets/mono.wav", tmp_path / "mono.wav")

    samples = decoded(delivered(desk, take, PRORES, key="assets/mono.wav").movie)
    assert len(samples) == 2 * RATE
    for part in (samples[RATE // 2 : RATE], samples[-96:]):  # the last 2 ms hold a whole wave
        assert np.abs(part.astype(int)).max(axis=0) == pytest.approx(16_000, rel=0.02)


def test_silence_is_a_track_as_long_as_the_picture(desk: Desk, take: StoredTake) -> None:
    found = delivered(desk, take, PRORES, key=None)

    assert not decoded(found.movie).any()
    assert len(decoded(found.movie)) == 2 * RATE
    assert found.result["files"][0]["sound"]["loudness_lufs"] is None


def test_without_sound_there_is_no_track(desk: Desk, take: StoredTake) -> None:
    found = desk.deliver(take, [PRORES], sequence={"frame_rate": "24", **SIZE})

    assert "Audio" not in readers.report(found.movie)
    assert found.result["files"][0]["sound"] is None


def test_every_movie_format_carries_sound(desk: Desk, take: StoredTake) -> None:
    for form in (DeliveryFormat.DNXHR_HQX, DeliveryFormat.HEVC_HDR10):
        found = delivered(desk, take, OutputSpec(OutputRole.MASTER, form))
        movie = found.path(found.result["files"][0])
        assert burst_at(decoded(movie)) == pytest.approx(1.25, abs=0.03)


def _tone(seconds: float, *, level: float) -> NDArray[np.int16]:
    moments = np.arange(round(seconds * RATE)) / RATE
    wave_ = level * np.sin(2 * np.pi * 997 * moments)
    return np.rint(32_767 * np.repeat(wave_[:, None], 2, axis=1)).astype(np.int16)


def _by_ffmpeg(path: Path) -> float:
    """Another implementation of the same recommendation."""
    arguments = ["-hide_banner", "-nostdin", "-i", str(path), "-af", "ebur128", "-f", "null", "-"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), *arguments]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", told)[-1])


@pytest.mark.parametrize("level", [0.5, 0.05])
def test_loudness_is_what_another_meter_reads(tmp_path: Path, level: float) -> None:
    noise = np.random.default_rng(5).normal(0, 2000, (3 * RATE, 2)).astype(np.int16)
    quiet = np.zeros((4 * RATE, 2), dtype=np.int16)
    samples = np.concatenate([_tone(4, level=level), noise, quiet])  # the gate leaves the silence out
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())

    meter = LoudnessMeter(2)
    for start in range(0, len(samples), 7001):
        meter.hear(samples[start : start + 7001].tobytes())

    assert meter.lufs == pytest.approx(_by_ffmpeg(tmp_path / "a.wav"), abs=0.15)
    assert meter.peak_dbfs == pytest.approx(
        20 * np.log10(np.abs(samples.astype(int)).max() / 32768), abs=0.01
    )
    tone = meter.momentary[5:35]  # a block begins every 100 ms
    assert max(tone) - min(tone) < 0.2
    assert tone[0] == pytest.approx(20 * np.log10(level), abs=0.2)
    assert meter.momentary[-30:] == [-70.0] * 30


def test_a_part_has_the_sound_of_its_frames_and_their_timecode(desk: Desk, take: StoredTake) -> None:
    sequence = {"frame_rate": "24", "playhead_timecode": "01:00:00:00", **SIZE}
    made = desk.deliver(take, [PRORES], sequence=sequence, sound=own(take), part=Part(24, 35))

    assert readers.timecode(made.movie) == "01:00:01:00"
    luma = readers.luma(made.movie, width=SIZE["width"], height=SIZE["height"])
    assert numbers_in(luma, middle=512) == list(range(24, 36))
    assert len(decoded(made.movie)) == RATE // 2
    assert burst_at(decoded(made.movie)) == pytest.approx(0.25, abs=1e-3)
