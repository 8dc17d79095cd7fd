"""Every format of a master, read back by others: what it is, what it says of its light, and what it shows."""

import json
import re
from pathlib import Path
from typing import Any

import av
import numpy as np
import OpenImageIO as oiio  # noqa: N813 - its documentation's own name
import pytest
from av.sidedata.sidedata import Type as SideData
from numpy.typing import NDArray

from plugin_backend.domain.delivering.conform_plan import OutputRole, OutputSpec
from plugin_backend.domain.delivering.delivery_formats import DELIVERY_FORMATS, DeliveryFormat
from tests.conform.take import Delivered, deliver, store_take, take
from tests.domain.conforms import PROXY
from tests.media import readers

pytestmark = pytest.mark.slow

MOVIES = [each for each in DELIVERY_FORMATS if DELIVERY_FORMATS[each].is_movie]
SIZE = {"width": 320, "height": 180}
FRAMES = 30

_CODECS = {
    DeliveryFormat.PRORES_422_HQ: r"prores \(HQ\) \(apch.*yuv422p10le",
    DeliveryFormat.PRORES_4444: r"prores \(4444\) \(ap4h.*yuv444p1\dle",
    DeliveryFormat.DNXHR_HQX: r"dnxhd \(DNXHR HQX\) \(AVdh.*yuv422p10le",
    DeliveryFormat.HEVC_HDR10: r"hevc \(Main 10\) \(hvc1.*yuv420p10le",
    DeliveryFormat.HEVC_HLG: r"hevc \(Main 10\) \(hvc1.*yuv420p10le",
    DeliveryFormat.HEVC_MAIN12: r"hevc \(Rext\) \(hvc1.*yuv420p12le",
    DeliveryFormat.H264: r"h264 \(High\) \(avc1.*yuv420p",
}


def delivered(folder: Path, master: DeliveryFormat, *, space: str) -> Delivered:
    facts = take(frames=FRAMES)
    store_take(folder, facts)
    sequence = {"frame_rate": "24", "playhead_timecode": "01:00:00:00", "colour_space": space, **SIZE}
    return deliver(folder, facts, [OutputSpec(OutputRole.MASTER, master), PROXY], sequence=sequence)


def master_of(found: Delivered) -> Path:
    return found.path(found.result["files"][0])


@pytest.mark.parametrize("master", MOVIES)
def test_another_reader_finds_codec_colour_timecode_and_every_frame(
    master: DeliveryFormat, tmp_path: Path
) -> None:
    space = DELIVERY_FORMATS[master].spaces[-1].value
    found = delivered(tmp_path, master, space=space)
    movie = master_of(found)

    told = readers.report(movie)
    assert re.search(_CODECS[master], told), told
    curve = {"rec2100-pq": "smpte2084", "rec2100-hlg": "arib-std-b67", "p3-d65": "iec61966-2-1"}[space]
    assert f"/{curve}" in told
    assert readers.timecode(movie) == "01:00:00:00"
    assert len(readers.stamps(movie)) == FRAMES
    assert readers.index_comes_first(movie)


