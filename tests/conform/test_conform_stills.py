"""Stills of 16 bits, read back by others: what they show, and what they say their numbers mean."""

import io
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - its documentation's own name
import pytest
from numpy.typing import NDArray
from PIL import ImageCms

from plugin_backend.domain.delivering.conform_plan import OutputRole, OutputSpec
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat
from plugin_backend.domain.delivering.parts import Part
from plugin_backend.domain.sequence import ColourSpace
from tests.conform.desk import Desk
from tests.ingest.filming import film_numbers, numbers_in
from worker.media.still_files import encode_png16, encode_tiff16

ENCODERS = {".png": encode_png16, ".tif": encode_tiff16}


def colours(width: int = 61, height: int = 33) -> NDArray[np.uint16]:
    """Every kind of step, odd sides, white and the three primaries in a corner."""
    rgb = np.random.default_rng(7).integers(0, 65_536, (height, width, 3)).astype(np.uint16)
    rgb[0, :4] = [[65_535] * 3, [65_535, 0, 0], [0, 65_535, 0], [0, 0, 65_535]]
    return rgb


@pytest.mark.parametrize("suffix", ENCODERS)
@pytest.mark.parametrize("space", [ColourSpace.REC709, ColourSpace.P3_D65])
def test_another_reader_finds_every_code_and_the_profile(
    tmp_path: Path, suffix: str, space: ColourSpace
) -> None:
    rgb = colours()
    path = tmp_path / f"still{suffix}"
    path.write_bytes(ENCODERS[suffix](rgb, space=space))

    read = oiio.ImageBuf(str(path))
    assert read.spec().format == oiio.UINT16
    assert np.array_equal(np.asarray(read.get_pixels(oiio.UINT16)), rgb)
    profile = bytes(np.asarray(read.spec().getattribute("ICCProfile"), dtype=np.uint8))
    name = ImageCms.getProfileName(ImageCms.ImageCmsProfile(io.BytesIO(profile))).strip()
    assert name == {ColourSpace.REC709: "Rec. 709, gamma 2.4", ColourSpace.P3_D65: "Display P3"}[space]


def test_a_profile_means_what_another_maker_s_does() -> None:
    """Rec. 709's primaries are sRGB's, and another library has those."""
    made = ImageCms.ImageCmsProfile(io.BytesIO(_profile(ColourSpace.REC709))).profile
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).profile

    for name in ("red_colorant", "green_colorant", "blue_colorant"):
        ours, theirs = (np.array(getattr(profile, name)) for profile in (made, srgb))
        assert np.allclose(ours[0], theirs[0], atol=2e-3)
    assert np.allclose(np.array(made.media_white_point)[0], (0.9642, 1, 0.8249), atol=1e-3)


def _profile(space: ColourSpace) -> bytes:
    data = encode_tiff16(colours(), space=space)
    start = data.index(b"acsp") - 36
    return data[start : start + int.from_bytes(data[start : start + 4], "big")]


@pytest.mark.parametrize(
    ("space", "codes"),
    [
        (ColourSpace.REC709, (1, 1, 0, 1)),
        (ColourSpace.P3_D65, (12, 13, 0, 1)),
        (ColourSpace.REC2100_PQ, (9, 16, 0, 1)),
        (ColourSpace.REC2100_HLG, (9, 18, 0, 1)),
    ],
)
def test_a_png_says_its_code_points(space: ColourSpace, codes: tuple[int, ...]) -> None:
    data = encode_png16(colours(), space=space)
    at = data.index(b"cICP") + 4
    assert tuple(data[at : at + 4]) == codes
    assert (b"iCCP" in data) == (space in (ColourSpace.REC709, ColourSpace.P3_D65))
    assert data.index(b"cICP") < data.index(b"IDAT")


@pytest.mark.slow
@pytest.mark.parametrize("form", [DeliveryFormat.PNG, DeliveryFormat.TIFF])
def test_one_frame_of_a_take_is_delivered_alone(desk: Desk, tmp_path: Path, form: DeliveryFormat) -> None:
    taken = desk.take(film_numbers(tmp_path / "a.mp4", range(24)))
    made = desk.deliver(
        taken,
        [OutputSpec(OutputRole.MASTER, form)],
        sequence={"frame_rate": "24", "width": 320, "height": 180},
        part=Part(17, 17),
    )

    assert [file["role"] for file in made.result["files"]] == ["master", "poster", "report", "report"]
    (frame,) = made.result["files"][0]["frames"]
    pixels = np.asarray(oiio.ImageBuf(str(made.path(frame))).get_pixels(oiio.UINT16))
    assert numbers_in(pixels[None, ..., 1], middle=32_768) == [17]
    assert made.result["files"][0]["bit_depth"] == 16
