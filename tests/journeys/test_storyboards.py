"""A storyboard up to its cut: drafted in waves, picked, assembled, opened by readers of its own."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import aaf2
import opentimelineio as otio
import pytest
from lxml import etree

from tests.journeys.deliveries import Bundle, download
from tests.journeys.hosts import linked, shape
from tests.journeys.people import Person, fetch
from tests.journeys.stack import until
from tests.timeline import tcl

pytestmark = pytest.mark.slow

DROP: Final = {
    "frame_rate": "30000/1001",
    "width": 320,
    "height": 180,
    "playhead_timecode": "01:00:59;20",
    "handles_frames": 3,
}
TIMELINES: Final = ["otio", "fcp7xml", "fcpxml", "edl", "aaf", "otioz", "nuke", "after-effects"]
SMALL: Final = {"duration_seconds": 1, "resolution": "360p", "seed": 7}
PROMPTS: Final = ("a lighthouse in the rain at night", "a red boat on a calm lake", "a dune at noon")
COUNTS: Final = [(30, 3), (30, 0), (30, 3)]
LENGTHS: Final = (24, 30, 24)  # a second is 30 frames, less the handles; the second shot has none
START: Final = 3659 * 30 + 20 - 2 * 54  # 01:00:59;20 by hand: of 60 minutes 54 began without two labels


@pytest.fixture(scope="module")
def board(editor: Person) -> Any:
    """Three shots, the second of which goes on from the first; every one drafted and picked."""
    shots: list[dict[str, Any]] = [{"brief": {**SMALL, "prompt": prompt}} for prompt in PROMPTS]
    shots[1] |= {"continue": True, "handles_frames": 0}
    asked = editor.ok("POST", "/v1/storyboards", {"title": "Night sea", "shots": shots, "sequence": DROP})
    path = f"/v1/storyboards/{asked['id']}"
    begun = editor.ok("POST", f"{path}/generate")
    assert [shot["state"] for shot in begun["shots"]] == ["drafting", "waiting", "drafting"]
    done: Any = until(lambda: _drafted(editor.get(path)), seconds=240)
    picks = [{"id": shot["id"], "take_id": shot["takes"][0]["id"]} for shot in done["shots"]]
    found = editor.ok("PATCH", path, {"shots": picks})
    assert [shot["state"] for shot in found["shots"]] == ["picked"] * 3
    return found


def _drafted(board: Mapping[str, Any]) -> Mapping[str, Any] | None:
    states = {shot["state"] for shot in board["shots"]}
    assert not states & {"failed", "refused"}, board["shots"]
    return board if states == {"drafted"} else None


@pytest.fixture(scope="module")
def bundle(editor: Person, board: Any, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    wanted = {"host": "nuke", "master_format": "exr-aces", "timeline": TIMELINES}
    asked = editor.ok("POST", f"/v1/storyboards/{board['id']}/assemble", wanted)
    assert (asked["take_id"], asked["storyboard_id"]) == (None, board["id"])
    done = editor.until_done(f"/v1/deliveries/{asked['id']}", seconds=240)
    assert done["state"] == "ready", done
    return download(editor, done, tmp_path_factory.mktemp("cut"))


def path(bundle: Bundle, ending: str) -> Path:
    return bundle.path("timeline", ending=ending)


def test_what_continues_a_shot_begins_with_its_last_frame(editor: Person, board: Any, tmp_path: Path) -> None:
    """The picture it was given is the frame; and it shows in the shot that was made from it."""
    (frame,) = board["shots"][1]["generation"]["brief"]["keyframes"]
    asset = editor.get(f"/v1/assets/{frame['asset_id']}")
    assert (asset["state"], asset["width"], asset["height"]) == ("ready", 640, 360)
    first = shape(fetch(asset["url"], tmp_path / "frame.png"))
    posters = [
        shape(fetch(shot["takes"][0]["poster"]["url"], tmp_path / f"{number}.jpg"))
        for number, shot in enumerate(board["shots"])
    ]
    apart = [sum(abs(a - b) for a, b in zip(first, poster, strict=True)) for poster in posters]
    assert max(apart[0], apart[1]) < apart[2]


def test_the_board_shows_how_far_the_colours_of_each_shot_are_from_the_others(board: Any) -> None:
    drifts = [shot["drift"] for shot in board["shots"]]
    for drift in drifts:
        assert 0.3 < sum(each["share"] for each in drift["palette"]) <= 1.001
        assert drift["distance_to_look"] is None  # nobody named colours
    first, second, third = (drift["distance_to_others"] for drift in drifts)
    assert max(first, second) < third  # rain at night, gone on from that, and a dune at noon


def test_each_shot_has_its_files_with_handles_inside_and_a_report(bundle: Bundle) -> None:
    clips = bundle.delivery["clips"]
    assert [(clip["frame_count"], clip["handles_frames"]) for clip in clips[::1]] == [
        (30, 3),
        (30, 0),
        (30, 3),
    ]
    assert [clip["start_timecode"] for clip in clips] == ["01:00:59;17", "01:01:00;16", "01:01:01;13"]
    assert len({clip["reel"] for clip in clips}) == 3
    roles = [file["role"] for file in bundle.delivery["files"]]
    assert [roles.count(role) for role in ("master", "proxy", "poster", "report")] == [3, 3, 3, 6]
    assert len({file["name"] for file in bundle.delivery["files"]}) == len(roles)
    assert len(bundle.frames) == len({frame["name"] for frame in bundle.frames}) == 90


def test_otio_reads_a_cut_without_gaps_of_the_picked_takes_in_order(bundle: Bundle, board: Any) -> None:
    timeline = otio.adapters.read_from_file(str(path(bundle, ".otio")))
    (track,) = timeline.video_tracks()
    clips = list(track)
    assert all(isinstance(clip, otio.schema.Clip) for clip in clips)
    assert [round(clip.duration().value) for clip in clips] == list(LENGTHS)
    assert round(track.duration().value) == sum(LENGTHS)
    assert round(timeline.global_start_time.value) == START
    takes = [clip.metadata["plugin_backend"]["metadata"]["take_id"] for clip in clips]
    assert takes == [shot["take_id"] for shot in board["shots"]]
    assert [clip.metadata["plugin_backend"]["metadata"]["prompt"] for clip in clips] == list(PROMPTS)
    record = START
    for clip in clips:
        available, used = clip.available_range(), clip.source_range
        assert round(used.start_time.value) == record  # each take's own timecode is where it lies
        assert available.start_time <= used.start_time
        assert used.end_time_exclusive() <= available.end_time_exclusive()
        for form in clip.media_references().values():
            assert set(linked(form)) <= bundle.names
        assert any(marker.name == "director" for marker in clip.markers)
        record += round(clip.duration().value)


def test_the_bundle_opens_by_itself(bundle: Bundle, tmp_path: Path) -> None:
    read = otio.adapters.read_from_file(str(path(bundle, ".otioz")), extract_to_directory=str(tmp_path))
    movies = [tmp_path / clip.media_reference.target_url for clip in read.find_clips()]
    proxies = [bundle.folder / file["name"] for file in bundle.delivery["files"] if file["role"] == "proxy"]
    assert [movie.read_bytes() for movie in movies] == [proxy.read_bytes() for proxy in proxies]


def test_all_of_it_is_packed_under_the_cuts_own_name(editor: Person, bundle: Bundle) -> None:
    where = f"/v1/deliveries/{bundle.delivery['id']}"
    editor.ok("POST", f"{where}/archive")
    archive = until(lambda: _packed(editor.get(where)["archive"]))
    assert archive["name"].startswith("Night_sea_")
    single = [file for file in bundle.delivery["files"] if file["sequence"] is None]
    assert archive["files"] == len(single) + len(bundle.frames)


def _packed(archive: Mapping[str, Any]) -> Any:
    assert archive["state"] != "failed", archive
    return archive if archive["state"] == "ready" else None


def test_an_edl_says_the_cut_in_drop_frame(bundle: Bundle) -> None:
    events = re.findall(r"^\d{3}  .+$", path(bundle, ".edl").read_text(), flags=re.MULTILINE)
    ins_and_outs = ["01:00:59;20", "01:01:00;16", "01:01:01;16", "01:01:02;10"]
    assert [event.split()[-2:] for event in events] == [
        ins_and_outs[number : number + 2] for number in range(3)
    ]
    assert [event.split()[-4:-2] for event in events] == [event.split()[-2:] for event in events]
    assert len({event.split()[1] for event in events}) == 3


def test_an_aaf_holds_every_take(bundle: Bundle, board: Any) -> None:
    timeline = otio.adapters.read_from_file(str(path(bundle, ".aaf")))
    clips = [clip for clip in timeline.find_clips() if clip.parent().kind == "Video"]
    assert [round(clip.duration().value) for clip in clips] == list(LENGTHS)
    with aaf2.open(str(path(bundle, ".aaf"))) as file:
        told = {mob.comments["take_id"] for mob in file.content.mastermobs()}
    assert told == {shot["take_id"] for shot in board["shots"]}


def test_the_other_hosts_read_it_too(bundle: Bundle) -> None:
    final_cut: Any = etree.parse(path(bundle, ".fcpxml"))
    clips = final_cut.xpath("//spine/asset-clip")
    assert [clip.get("duration") for clip in clips] == [f"{1001 * n}/30000s" for n in LENGTHS]
    assert not final_cut.xpath("//spine/gap")
    premiere: Any = etree.parse(path(bundle, ".xml"))
    items = premiere.xpath("//sequence/media/video/track/clipitem")
    edges = [(int(item.findtext("start")), int(item.findtext("end"))) for item in items]
    assert edges == [(0, 24), (24, 54), (54, 78)]
    assert [int(item.findtext("in")) for item in items] == [3, 0, 3]
    reads = [knobs for kind, knobs in tcl.nodes(path(bundle, ".nk").read_text()) if kind == "Read"]
    assert len(reads) == 6
    host = Path(__file__).parents[1] / "timeline" / "after_effects_host.js"
    command = ["node", str(host), str(path(bundle, ".jsx")), "1"]
    made = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    (comp,) = made["comps"]
    spans = [[round(layer[name] * 30000 / 1001) for name in ("in", "out")] for layer in comp["layers"]]
    assert sorted(spans) == [[0, 24], [24, 54], [54, 78]]
    assert made["alerts"] == []
