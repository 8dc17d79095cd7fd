"""The UXP adapter of Premiere Pro on a Premiere in memory, in a real browser, with files over real HTTP."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.panel.adapters import Adapter, Refused, open_adapter
from tests.panel.storage import Storage

MIB = 1024 * 1024


@pytest.fixture
def premiere(page: Page, storage: Storage) -> Adapter:
    return open_adapter(page, storage, "uxp-premiere")


def _import(premiere: Adapter, **changes: Any) -> Any:
    path = premiere.save(premiere.storage.keep("SH010.mov", b"movie" * 100))
    request = {
        "paths": [path],
        "is_sequence": False,
        "frame_rate": "24000/1001",
        "frame_count": 48,
        "bin": "plugin-backend/SH010",
        "clip_name": "SH010 take 2",
        "comment": 'dlv_1 "quoted" & <so on>',
    }
    return premiere("import", request | changes)


def _place(premiere: Adapter, item: Any, **changes: Any) -> Any:
    request = {
        "item": item,
        "mode": "layer",
        "sequence_id": "seq-1",
        "at_frame": None,
        "frame_count": 48,
        "frame_rate": "24000/1001",
        "has_audio": False,
    }
    return premiere("place", request | changes)


def _track(premiere: Adapter, index: int = 0) -> Any:
    """Start and end in frames of what lies on a video track, and its clip's name."""
    return premiere.set(
        f"fake.premiere.sequence.video[{index}]"
        ".map((each) => [Number(each.start / 10594584000n), Number(each.end / 10594584000n), each.node.name])"
    )


def _refusal(act: Any) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


def test_the_adapter_is_found_and_says_who_it_is(premiere: Adapter) -> None:
    info = premiere("info")

    assert info == {
        "host": "premiere-pro",
        "label": "Premiere Pro",
        "version": "26.3.0",
        "adapter": "uxp-premiere",
    }
    assert premiere("capabilities")["place"] == ["insert", "overwrite", "layer", "bin"]


def test_the_open_sequence_is_told_exactly(premiere: Adapter) -> None:
    sequence = premiere("context")["sequence"]

    assert sequence == {
        "id": "seq-1",
        "name": "Scene 1",
        "frame_rate": "24000/1001",
        "drop_frame": False,
        "width": 3840,
        "height": 2160,
        "colour_space": None,
        "playhead_timecode": "01:00:10:00",
        "playhead_frame": 240,
        "in_frame": None,
        "out_frame": None,
    }


def test_marks_and_drop_frame_timecode_are_told(premiere: Adapter) -> None:
    premiere.set(
        "Object.assign(fake.premiere.sequence, {per: 8475667200n, display: 2, zero: 107892n * 8475667200n,"
        " playhead: 1800n, in: 10n * 8475667200n, out: 20n * 8475667200n})"
    )

    sequence = premiere("context")["sequence"]

    assert sequence["frame_rate"] == "30000/1001"
    assert sequence["playhead_timecode"] == "01:01:00;02"
    assert (sequence["in_frame"], sequence["out_frame"]) == (10, 20)


def test_nothing_open_is_said_and_not_thrown(premiere: Adapter) -> None:
    premiere.set("fake.premiere.sequence = null")
    assert premiere("context")["sequence"] is None
    assert _refusal(lambda: premiere("frame")) == "no-sequence"

    premiere.set("fake.premiere.hasProject = false")
    assert premiere("context") == {"project": None, "sequence": None}
    assert _refusal(lambda: premiere("frame")) == "no-project"


def test_the_frame_at_the_playhead_is_read_though_the_host_names_it_twice(premiere: Adapter) -> None:
    picture = premiere("frame")

    assert picture["bytes"] == [137, 80, 78, 71]
    assert picture["timecode"] == "01:00:10:00"
    assert premiere.set("[...fake.disk.keys()].filter((each) => each.startsWith('/tmp/plugin/'))") == []


@pytest.mark.slow
def test_a_frame_that_the_host_only_says_it_wrote_is_refused(premiere: Adapter) -> None:
    premiere.set("fake.faults.frameSilently = true")

    assert _refusal(lambda: premiere("frame")) == "failed"


