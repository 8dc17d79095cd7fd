"""EXR frames of a provider's, in an archive or loose: every bit kept, and nothing else of the archive."""

import stat
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import OpenImageIO as oiio  # noqa: N813 - its documentation's own name
import pytest
from numpy.typing import NDArray

from tests.ingest.filming import film_numbers
from tests.ingest.pictures import AP0, AP1, REC709, archive, exr, frames, light
from tests.ingest.takes import Door
from tests.media import readers
from tests.media.scenes import sunrise
from worker.media.ingest.found import Found
from worker.media.ingest.refusals import TakeRefusedError

Read = Callable[..., Found]


def test_an_archive_becomes_frames_of_ours_bit_for_bit_beside_its_movie(door: Door, tmp_path: Path) -> None:
    files = frames(26, first=1001, name="shot/beauty.{:05d}.exr")
    files = dict(reversed(files.items())) | {"colorimetry.json": b"{}", "__MACOSX/._beauty.1.exr": b"junk"}
    packed = archive(tmp_path / "a.zip", files, method=zipfile.ZIP_DEFLATED)
    movie = film_numbers(tmp_path / "a.mp4", range(26))
    made = door.take(movie, exr=[packed])

    source = made.source
    assert (source["kind"], source["colour_space"], source["first"]) == ("exr", "aces2065-1", 0)
    assert source["frame_rate"] == "24"
    assert source["movie"]["parts"][0]["frame_count"] == 26
    kept = [door.folder / source["pattern"].format(frame=number) for number in range(26)]
    assert len(door.storage.list(kept[0].parent.relative_to(door.folder).as_posix())) == 26
    for number in (0, 13, 25):
        image = oiio.ImageBuf(str(kept[number]))
        assert str(image.spec().format) == "half"
        assert image.spec().getattribute("imageCounter") == number
        assert image.spec().getattribute("FramesPerSecond") == (24, 1)
        assert np.array_equal(np.asarray(image.get_pixels(oiio.HALF)), light(number))
    assert (made.facts["codec"], made.facts["movie_codec"], made.facts["exr_compression"]) == (
        "exr",
        "h264",
        "zip",
    )
    assert (made.facts["dynamic_range"], made.facts["bit_depth"]) == ("hdr", 16)
    assert (made.facts["frame_count"], made.facts["width"], made.facts["height"]) == (26, 160, 90)
    assert len(readers.stamps(door.path(made.files["proxy"]))) == 26
    assert made.measures["luminance_peak_stops"] > 4  # the sun stands 45 times above white


