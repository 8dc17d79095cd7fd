"""The ACES image container: by its standard's own words, and by two readers that know nothing of ours."""

import io
import struct
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import OpenEXR
import OpenImageIO as oiio  # noqa: N813 - the library's own spelling in its examples
import pytest
from numpy.typing import NDArray

from plugin_backend.domain.sequence import ColourSpace, FrameRate, Timecode
from tests.media import st2065_4
from tests.media.scenes import sunrise
from worker.media import exr, kernels
from worker.media.aces_container import encode_aces_container
from worker.media.exr import ExrCompression, FrameHeader

FILM = FrameRate.parse("24000/1001")
HEADER = FrameHeader(
    FILM.fraction,
    timecode=Timecode.parse("13:58:59:23", rate=FILM),
    reel="A001",
    image_counter=86_399,
    owner="The owner",
    comments="A comment",
    attributes={"pluginbackend:take_id": "take_1", "pluginbackend:max_cd_m2": "712.000"},
)


@pytest.fixture(scope="module")
def data() -> bytes:
    return encode_aces_container(sunrise(2), header=HEADER)


def half_pixels(data: bytes) -> NDArray[np.float16]:
    with OpenEXR.File(io.BytesIO(data)) as file:
        return np.asarray(file.channels()["RGB"].pixels, dtype=np.float16)


def test_it_is_a_container_by_every_rule_of_the_standard(data: bytes) -> None:
    assert st2065_4.faults(data) == []


@pytest.mark.parametrize("size", [(16, 16), (17, 31), (1, 1), (1920, 2)])
def test_it_is_one_at_any_size(size: tuple[int, int]) -> None:
    width, height = size
    picture = sunrise(0, height=height, width=width)
    data = encode_aces_container(picture, header=FrameHeader(Fraction(24)))
    assert st2065_4.faults(data) == []
    assert np.array_equal(half_pixels(data), kernels.to_ap0_half(picture))


def broken(data: bytes, attribute: str, value: bytes) -> bytes:
    at = data.index(attribute.encode() + b"\0")
    at = data.index(0, data.index(0, at) + 1) + 5
    return data[:at] + value + data[at + len(value) :]


@pytest.mark.parametrize(
    ("attribute", "value", "told"),
    [
        ("acesImageContainerFlag", struct.pack("<i", 0), "not 1"),
        ("compression", b"\4", "compressed"),
        ("chromaticities", struct.pack("<f", 0.713), "ST 2065-1"),
        ("channels", b"A", "B, G and R"),
        ("lineOrder", b"\2", "rise nor fall"),
        ("dataWindow", struct.pack("<i", 1), "bytes"),
    ],
)
def test_the_check_finds_what_is_wrong(data: bytes, attribute: str, value: bytes, told: str) -> None:
    assert told in " ".join(st2065_4.faults(broken(data, attribute, value)))


def test_the_check_finds_frames_of_other_profiles_and_torn_ones(data: bytes) -> None:
    compressed = exr.encode_exr(sunrise(2), space=ColourSpace.ACES2065_1, header=HEADER)
    assert "colorInteropID is none of its attributes" in st2065_4.faults(compressed)
    assert st2065_4.faults(data[:-1]) != []
    assert st2065_4.faults(data[:4]) != []


def test_openexr_finds_the_light_and_what_is_told(data: bytes) -> None:
    with OpenEXR.File(io.BytesIO(data)) as file:
        header = dict(file.header())
    assert np.array_equal(half_pixels(data), kernels.to_ap0_half(sunrise(2)))
    assert OpenEXR.checkColorMetadata(header) == OpenEXR.OK.value
    assert (header["reelName"], header["imageCounter"]) == ("A001", 86_399)
    assert Fraction(header["framesPerSecond"]) == Fraction(24000, 1001)
    assert header["comments"] == ("A comment\npluginbackend:take_id=take_1\npluginbackend:max_cd_m2=712.000")


def test_openimageio_copies_it_under_its_strict_container_policy(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "frame.exr"
    path.write_bytes(data)
    image = oiio.ImageBuf(str(path))
    assert image.spec().get_string_attribute("smpte:TimeCode").startswith("13:58:59:23")
    image.specmod().attribute("openexr:ACESContainerPolicy", "strict")
    assert image.write(str(tmp_path / "again.exr")), image.geterror()


@pytest.mark.parametrize(
    ("rate", "label"),
    [
        ("25", "23:59:59:24"),
        ("30000/1001", "10:10:00;02"),
        ("50", "01:00:00:49"),
        ("60000/1001", "01:01:00;59"),
    ],
)
def test_timecode_is_read_back_by_the_library(rate: str, label: str) -> None:
    frame_rate = FrameRate.parse(rate)
    header = FrameHeader(frame_rate.fraction, timecode=Timecode.parse(label, rate=frame_rate))
    assert str(exr.read_exr(encode_aces_container(sunrise(0), header=header))[1].timecode) == label


def test_above_sixty_frames_a_second_it_has_no_timecode() -> None:
    label = Timecode.parse("01:00:00:119", rate=FrameRate.parse("120"))
    data = encode_aces_container(sunrise(0), header=FrameHeader(Fraction(120), timecode=label))
    assert st2065_4.faults(data) == []
    assert exr.read_exr(data)[1].timecode is None


def test_our_reader_finds_the_picture_again(data: bytes) -> None:
    back, header = exr.read_exr(data)
    assert np.abs(np.log2((back + 0.02) / (sunrise(2) + 0.02))).mean() < 0.002
    assert replace(header, comments="") == replace(HEADER, comments="", attributes={})


def test_light_that_is_aces2065_1_already_is_stored_bit_for_bit() -> None:
    light = kernels.to_ap0_half(sunrise(1))
    data = encode_aces_container(light, header=HEADER, found_in=ColourSpace.ACES2065_1)
    assert np.array_equal(half_pixels(data), light)


def test_no_compressed_frame_says_that_it_is_a_container() -> None:
    for compression in ExrCompression:
        made = exr.encode_exr(
            sunrise(0), space=ColourSpace.ACES2065_1, header=HEADER, compression=compression
        )
        assert "acesImageContainerFlag" not in st2065_4.read_header(made)[0]


def test_lossy_frames_say_how_much_they_may_lose() -> None:
    for compression in (ExrCompression.DWAA, ExrCompression.DWAB):
        made = exr.encode_exr(sunrise(0), space=ColourSpace.ACESCG, header=HEADER, compression=compression)
        assert st2065_4.read_header(made)[0]["dwaCompressionLevel"] == ("float", struct.pack("<f", 45))