def test_the_folder_is_asked_for_once_and_remembered(premiere: Adapter, page: Page) -> None:
    assert premiere("folder", False) == {"path": "/Users/editor/Media", "label": "Media"}
    page.reload()
    page.evaluate("() => { window.adapter = PB.detect(); }")

    premiere("folder", False)

    assert page.evaluate("fake.asked") is None
    premiere.set("fake.picksFolder = false")
    assert _refusal(lambda: premiere("folder", True)) == "cancelled"


def test_a_large_file_comes_in_ranges_and_is_whole(premiere: Adapter) -> None:
    body = bytes(range(256)) * (36 * 1024)
    file = premiere.storage.keep("large.mov", body)

    path = premiere.save(file)

    assert path == "/Users/editor/Media/plugin-backend/SH010/large.mov"
    assert [asked for _, asked in premiere.storage.asked] == [
        "bytes=0-4194303",
        "bytes=4194304-8388607",
        "bytes=8388608-9437183",
    ]
    assert premiere.set("told") == [[4 * MIB, 9 * MIB], [8 * MIB, 9 * MIB], [9 * MIB, 9 * MIB]]
    digest = premiere.set(f"PB.sha256(fake.disk.get('{path}').buffer)")
    assert digest == file["sha256"]


def test_no_token_and_no_cookie_goes_to_the_storage(premiere: Adapter) -> None:
    premiere.save(premiere.storage.keep("a.mov", b"a" * 100))

    assert {"authorization", "cookie"} & set(premiere.storage.headers[0]) == set()


@pytest.mark.parametrize("wrong", ["cut", "503"])
def test_a_broken_download_goes_on_where_it_broke(premiere: Adapter, wrong: str) -> None:
    body = bytes(range(256)) * (24 * 1024)
    file = premiere.storage.keep("broken.mov", body)
    premiere.storage.breaks[:] = ["", wrong]

    path = premiere.save(file)

    assert premiere.set(f"PB.sha256(fake.disk.get('{path}').buffer)") == file["sha256"]
    assert [asked for _, asked in premiere.storage.asked] == [
        "bytes=0-4194303",
        "bytes=4194304-6291455",
        "bytes=4194304-6291455",
    ]


def test_a_storage_without_ranges_is_read_whole_even_after_a_break(premiere: Adapter) -> None:
    file = premiere.storage.keep("whole.mov", bytes(range(256)) * (24 * 1024))
    premiere.storage.no_ranges = True
    premiere.storage.breaks[:] = ["cut"]

    path = premiere.save(file)

    assert premiere.set(f"PB.sha256(fake.disk.get('{path}').buffer)") == file["sha256"]


def test_a_link_that_is_no_longer_good_is_a_matter_of_the_network_at_once(premiere: Adapter) -> None:
    file = premiere.storage.keep("expired.mov", b"x" * 100)
    premiere.storage.breaks[:] = ["403"]

    assert _refusal(lambda: premiere.save(file)) == "network"
    assert len(premiere.storage.asked) == 1


@pytest.mark.parametrize("change", [{"sha256": "0" * 64}, {"bytes": 99}, {"bytes": 101}])
def test_what_is_not_what_was_promised_is_thrown_away(premiere: Adapter, change: dict[str, Any]) -> None:
    file = premiere.storage.keep("wrong.mov", b"x" * 100)

    assert _refusal(lambda: premiere.save(file | change)) in {"checksum", "network"}
    assert premiere.set("[...fake.disk.keys()].filter((each) => each.includes('wrong'))") == []


def test_a_full_disk_is_said_and_leaves_nothing(premiere: Adapter) -> None:
    premiere.set("fake.faults.diskFull = true")

    assert _refusal(lambda: premiere.save(premiere.storage.keep("full.mov", b"x" * 100))) == "disk"
    assert premiere.set("[...fake.disk.keys()].filter((each) => each.includes('full'))") == []


