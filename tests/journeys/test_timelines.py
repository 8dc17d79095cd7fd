"""Every timeline of one delivery, each opened by a reader of its own and relinked to the files beside it."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any, Final

import aaf2
import opentimelineio as otio
import pytest
from lxml import etree

from tests.journeys.deliveries import Bundle, download
from tests.journeys.hosts import linked
from tests.journeys.people import Person
from tests.timeline import tcl

pytestmark = pytest.mark.slow

DROP: Final = {
    "frame_rate": "30000/1001",
    "width": 640,
    "height": 360,
    "playhead_timecode": "01:01:00;02",
    "handles_frames": 4,
}
PROMPT: Final = "<左>&\"中文🎬' ]]> [exit] {x} $y \\ a lighthouse, slow push in"
TIMELINES: Final = ["otio", "fcp7xml", "fcpxml", "edl", "aaf", "otioz", "nuke", "after-effects"]
MARK: Final = {
    "tool": "point",
    "target": "subject",
    "points": [[0.5, 0.5]],
    "from_seconds": 0.5,
    "note": PROMPT,
}
FIRST: Final = 3660 * 30 + 2 - 2 * 55 - 4  # 01:01:00;02 by hand: 55 minutes before it lost two labels each
COUNT: Final = 30


@pytest.fixture(scope="module")
def bundle(editor: Person, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    draft = editor.ready_draft(sequence=DROP, label="SH020", brief={"prompt": PROMPT, "annotations": [MARK]})
    wanted: dict[str, Any] = {"host": "nuke", "master_format": "exr-aces", "timeline": TIMELINES}
    return download(
        editor,
        editor.delivery(draft["takes"][0]["id"], **wanted, sequence=DROP),
        tmp_path_factory.mktemp("timelines"),
    )


def path(bundle: Bundle, ending: str) -> Path:
    return bundle.path("timeline", ending=ending)


def marked(clip: Any) -> list[int]:
    return [
        round((each.marked_range.start_time - clip.available_range().start_time).value)
        for each in clip.markers
    ]


def test_all_that_were_asked_for_are_there(bundle: Bundle) -> None:
    names = [file["name"] for file in bundle.delivery["files"] if file["role"] == "timeline"]
    stem = bundle.clip["name"]
    endings = [".otio", ".xml", ".fcpxml", ".edl", ".aaf", ".otioz", ".nk", ".jsx"]
    assert names == [f"{stem}{ending}" for ending in endings]


def test_otio_names_frames_and_proxy_with_marks_of_editor_and_director(bundle: Bundle) -> None:
    clip = otio.adapters.read_from_file(str(path(bundle, ".otio"))).find_clips()[0]
    forms = clip.media_references()
    assert set(forms) == {"DEFAULT_MEDIA", "PROXY"}
    for form in forms.values():
        assert set(linked(form)) <= bundle.names
    assert forms["DEFAULT_MEDIA"].metadata["plugin_backend"]["colour_space"] == "aces2065-1"
    assert forms["PROXY"].metadata["plugin_backend"]["colour_space"] == "rec709"
    names = [marker.name for marker in clip.markers]
    assert names[0] == "director"
    assert any(name.startswith("camera ") for name in names)
    assert names[-1] == "point subject"
    assert marked(clip)[0] == 4  # where the shot begins, after the handle
    assert marked(clip)[-1] == 15
    assert clip.markers[-1].comment == PROMPT
    assert clip.metadata["plugin_backend"]["metadata"]["prompt"] == PROMPT


def test_the_report_tells_what_was_asked_in_words_and_by_marks(bundle: Bundle) -> None:
    direction = bundle.report["direction"]
    rows = {row["id"]: row for row in direction["directives"]}
    assert {row["source"] for row in rows.values()} == {"words", "mark"}
    assert rows["mark-1"]["kind"] == "place"
    seen = {row["standing"] for row in rows.values()}
    assert seen <= {"followed", "partly", "missed", "not-measured"}
    assert direction["measured"] or seen == {"not-measured"}


def test_the_bundle_opens_by_itself(bundle: Bundle, tmp_path: Path) -> None:
    read = otio.adapters.read_from_file(str(path(bundle, ".otioz")), extract_to_directory=str(tmp_path))
    clip = read.find_clips()[0]
    movie = tmp_path / clip.media_reference.target_url
    assert movie.read_bytes() == bundle.path("proxy").read_bytes()
    assert clip.source_range.start_time.value == FIRST + 4


def test_an_aaf_leads_to_the_frames_at_their_timecode(bundle: Bundle) -> None:
    clip = otio.adapters.read_from_file(str(path(bundle, ".aaf"))).find_clips()[0]
    assert round(clip.source_range.start_time.value) == FIRST + 4
    assert round(clip.duration().value) == COUNT - 8
    marks = {marker.name: marker.marked_range.start_time.value for marker in clip.markers}
    assert set(marks.values()) >= {FIRST + 4, FIRST + 15}
    with aaf2.open(str(path(bundle, ".aaf"))) as file:
        (master,) = file.content.mastermobs()
        assert master.comments["prompt"] == PROMPT
        assert next(iter(marks)).startswith("director: concept:")
        places = [
            place["URLString"].value
            for mob in file.content.sourcemobs()
            if "Locator" in mob.descriptor
            for place in mob.descriptor["Locator"].value
        ]
    assert places == [bundle.frames[0]["name"]]


def test_a_nuke_script_reads_frames_and_proxy_side_by_side(bundle: Bundle) -> None:
    found = tcl.nodes(path(bundle, ".nk").read_text())
    frames, proxy = (knobs for kind, knobs in found if kind == "Read")
    assert frames["file"] % int(frames["first"]) == bundle.frames[0]["name"]
    assert frames["file"] % int(frames["last"]) == bundle.frames[-1]["name"]
    assert (frames["colorspace"], frames["first"]) == ("ACES2065-1", str(FIRST))
    assert proxy["file"] in bundle.names
    assert (proxy["colorspace"], proxy["frame"]) == ("Rec.1886 Rec.709 - Display", str(FIRST))


def test_an_after_effects_script_brings_in_the_frames(bundle: Bundle) -> None:
    host = Path(__file__).parents[1] / "timeline" / "after_effects_host.js"
    command = ["node", str(host), str(path(bundle, ".jsx")), "2"]
    made = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    (comp,) = made["comps"]
    (footage,) = made["footage"]
    assert footage["file"] == bundle.frames[0]["name"]
    assert footage["sequence"] is True
    assert PROMPT in footage["comment"]
    assert comp["starts"] * 30000 / 1001 == pytest.approx(FIRST + 4)
    assert comp["dropFrame"] is True
    assert footage["folder"] == comp["folder"] == "/AI takes/SH020"
    assert made["alerts"] == []


def test_the_others_are_cut_from_what_they_can_read(bundle: Bundle) -> None:
    final_cut: Any = etree.parse(path(bundle, ".fcpxml"))
    assert [each.get("src")[2:] for each in final_cut.iter("media-rep")] == [bundle.path("proxy").name]
    assert final_cut.findtext(".//asset-clip/note") == PROMPT
    premiere: Any = etree.parse(path(bundle, ".xml"))
    assert premiere.xpath("//pathurl/text()") == [bundle.frames[0]["name"]]
    assert premiere.xpath("//bin/name/text()") == ["AI takes", "SH020"]
    events = re.findall(r"^001 .+$", path(bundle, ".edl").read_text(), flags=re.MULTILINE)
    assert [event.split()[-4:] for event in events] == [
        ["01:01:00;02", "01:01:00;24", "01:01:00;02", "01:01:00;24"]
    ]
