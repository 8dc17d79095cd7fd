"""The panel's files as one host gets them: its own adapter only, and where its service is."""

import json
import re
from collections.abc import Mapping, Sequence
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
_COMMON: Final = "panel.js"
_LATER: Final = "later.js"
_LAST: Final = "core/start.js"
_FIRST_LANGUAGE: Final = "en"
_WRAPPED: Final = re.compile(
    r'\(function\(PB\)\{"use strict";(.*)\}\)\((?:window\.PB|\(window\.PB=window\.PB\|\|\{\}\))\);?\s*',
    re.DOTALL,
)
_SENTENCES: Final = re.compile(r'PB\.text\.say\("(\w+)",(\{.*\})\);(?=\})', re.DOTALL)
_SCRIPT: Final = re.compile(r'^\s*<script src="([^"]+)"></script>\n', re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelConfig:
    """What a panel is told when it is built: the service's address, "" for the one that serves it."""

    api: str
    version: str
    host: PanelHost


def files_for(config: PanelConfig) -> Mapping[str, bytes]:
    """Every file by its path: what index.html names, and what is loaded when it is wanted."""
    panel = files("manifests") / "panel"
    source = (panel / "index.html").read_text(encoding="utf-8")
    common = [path for path in _SCRIPT.findall(source) if not path.startswith(("config", "hosts/"))]
    own = [f"hosts/{name}.js" for name in _ADAPTERS[config.host]]
    written = {
        "index.html": _index(source, own),
        "config.js": _config_script(config),
        _COMMON: _joined([_shipped(_at(panel, path)) for path in common]),
        **{path: _shipped(_at(panel, path)) for path in ("panel.css", *own)},
        **_wanted_later(panel, common),
    }
    return {path: content.encode() for path, content in written.items()}


def _wanted_later(panel: Traversable, common: Sequence[str]) -> Mapping[str, str]:
    """A file of the pages that are not opened at once, and one for each language but the first."""
    languages = {each.name: each for each in (panel / "strings").iterdir()}
    first = languages.pop(_FIRST_LANGUAGE)
    new = [each for each in _scripts(first) if f"strings/{_FIRST_LANGUAGE}/{each.name}" not in common]
    joined = {f"strings/{name}.js": _scripts(at) for name, at in languages.items()}
    joined[_LATER] = [*new, *_scripts(panel / "later")]
    return {path: _joined([_shipped(each) for each in scripts]) for path, scripts in joined.items()}


def _scripts(folder: Traversable) -> Sequence[Traversable]:
    return sorted(folder.iterdir(), key=lambda each: each.name)


def _shipped(file: Traversable) -> str:
    """Scripts and styles without comments and indentation: a panel is loaded every time it is docked."""
    content = file.read_text(encoding="utf-8")
    if file.name.endswith(".js"):
        return _SENTENCES.sub(_folded, str(rjsmin.jsmin(content)))
    return re.sub(r"/\*.*?\*/|\s*([{};])\s*|(:)\s+", r"\1\2", content, flags=re.DOTALL).replace(";}", "}")


def _folded(said: re.Match[str]) -> str:
    """A table of sentences as lines, in which the beginning that keys have in common stands once."""
    lines, before = [], ""
    for key, sentence in json.loads(said[2].replace(",}", "}")).items():
        start, dot, rest = key.partition(".")
        if start + dot != before:
            before = start + dot if dot else ""
            lines.append(before)
        lines.append(f"{rest if dot else key}={sentence}")
    text = re.sub(r"[\\`]|\$(?=\{)", r"\\\g<0>", "\n".join(lines))
    return f'PB.text.unfold("{said[1]}",`{text}`);'


def _joined(scripts: Sequence[str]) -> str:
    """One script of many: each keeps its names to itself in a block where it had a function of its own."""
    blocks = []
    for script in scripts:
        inside = _WRAPPED.fullmatch(script)
        if inside is None:
            raise ValueError(f"not wrapped as the panel's scripts are: {script[:60]}…")
        blocks.append("{" + inside[1] + "}")
    return '(function(PB){"use strict";' + "\n".join(blocks) + "})(window.PB);\n"


def _index(source: str, own: Sequence[str]) -> str:
    """The page with one host's adapter, and all that hosts have in common as one script."""
    wanted = {"config.js", *own, _LAST}

    def kept(script: re.Match[str]) -> str:
        return script[0].replace(_LAST, _COMMON) if script[1] in wanted else ""

    return re.sub(r"\n\s+", "\n", _SCRIPT.sub(kept, source))


def _config_script(config: PanelConfig) -> str:
    told = json.dumps({"api": config.api, "version": config.version, "host": config.host.value})
    return f"(window.PB = window.PB || {{}}).config = {told};\n"


def _at(folder: Traversable, path: str) -> Traversable:
    for part in path.split("/"):
        folder /= part
    return folder
