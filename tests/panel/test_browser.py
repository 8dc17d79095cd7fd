"""The browser's own adapter: real downloads, real pickers, a sequence that is typed."""

import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.panel.adapters import Adapter, Refused, open_adapter
from tests.panel.storage import Storage

SEQUENCE = {
    "id": "manual",
    "name": "Reel",
    "frame_rate": "25",
    "drop_frame": False,
    "width": 1920,
    "height": 1080,
    "colour_space": "rec709",
    "playhead_timecode": "10:00:00:00",
    "playhead_frame": 0,
    "in_frame": None,
    "out_frame": None,
}


@pytest.fixture
def browser_host(page: Page, storage: Storage) -> Adapter:
    return open_adapter(page, storage, "browser")


def test_a_typed_sequence_is_the_context_until_it_is_taken_away(browser_host: Adapter, page: Page) -> None:
    assert browser_host("info")["host"] == "download"
    assert browser_host("context") == {"project": None, "sequence": None}

    browser_host("setManualSequence", SEQUENCE)
    page.reload()
    page.evaluate("() => { window.adapter = PB.detect(); }")

    assert browser_host("context")["sequence"] == SEQUENCE
    assert browser_host("capabilities")["context"] is True
    browser_host("setManualSequence", None)
    assert browser_host("context")["sequence"] is None


def test_a_file_is_downloaded_once_it_is_verified(browser_host: Adapter, page: Page, tmp_path: Path) -> None:
    file = browser_host.storage.keep("SH010.mov", bytes(range(256)) * (20 * 1024))

    with page.expect_download() as download:
        browser_host.save(file)

    download.value.save_as(tmp_path / "got")
    assert download.value.suggested_filename == "SH010.mov"
    assert hashlib.sha256((tmp_path / "got").read_bytes()).hexdigest() == file["sha256"]


def test_a_file_that_is_not_what_was_promised_is_not_handed_over(browser_host: Adapter, page: Page) -> None:
    downloads: list[object] = []
    page.on("download", lambda each: downloads.append(each))  # noqa: PLW0108 - Playwright marks what it is given, and a built-in takes no mark

    with pytest.raises(Refused) as refused:
        browser_host.save(browser_host.storage.keep("a.mov", b"abc") | {"sha256": "0" * 64})

    assert refused.value.code == "checksum"
    assert downloads == []


def test_a_file_is_dragged_out_under_its_name(browser_host: Adapter) -> None:
    carried = browser_host.set(
        """() => {
            const element = document.body.appendChild(document.createElement("div"));
            adapter.draggable(element, { name: "a:b.mp4", url: "https://x.test/f", media_type: "video/mp4" });
            const event = new DragEvent("dragstart", { dataTransfer: new DataTransfer() });
            element.dispatchEvent(event);
            return [element.draggable, event.dataTransfer.getData("DownloadURL")];
        }"""
    )

    assert carried == [True, "video/mp4:a_b.mp4:https://x.test/f"]


def test_a_file_is_picked(browser_host: Adapter, page: Page, tmp_path: Path) -> None:
    (tmp_path / "frame.png").write_bytes(b"\x89PNG")
    with page.expect_file_chooser() as chooser:
        browser_host.set("() => { window.picked = adapter.pickFile(['image/*']); }")
    chooser.value.set_files(tmp_path / "frame.png")

    picked = page.evaluate(
        "picked.then(({filename, media_type, bytes}) => [filename, media_type, bytes.byteLength])"
    )

    assert picked == ["frame.png", "image/png", 4]


def test_what_a_browser_cannot_is_refused(browser_host: Adapter) -> None:
    for method in ("frame", "import", "place", "swap", "addMarkers", "undo"):
        with pytest.raises(Refused) as refused:
            browser_host(method)
        assert refused.value.code == "unsupported"


def test_secrets_stay_on_this_machine_until_signed_out(browser_host: Adapter) -> None:
    browser_host("secret.set", "session", "é")
    assert browser_host("secret.get", "session") == "é"
    browser_host("secret.remove", "session")
    assert browser_host("secret.get", "session") is None


@pytest.mark.parametrize(("scheme", "theme"), [("dark", "dark"), ("light", "light")])
def test_the_theme_is_the_system_s(browser_host: Adapter, page: Page, scheme: str, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")

    assert browser_host.set("adapter.theme()") == theme
