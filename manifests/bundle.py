"""The panel's files as one host gets them: its own adapter only, and where its service is."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

import rjsmin


class PanelHost(StrEnum):
    """Where a panel is docked; each has an adapter of its own."""

    BROWSER = "browser"
    PREMIERE_PRO = "premiere-pro"
    PHOTOSHOP = "photoshop"
    CEP = "cep"
    RESOLVE = "resolve"


_ADAPTERS: Final[Mapping[PanelHost, tuple[str, ...]]] = {
    PanelHost.BROWSER: ("detect", "saving", "browser"),
    PanelHost.PREMIERE_PRO: (
        "detect",
        "timing",
        "saving",
        "uxp",
        "premiere-project",
        "premiere-timeline",
        "uxp-premiere",
    ),
    PanelHost.PHOTOSHOP: ("detect", "saving", "uxp", "uxp-photoshop"),
    PanelHost.CEP: ("detect", "timing", "saving", "uxp", "node-disk", "cep", "browser"),
    PanelHost.RESOLVE: ("detect", "timing", "saving", "uxp", "resolve"),
}
_SCRIPT: Final = re.compile(r'^\s*<script src="([^"]+)"></script>\n', re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelConfig:
    """What a panel is told when it is built: the service's address, "" for the one that serves it."""

    api: str
    version: str
    host: PanelHost


def files_for(config: PanelConfig) -> Mapping[str, bytes]:
    """Every file by its path: what index.html names, and the languages that are loaded when chosen."""
    panel = files("manifests") / "panel"
    index = _without_others((panel / "index.html").read_text(encoding="utf-8"), config.host)
    languages = (f"strings/{each.name}" for each in (panel / "strings").iterdir())
    named = {"panel.css", *_SCRIPT.findall(index), *languages} - {"config.js"}
    return {
        "index.html": index.encode(),
        "config.js": _config_script(config).encode(),
        **{path: _shipped(_at(panel, path)) for path in sorted(named)},
    }


def _shipped(file: Traversable) -> bytes:
    """Scripts and styles without comments and indentation: a panel is loaded every time it is docked."""
    content = file.read_text(encoding="utf-8")
    if file.name.endswith(".js"):
        return str(rjsmin.jsmin(content)).encode()
    return re.sub(r"/\*.*?\*/|\s*([{};])\s*", r"\1", content, flags=re.DOTALL).encode()


def _without_others(index: str, host: PanelHost) -> str:
    own = {f"hosts/{name}.js" for name in _ADAPTERS[host]}

    def kept(script: re.Match[str]) -> str:
        return script[0] if not script[1].startswith("hosts/") or script[1] in own else ""

    return re.sub(r"\n\s+", "\n", _SCRIPT.sub(kept, index))


def _config_script(config: PanelConfig) -> str:
    told = json.dumps({"api": config.api, "version": config.version, "host": config.host.value})
    return f"(window.PB = window.PB || {{}}).config = {told};\n"


def _at(folder: Traversable, path: str) -> Traversable:
    for part in path.split("/"):
        folder /= part
    return folder
