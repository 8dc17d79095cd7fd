"""Uploaded movies and sound, good and hostile, through the real door."""

import re
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from tests.media_process import corpus
from tests.media_process.verdicts import Check, clean

MOVIES = {
    "h264.mp4": ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"),
    "hevc.mp4": ("-c:v", "libx265", "-x265-params", "log-level=none", "-pix_fmt", "yuv420p10le"),
    "prores.mov": ("-c:v", "prores_ks", "-profile:v", "3", "-c:a", "pcm_s16le"),
    "av1.mp4": ("-c:v", "libsvtav1", "-preset", "12", "-pix_fmt", "yuv420p10le", "-c:a", "aac"),
    "vp9.webm": ("-c:v", "libvpx-vp9", "-cpu-used", "8", "-deadline", "realtime", "-c:a", "libopus"),
    "h264.mkv": ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"),
}


@pytest.mark.parametrize("name", MOVIES)
def test_a_good_movie_is_accepted_with_its_facts_and_kept_frame_for_frame(
    check: Check, tmp_path: Path, name: str
) -> None:
    path = corpus.movie(tmp_path / name, *MOVIES[name], "-metadata", "comment=secret", sound=True)
    verdict = check(path)
    assert (verdict.kind, verdict.width, verdict.height) == ("video", 320, 180)
    assert verdict.frame_rate == Fraction(24000, 1001)
    assert float(verdict.duration_seconds or 0) == pytest.approx(2, abs=0.05)
    kept = clean(tmp_path, verdict)
    assert b"secret" not in kept.read_bytes()
    with av.open(str(kept)) as container, av.open(str(path)) as original:
        assert len(container.streams.audio) == len(original.streams.audio)
        found = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
        sent = [frame.to_ndarray(format="gray") for frame in original.decode(video=0)]
    assert len(found) == len(sent) == 48
    assert all((a == b).all() for a, b in zip(found, sent, strict=True))
    with Image.open(tmp_path / "out" / str(verdict.poster)) as poster:
        assert poster.size == (320, 180)


def test_a_movie_held_upright_is_measured_as_shown(check: Check, tmp_path: Path) -> None:
    flat = corpus.movie(tmp_path / "flat.mp4")
    upright = corpus.ffmpeg(
        tmp_path / "upright.mp4", "-display_rotation", "90", "-i", str(flat), "-c", "copy"
    )
    verdict = check(upright)
    assert (verdict.width, verdict.height) == (180, 320)
    with Image.open(tmp_path / "out" / str(verdict.poster)) as poster:
        assert poster.size == (180, 320)
    with av.open(str(clean(tmp_path, verdict))) as kept:
        assert next(kept.decode(video=0)).rotation % 180 == 90


@pytest.mark.parametrize("faststart", [True, False])
def test_a_truncated_mp4_is_refused_with_a_clear_sentence(
    check: Check, tmp_path: Path, *, faststart: bool
) -> None:
    extra = ("-movflags", "+faststart") if faststart else ()
    whole = corpus.movie(tmp_path / "whole.mp4", *MOVIES["h264.mp4"], *extra).read_bytes()
    for share in (0.3, 0.7, 0.95):
        verdict = check(whole[: int(len(whole) * share)])
        assert verdict.problem is not None
        assert "damaged or cut short" in verdict.problem
        assert "again" in verdict.problem


def test_a_truncated_prores_is_refused(check: Check, tmp_path: Path) -> None:
    path = corpus.movie(tmp_path / "a.mov", *MOVIES["prores.mov"], "-movflags", "+faststart")
    assert "cut short" in str(check(path.read_bytes()[: path.stat().st_size * 9 // 10]).problem)


def test_noise_in_the_middle_of_a_movie_is_found(check: Check, tmp_path: Path) -> None:
    path = corpus.movie(
        tmp_path / "whole.mp4", *MOVIES["h264.mp4"], "-movflags", "+faststart", size="640x360"
    )
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 6000] = np.random.default_rng(1).bytes(6000)
    assert "damaged" in str(check(bytes(data)).problem)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"seconds": 62, "rate": "5", "size": "64x64"}, "lasts 62.0 s; movies may last 60 s"),
        ({"size": "4098x64", "seconds": 0.2}, "at most 4096"),
        ({"rate": "240", "size": "64x64"}, "240 frames a second"),
    ],
)
def test_a_movie_over_a_limit_is_told_the_limit(
    check: Check, tmp_path: Path, options: dict[str, object], sentence: str
) -> None:
    path = corpus.movie(tmp_path / "a.mp4", **options)  # type: ignore[arg-type]  # the table's own columns
    assert sentence in str(check(path).problem)


@pytest.mark.slow
def test_a_long_large_movie_is_looked_at_within_its_time(check: Check, tmp_path: Path) -> None:
    """More frames than are decoded whole: the beginning, looks between, the end."""
    path = corpus.movie(
        tmp_path / "a.mp4",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-g",
        "48",
        seconds=20,
        size="1920x1080",
        rate="48",
    )
    verdict = check(path)
    assert verdict.problem is None
    assert verdict.duration_seconds == 20


def test_references_to_other_files_lead_nowhere(check: Check) -> None:
    """A playlist inside an MP4's clothes: the first bytes say MP4, the rest is a list."""
    data = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"#EXTM3U\nfile:///etc/passwd\n"
    assert "damaged or cut short" in str(check(data).problem)


@pytest.mark.parametrize(
    ("name", "encode"),
    [
        ("a.wav", ("-c:a", "pcm_s24le")),
        ("a.mp3", ("-c:a", "libmp3lame")),
        ("a.m4a", ("-c:a", "aac")),
        ("a.aac", ("-c:a", "aac")),
        ("a.flac", ("-c:a", "flac")),
    ],
)
def test_good_sound_becomes_plain_wav(
    check: Check, tmp_path: Path, name: str, encode: tuple[str, ...]
) -> None:
    verdict = check(corpus.tone(tmp_path / name, *encode, "-metadata", "comment=secret"))
    assert (verdict.kind, verdict.media_type) == ("audio", "audio/wav")
    assert float(verdict.duration_seconds or 0) == pytest.approx(2, abs=0.06)
    kept = clean(tmp_path, verdict)
    assert b"secret" not in kept.read_bytes()
    with av.open(str(kept)) as container:
        assert container.streams.audio[0].rate == 44100


@pytest.mark.parametrize("name", ["a.wav", "a.m4a", "a.flac"])
def test_sound_that_is_cut_short_or_too_long_is_refused(check: Check, tmp_path: Path, name: str) -> None:
    data = corpus.tone(tmp_path / name, seconds=4).read_bytes()
    assert re.search("cut short", str(check(data[: len(data) // 2]).problem))
    assert "cut it shorter" in str(check(corpus.tone(tmp_path / f"long-{name}", seconds=63)).problem)
