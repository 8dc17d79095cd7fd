"""Frames of light as they were asked to be stored, through a whole delivery."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest

from plugin_backend.domain.delivering.conform_plan import OutputRole, OutputSpec
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat, ExrProfile
from tests.conform.take import Delivered, deliver, pixels_of, store_take, take
from tests.media import st2065_4

pytestmark = pytest.mark.slow

SEQUENCE = {"frame_rate": "24", "width": 160, "height": 90, "colour_space": "rec2100-pq"}


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> dict[ExrProfile | None, Delivered]:
    """The same two frames, once in each profile and once as nothing is said."""
    folder, facts = tmp_path_factory.mktemp("profiles"), take(frames=2)
    store_take(folder, facts)
    made = {}
    for profile in (None, *ExrProfile):
        spec = OutputSpec(OutputRole.MASTER, DeliveryFormat.EXR_ACES, profile)
        made[profile] = deliver(folder, facts, [spec], sequence=SEQUENCE, prefix=f"deliveries/{profile}")
    return made


def header_of(path: Path) -> dict[str, Any]:
    with OpenEXR.File(str(path), header_only=True) as file:
        return dict(file.header())


@pytest.mark.parametrize(
    ("profile", "stored", "told"),
    [
        (None, OpenEXR.PIZ_COMPRESSION, "piz"),
        (ExrProfile.PIZ, OpenEXR.PIZ_COMPRESSION, "piz"),
        (ExrProfile.ZIP, OpenEXR.ZIP_COMPRESSION, "zip"),
        (ExrProfile.ZIPS, OpenEXR.ZIPS_COMPRESSION, "zips"),
        (ExrProfile.DWAA, OpenEXR.DWAA_COMPRESSION, "dwaa, level 45"),
        (ExrProfile.DWAB, OpenEXR.DWAB_COMPRESSION, "dwab, level 45"),
        (ExrProfile.ST2065_4, OpenEXR.NO_COMPRESSION, "uncompressed (SMPTE ST 2065-4)"),
    ],
)
def test_frames_are_stored_as_asked_and_the_files_say_so(
    delivered: dict[ExrProfile | None, Delivered], profile: ExrProfile | None, stored: Any, told: str
) -> None:
    made = delivered[profile]
    entry = made.file(role="master", media_type="image/x-exr")
    assert all(header_of(path)["compression"] == stored for path in made.frames)
    assert entry["codec"] == f"OpenEXR half float, {told}"
    assert entry["exr_profile"] == (profile or ExrProfile.PIZ)
    report = json.loads(made.path(made.file(role="report", media_type="application/json")).read_bytes())
    [check] = [each for each in report["checks"] if each["check"] == "profile"]
    assert (check["asked"], check["found"]) == (entry["exr_profile"],) * 2
    assert [each["pass"] for each in report["checks"] if each["check"] == "light of the frame"] == [True]


def test_every_lossless_profile_holds_the_same_light(delivered: dict[ExrProfile | None, Delivered]) -> None:
    expected = [pixels_of(path) for path in delivered[None].frames]
    for profile in (ExrProfile.ZIP, ExrProfile.ZIPS, ExrProfile.ST2065_4):
        for path, pixels in zip(delivered[profile].frames, expected, strict=True):
            assert np.array_equal(pixels_of(path), pixels)
    lossy = pixels_of(delivered[ExrProfile.DWAB].frames[0])
    assert np.abs(np.log2((lossy + 0.02) / (expected[0] + 0.02))).mean() < 0.1


def test_a_delivered_container_keeps_the_standard_and_tells_its_light(
    delivered: dict[ExrProfile | None, Delivered],
) -> None:
    made = delivered[ExrProfile.ST2065_4]
    report = json.loads(made.path(made.file(role="report", media_type="application/json")).read_bytes())
    for number, path in enumerate(made.frames):
        assert st2065_4.faults(path.read_bytes()) == []
        comments = dict(line.split("=", 1) for line in header_of(path)["comments"].splitlines())
        assert comments["pluginbackend:take_id"] == "take_0123"
        assert float(comments["pluginbackend:max_cd_m2"]) == report["light"]["max_cd_m2"][number]
