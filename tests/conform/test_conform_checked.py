"""Deliveries are read back before they are told: right ones pass, wrong ones are never finished."""

import json
from pathlib import Path
from typing import Any

import pytest

from plugin_backend.domain.delivering.conform import plan_conform
from plugin_backend.domain.delivering.conform_plan import ConformPlan, OutputRole, OutputSpec
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat
from plugin_backend.domain.sequence import Sequence
from tests.conform.take import Delivered, deliver, store_take, take, work_for
from tests.domain.conforms import EXR, PRORES, PROXY
from worker.media.checking import check_movie
from worker.media.process import MediaProcess

pytestmark = pytest.mark.slow

SIZE: dict[str, object] = {"width": 160, "height": 90}
PRORES_4444 = OutputSpec(OutputRole.MASTER, DeliveryFormat.PRORES_4444)


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    folder = tmp_path_factory.mktemp("checked")
    store_take(folder, take(frames=60))
    sequence = {"frame_rate": "30000/1001", "playhead_timecode": "00:59:59;20", "colour_space": "rec2100-pq"}
    return deliver(folder, take(frames=60), [PRORES_4444, EXR, PROXY], sequence=SIZE | sequence)


def report_of(found: Delivered) -> dict[str, Any]:
    entry = found.file(role="report", media_type="application/json")
    report: dict[str, Any] = json.loads(found.path(entry).read_text())
    return report


def failed_in(report: dict[str, Any]) -> dict[tuple[str, str], tuple[str, str]]:
    """What was asked and what was found, by file and check."""
    return {
        (each["file"], each["check"]): (each["asked"], each["found"])
        for each in report["checks"]
        if not each["pass"]
    }


def test_every_file_is_checked_against_what_was_asked_and_passes(delivered: Delivered) -> None:
    report = report_of(delivered)
    assert report["passed"] is True
    assert all(check["pass"] for check in report["checks"])
    told = {(check["file"], check["check"]): check["found"] for check in report["checks"]}
    assert told["sunrise.mov", "frame rate"] == "30000/1001"
    assert told["sunrise.mov", "timecode"] == "00:59:59;20"
    assert told["sunrise.mov", "duration"] == "2.502500 s"
    assert told["sunrise.mov", "colour"] == "9-16-9, limited range"
    assert told["sunrise.mov", "light levels, boxes"].startswith(f"MaxCLL {report['light']['max_cll']}, ")
    assert told["sunrise_proxy.mp4", "size"] == "160 x 90"
    frames = {check for file, check in told if file.endswith(".exr")}
    assert frames >= {"frames", "stored whole", "size", "timecode", "reel", "colour", "checksum"}
    assert {file for file, check in told if check == "checksum"} >= {
        "sunrise.mov",
        "sunrise_proxy.mp4",
        "sunrise_poster.jpg",
    }


def test_bit_depth_is_what_was_given_though_a_decoder_has_more(delivered: Delivered) -> None:
    movie, frames, proxy = delivered.result["files"][:3]
    assert (movie["bit_depth"], movie["decoded_bits"]) == (10, 12)
    assert (frames["bit_depth"], proxy["bit_depth"]) == (16, 8)


class Bench:
    """A take's chunks, made by one plan, to be finished by another."""

    def __init__(self, folder: Path, media: MediaProcess) -> None:
        self.storage = store_take(folder, take(frames=4))
        self.media = media

    def chunk(self, plan: ConformPlan) -> dict[str, Any]:
        work = work_for(plan, prefix="deliveries/one") | {"chunk": 0}
        return self.media.run("conform_chunk", work, deadline_seconds=60)

    def refused(self, plan: ConformPlan, chunk: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """The report for programs and the one for people, which are all that is told of."""
        made = self.finish(plan, chunk)
        assert made["refused"]["checks"]
        assert [file["name"] for file in made["files"]] == ["report.json", "report.html"]
        told, page = (self.storage.get_bytes(file["key"]) for file in made["files"])
        report: dict[str, Any] = json.loads(told)
        assert report["passed"] is False
        assert made["refused"]["checks"] == [each for each in report["checks"] if not each["pass"]]
        return report, page.decode()

    def finish(self, plan: ConformPlan, chunk: dict[str, Any]) -> dict[str, Any]:
        ending = {"chunks": [chunk], "asked": {}, "label": "animatic"}
        work = work_for(plan, prefix="deliveries/one")
        return self.media.run("conform_finish", work | ending, deadline_seconds=60)


def planned(output: OutputSpec, **sequence: object) -> ConformPlan:
    asked = Sequence.from_json(SIZE | sequence)
    return plan_conform(take(frames=4), asked, [output], name_stem="sunrise")


def test_of_a_movie_of_another_size_and_colour_than_was_asked_there_is_a_report_alone(tmp_path: Path) -> None:
    with MediaProcess(1024, tmp_path / "scratch", storage_url=tmp_path.as_uri()) as media:
        bench = Bench(tmp_path, media)
        chunk = bench.chunk(planned(PRORES))
        asked = planned(PRORES, width=320, height=180, colour_space="rec2100-hlg")
        report, page = bench.refused(asked, {**chunk, "light": None})
    assert failed_in(report) == {
        ("sunrise.mov", "size"): ("320 x 180", "160 x 90"),
        ("sunrise.mov", "colour"): ("9-18-9, limited range", "1-1-1, limited range"),
    }
    assert {each["check"] for each in report["checks"] if each["pass"]} >= {"frame rate", "reel", "checksum"}
    assert f"Not as asked: 2 of {len(report['checks'])} checks failed" in page
    assert page.count("data:image/jpeg") == 4  # a picture of each frame, as it was made


def test_a_movie_that_cannot_be_read_fails_that_check_and_no_other(tmp_path: Path) -> None:
    plan, path = planned(PRORES), tmp_path / "sunrise.mov"
    path.write_bytes(b"")
    (check,) = check_movie(path, plan.outputs[0], plan, hdr=None, sound=False).checks
    assert (check.file, check.check, check.asked, check.passed) == (
        "sunrise.mov",
        "read back",
        "whole",
        False,
    )


def test_a_frame_that_was_changed_or_lost_in_storage_is_told_of(tmp_path: Path) -> None:
    with MediaProcess(1024, tmp_path / "scratch", storage_url=tmp_path.as_uri()) as media:
        bench = Bench(tmp_path, media)
        plan = planned(EXR)
        chunk = bench.chunk(plan)
        keys = [file["key"] for file in chunk["files"]]
        right = bench.storage.get_bytes(keys[3])
        bench.storage.put_bytes(keys[3], bench.storage.get_bytes(keys[2]))
        another = failed_in(bench.refused(plan, chunk)[0])
        bench.storage.put_bytes(keys[3], b"not a frame any more")
        broken = failed_in(bench.refused(plan, chunk)[0])
        bench.storage.delete([keys[3]])
        lost = failed_in(bench.refused(plan, chunk)[0])
        bench.storage.put_bytes(keys[3], right)
        whole = bench.finish(plan, chunk)
    name = "sunrise.0086403.exr"
    assert another[name, "timecode"] == ("01:00:00:03", "01:00:00:02")
    assert {check for _, check in another} >= {"timecode", "frame number", "checksum"}
    assert broken[name, "read back"][0] == lost[name, "read back"][0] == "whole"
    assert lost[name, "read back"][1] == "no longer stored"
    assert lost["sunrise.0086400.exr", "stored whole"] == ("4", "3")
    assert whole["refused"] is None
    assert whole["files"][0]["bit_depth"] == 16