def test_a_single_frame_is_a_take_at_24(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "still.exr"
    path.write_bytes(exr(light(0), chromaticities=AP0))
    found = read(exr=(path,))
    assert (found.exr_frames, found.frame_count, found.frame_rate) == (1, 1, Fraction(24))


def test_loose_frames_play_in_the_order_they_come(read: Read, tmp_path: Path) -> None:
    paths = []
    for number in range(3):
        paths.append(tmp_path / f"{9 - number}.exr")
        paths[-1].write_bytes(exr(light(number), chromaticities=AP0))
    assert read(exr=tuple(paths)).exr_frames == 3
    for number in range(3):
        kept = oiio.ImageBuf(str(tmp_path / "ingest" / f"frame.{number:06d}.exr"))
        assert np.array_equal(np.asarray(kept.get_pixels(oiio.HALF)), light(number))


@pytest.mark.parametrize(
    "compression",
    [OpenEXR.DWAB_COMPRESSION, OpenEXR.NO_COMPRESSION, OpenEXR.PIZ_COMPRESSION, OpenEXR.B44_COMPRESSION],
)
def test_every_compression_is_read(read: Read, tmp_path: Path, compression: Any) -> None:
    path = tmp_path / "a.exr"
    path.write_bytes(exr(light(3), compression=compression, chromaticities=AP0))
    assert read(exr=(path,)).measures["luminance_peak_stops"] == pytest.approx(5.0, abs=0.7)


def kept_frame(tmp_path: Path) -> NDArray[np.float32]:
    image = oiio.ImageBuf(str(tmp_path / "ingest" / "frame.000000.exr"))
    return np.asarray(image.get_pixels(oiio.FLOAT), dtype=np.float32)


def test_a_frame_says_its_own_colour_and_else_is_what_was_declared(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    for attributes, space in (
        ({"chromaticities": AP1}, "acescg"),
        ({"chromaticities": AP0}, "aces2065-1"),
        ({}, "aces2065-1"),
        ({"acesImageContainerFlag": 1}, "aces2065-1"),
    ):
        path.write_bytes(exr(light(0), **attributes))
        assert read(exr=(path,)).space == space
        assert np.array_equal(kept_frame(tmp_path), light(0).astype(np.float32))


def test_light_in_other_primaries_is_converted(read: Read, tmp_path: Path) -> None:
    white = np.ones((32, 32, 3), dtype=np.float32)
    red = white * np.array([1, 0, 0], dtype=np.float32)
    path = tmp_path / "a.exr"
    path.write_bytes(exr(white, chromaticities=REC709))
    assert read(exr=(path,)).space == "aces2065-1"
    assert np.allclose(kept_frame(tmp_path), 1, atol=0.002)  # white stays white, adapted to ACES'
    path.write_bytes(exr(red, chromaticities=REC709))
    read(exr=(path,))
    # Rec. 709's red in AP0, as the academy's own matrix has it.
    assert kept_frame(tmp_path)[0, 0] == pytest.approx((0.4396, 0.0898, 0.0175), abs=0.002)


def test_a_window_that_is_not_full_is_laid_where_it_shows(read: Read, tmp_path: Path) -> None:
    window = (np.array([0, 0], np.int32), np.array([159, 99], np.int32))
    part = (np.array([10, 20], np.int32), np.array([169, 109], np.int32))  # hangs over on the right and below
    path = tmp_path / "a.exr"
    path.write_bytes(exr(light(0), chromaticities=AP0, displayWindow=window, dataWindow=part))
    found = read(exr=(path,))
    assert (found.width, found.height) == (160, 100)
    kept = kept_frame(tmp_path)
    assert not kept[:20].any()
    assert not kept[:, :10].any()
    assert np.array_equal(kept[20:, 10:], light(0)[:80, :150].astype(np.float32))


def test_alpha_floats_and_broken_numbers_come_down_to_light(read: Read, tmp_path: Path) -> None:
    pixels = np.ones((90, 160, 4), dtype=np.float32)
    pixels[:, :, :3] = sunrise(0)
    pixels[5, 5, 0], pixels[6, 6, 1], pixels[7, 7, 2] = np.nan, np.inf, 1e9
    path = tmp_path / "a.exr"
    path.write_bytes(exr(pixels, chromaticities=AP0))
    found = read(exr=(path,))
    assert found.facts["exr_broken_values"] == 2
    kept = kept_frame(tmp_path)
    assert (kept[5, 5, 0], kept[6, 6, 1], kept[7, 7, 2]) == (0, 65504, 65504)


def hostile(path: Path, name: str, *, mode: int = 0o100644) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        member = zipfile.ZipInfo(name)
        member.external_attr = mode << 16
        packed.writestr(member, exr(light(0)))
        packed.writestr("frame.0001.exr", exr(light(0)))
    return path


@pytest.mark.parametrize(
    "name", ["../up.0001.exr", "/etc/frame.0002.exr", "a/../../b.0003.exr", "c:\\x.0004.exr", "..\\f.5.exr"]
)
def test_a_name_that_climbs_out_is_refused(read: Read, tmp_path: Path, name: str) -> None:
    with pytest.raises(TakeRefusedError, match="points outside itself"):
        read(exr=(hostile(tmp_path / "a.zip", name),))


def test_a_link_in_an_archive_is_refused(read: Read, tmp_path: Path) -> None:
    with pytest.raises(TakeRefusedError, match="points outside itself"):
        read(exr=(hostile(tmp_path / "a.zip", "frame.0002.exr", mode=stat.S_IFLNK | 0o777),))


def test_a_bomb_is_refused_by_what_it_promises(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed, packed.open("f.1.exr", "w") as member:
        for _ in range(600):
            member.write(bytes(1 << 20))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(TakeRefusedError, match=r"too-large: .*unpacks to 600 MB"):
        read(exr=(path,))


def test_an_archive_that_lies_about_a_members_size_costs_no_more_than_it_promises(
    read: Read, tmp_path: Path
) -> None:
    path = archive(tmp_path / "a.zip", {"f.1.exr": bytes(3 << 20)}, method=zipfile.ZIP_DEFLATED)
    data = path.read_bytes().replace((3 << 20).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    path.write_bytes(data)
    with pytest.raises(TakeRefusedError, match="damaged"):
        read(exr=(path,))


ARCHIVES: dict[str, tuple[Callable[[], dict[str, bytes]], str]] = {
    "empty": (dict, "empty: .*no EXR frame"),
    "no frames": (lambda: {"readme.txt": b"hello"}, "empty: .*no EXR frame"),
    "a gap": (
        lambda: {n: d for n, d in frames(5).items() if n != "frame.0003.exr"},
        "truncated: Frame 3 is missing",
    ),
    "two sequences": (
        lambda: frames(2) | frames(2, first=3, name="matte.{:04d}.exr"),
        "mismatched: .*several sequences",
    ),
    "the same number twice": (
        lambda: frames(2) | frames(2, name="again.{:02d}.exr"),
        "mismatched: .*no order",
    ),
    "no numbers": (
        lambda: {"a.exr": exr(light(0)), "b.exr": exr(light(1))},
        "mismatched: .*no order",
    ),
    "junk named exr": (lambda: {"f.0001.exr": b"no pixels" * 500}, "damaged: Frame 0"),
    "a short frame": (
        lambda: frames(2) | {"frame.0003.exr": exr(light(2), chromaticities=AP0)[:-900]},
        "damaged: Frame 2",
    ),
    "another size": (
        lambda: frames(1) | {"frame.0002.exr": exr(light(1)[:80], chromaticities=AP0)},
        "mismatched: Frame 1 .*another size",
    ),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_that_is_no_sequence_is_refused(read: Read, tmp_path: Path, name: str) -> None:
    files, words = ARCHIVES[name]
    with pytest.raises(TakeRefusedError, match=words):
        read(exr=(archive(tmp_path / "a.zip", files()),))


def test_archives_cut_short_or_locked_are_refused(read: Read, tmp_path: Path) -> None:
    whole = archive(tmp_path / "a.zip", frames(4)).read_bytes()
    path = tmp_path / "b.zip"
    for end in (-30, -len(whole) // 2, 40):
        path.write_bytes(whole[:end])
        with pytest.raises(TakeRefusedError, match="damaged: The archive"):
            read(exr=(path,))
    locked = bytearray(whole)
    locked[locked.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(locked))
    with pytest.raises(TakeRefusedError, match="packed in a way"):
        read(exr=(path,))


def test_frames_that_are_no_light_are_refused(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    path.write_bytes(exr(np.ones((32, 32, 3), dtype=np.uint32)))
    with pytest.raises(TakeRefusedError, match="whole numbers"):
        read(exr=(path,))
    path.write_bytes(exr(light(0), chromaticities=(0.1, 0.2, 0.3, 0.4, 0.5, 0.1, 0.3, 0.3)))
    with pytest.raises(TakeRefusedError, match="primaries"):
        read(exr=(path,))
    path.write_bytes(b"\x1f\x8b\x08" + bytes(200))
    with pytest.raises(TakeRefusedError, match="neither an EXR frame nor a zip"):
        read(exr=(path,))


def test_an_exr_frame_of_absurd_size_is_refused_by_its_header(read: Read, tmp_path: Path) -> None:
    data = exr(light(0))
    wide = data.replace(np.array([159, 89], "<i4").tobytes(), np.array([99_999, 99_999], "<i4").tobytes())
    assert wide != data
    path = tmp_path / "a.exr"
    path.write_bytes(wide)
    with pytest.raises(TakeRefusedError, match=r"too-large: .*100000 x 100000"):
        read(exr=(path,))


def test_a_movie_beside_frames_must_be_whole_too(read: Read, tmp_path: Path) -> None:
    movie = film_numbers(tmp_path / "a.mp4", range(20), container={"movflags": "faststart"})
    movie.write_bytes(movie.read_bytes()[:-2000])
    with pytest.raises(TakeRefusedError, match="truncated"):
        read(movie, exr=(archive(tmp_path / "a.zip", frames(2)),))
