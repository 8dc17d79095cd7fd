"""A list of frames over HTTP: movies or frames at their own places, every timeline with the gaps between."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import aaf2
import opentimelineio as otio
import pytest
from lxml import etree

from tests.journeys.deliveries import Bundle, download
from tests.journeys.hosts import linked, seconds
from tests.journeys.people import Person, slug
from tests.media import readers
from tests.timeline import tcl

pytestmark = pytest.mark.slow

SEQUENCE: Final = {"frame_rate": "24", "width": 640, "height": 360, "playhead_timecode": "01:00:10:00"}
START: Final = 3610 * 24
LIST: Final = [3, 10, 11, 12, 20]
CUTS: Final = [(0, 3, 1), (7, 10, 3), (17, 20, 1)]
"""Of each run: where it is recorded, its first frame in the clip, how many."""
LABELS: Final = ["01:00:10:03", "01:00:10:10", "01:00:10:20"]
TIMELINES: Final = ["otio", "fcp7xml", "edl", "aaf", "nuke", "after-effects"]


@pytest.fixture(scope="module")
def take(editor: Person) -> Any:
    return editor.ready_draft(sequence=SEQUENCE, label="SH040")["takes"][0]


def delivered(editor: Person, take: Any, folder: Path, **wanted: Any) -> Bundle:
    asked = {"sequence": SEQUENCE, "frames": LIST, **wanted}
    return download(editor, editor.delivery(take["id"], **asked), folder)


@pytest.fixture(scope="module")
def movies(editor: Person, take: Any, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    wanted = {
        "master_format": "prores-422-hq",
        "timeline": [*TIMELINES, "fcpxml", "otioz"],
        "audio": "silent",
    }
    return delivered(editor, take, tmp_path_factory.mktemp("movies"), **wanted)


@pytest.fixture(scope="module")
def frames(editor: Person, take: Any, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    wanted = {"master_format": "exr-aces", "timeline": TIMELINES}
    return delivered(editor, take, tmp_path_factory.mktemp("frames"), **wanted)


@pytest.fixture(params=["movies", "frames"])
def bundle(request: pytest.FixtureRequest) -> Bundle:
    found: Bundle = request.getfixturevalue(request.param)
    return found


def test_clips_are_the_runs_each_with_its_file(bundle: Bundle) -> None:
    clips = bundle.delivery["clips"]

    assert [clip["start_timecode"] for clip in clips] == LABELS
    assert [clip["frame_count"] for clip in clips] == [count for _, _, count in CUTS]
    assert [clip["name"][-8:] for clip in clips] == [f"_{START + first:07d}" for _, first, _ in CUTS]
    masters = [file for file in bundle.delivery["files"] if file["role"] == "master"]
    assert {clip["audio"] for clip in clips} == {len(masters) > 1}, "the movies have a silent track"
    if len(masters) > 1:
        assert [clip["file"] for clip in clips] == [file["name"] for file in masters]
        for clip in clips:
            path = bundle.folder / clip["file"]
            assert readers.timecode(path) == clip["start_timecode"]
            assert len(readers.stamps(path)) == clip["frame_count"]
        return
    (images,) = masters
    assert {clip["file"] for clip in clips} == {images["sequence"]["pattern"]}
    assert [frame["frame"] for frame in bundle.frames] == [START + number for number in LIST]
    runs = [{"first": START + first, "last": START + first + count - 1} for _, first, count in CUTS]
    assert images["sequence"]["runs"] == runs
    assert {file["role"] for file in bundle.delivery["files"]} <= {
        "master",
        "poster",
        "report",
        "timeline",
        "provenance",
    }


def _cut(track: Any) -> Iterator[tuple[int, int, int]]:
    for clip in track.find_clips():
        at = clip.range_in_parent().start_time.value
        source = clip.source_range
        yield round(at), round(source.start_time.value) - START, round(source.duration.value)


@pytest.mark.parametrize("ending", [".otio", ".aaf", ".edl", ".otioz"])
def test_otio_reads_each_run_at_its_own_place(bundle: Bundle, ending: str) -> None:
    if ending == ".otioz" and bundle.frames:
        return  # it carries movies, and these are none
    options = {"rate": 24} if ending == ".edl" else {}
    read = otio.adapters.read_from_file(str(bundle.path("timeline", ending=ending)), **options)
    if isinstance(read, otio.schema.SerializableCollection):
        (read,) = read
    track = next(each for each in read.tracks if each.kind == otio.schema.TrackKind.Video)
    found = [each for each in track.find_clips() if not _is_black(each)]

    assert [cut for cut in _cut(track) if cut[1] >= 0] == CUTS
    assert len(found) == len(CUTS)
    if ending == ".otio":
        assert {name for clip in found for name in linked(clip.media_reference)} <= bundle.names


def _is_black(clip: Any) -> bool:
    return isinstance(clip.media_reference, otio.schema.GeneratorReference)


def test_fcp7_xml_has_the_runs_with_gaps_between(bundle: Bundle) -> None:
    document: Any = etree.parse(bundle.path("timeline", ending=".xml"))
    items = document.xpath("//sequence/media/video/track/clipitem")

    assert [(int(i.findtext("start")), int(i.findtext("end"))) for i in items] == [
        (at, at + count) for at, _, count in CUTS
    ]
    assert [(int(i.findtext("in")), int(i.findtext("out"))) for i in items] == [
        (0, count) for _, _, count in CUTS
    ]
    files = document.xpath("//sequence/media/video/track/clipitem/file")
    assert [file.findtext("timecode/string") for file in files] == LABELS
    assert {file.findtext("pathurl") for file in files} <= bundle.names
    assert len(document.xpath("//file[pathurl]")) == len(CUTS)


def test_timelines_say_how_many_bits_the_sound_of_the_movies_has(movies: Bundle) -> None:
    assert "Audio: pcm_s24le" in readers.report(movies.path("master", ending=f"{START + 10:07d}.mov"))
    document: Any = etree.parse(movies.path("timeline", ending=".xml"))
    depths = document.xpath("//file/media/audio/samplecharacteristics/depth/text()")
    assert depths == ["24"] * len(CUTS)
    with aaf2.open(str(movies.path("timeline", ending=".aaf"))) as file:
        parts = [
            part
            for mob in file.content.sourcemobs()
            if "FileDescriptors" in mob.descriptor
            for part in mob.descriptor["FileDescriptors"].value
        ]
        sounds = [part for part in parts if "QuantizationBits" in part]
        assert [part["QuantizationBits"].value for part in sounds] == [24] * len(CUTS)
        assert {part["BlockAlign"].value for part in sounds} == {6}


def test_final_cut_is_given_a_gap_between_the_movies(movies: Bundle) -> None:
    document: Any = etree.parse(movies.path("timeline", ending=".fcpxml"))
    spine = document.find(".//spine")

    assert [each.tag for each in spine] == ["asset-clip", "gap", "asset-clip", "gap", "asset-clip"]
    clips = [each for each in spine if each.tag == "asset-clip"]
    assert [seconds(each.get("start")) * 24 - START for each in clips] == [first for _, first, _ in CUTS]
    assert [seconds(each.get("offset")) * 24 - START - 3 for each in clips] == [at for at, _, _ in CUTS]
    named = {each.get("src")[2:] for each in document.iter("media-rep")}
    assert named == {f["name"] for f in movies.delivery["files"] if f["role"] in ("master", "proxy")}


def test_an_edl_spells_the_black_between(bundle: Bundle) -> None:
    lines = bundle.path("timeline", ending=".edl").read_text().splitlines()
    events = [line.split() for line in lines if line[:3].isdigit()]

    assert [event[1] == "BL" for event in events] == [False, True, False, True, False]
    assert [event[-4] for event in events[::2]] == LABELS
    assert [event[-2] for event in events[::2]] == LABELS


def test_an_aaf_says_what_its_frames_are(frames: Bundle) -> None:
    with aaf2.open(str(frames.path("timeline", ending=".aaf"))) as file:
        pixels = [
            mob.descriptor["PixelLayout"].value
            for mob in file.content.sourcemobs()
            if "PixelLayout" in mob.descriptor
        ]
    assert len(pixels) == len(CUTS)
    assert {component["Size"] for layout in pixels for component in layout if component["Size"]} == {253}


def test_nuke_reads_each_run_at_its_frames(bundle: Bundle) -> None:
    found = tcl.nodes(bundle.path("timeline", ending=".nk").read_text())
    reads = [knobs for kind, knobs in found if kind == "Read" and "proxy" not in knobs["file"]]

    assert [knobs.get("frame", knobs["first"]) for knobs in reads] == [
        str(START + first) for _, first, _ in CUTS
    ]
    assert [int(knobs["last"]) - int(knobs["first"]) + 1 for knobs in reads] == [n for _, _, n in CUTS]


def test_after_effects_lays_each_run_where_it_belongs(bundle: Bundle) -> None:
    host = Path(__file__).parents[1] / "timeline" / "after_effects_host.js"
    command = ["node", str(host), str(bundle.path("timeline", ending=".jsx")), "1"]
    made = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    (comp,) = made["comps"]
    spans = sorted((round(each["in"] * 24), round(each["out"] * 24)) for each in comp["layers"])
    assert spans == [(at, at + count) for at, _, count in CUTS]
    assert {footage["file"] for footage in made["footage"]} <= bundle.names
    if bundle.frames:
        assert [footage["images"] for footage in made["footage"]] == [None, [START + 10, START + 12], None]
    assert made["alerts"] == []


@pytest.mark.parametrize(
    ("wish", "pointers"),
    [
        ({"frames": [3, 3]}, ["/frames/1"]),
        ({"frames": [0, 23, 24]}, ["/frames/2"]),
        ({"frames": [3], "in_frame": 2}, ["/frames"]),
        ({"master_format": "exr-aces", "timeline": ["otio", "fcpxml"]}, ["/timeline/1"]),
        ({"master_format": "exr-aces", "audio": "silent"}, ["/audio"]),
    ],
)
def test_what_is_no_list_of_its_frames_is_refused(
    editor: Person, take: Any, wish: dict[str, Any], pointers: list[str]
) -> None:
    asked = {"sequence": SEQUENCE, "frames": LIST, **wish}
    refused = editor.send("POST", f"/v1/takes/{take['id']}/deliveries", asked)

    assert (refused.status_code, slug(refused)) == (422, "validation")
    assert [error["pointer"] for error in refused.json()["errors"]] == pointers
