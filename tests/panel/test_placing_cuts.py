"""A cut as each adapter lays it: shot after shot, without handles, read back, taken back as one."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.panel.adapters import (
    Adapter,
    Refused,
    import_clip,
    import_cut,
    open_adapter,
    place_clip,
    refusal,
)
from tests.panel.storage import Storage


@pytest.fixture
def premiere(page: Page, storage: Storage) -> Adapter:
    return open_adapter(page, storage, "uxp-premiere")


@pytest.fixture
def resolve(page: Page, storage: Storage) -> Adapter:
    return open_adapter(page, storage, "resolve")


@pytest.fixture
def effects(page: Page, storage: Storage) -> Adapter:
    return open_adapter(page, storage, "cep-after-effects")


@pytest.fixture
def older_premiere(page: Page, storage: Storage) -> Adapter:
    return open_adapter(page, storage, "cep-premiere")


def _track(premiere: Adapter, index: int = 0) -> Any:
    """Start and end in frames of what lies on a video track, and its clip's name."""
    return premiere.set(
        f"fake.premiere.sequence.video[{index}]"
        ".map((each) => [Number(each.start / 10594584000n), Number(each.end / 10594584000n), each.node.name])"
    )


@pytest.mark.parametrize(("mode", "track"), [("insert", "V1"), ("layer", "V2")])
def test_a_cut_lies_without_gaps_and_handles_and_is_one_step_of_undo(
    premiere: Adapter, mode: str, track: str
) -> None:
    place_clip(premiere, import_clip(premiere), mode="overwrite", at_frame=240)
    before = _track(premiere)

    placed = place_clip(premiere, None, clips=import_cut(premiere, "SH010", "SH020", "SH030"), mode=mode)

    assert placed == {"sequence_id": "seq-1", "at_frame": 240, "track": track, "verified": True}
    lies = _track(premiere, int(track[1]) - 1)
    assert lies[:3] == [[240, 280, "SH010"], [280, 320, "SH020"], [320, 360, "SH030"]]
    assert lies[3:] == ([[360, 408, "SH010 take 2"]] if mode == "insert" else [])
    assert premiere.set("fake.premiere.history.filter((each) => each.startsWith('Place')).slice(1)") == [
        "Place SH010 + 2"
    ]
    premiere("undo")
    assert _track(premiere) == before
    assert premiere.set("fake.premiere.sequence.video.flat().length") == 1


def test_a_refusal_that_left_a_part_of_the_cut_is_a_doubt(premiere: Adapter) -> None:
    clips = import_cut(premiere, "SH010", "SH020")
    premiere.set("fake.faults.transactionBreaks = true")

    assert refusal(lambda: place_clip(premiere, None, clips=clips)) == "not-verified"
    assert len(_track(premiere)) == 1


def test_a_cut_that_was_made_for_another_rate_is_not_placed(premiere: Adapter) -> None:
    clips = import_cut(premiere, "SH010", "SH020")

    assert refusal(lambda: place_clip(premiere, None, clips=clips, frame_rate="25")) == "no-sequence"
    assert _track(premiere) == []


def test_a_cut_lies_on_one_free_track_and_is_taken_back_as_one(resolve: Adapter) -> None:
    place_clip(resolve, import_clip(resolve), at_frame=300)
    clips = import_cut(resolve, "SH010", "SH020", "SH030")

    placed = place_clip(resolve, None, clips=clips)

    assert (placed["at_frame"], placed["track"]) == (240, "V2")
    lies = resolve.set("fake.timeline.tracks[1].map((each) => [each.at - 86400, each.length, each.first])")
    assert lies == [[240, 40, 4], [280, 40, 4], [320, 40, 4]]
    resolve("undo")
    assert resolve.set("fake.timeline.tracks.map((each) => each.length)") == [1, 0]


def test_a_cut_of_which_only_a_part_is_on_the_track_is_a_doubt(resolve: Adapter) -> None:
    clips = import_cut(resolve, "SH010", "SH020")
    resolve.set("fake.faults.placeDrops = 1")

    with pytest.raises(Refused, match="V1: 1/2") as refused:
        place_clip(resolve, None, clips=clips)

    assert refused.value.code == "not-verified"


def test_a_cut_is_a_layer_for_each_shot_in_one_step_of_undo(effects: Adapter) -> None:
    rate = 24000 / 1001

    place_clip(effects, None, clips=import_cut(effects, "SH010", "SH020"))

    lies = effects.set("fake.ae.comp.stack.map((each) => [each.startTime, each.inPoint, each.outPoint])")
    assert lies == [
        pytest.approx([276 / rate, 280 / rate, 320 / rate]),
        pytest.approx([236 / rate, 240 / rate, 280 / rate]),
    ]
    assert effects.set("fake.ae.undo")[-1] == "Place SH010"
    effects("undo")
    assert effects.set("fake.ae.comp.stack.length") == 0


@pytest.mark.parametrize("mode", ["insert", "overwrite"])
def test_an_older_premiere_lays_a_cut_and_takes_it_back(older_premiere: Adapter, mode: str) -> None:
    place_clip(older_premiere, None, clips=import_cut(older_premiere, "SH010", "SH020", "SH030"), mode=mode)

    lies = older_premiere.set("fake.ppro.track.map((each) => Number(each.at / 10594584000n))")
    assert lies == [240, 280, 320]
    older_premiere("undo")
    assert older_premiere.set("fake.ppro.track.length") == 0
