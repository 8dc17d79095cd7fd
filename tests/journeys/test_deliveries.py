"""From a picked take to files on a timeline: masters, formats, rates, timelines, archives, links."""

import io
import zipfile
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import OpenImageIO
import opentimelineio as otio
import pytest
from lxml import etree

from tests.databases import until_told
from tests.journeys.deliveries import Bundle, download, sha256
from tests.journeys.hosts import first_clip, label, linked, seconds, shape
from tests.journeys.people import Person, fetch, slug
from tests.journeys.stack import Stack, until
from tests.media import readers

pytestmark = pytest.mark.slow

FILM: Final = {
    "frame_rate": "24000/1001",
    "width": 640,
    "height": 360,
    "playhead_timecode": "01:00:10:00",
    "handles_frames": 0,
}
PAL: Final = {**FILM, "frame_rate": "25", "handles_frames": 4}
DROP: Final = {
    **FILM,
    "frame_rate": "30000/1001",
    "playhead_timecode": "01:01:00;02",
    "handles_frames": 4,
}
SEQUENCES: Final = [
    pytest.param(FILM, id="film"),
    pytest.param(PAL, id="pal"),
    pytest.param(DROP, id="drop-frame"),
]
TIMELINES: Final = ["otio", "fcp7xml", "fcpxml", "edl"]
COUNTS: Final = {
    "24000/1001": (24, "01:00:10:00"),
    "25": (25, "01:00:09:21"),
    "30000/1001": (30, "01:00:59;26"),
}
AP0: Final = (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767)

Deliver = Callable[..., Bundle]


@pytest.fixture(scope="module")
def draft(editor: Person) -> Any:
    return editor.ready_draft(takes=2, sequence=FILM, label="SH020")


@pytest.fixture(scope="module")
def take(draft: Any) -> Any:
    return draft["takes"][1]


@pytest.fixture(scope="module")
def deliver(editor: Person, take: Any, tmp_path_factory: pytest.TempPathFactory) -> Deliver:
    """Deliveries of the picked take, made once for each wish."""
    made: dict[str, Bundle] = {}

    def ready(master_format: str, sequence: Mapping[str, Any]) -> Bundle:
        wish = f"{master_format}-{sequence['frame_rate']}".replace("/", "-")
        if wish not in made:
            wanted: dict[str, Any] = {
                "host": "resolve",
                "master_format": master_format,
                "timeline": TIMELINES,
            }
            delivery = editor.delivery(take["id"], **wanted, sequence=sequence)
            made[wish] = download(editor, delivery, tmp_path_factory.mktemp(wish))
        return made[wish]

    return ready


@pytest.mark.parametrize("sequence", SEQUENCES)
@pytest.mark.parametrize("master_format", ["h264", "prores-422-hq", "exr-aces"])
def test_every_file_matches_the_report_the_sequence_and_its_checksum(
    deliver: Deliver, master_format: str, sequence: Mapping[str, Any]
) -> None:
    bundle = deliver(master_format, sequence)
    clip, report = bundle.clip, bundle.report

    assert (clip["frame_count"], clip["start_timecode"]) == COUNTS[sequence["frame_rate"]]
    assert clip["frame_rate"] == report["clip"]["frame_rate"] == sequence["frame_rate"]
    for name in ("name", "reel", "frame_count", "start_timecode", "frame_rate"):
        assert report["clip"][name] == clip[name]
    told = {file["name"]: file for file in report["files"]}
    for file in bundle.delivery["files"]:
        if file["role"] in ("report", "timeline"):
            continue
        first = bundle.frames[0]["name"] if file["sequence"] else file["name"]
        assert told[first]["sha256"] == file["sha256"]
        assert told[first]["bytes"] == file["bytes"]
    beside = {"provenance"} if master_format == "exr-aces" else set()
    assert {file["role"] for file in bundle.delivery["files"]} == beside | {
        "master",
        "proxy",
        "poster",
        "timeline",
        "report",
    }


