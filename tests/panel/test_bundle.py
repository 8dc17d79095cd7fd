"""What one host is given: light enough to be docked at once, and every sentence as it was written."""

import json
import subprocess

import pytest

from bench.panel import LIGHT, weight
from manifests.bundle import PanelConfig, PanelHost, files_for
from tests.panel.test_strings import PANEL, sentences

_ASKED = """
    const text = require("fs").readFileSync(0, "utf8");
    globalThis.window = globalThis;
    globalThis.document = { documentElement: { setAttribute() {} } };
    new Function(text)();
    const figures = new Proxy({}, { get: (_, name) => "{" + name + "}" });
    PB.text.useLanguage("de").then(() => console.log(JSON.stringify(%s.map((key) => PB.t(key, figures)))));
"""


@pytest.mark.parametrize("host", PanelHost)
def test_what_is_loaded_when_a_panel_is_docked_is_light(host: PanelHost) -> None:
    files = files_for(PanelConfig(api="https://api.example.com", version="1.0.0", host=host))

    assert 50_000 < weight(files) < LIGHT


def test_a_folded_sentence_is_read_as_it_was_written() -> None:
    files = files_for(PanelConfig(api="", version="1", host=PanelHost.BROWSER))
    german = sentences("de")
    scripts = [(PANEL / "core" / "text.js").read_text(), files["strings/de.js"].decode()]
    command = ["node", "-e", _ASKED % json.dumps(list(german))]

    said = subprocess.run(command, input="\n".join(scripts), capture_output=True, text=True, check=True)

    assert dict(zip(german, json.loads(said.stdout), strict=True)) == german
