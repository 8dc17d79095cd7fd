"""The UXP adapter of Premiere Pro on a Premiere in memory, in a real browser, with files over real HTTP."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.panel.adapters import Adapter, import_clip, open_adapter, place_clip, refusal
from tests.panel.storage import Storage


@pytest.fixture
def premiere(page: Page, storage: Storage) -> Adapter:
    return open_adapter(page, storage, "uxp-premiere")


def _track(premiere: Adapter, index: int = 0) -> Any:
    """Start and end in frames of what lies on a video track, and its clip's name."""
    return premiere.set(
        f"fake.premiere.sequence.video[{index}]"
        ".map((each) => [Number(each.start / 10594584000n), Number(each.end / 10594584000n), each.node.name])"
    )


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
    assert refusal(lambda: premiere("frame")) == "no-sequence"

    premiere.set("fake.premiere.hasProject = false")
    assert premiere("context") == {"project": None, "sequence": None}
    assert refusal(lambda: premiere("frame")) == "no-project"


def test_the_frame_at_the_playhead_is_read_though_the_host_names_it_twice(premiere: Adapter) -> None:
    picture = premiere("frame")

    assert picture["bytes"] == [137, 80, 78, 71]
    assert picture["timecode"] == "01:00:10:00"
    assert premiere.set("[...fake.disk.keys()].filter((each) => each.startsWith('/tmp/plugin/'))") == []


def test_a_frame_that_the_host_only_says_it_wrote_is_refused(premiere: Adapter) -> None:
    premiere.set("fake.faults.frameSilently = true")

    assert refusal(lambda: premiere.waiting("frame")) == "failed"


def test_the_folder_is_asked_for_once_and_remembered(premiere: Adapter, page: Page) -> None:
    assert premiere("folder", False) == {"path": "/Users/editor/Media", "label": "Media"}
    page.reload()
    page.evaluate("() => { window.adapter = PB.detect(); }")

    premiere("folder", False)

    assert page.evaluate("fake.asked") is None
    premiere.set("fake.picksFolder = false")
    assert refusal(lambda: premiere("folder", True)) == "cancelled"


def test_a_clip_is_imported_into_its_bin_named_and_commented(premiere: Adapter) -> None:
    item = import_clip(premiere, comment='dlv_1 "quoted" & <so on>')

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
    first = import_clip(premiere)

    assert import_clip(premiere) == first
    assert premiere.set("fake.imports") == 1


def test_stills_are_played_at_the_rate_of_the_clip(premiere: Adapter) -> None:
    paths = [premiere.save(premiere.storage.keep(f"f_{n:04}.exr", bytes([n]) * 50)) for n in (1, 2, 3)]

    import_clip(premiere, paths=paths, is_sequence=True)

    clip = premiere.set("fake.premiere.root.children[0].children[0].children[0]")
    assert clip["path"] == paths[0]
    assert clip["stills"] is True
    assert clip["rate"] == pytest.approx(24000 / 1001)


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

    assert refusal(lambda: import_clip(premiere, waiting=True)) == code
    assert premiere.set("fake.imports || 0") <= 1


def test_an_import_whose_answer_was_lost_is_found_and_not_repeated(premiere: Adapter) -> None:
    premiere.set("fake.faults.importThrows = true")

    import_clip(premiere)

    assert premiere.set("fake.imports") == 1


def test_a_clip_is_laid_above_what_is_there(premiere: Adapter) -> None:
    item = import_clip(premiere)
    place_clip(premiere, item, mode="overwrite", at_frame=250)

    placed = place_clip(premiere, item)

    assert placed == {"sequence_id": "seq-1", "at_frame": 240, "track": "V2", "verified": True}
    assert _track(premiere, 1) == [[240, 288, "SH010 take 2"]]
    assert premiere.set("fake.premiere.history").count("Place SH010 take 2") == 2


def test_above_the_last_track_a_new_one_is_made(premiere: Adapter) -> None:
    item = import_clip(premiere)

    tracks = [place_clip(premiere, item, at_frame=10)["track"] for _ in range(4)]

    assert tracks == ["V1", "V2", "V3", "V4"]


def test_an_insert_moves_what_comes_later(premiere: Adapter) -> None:
    item = import_clip(premiere)
    place_clip(premiere, item, mode="overwrite", at_frame=100)

    place_clip(premiere, item, mode="insert", at_frame=90)

    assert [each[:2] for each in _track(premiere)] == [[90, 138], [148, 196]]


def test_sound_goes_to_a_free_track_too(premiere: Adapter) -> None:
    item = import_clip(premiere)
    premiere.set(f"fake.premiere.media['{item['path']}'] = {{frames: 48, rate: 23.976, audio: true}}")

    place_clip(premiere, item, has_audio=True)
    place_clip(premiere, item, has_audio=True)

    assert premiere.set("fake.premiere.sequence.audio.map((each) => each.length)") == [1, 1]


def test_only_the_sequence_that_was_shown_is_changed(premiere: Adapter) -> None:
    item = import_clip(premiere)

    assert refusal(lambda: place_clip(premiere, item, sequence_id="seq-2")) == "no-sequence"
    assert _track(premiere) == []


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
    item = import_clip(premiere)
    premiere.set(f"fake.faults.{fault} = true")

    assert refusal(lambda: place_clip(premiere, item, waiting=True)) == code
    assert len(_track(premiere)) <= 1


@pytest.mark.parametrize("mode", ["layer", "insert"])
def test_a_placement_is_taken_back(premiere: Adapter, mode: str) -> None:
    item = import_clip(premiere)
    place_clip(premiere, item, mode="overwrite", at_frame=300)
    before = _track(premiere)
    place_clip(premiere, item, mode=mode)

    premiere("undo")

    assert _track(premiere) == before
    assert refusal(lambda: premiere("undo")) == "unsupported"


def test_a_draft_gives_its_place_to_the_master(premiere: Adapter) -> None:
    item = import_clip(premiere)
    place_clip(premiere, item)
    master = premiere.save(premiere.storage.keep("master.mov", b"master" * 50))

    swapped = premiere("swap", {"from_path": item["path"], "to_path": master, "clip_name": "SH010 master"})

    assert swapped == {"count": 1, "verified": True}
    assert _track(premiere) == [[240, 288, "SH010 master"]]
    gone = {"from_path": item["path"], "to_path": master, "clip_name": "x"}
    assert refusal(lambda: premiere("swap", gone)) == "failed"


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
    premiere.set("fake.faults.safeLost = true")
    assert premiere("secret.get", "session") is None
    premiere.set("fake.faults.safeLost = false")
    premiere("secret.remove", "session")
    assert premiere("secret.get", "session") is None
    assert premiere.set("localStorage.length") == 0


def test_only_safe_addresses_are_opened_outside(premiere: Adapter) -> None:
    premiere("openExternal", "https://example.test/activate")

    assert premiere.set("fake.opened") == ["https://example.test/activate"]
    assert refusal(lambda: premiere("openExternal", "file:///etc/passwd")) == "denied"


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