@pytest.mark.parametrize("sequence", SEQUENCES)
@pytest.mark.parametrize("master_format", ["h264", "prores-422-hq"])
def test_a_movie_carries_the_sequences_rate_timecode_reel_and_colour(
    deliver: Deliver, master_format: str, sequence: Mapping[str, Any]
) -> None:
    bundle = deliver(master_format, sequence)
    path = bundle.path("master")
    facts = readers.report(path)

    rate = {"24000/1001": "23.98", "25": "25", "30000/1001": "29.97"}[str(sequence["frame_rate"])]
    assert f"{rate} fps" in facts
    assert "bt709" in facts
    assert "640x360" in facts
    assert ("Video: h264" if master_format == "h264" else "Video: prores (HQ)") in facts
    assert len(readers.stamps(path)) == bundle.clip["frame_count"]
    assert readers.timecode(path) == bundle.clip["start_timecode"]
    assert bundle.clip["reel"] in facts


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_exr_frames_say_what_they_are_to_an_independent_reader(
    deliver: Deliver, sequence: Mapping[str, Any]
) -> None:
    bundle = deliver("exr-aces", sequence)
    whole = bundle.file("master")["sequence"]

    numbers = [int(frame["name"].split(".")[-2]) for frame in bundle.frames]
    assert numbers == list(range(whole["first"], whole["last"] + 1))
    assert len(numbers) == whole["count"] == bundle.clip["frame_count"]
    assert [frame["name"] for frame in bundle.frames] == [whole["pattern"] % number for number in numbers]
    first = OpenImageIO.ImageBuf(str(bundle.folder / bundle.frames[0]["name"]))
    spec = first.spec()
    assert (spec.width, spec.height, spec.nchannels, str(spec.format)) == (640, 360, 3, "half")
    assert spec.getattribute("chromaticities") == pytest.approx(AP0, abs=1e-4)
    assert Fraction(*spec.getattribute("FramesPerSecond")) == Fraction(str(sequence["frame_rate"]))
    assert spec.getattribute("reelName") == bundle.clip["reel"]
    assert label(spec.getattribute("smpte:TimeCode")[0]) == bundle.clip["start_timecode"]
    assert max(OpenImageIO.ImageBufAlgo.computePixelStats(first).max) > 1.0, "highlights over diffuse white"


@pytest.mark.parametrize("sequence", SEQUENCES)
@pytest.mark.parametrize("master_format", ["prores-422-hq", "exr-aces"])
def test_timelines_parse_and_relink_to_the_files_beside_them(
    deliver: Deliver, master_format: str, sequence: Mapping[str, Any]
) -> None:
    bundle = deliver(master_format, sequence)
    rate = float(Fraction(str(sequence["frame_rate"])))
    names = bundle.names

    shown = bundle.clip["frame_count"] - 2 * int(str(sequence["handles_frames"]))

    for ending in (".otio", ".xml", ".edl"):
        path = bundle.path("timeline", ending=ending)
        options = {"rate": rate} if ending == ".edl" else {}
        clip = first_clip(otio.adapters.read_from_file(str(path), **options))
        assert round(clip.duration().value) == shown, ending
        if ending == ".edl":
            continue  # an EDL names a reel and a clip, no path
        targets = linked(clip.media_reference)
        assert targets
        assert set(targets) <= names, f"{ending} links {targets}"
    final_cut: Any = etree.parse(bundle.path("timeline", ending=".fcpxml"))  # the adapter rounds 23.976 to 23
    frame = seconds(final_cut.find(".//format").get("frameDuration"))
    assert 1 / frame == Fraction(str(sequence["frame_rate"]))
    assert seconds(final_cut.find(".//asset-clip").get("duration")) == shown * frame
    for source in final_cut.iterfind(".//media-rep"):
        assert source.get("src").rpartition("/")[2] in names
    edl = bundle.path("timeline", ending=".edl").read_text()
    assert bundle.clip["reel"] in edl
    assert bundle.clip["name"] in edl


def test_a_master_is_the_same_shot_as_its_draft(
    editor: Person, take: Any, deliver: Deliver, tmp_path: Path
) -> None:
    before = editor.purse()
    asked = editor.ok(
        "POST", f"/v1/takes/{take['id']}/master", {"resolution": "540p", "dynamic_range": "hdr"}
    )
    assert asked["kind"] == "master"
    assert asked["from_take_id"] == take["id"]
    held = asked["cost"]["credits_held"]
    assert held > 0
    assert editor.purse()[:2] == (before[0] - held, before[1] + held)

    master = editor.generation(asked["id"])

    assert master["state"] == "ready"
    final = master["takes"][0]
    for name in ("seed", "frame_count", "frame_rate"):
        assert final[name] == take[name]
    assert (final["width"], final["height"], final["dynamic_range"]) == (960, 540, "hdr")
    assert editor.purse() == (before[0] - held, before[1], before[2])
    receipt = editor.receipt(master["id"])
    assert receipt["credits"] == {"quoted": held, "held": held, "settled": held, "returned": 0}
    ledger = {entry["id"]: entry for entry in editor.get("/v1/me/ledger")["items"]}
    assert [ledger[entry["id"]]["kind"] for entry in receipt["ledger"]] == ["hold", "settle"]
    delivery = editor.delivery(final["id"], host="premiere-pro", sequence=FILM)
    bundle, light = download(editor, delivery, tmp_path), deliver("prores-422-hq", FILM)
    for name in ("name", "reel", "frame_count", "start_timecode", "frame_rate", "bin"):
        assert bundle.clip[name] == light.clip[name], "the master swaps in for the draft"
    assert bundle.file("master")["name"] == light.file("master")["name"]
    shapes = [shape(each.path("poster")) for each in (bundle, light)]
    assert sum(abs(a - b) for a, b in zip(*shapes, strict=True)) / len(shapes[0]) < 16, "the same picture"