@pytest.fixture(scope="module")
def hdr10(tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    return delivered(tmp_path_factory.mktemp("hdr10"), DeliveryFormat.HEVC_HDR10, space="rec2100-pq")


def test_light_levels_are_equal_in_boxes_messages_report_and_rows(hdr10: Delivered) -> None:
    facts = hdr10.result["files"][0]["hdr"]
    report = json.loads(hdr10.path(hdr10.file(role="report", media_type="application/json")).read_bytes())

    assert (report["light"]["max_cll"], report["light"]["max_fall"]) == (facts["max_cll"], facts["max_fall"])
    assert f"MaxCLL={facts['max_cll']}, MaxFALL={facts['max_fall']}" in readers.report(master_of(hdr10))
    assert _messages(master_of(hdr10)) == [_mastering(facts)] * 2
    data = master_of(hdr10).read_bytes()
    box = data.index(b"clli") + 4
    assert (int.from_bytes(data[box : box + 2], "big"), int.from_bytes(data[box + 2 : box + 4], "big")) == (
        facts["max_cll"],
        facts["max_fall"],
    )


def _side_data(frame: av.VideoFrame) -> list[Any]:
    return list(frame.side_data)  # typed as a mapping, it yields its values


def _messages(movie: Path) -> list[tuple[object, ...]]:
    """What the decoder finds in the stream's key frames (there is one a second)."""
    found: list[tuple[object, ...]] = []
    with av.open(str(movie)) as container:
        for frame in container.decode(video=0):
            if frame.key_frame:
                told = {each.type: bytes(each) for each in _side_data(frame)}
                volume = np.frombuffer(told[SideData.MASTERING_DISPLAY_METADATA], dtype="<i4")[:20]
                light = np.frombuffer(told[SideData.CONTENT_LIGHT_LEVEL], dtype="<u4")
                values = [round(float(n) / float(d), 5) for n, d in volume.reshape(-1, 2)]
                found.append((*values, *(int(each) for each in light)))
    return found


def _mastering(facts: dict[str, dict[str, dict[str, list[float]]]]) -> tuple[object, ...]:
    """Red, green, blue, white, least and most luminance; then the levels."""
    volume = facts["mastering"]
    points = [volume["primaries"][name] for name in ("red", "green", "blue", "white")]
    lights = (volume["min_luminance"], volume["max_luminance"])
    return (*(value for point in points for value in point), *lights, facts["max_cll"], facts["max_fall"])


def _pq_light(luma: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of grey codes in ten bits, by SMPTE ST 2084, in cd/m2."""
    power = np.clip((luma - 64) / 876, 0, 1) ** (32 / 2523)
    return 10_000 * (np.maximum(power - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * power)) ** (16384 / 2610)


def test_measured_light_is_the_delivered_picture_s(hdr10: Delivered) -> None:
    facts = hdr10.result["files"][0]["hdr"]
    luma = readers.luma(master_of(hdr10), **SIZE, pixels="yuv420p10le").astype(float)

    brightest = _pq_light(luma.reshape(-1)).max()  # luma never exceeds the largest of red, green and blue
    assert 0.6 * facts["max_cll"] <= brightest <= 1.15 * facts["max_cll"]  # coding overshoots at edges
    assert facts["max_cll"] <= 1000
    averages = _pq_light(luma).mean(axis=(1, 2))
    assert 0.5 * facts["max_fall"] <= averages.max() <= 1.05 * facts["max_fall"]


@pytest.mark.parametrize("master", [DeliveryFormat.PRORES_422_HQ, DeliveryFormat.DNXHR_HQX])
def test_an_editor_s_codec_in_pq_holds_the_same_boxes(master: DeliveryFormat, tmp_path: Path) -> None:
    found = delivered(tmp_path, master, space="rec2100-pq")
    facts = found.result["files"][0]["hdr"]

    told = readers.report(master_of(found))
    assert f"MaxCLL={facts['max_cll']}, MaxFALL={facts['max_fall']}" in told
    assert "max_luminance=1000" in told


def test_hlg_and_sdr_carry_no_figures_in_cd_m2(tmp_path: Path) -> None:
    hlg = delivered(tmp_path / "hlg", DeliveryFormat.HEVC_HLG, space="rec2100-hlg")
    assert b"clli" not in master_of(hlg).read_bytes()
    assert hlg.result["files"][0]["hdr"]["max_cll"] > 0
    sdr = delivered(tmp_path / "sdr", DeliveryFormat.HEVC_MAIN12, space="rec709")
    assert sdr.result["files"][0]["hdr"] is None


def test_beside_an_hdr_movie_lies_its_trim_for_sdr(hdr10: Delivered) -> None:
    told = readers.report(hdr10.proxy)

    assert re.search(r"yuv420p\(tv, bt709", told)
    assert f"{SIZE['width']}x{SIZE['height']}" in told


def test_frames_of_acescg_say_so_and_tell_their_own_light(tmp_path: Path) -> None:
    found = delivered(tmp_path, DeliveryFormat.EXR_ACESCG, space="rec2100-pq")
    report = json.loads(found.path(found.file(role="report", media_type="application/json")).read_bytes())

    for number, path in enumerate(found.frames):
        spec = oiio.ImageBuf(str(path)).spec()
        assert spec.getattribute("chromaticities")[:2] == pytest.approx((0.713, 0.293))
        told = float(spec.get_string_attribute("pluginbackend:max_cd_m2"))
        assert told == report["light"]["max_cd_m2"][number]
    assert max(report["light"]["max_cd_m2"]) == pytest.approx(report["light"]["max_cll"], abs=0.5)
