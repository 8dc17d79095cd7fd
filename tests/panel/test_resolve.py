"""The adapter of DaVinci Resolve, with what its main process does, on a Resolve in memory."""

import pytest
from playwright.sync_api import Page

from tests.panel.adapters import Adapter, import_clip, open_adapter, place_clip, refusal
from tests.panel.storage import Storage


@pytest.fixture
def resolve(page: Page, storage: Storage) -> Adapter:
    return open_adapter(page, storage, "resolve")


def test_the_timeline_is_told_exactly(resolve: Adapter) -> None:
    assert resolve("info")["host"] == "resolve"
    sequence = resolve("context")["sequence"]

    assert (sequence["frame_rate"], sequence["playhead_frame"]) == ("24000/1001", 240)
    assert (sequence["width"], sequence["height"]) == (1920, 1080)


def test_drop_frame_and_marks_are_told(resolve: Adapter) -> None:
    resolve.set(
        "Object.assign(fake.timeline, {rate: '29.97 DF', start: 107892, timecode: '01:01:00:02',"
        " mark: {video: {in: 107902, out: 107911}}})"
    )

    sequence = resolve("context")["sequence"]

    assert (sequence["frame_rate"], sequence["drop_frame"]) == ("30000/1001", True)
    assert (sequence["playhead_timecode"], sequence["playhead_frame"]) == ("01:01:00;02", 1800)
    assert (sequence["in_frame"], sequence["out_frame"]) == (10, 20)


def test_media_lands_in_its_bin_and_the_editor_s_folder_stays_open(resolve: Adapter) -> None:
    item = import_clip(resolve)

    found = resolve.set(
        "(({of}) => [of.path, of.properties['Clip Name'], of.metadata.Comments])"
        "(fake.pool.root.of.folders[0].of.folders[0].of.clips[0])"
    )
    assert found == [item["path"], "SH010 take 2", "dlv_1"]
    assert resolve.set("fake.pool.current === fake.pool.root")
    assert import_clip(resolve) == item
    assert resolve.set("fake.imports") == 1


def test_an_image_sequence_is_one_clip_at_its_rate(resolve: Adapter) -> None:
    paths = [resolve.save(resolve.storage.keep(f"f_{n:04}.exr", bytes([n]) * 9)) for n in (1, 2, 3)]

    import_clip(resolve, paths=paths, is_sequence=True, frame_count=3)

    clip = resolve.set("fake.pool.root.of.folders[0].of.folders[0].of.clips[0].of")
    assert clip["path"] == paths[0].replace("0001", "[0001-0003]")
    assert float(clip["properties"]["FPS"]) == pytest.approx(23.976)


@pytest.mark.parametrize(("fault", "code"), [("importSilently", "not-verified"), ("folderRefused", "failed")])
def test_an_import_is_read_back(resolve: Adapter, fault: str, code: str) -> None:
    resolve.set(f"fake.faults.{fault} = true")

    assert refusal(lambda: import_clip(resolve)) == code
    assert resolve.set("fake.imports || 0") <= 1


def test_a_clip_is_never_dropped_in_silence(resolve: Adapter) -> None:
    item = import_clip(resolve)

    tracks = [place_clip(resolve, item, at_frame=frame)["track"] for frame in (240, 250, 260, 400)]

    assert tracks == ["V1", "V2", "V3", "V1"]
    assert resolve.set("fake.timeline.tracks.map((each) => each.length)") == [2, 1, 1]
    assert resolve.set("fake.timeline.tracks[0][0].mediaType") == 1
    place_clip(resolve, item, at_frame=500, has_audio=True)
    assert resolve.set("fake.timeline.tracks[0][2].mediaType") is None, "picture and sound"


def test_a_placement_that_is_not_on_the_track_is_not_verified(resolve: Adapter) -> None:
    item = import_clip(resolve)
    resolve.set("fake.faults.placeSilently = true")

    assert refusal(lambda: place_clip(resolve, item)) == "not-verified"


def test_a_placement_is_taken_back(resolve: Adapter) -> None:
    place_clip(resolve, import_clip(resolve))

    resolve("undo")

    assert resolve.set("fake.timeline.tracks.flat().length") == 0
    assert refusal(lambda: resolve("undo")) == "unsupported"


def test_only_the_timeline_that_was_shown_is_changed(resolve: Adapter) -> None:
    item = import_clip(resolve)

    assert refusal(lambda: place_clip(resolve, item, sequence_id="timeline-2")) == "no-sequence"
    resolve.set("fake.noTimeline = true")
    assert resolve("context")["sequence"] is None
    assert refusal(lambda: resolve("frame")) == "no-sequence"
    resolve.set("fake.noProject = true")
    assert resolve("context") == {"project": None, "sequence": None}


def test_a_clip_gives_its_place_to_the_master(resolve: Adapter) -> None:
    item = import_clip(resolve)
    master = resolve.save(resolve.storage.keep("master.mov", b"master"))
    request = {"from_path": item["path"], "to_path": master, "clip_name": "master"}

    assert resolve("swap", request) == {"count": 1, "verified": True}
    assert refusal(lambda: resolve("swap", request)) == "failed"


def test_frames_markers_and_secrets(resolve: Adapter) -> None:
    assert resolve("frame")["bytes"] == [137, 80, 78, 71]
    marker = {"frame": 24, "name": "Pan", "comment": "left"}
    assert resolve("addMarkers", "timeline-1", [marker]) == {"count": 1}
    assert (
        refusal(lambda: resolve("addMarkers", "timeline-1", [marker | {"name": "Again"}])) == "not-verified"
    )
    resolve("secret.set", "session", "é")
    assert resolve("secret.get", "session") == "é"


def test_a_file_is_saved_whole_or_not_at_all(resolve: Adapter) -> None:
    file = resolve.storage.keep("big.mov", bytes(range(256)) * (20 * 1024))

    assert resolve.save(file) == "/Volumes/Media/plugin-backend/SH010/big.mov"
    assert refusal(lambda: resolve.save(file | {"name": "bad.mov", "sha256": "0" * 64})) == "checksum"
    assert resolve.set("[...fake.disk.keys()].length") == 1