def test_an_archive_holds_every_file_and_its_link_works(editor: Person, deliver: Deliver) -> None:
    bundle = deliver("exr-aces", DROP)
    path = f"/v1/deliveries/{bundle.delivery['id']}"

    first = editor.send("POST", f"{path}/archive")
    assert (first.status_code, first.json()["archive"]["state"]) == (202, "building")
    archive = until(lambda: _ready_archive(editor, path), seconds=150)
    again = editor.ok("POST", f"{path}/archive")

    assert again["archive"]["url"] == archive["url"]
    data = Path(fetch(archive["url"], bundle.folder / "bundle.zip")).read_bytes()
    (bundle.folder / "bundle.zip").unlink()
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert packed.testzip() is None
        assert set(packed.namelist()) == bundle.names
        for frame in bundle.frames:
            assert sha256(packed.read(frame["name"])) == frame["sha256"]


def test_a_delivery_is_applied_once_however_often_it_is_said(
    stack: Stack, editor: Person, deliver: Deliver
) -> None:
    path = f"/v1/deliveries/{deliver('h264', FILM).delivery['id']}"

    first = editor.ok("POST", f"{path}/applied")
    second = editor.ok("POST", f"{path}/applied")

    assert first["applied_at"] is not None
    assert second["applied_at"] == first["applied_at"]
    until_told(stack.running()["DATABASE_URL"])
    told = [e for e in _events(editor) if e["subject_id"] == first["id"] and e["type"] == "delivery.applied"]
    assert len(told) == 1


def test_deliver_to_starts_the_delivery_by_itself(editor: Person) -> None:
    draft = editor.ready_draft(sequence=PAL, deliver_to={"host": "premiere-pro", "master_format": "h264"})

    delivery = editor.until_done(f"/v1/deliveries/{draft['deliveries'][0]['id']}")

    assert (delivery["state"], delivery["host"]) == ("ready", "premiere-pro")
    assert delivery["clips"][0]["frame_rate"] == "25"


def test_what_cannot_be_delivered_is_refused_before_anything_is_spent(editor: Person, take: Any) -> None:
    before = editor.purse()
    too_long = {**FILM, "handles_frames": 12}
    wishes: list[tuple[dict[str, Any], str]] = [
        ({"host": "nuke", "sequence": too_long}, "/sequence/handles_frames"),
        ({"out_frame": 100_000}, "/out_frame"),
        ({"exr_profile": "zip"}, "/exr_profile"),
        ({"sequence": FILM, "master_format": "exr-acescg", "exr_profile": "st2065-4"}, "/exr_profile"),
        ({"sequence": {**FILM, "width": 641}, "master_format": "h264"}, "/sequence"),
    ]
    for wish, pointer in wishes:
        refused = editor.send("POST", f"/v1/takes/{take['id']}/deliveries", wish)
        assert (refused.status_code, slug(refused)) == (422, "validation"), wish
        assert refused.json()["errors"][0]["pointer"].startswith(pointer)
        if "sequence" in wish:
            body: dict[str, Any] = {
                "kind": "draft",
                "brief": {"prompt": "x", "duration_seconds": 1},
                "sequence": wish["sequence"],
            }
            body["deliver_to"] = {k: v for k, v in wish.items() if k != "sequence"} | {"host": "nuke"}
            asked = editor.send("POST", "/v1/generations", body)
            assert (asked.status_code, slug(asked)) == (422, "validation"), wish
    assert editor.purse() == before


def _ready_archive(editor: Person, path: str) -> Any:
    archive = editor.get(path)["archive"]
    return archive if archive["state"] == "ready" else None


def _events(editor: Person) -> list[Any]:
    found: list[Any] = []
    page = editor.get("/v1/events")
    while page["items"]:
        found += page["items"]
        page = editor.get("/v1/events", params={"after": page["next_cursor"]})
    return found
