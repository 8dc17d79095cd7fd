"""The CEP adapter with its real ExtendScript, on After Effects and an older Premiere in memory."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.panel.adapters import Adapter, import_clip, open_adapter, place_clip, refusal
from tests.panel.storage import Storage

NASTY = "\"); app.quit(); (\" \n\r\t\u2028\u2029 'é😀' \\u0022 </script>"


@pytest.fixture
def effects(page: Page, storage: Storage) -> Adapter:
    return open_adapter(page, storage, "cep-after-effects")


@pytest.fixture
def premiere(page: Page, storage: Storage) -> Adapter:
    return open_adapter(page, storage, "cep-premiere")


def test_each_host_says_who_it_is(effects: Adapter) -> None:
    assert effects("info") == {
        "host": "after-effects",
        "label": "After Effects",
        "adapter": "cep-after-effects",
        "version": "26.0.0",
    }
    assert effects("capabilities")["place"] == ["layer", "bin"]
    assert effects("capabilities")["frame"] is True


def test_an_older_premiere_says_who_it_is(premiere: Adapter) -> None:
    assert premiere("info")["adapter"] == "cep-premiere"
    assert premiere("capabilities")["place"] == ["insert", "overwrite", "bin"]
    assert premiere("capabilities")["frame"] is False


def test_a_composition_is_told_with_its_exact_rate(effects: Adapter) -> None:
    sequence = effects("context")["sequence"]

    assert sequence["frame_rate"] == "24000/1001"
    assert (sequence["playhead_frame"], sequence["playhead_timecode"]) == (240, "01:00:10:00")
    assert (sequence["in_frame"], sequence["out_frame"]) == (None, None)


def test_a_work_area_is_the_marked_part(effects: Adapter) -> None:
    effects.set("Object.assign(fake.ae.comp, {workAreaStart: 1.001, workAreaDuration: 2.002})")

    sequence = effects("context")["sequence"]

    assert (sequence["in_frame"], sequence["out_frame"]) == (24, 72)


def test_a_sequence_of_an_older_premiere_is_told(premiere: Adapter) -> None:
    sequence = premiere("context")["sequence"]

    assert sequence["id"] == "seq-9"
    assert sequence["frame_rate"] == "24000/1001"
    assert (sequence["playhead_frame"], sequence["playhead_timecode"]) == (240, "01:00:10:00")


@pytest.mark.parametrize("field", ["clip_name", "comment"])
def test_no_text_breaks_out_of_the_script(effects: Adapter, field: str) -> None:
    changes: dict[str, Any] = {field: NASTY}

    import_clip(effects, **changes)

    footage = effects.set(
        "(({name, comment}) => ({name, comment}))(fake.ae.all.find((each) => each.mainSource))"
    )
    assert NASTY in footage.values()
    assert effects.set("fake.scriptError") is None


def test_what_a_host_says_comes_back_letter_by_letter(effects: Adapter) -> None:
    effects.page.evaluate("(name) => { fake.ae.comp.name = name; }", NASTY)

    assert effects("context")["sequence"]["name"] == NASTY


def test_footage_lands_in_its_folder_under_its_name(effects: Adapter) -> None:
    item = import_clip(effects)

    footage = effects.set(
        "(({name, comment, parentFolder, mainSource}) => [name, comment, parentFolder.name,"
        " parentFolder.parentFolder.name, mainSource.file.fsName])"
        "(fake.ae.all.find((each) => each.mainSource))"
    )
    assert footage == ["SH010 take 2", "dlv_1", "SH010", "plugin-backend", item["path"]]
    assert import_clip(effects) == item
    assert effects.set("fake.imports") == 1
    assert set(effects.set("fake.ae.undo")) == {"Import SH010 take 2"}


def test_stills_are_conformed_to_the_rate(effects: Adapter) -> None:
    import_clip(effects, is_sequence=True)

    source = effects.set("fake.ae.all.find((each) => each.mainSource).mainSource")
    assert source["sequence"] is True
    assert source["conformFrameRate"] == pytest.approx(24000 / 1001)


def test_a_layer_stands_at_the_playhead(effects: Adapter) -> None:
    placed = place_clip(effects, import_clip(effects))

    assert (placed["at_frame"], placed["track"]) == (240, "1 SH010 take 2")
    assert effects.set("fake.ae.comp.stack[0].startTime") == pytest.approx(10.01)


def test_a_layer_is_taken_back(effects: Adapter) -> None:
    place_clip(effects, import_clip(effects))

    effects("undo")

    assert effects.set("fake.ae.comp.stack.length") == 0
    assert refusal(lambda: effects("undo")) == "unsupported"


@pytest.mark.parametrize(
    ("fault", "code"),
    [("importSilently", "not-verified"), ("importThrows", "not-verified"), ("answerLost", "not-verified")],
)
def test_an_import_in_doubt_is_said_to_be(effects: Adapter, fault: str, code: str) -> None:
    effects.set(f"fake.faults.{fault} = true")

    assert refusal(lambda: import_clip(effects)) == code
    assert effects.set("fake.ae.groups.length") == 0


@pytest.mark.parametrize("fault", ["placeSilently", "placeElsewhere"])
def test_a_layer_that_is_not_where_it_belongs_is_not_verified(effects: Adapter, fault: str) -> None:
    item = import_clip(effects)
    effects.set(f"fake.faults.{fault} = true")

    assert refusal(lambda: place_clip(effects, item)) == "not-verified"


def test_only_the_open_composition_is_changed(effects: Adapter) -> None:
    item = import_clip(effects)

    assert refusal(lambda: place_clip(effects, item, sequence_id="77")) == "no-sequence"
    effects.set("fake.noProject = true")
    assert refusal(lambda: import_clip(effects)) == "no-project"


def test_footage_gives_its_place_to_the_master(effects: Adapter) -> None:
    item = import_clip(effects)
    master = effects.save(effects.storage.keep("master.mov", b"master"))
    request = {"from_path": item["path"], "to_path": master, "clip_name": "SH010 master"}

    assert effects("swap", request) == {"count": 1, "verified": True}
    assert refusal(lambda: effects("swap", request)) == "failed"
    effects.set("fake.faults.swapSilently = true")
    back = {"from_path": master, "to_path": item["path"], "clip_name": "x"}
    assert refusal(lambda: effects("swap", back)) == "not-verified"


def test_the_frame_is_read_once_it_is_whole(effects: Adapter) -> None:
    picture = effects("frame")

    assert picture["bytes"][:4] == [137, 80, 78, 71]
    assert picture["timecode"] == "01:00:10:00"
    assert effects.set("[...fake.disk.keys()].filter((each) => each.startsWith('/tmp/'))") == []


def test_markers_are_set_on_the_composition(effects: Adapter) -> None:
    comp = effects("context")["sequence"]["id"]

    assert effects("addMarkers", comp, [{"frame": 24, "name": "Pan", "comment": "left"}]) == {"count": 1}
    assert effects.set("fake.ae.comp.keys")[0][1] == "Pan\nleft"


@pytest.mark.parametrize("mode", ["insert", "overwrite"])
def test_an_older_premiere_places_and_takes_back(premiere: Adapter, mode: str) -> None:
    placed = place_clip(premiere, import_clip(premiere), mode=mode)

    assert placed == {"sequence_id": "seq-9", "at_frame": 240, "track": "V1", "verified": True}
    assert premiere.set("fake.ppro.track.map((each) => Number(each.at / 10594584000n))") == [240]
    premiere("undo")
    assert premiere.set("fake.ppro.track.length") == 0


def test_an_older_premiere_imports_once_and_swaps(premiere: Adapter) -> None:
    item = import_clip(premiere)
    assert import_clip(premiere) == item
    assert premiere.set("fake.imports") == 1
    master = premiere.save(premiere.storage.keep("master.mov", b"master"))

    request = {"from_path": item["path"], "to_path": master, "clip_name": "master"}

    assert premiere("swap", request) == {"count": 1, "verified": True}
    assert premiere("addMarkers", "seq-9", [{"frame": 1, "name": "a", "comment": "b"}]) == {"count": 1}


@pytest.mark.parametrize("fault", ["placeSilently", "answerLost"])
def test_an_older_premiere_is_read_back(premiere: Adapter, fault: str) -> None:
    item = import_clip(premiere)
    if fault == "answerLost":
        premiere.set(
            "{ const real = PluginBackend.call;"
            " PluginBackend.call = (name, ...rest) => {"
            " const said = real(name, ...rest); return name === 'place' ? 'EvalScript error.' : said; }; 0 }"
        )
    else:
        premiere.set(f"fake.faults.{fault} = true")

    assert refusal(lambda: place_clip(premiere, item, mode="insert", at_frame=10)) == "not-verified"


def test_a_panel_without_node_says_that_it_cannot_save(page: Page, storage: Storage) -> None:
    host = open_adapter(page, storage, "cep-after-effects", after="delete window.cep_node;")

    assert host("capabilities")["save"] is False
    assert refusal(lambda: host.save(storage.keep("a.mov", b"a"))) == "unsupported"


def test_the_chosen_folder_is_a_plain_path_and_kept(effects: Adapter) -> None:
    assert effects("folder", False) == {"path": "/Users/editor/My Media", "label": "My Media"}
    assert effects("folder", False)["label"] == "My Media"
    assert refusal(lambda: effects("folder", True)) == "cancelled"


def test_a_full_disk_leaves_nothing(effects: Adapter) -> None:
    effects.set("fake.faults.diskFull = true")

    assert refusal(lambda: effects.save(effects.storage.keep("full.mov", b"x"))) == "disk"
    assert effects.set("[...fake.disk.keys()]") == []


def test_a_picked_file_comes_as_bytes(effects: Adapter) -> None:
    effects.set("fake.picks = ['/a/b c.PNG']; fake.disk.set('/a/b c.PNG', Uint8Array.from([1, 2, 255])); 0")

    picked = effects("pickFile", ["image/*"])

    assert (picked["bytes"], picked["media_type"], picked["filename"]) == (
        [1, 2, 255],
        "image/png",
        "b c.PNG",
    )
    assert refusal(lambda: effects("pickFile", ["image/*"])) == "cancelled"


def test_the_theme_follows_the_host(effects: Adapter) -> None:
    assert effects.set("adapter.theme()") == "dark"
    effects.set("adapter.onTheme(() => { window.themed = adapter.theme(); })")

    effects.set("fake.setSkin(220)")

    assert effects.set("themed") == "light"


def test_secrets_and_addresses(effects: Adapter) -> None:
    effects("secret.set", "session", NASTY)
    assert effects("secret.get", "session") == NASTY
    effects("secret.remove", "session")
    assert effects("secret.get", "session") is None
    effects("openExternal", "https://example.test/a")
    assert effects.set("fake.opened") == ["https://example.test/a"]
    assert refusal(lambda: effects("openExternal", "javascript:alert(1)")) == "denied"