def test_a_file_that_is_there_and_the_same_is_not_fetched_again(premiere: Adapter) -> None:
    file = premiere.storage.keep("same.mov", b"same" * 100)
    first = premiere.save(file)

    assert premiere.save(file) == first
    assert len(premiere.storage.asked) == 1


def test_another_file_of_that_name_gets_a_name_of_its_own(premiere: Adapter) -> None:
    premiere.save(premiere.storage.keep("name.mov", b"one" * 100))

    path = premiere.save(premiere.storage.keep("name.mov", b"two" * 100))

    assert path.endswith("/name-2.mov")


def test_a_name_is_never_a_way_out_of_the_folder(premiere: Adapter) -> None:
    file = premiere.storage.keep("evil", b"x" * 10) | {"name": "../../evil:\u0000.mov"}

    path = premiere.save(file, folder="../../up/./x")

    assert path.startswith("/Users/editor/Media/")
    assert "/../" not in path


def test_a_clip_is_imported_into_its_bin_named_and_commented(premiere: Adapter) -> None:
    item = _import(premiere)

    bins = premiere.set("fake.premiere.root.children[0]")
    clip = bins["children"][0]["children"][0]
    assert (bins["name"], bins["children"][0]["name"], clip["name"]) == (
        "plugin-backend",
        "SH010",
        "SH010 take 2",
    )
    assert item["path"] == clip["path"]
    assert clip["comment"].replace("&#34;", '"').replace("&#38;", "&") == 'dlv_1 "quoted" & &#60;so on&#62;'
    assert premiere.set("fake.premiere.history")[:2] == ["Make bin plugin-backend", "Make bin SH010"]


def test_what_is_in_the_bin_already_is_not_imported_again(premiere: Adapter) -> None:
    first = _import(premiere)

    assert _import(premiere) == first
    assert premiere.set("fake.imports") == 1


def test_stills_are_played_at_the_rate_of_the_clip(premiere: Adapter) -> None:
    paths = [premiere.save(premiere.storage.keep(f"f_{n:04}.exr", bytes([n]) * 50)) for n in (1, 2, 3)]

    _import(premiere, paths=paths, is_sequence=True)

    clip = premiere.set("fake.premiere.root.children[0].children[0].children[0]")
    assert clip["path"] == paths[0]
    assert clip["stills"] is True
    assert clip["rate"] == pytest.approx(24000 / 1001)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("importRefused", "failed"),
        ("importSilently", "not-verified"),
        ("transactionRefused", "failed"),
    ],
)
def test_an_import_that_cannot_be_seen_is_not_taken_for_done(
    premiere: Adapter, fault: str, code: str
) -> None:
    premiere.set(f"fake.faults.{fault} = true")

    assert _refusal(lambda: _import(premiere)) == code
    assert premiere.set("fake.imports || 0") <= 1


def test_an_import_whose_answer_was_lost_is_found_and_not_repeated(premiere: Adapter) -> None:
    premiere.set("fake.faults.importThrows = true")

    _import(premiere)

    assert premiere.set("fake.imports") == 1


def test_a_clip_is_laid_above_what_is_there(premiere: Adapter) -> None:
    item = _import(premiere)
    _place(premiere, item, mode="overwrite", at_frame=250)

    placed = _place(premiere, item)

    assert placed == {"sequence_id": "seq-1", "at_frame": 240, "track": "V2", "verified": True}
    assert _track(premiere, 1) == [[240, 288, "SH010 take 2"]]
    assert premiere.set("fake.premiere.history").count("Place SH010 take 2") == 2


def test_above_the_last_track_a_new_one_is_made(premiere: Adapter) -> None:
    item = _import(premiere)

    tracks = [_place(premiere, item, at_frame=10)["track"] for _ in range(4)]

    assert tracks == ["V1", "V2", "V3", "V4"]


def test_an_insert_moves_what_comes_later(premiere: Adapter) -> None:
    item = _import(premiere)
    _place(premiere, item, mode="overwrite", at_frame=100)

    _place(premiere, item, mode="insert", at_frame=90)

    assert [each[:2] for each in _track(premiere)] == [[90, 138], [148, 196]]


