"""The UXP adapter of Photoshop on a Photoshop in memory."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.panel.adapters import Adapter, open_adapter, refusal
from tests.panel.storage import Storage


@pytest.fixture
def photoshop(page: Page, storage: Storage) -> Adapter:
    return open_adapter(page, storage, "uxp-photoshop")


def _item(photoshop: Adapter, name: str = "frame.png") -> Any:
    path = photoshop.save(photoshop.storage.keep(name, b"png" * 20))
    request = {
        "paths": [path],
        "is_sequence": False,
        "frame_rate": "24",
        "frame_count": 1,
        "bin": "x",
        "clip_name": "SH010",
        "comment": "",
    }
    return photoshop("import", request)


def _place(photoshop: Adapter, item: Any, **changes: Any) -> Any:
    request = {
        "clips": [{"item": item, "from_frame": 0, "frame_count": 1, "has_audio": False}],
        "mode": "layer",
        "sequence_id": "7",
        "at_frame": None,
        "frame_rate": "24",
    }
    return photoshop("place", request | changes)


def test_a_document_stands_for_the_project(photoshop: Adapter) -> None:
    assert photoshop("info")["adapter"] == "uxp-photoshop"
    assert photoshop("context") == {"project": {"id": "7", "name": "plate.psd"}, "sequence": None}
    assert photoshop("capabilities")["place"] == ["layer"]


def test_the_picture_is_read_and_let_go(photoshop: Adapter) -> None:
    picture = photoshop("frame")

    assert (picture["bytes"], picture["filename"]) == ([255, 216, 255, 217], "plate.jpg")
    assert photoshop.set("fake.photoshop.disposed") == 1


def test_a_picture_becomes_a_layer_in_one_step_and_is_taken_back(photoshop: Adapter) -> None:
    placed = _place(photoshop, _item(photoshop))

    assert placed["track"] == "SH010"
    assert photoshop.set("fake.photoshop.document.layers.map((each) => each.name)") == ["SH010", "Background"]
    assert photoshop.set("fake.photoshop.history") == ["Place SH010"]
    photoshop("undo")
    assert photoshop.set("fake.photoshop.document.layers.map((each) => each.name)") == ["Background"]


@pytest.mark.parametrize(
    ("fault", "code"),
    [("placeSilently", "not-verified"), ("placeRefused", "failed"), ("otherModal", "failed")],
)
def test_a_layer_is_looked_for(photoshop: Adapter, fault: str, code: str) -> None:
    item = _item(photoshop)
    photoshop.set(f"fake.faults.{fault} = true")

    assert refusal(lambda: _place(photoshop, item)) == code


def test_what_photoshop_cannot_is_refused(photoshop: Adapter) -> None:
    assert refusal(lambda: _item(photoshop, "movie.mov")) == "unsupported"
    assert refusal(lambda: photoshop("swap", {})) == "unsupported"
    item = _item(photoshop)
    assert refusal(lambda: _place(photoshop, item, sequence_id="8")) == "no-sequence"
    photoshop.set("fake.photoshop.document = null")
    assert refusal(lambda: photoshop("frame")) == "no-project"
