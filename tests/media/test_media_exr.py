from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import OpenEXR
import OpenImageIO as oiio  # noqa: N813 - the library's own spelling in its examples
import pytest

from plugin_backend.domain.sequence import ColourSpace, FrameRate, Timecode
from tests.media.scenes import sunrise
from worker.media import exr, kernels
from worker.media.exr import ExrCompression, FrameHeader

FILM = FrameRate.parse("24000/1001")
HEADER = FrameHeader(
    FILM.fraction,
    timecode=Timecode.parse("01:02:03:04", rate=FILM),
    reel="A001",
    image_counter=7,
    owner="The owner",
    comments="Ein Kommentar über 山",
    attributes={"take:seed": str(2**40), "take:prompt": "日本 & more"},
)
LOSSLESS = [each for each in ExrCompression if each not in (ExrCompression.DWAA, ExrCompression.DWAB)]


@pytest.mark.parametrize("compression", LOSSLESS)
def test_a_source_frame_comes_back_bit_for_bit(tmp_path: Path, compression: ExrCompression) -> None:
    half = kernels.to_half(sunrise(1))
    exr.write_exr(tmp_path / "f.exr", half, space=ColourSpace.ACESCG, header=HEADER, compression=compression)
    pixels, header = exr.read_source_exr(tmp_path / "f.exr")
    assert np.array_equal(pixels, half)
    assert header == HEADER


@pytest.mark.parametrize("compression", list(ExrCompression))
def test_an_aces2065_1_frame_comes_back_as_the_picture_it_was(compression: ExrCompression) -> None:
    picture = sunrise(2)
    data = exr.encode_exr(picture, space=ColourSpace.ACES2065_1, header=HEADER, compression=compression)
    back, header = exr.read_exr(data)
    tolerance = 0.1 if compression in (ExrCompression.DWAA, ExrCompression.DWAB) else 0.002
    assert np.abs(np.log2((back + 0.02) / (picture + 0.02))).mean() < tolerance
    assert header == HEADER


def test_the_file_and_the_bytes_are_the_same(tmp_path: Path) -> None:
    exr.write_exr(tmp_path / "f.exr", sunrise(1), space=ColourSpace.ACESCG, header=HEADER)
    assert (tmp_path / "f.exr").read_bytes() == exr.encode_exr(
        sunrise(1), space=ColourSpace.ACESCG, header=HEADER
    )


def test_an_independent_reader_finds_the_pixels_and_what_they_mean(tmp_path: Path) -> None:
    path = tmp_path / "f.exr"
    exr.write_exr(path, sunrise(2), space=ColourSpace.ACES2065_1, header=HEADER)
    image = oiio.ImageBuf(str(path))
    spec = image.spec()
    assert (spec.channelnames, str(spec.format)) == (("R", "G", "B"), "half")
    assert spec["compression"] == "piz"
    assert spec["chromaticities"] == pytest.approx(
        (0.7347, 0.2653, 0, 1, 0.0001, -0.077, 0.32168, 0.33767), abs=1e-6
    )
    assert spec["FramesPerSecond"] == (24000, 1001)
    assert spec["take:seed"] == str(2**40)
    assert spec["take:prompt"] == "日本 & more"
    assert spec.get_string_attribute("smpte:TimeCode").startswith("01:02:03:04")
    expected = kernels.to_ap0_half(sunrise(2)).astype(np.float32)
    pixels = image.get_pixels(oiio.FLOAT)
    assert pixels is not None
    assert np.array_equal(pixels, expected)


@pytest.mark.parametrize("compression", list(ExrCompression))
def test_what_its_colour_means_is_said_without_contradiction(
    tmp_path: Path, compression: ExrCompression
) -> None:
    path = tmp_path / "f.exr"
    exr.write_exr(path, sunrise(0), space=ColourSpace.ACES2065_1, header=HEADER, compression=compression)
    with OpenEXR.File(str(path), header_only=True) as file:
        header = dict(file.header())
    assert header["colorInteropID"] == "lin_ap0_scene"
    assert OpenEXR.checkColorMetadata(header) == OpenEXR.OK.value


@pytest.mark.parametrize(
    ("rate", "label"),
    [
        ("24000/1001", "23:59:59:23"),
        ("25", "10:00:00:24"),
        ("30000/1001", "01:00:00;02"),
        ("50", "01:00:00:49"),
        ("60000/1001", "01:01:00;59"),
        ("60", "00:00:00:58"),
    ],
)
def test_timecode_comes_back_at_every_rate_it_can_be_stored_at(rate: str, label: str) -> None:
    frame_rate = FrameRate.parse(rate)
    header = FrameHeader(frame_rate.fraction, timecode=Timecode.parse(label, rate=frame_rate))
    data = exr.encode_exr(sunrise(0), space=ColourSpace.ACESCG, header=header)
    assert str(exr.read_exr(data)[1].timecode) == label


def test_above_sixty_frames_a_second_no_wrong_timecode_is_written() -> None:
    header = FrameHeader(
        Fraction(120), timecode=Timecode.parse("01:00:00:119", rate=FrameRate.parse("120")), image_counter=4
    )
    back = exr.read_exr(exr.encode_exr(sunrise(0), space=ColourSpace.ACESCG, header=header))[1]
    assert back == replace(header, timecode=None)


def test_a_display_space_is_refused() -> None:
    with pytest.raises(ValueError, match="display space"):
        exr.encode_exr(sunrise(0), space=ColourSpace.REC709, header=HEADER)


def test_an_aces2065_1_frame_is_not_taken_for_a_source_frame() -> None:
    data = exr.encode_exr(sunrise(0), space=ColourSpace.ACES2065_1, header=HEADER)
    with pytest.raises(ValueError, match="not a source frame"):
        exr.read_source_exr(data)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_a_torn_frame_is_refused_with_a_reason(tmp_path: Path, share: float) -> None:
    whole = exr.encode_exr(sunrise(0), space=ColourSpace.ACESCG, header=HEADER)
    torn = tmp_path / "torn.exr"
    torn.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ValueError, match="not a readable EXR"):
        exr.read_exr(torn)
    with pytest.raises(ValueError, match="not a readable EXR"):
        exr.read_exr(torn.read_bytes())


def test_a_frame_that_is_not_ours_is_refused_with_a_reason(tmp_path: Path) -> None:
    pixels = sunrise(0)
    foreign = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    with OpenEXR.File(foreign, {"RGB": pixels}) as file:
        file.write(str(tmp_path / "single.exr"))
    with OpenEXR.File(foreign, {"RGB": kernels.to_half(pixels)}) as file:
        file.write(str(tmp_path / "half.exr"))
    with pytest.raises(ValueError, match="half float"):
        exr.read_exr(tmp_path / "single.exr")
    with pytest.raises(ValueError, match="framesPerSecond"):
        exr.read_exr(tmp_path / "half.exr")