def test_sound_goes_to_a_free_track_too(premiere: Adapter) -> None:
    item = _import(premiere)
    premiere.set(f"fake.premiere.media['{item['path']}'] = {{frames: 48, rate: 23.976, audio: true}}")

    _place(premiere, item, has_audio=True)
    _place(premiere, item, has_audio=True)

    assert premiere.set("fake.premiere.sequence.audio.map((each) => each.length)") == [1, 1]


def test_only_the_sequence_that_was_shown_is_changed(premiere: Adapter) -> None:
    item = _import(premiere)

    assert _refusal(lambda: _place(premiere, item, sequence_id="seq-2")) == "no-sequence"
    assert _track(premiere) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("placeSilently", "not-verified"),
        ("placeElsewhere", "not-verified"),
        ("placeShort", "not-verified"),
        ("transactionRefused", "failed"),
    ],
)
def test_a_placement_is_read_back_and_never_repeated(premiere: Adapter, fault: str, code: str) -> None:
    item = _import(premiere)
    premiere.set(f"fake.faults.{fault} = true")

    assert _refusal(lambda: _place(premiere, item)) == code
    assert len(_track(premiere)) <= 1


@pytest.mark.parametrize("mode", ["layer", "insert"])
def test_a_placement_is_taken_back(premiere: Adapter, mode: str) -> None:
    item = _import(premiere)
    _place(premiere, item, mode="overwrite", at_frame=300)
    before = _track(premiere)
    _place(premiere, item, mode=mode)

    premiere("undo")

    assert _track(premiere) == before
    assert _refusal(lambda: premiere("undo")) == "unsupported"


def test_a_draft_gives_its_place_to_the_master(premiere: Adapter) -> None:
    item = _import(premiere)
    _place(premiere, item)
    master = premiere.save(premiere.storage.keep("master.mov", b"master" * 50))

    swapped = premiere("swap", {"from_path": item["path"], "to_path": master, "clip_name": "SH010 master"})

    assert swapped == {"count": 1, "verified": True}
    assert _track(premiere) == [[240, 288, "SH010 master"]]
    gone = {"from_path": item["path"], "to_path": master, "clip_name": "x"}
    assert _refusal(lambda: premiere("swap", gone)) == "failed"


def test_markers_are_set_and_counted(premiere: Adapter) -> None:
    markers = [
        {"frame": 24, "name": "Note", "comment": "closer"},
        {"frame": 48, "name": "Pan", "comment": ""},
    ]

    assert premiere("addMarkers", "seq-1", markers) == {"count": 2}
    assert [each["name"] for each in premiere.set("fake.premiere.sequence.markers")] == ["Note", "Pan"]


def test_a_secret_of_any_letters_is_kept_as_bytes_and_forgotten(premiere: Adapter) -> None:
    premiere("secret.set", "session", '{"token":"é😀"}')

    assert premiere("secret.get", "session") == '{"token":"é😀"}'
    premiere("secret.remove", "session")
    assert premiere("secret.get", "session") is None
    assert premiere.set("localStorage.length") == 0


def test_only_safe_addresses_are_opened_outside(premiere: Adapter) -> None:
    premiere("openExternal", "https://example.test/activate")

    assert premiere.set("fake.opened") == ["https://example.test/activate"]
    assert _refusal(lambda: premiere("openExternal", "file:///etc/passwd")) == "denied"


def test_the_theme_follows_the_host(premiere: Adapter) -> None:
    assert premiere.set("adapter.theme()") == "dark"
    premiere.set("adapter.onTheme(() => { window.themed = adapter.theme(); })")

    premiere.set("fake.setTheme('light')")

    assert premiere.set("themed") == "light"


def test_another_sequence_is_noticed(premiere: Adapter, page: Page) -> None:
    premiere.set("window.changes = 0; window.stopped = adapter.onContext(() => { changes += 1; }); 0")

    premiere.set("fake.premiere.sequence.playhead = 300n; 0")

    page.wait_for_function("() => changes === 1")
    premiere.set("stopped()")
