"""Each package, unpacked, started from disk as its host does: its own page with its host around it."""

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from manifests.bundle import PanelHost
from manifests.packing import build
from manifests.source import Source
from tests.panel.adapters import faked
from tests.panel.desk import packaged

HOSTS = {
    "uxp-premiere": PanelHost.PREMIERE_PRO,
    "uxp-photoshop": PanelHost.PHOTOSHOP,
    "cep-after-effects": PanelHost.CEP,
    "cep-premiere": PanelHost.CEP,
    "resolve": PanelHost.RESOLVE,
}


@pytest.mark.parametrize(("fake", "host"), HOSTS.items())
def test_a_package_starts_in_its_host(
    page: Page, said: list[str], tmp_path: Path, fake: str, host: PanelHost
) -> None:
    source = Source.checked(api="http://127.0.0.1:9", storage=(), version="1.2.3", development=True)
    (package,) = build([host], source, tmp_path)
    with zipfile.ZipFile(package.path) as archive:
        archive.extractall(tmp_path / "installed")
    (index,) = (tmp_path / "installed").rglob("index.html")
    page.add_init_script(faked(fake))
    page.add_init_script(packaged(index.parent))

    page.goto(index.as_uri())

    expect(page.get_by_role("button").first).to_be_visible()
    assert page.evaluate("PB.host.info().then((info) => info.adapter)") == fake
    assert page.evaluate("PB.config.version") == "1.2.3"
    later = page.evaluate("PB.app.later().then(() => Object.keys(PB.screens))")
    assert {"board", "compare", "history", "generate"} <= set(later)
    assert page.evaluate("PB.text.useLanguage('de').then(() => PB.t('direct.stop'))") == "Aufhören"
    told = page.evaluate("PB.host.context()")
    assert set(told) == {"project", "sequence"}

    placed = page.evaluate(
        """async () => {
            const path = "/Users/editor/Media/SH010.png";
            await PB.host.folder(false);
            fake.disk.set(path, Uint8Array.from([1, 2, 3]));
            const frame_rate = "24000/1001";
            const told = { frame_rate, frame_count: 48, bin: "a/b", clip_name: "SH010", comment: "" };
            const item = await PB.host.import({ ...told, paths: [path], is_sequence: false });
            const { place } = await PB.host.capabilities();
            const { project, sequence } = await PB.host.context();
            const shown = sequence ? sequence.id : project.id;
            const clips = [{ item, from_frame: 0, frame_count: 48, has_audio: false }];
            return PB.host.place({ clips, frame_rate, mode: place[0], sequence_id: shown, at_frame: null });
        }"""
    )
    assert placed["verified"] is True
    assert [line for line in said if "Content Security Policy" in line] == []
