"""Uploaded pictures, good and hostile, through the real door: a fresh child for each file."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.media_process import corpus
from tests.media_process.verdicts import Check, clean


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_good_picture_is_accepted_with_its_facts(check: Check, tmp_path: Path, kind: str) -> None:
    verdict = check(corpus.encoded(corpus.picture(), kind))
    assert (verdict.kind, verdict.width, verdict.height) == ("image", 320, 180)
    with Image.open(clean(tmp_path, verdict)) as image:
        assert verdict.media_type == Image.MIME[image.format or ""]
        difference = np.abs(np.asarray(image, dtype=int) - np.asarray(corpus.picture(), dtype=int))
    assert difference.mean() < (0.01 if kind == "PNG" else 3)
    with Image.open(tmp_path / "out" / str(verdict.poster)) as poster:
        assert poster.size == (320, 180)


def test_exif_turns_the_picture_and_is_gone_with_the_position(check: Check, tmp_path: Path) -> None:
    data = corpus.jpeg_with_position(orientation=6)
    assert b"secret caption" in data
    verdict = check(data)
    assert (verdict.width, verdict.height) == (180, 320)
    path = clean(tmp_path, verdict)
    assert b"secret caption" not in path.read_bytes()
    with Image.open(path) as image:
        assert not image.getexif()
        red, green, _ = np.asarray(image)[10, 170].tolist()  # the corner has gone from top left to top right
        assert red > 200
        assert green < 60


def test_transparency_is_kept(check: Check, tmp_path: Path) -> None:
    image = corpus.picture()
    image.putalpha(Image.new("L", image.size, 77))
    with Image.open(clean(tmp_path, check(corpus.encoded(image, "PNG")))) as found:
        assert found.mode == "RGBA"
        assert found.getpixel((5, 5)) == pytest.approx((230, 20, 20, 77), abs=1)


@pytest.mark.slow
def test_a_picture_has_a_rendition_within_every_providers_limits(check: Check, tmp_path: Path) -> None:
    noise = np.random.default_rng(7).integers(0, 256, (2400, 4000, 4), dtype=np.uint8)
    verdict = check(corpus.encoded(Image.fromarray(noise, "RGBA"), "PNG"))
    path = tmp_path / "out" / str(verdict.rendition)
    assert path.stat().st_size <= 8 << 20
    with Image.open(path) as rendition:
        assert (rendition.format, rendition.mode, rendition.size) == ("JPEG", "RGB", (2048, 1229))
        assert not rendition.getexif()


def test_a_picture_of_pure_noise_is_accepted_too(check: Check, tmp_path: Path) -> None:
    noise = np.random.default_rng(7).integers(0, 256, (1500, 1500, 3), dtype=np.uint8)
    with Image.open(clean(tmp_path, check(corpus.encoded(Image.fromarray(noise), "JPEG")))) as found:
        assert found.size == (1500, 1500)


def test_a_small_picture_keeps_its_size_and_loses_its_transparency_for_providers(
    check: Check, tmp_path: Path
) -> None:
    image = corpus.picture()
    image.putalpha(Image.new("L", image.size, 0))
    verdict = check(corpus.encoded(image, "PNG"))
    with Image.open(tmp_path / "out" / str(verdict.rendition)) as rendition:
        assert rendition.size == image.size
        assert rendition.getpixel((9, 9)) == (0, 0, 0)


def test_sixteen_bits_of_grey_are_scaled_not_clipped(check: Check, tmp_path: Path) -> None:
    grey = Image.fromarray(np.full((64, 64), 32768, dtype=np.uint16))
    with Image.open(clean(tmp_path, check(corpus.encoded(grey, "PNG")))) as found:
        assert found.convert("RGB").getpixel((9, 9)) == (128, 128, 128)


def test_a_profile_that_does_not_fit_is_ignored_and_left_behind(check: Check, tmp_path: Path) -> None:
    with Image.open(clean(tmp_path, check(corpus.png_in_wide_gamut()))) as found:
        assert "icc_profile" not in found.info
        assert found.getpixel((5, 5)) == (230, 20, 20)


def test_what_hides_behind_a_picture_is_gone(check: Check, tmp_path: Path) -> None:
    script = b"<script>alert(1)</script>"
    polyglot = corpus.encoded(corpus.picture(), "PNG") + corpus.zip_file() + script
    data = clean(tmp_path, check(polyglot)).read_bytes()
    assert script not in data
    assert b"PK\x03\x04" not in data


def test_a_wall_of_pixels_is_refused_on_its_header(check: Check) -> None:
    verdict = check(corpus.huge_png(rows=100))
    assert verdict.problem is not None
    assert "20000 x 20000" in verdict.problem
    assert "scale it down" in verdict.problem


def test_a_picture_just_over_the_megapixels_is_refused_and_just_under_is_not(check: Check) -> None:
    assert check(corpus.huge_png(5100, 5000, rows=100)).problem is not None
    assert check(corpus.huge_png(5000, 5000)).problem is None


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty"),
        (corpus.zip_file(), "This is a zip archive; send PNG"),
        (b"%PDF-1.7\n", "This is a PDF document; save it as PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><image href='http://127.0.0.1/'/></svg>", "text document"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><svg/>", "text document"),
        (b"#EXTM3U\n#EXT-X-VERSION:3\nhttp://127.0.0.1:1/a.ts\n", "a playlist"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "a playlist"),
        (corpus.encoded(corpus.picture(), "GIF"), "This is a GIF"),
        (corpus.encoded(corpus.picture(), "TIFF"), "This is a TIFF; save it as PNG"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC or AVIF"),
        (b"\x7fELF\x02\x01\x01", "a program"),
        (bytes(5000), "not a file we can read"),
        (b"\x89PNG\r\n\x1a\n", "damaged or cut short"),
        (corpus.encoded(corpus.picture(), "PNG")[:-400], "damaged or cut short"),
        (corpus.encoded(corpus.picture(), "JPEG")[:3000], "damaged or cut short"),
        (corpus.encoded(corpus.picture(8, 8), "PNG"), "at least 16"),
        (b"\xff\xd8\xff\xe0" + bytes(500), "damaged or cut short"),
    ],
)
def test_what_is_no_good_picture_is_refused_with_the_way_out(
    check: Check, data: bytes, sentence: str, tmp_path: Path
) -> None:
    verdict = check(data)
    assert verdict.problem is not None
    assert sentence in verdict.problem
    assert verdict.file is None
    assert not list((tmp_path / "out").iterdir())


def test_an_animation_is_refused(check: Check) -> None:
    frames = [corpus.picture(), corpus.picture().rotate(180)]
    data = corpus.encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    assert "This is an animation" in str(check(data).problem)


@pytest.mark.slow
def test_flipped_bytes_never_break_the_inspection(check: Check, tmp_path: Path) -> None:
    """Each ends in a verdict: the facts, or a sentence."""
    chance = np.random.default_rng(7)
    seeds = [
        corpus.encoded(corpus.picture(), "PNG"),
        corpus.encoded(corpus.picture(), "JPEG"),
        corpus.encoded(corpus.picture(), "WEBP"),
        corpus.movie(tmp_path / "a.mp4", seconds=0.5).read_bytes(),
        corpus.tone(tmp_path / "a.mp3", seconds=0.5).read_bytes(),
    ]
    for seed in seeds:
        for _ in range(4):
            data = bytearray(seed)
            for at in chance.integers(0, len(data), 20):
                data[at] ^= int(chance.integers(1, 256))
            verdict = check(bytes(data))
            assert (verdict.file is None) == (verdict.problem is not None)


@pytest.mark.slow
def test_a_pixel_bomb_within_the_header_limits_stays_within_the_memory(check: Check) -> None:
    """25 megapixels of transparency, the largest that is taken."""
    stream = io.BytesIO()
    Image.new("RGBA", (5000, 5000), (1, 2, 3, 4)).save(stream, "PNG", compress_level=1)
    assert check(stream.getvalue()).problem is None
