"""An adapter in a page with its host faked around it, spoken to as the panel speaks to it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.house.repository import ROOT
from tests.panel.storage import Storage

FAKES = Path(__file__).parent / "fakes"
JSX = ROOT / "manifests" / "after-effects" / "jsx"
_INDEX = (ROOT / "manifests" / "panel" / "index.html").read_text()
_SCRIPTS = ("core/problems.js", "core/sha256.js", *re.findall(r'src="(hosts/[^"]+)"', _INDEX))
PAGE = "<!doctype html><body>" + "".join(f"<script src='/panel/{script}'></script>" for script in _SCRIPTS)
_RESOLVE = ROOT / "manifests" / "resolve"
_EXTENDSCRIPT = (JSX / "reply.jsx", JSX / "after-effects.jsx", JSX / "premiere.jsx")
_FAKED: dict[str, tuple[Path, ...]] = {
    "uxp-premiere": (FAKES / "uxp.js", FAKES / "premiere_objects.js", FAKES / "uxp_premiere.js"),
    "uxp-photoshop": (FAKES / "uxp.js", FAKES / "uxp_photoshop.js"),
    "cep-after-effects": (FAKES / "extendscript.js", *_EXTENDSCRIPT, FAKES / "cep.js"),
    "cep-premiere": (FAKES / "extendscript.js", *_EXTENDSCRIPT, FAKES / "cep.js"),
    "resolve": (_RESOLVE / "host.js", FAKES / "resolve.js"),
    "browser": (),
}
_FIRST = {
    "uxp-photoshop": "window.fake = { hostName: 'photoshop' };",
    "cep-premiere": "window.fake = { app: 'premierepro' };",
}


def faked(host: str) -> str:
    """The script that puts a host around a page, to run before the page's own."""
    texts = [_FIRST.get(host, ""), *(path.read_text() for path in _FAKED[host])]
    if host.startswith("cep-"):
        texts.insert(-1, "window.PluginBackend = PluginBackend;")
    return "\n".join(texts)


@dataclass(frozen=True, slots=True)
class Refused(Exception):  # noqa: N818 - it is the adapter that refuses, not the test that errs
    """What an adapter refused with."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Adapter:
    """One adapter, in its page."""

    page: Page
    storage: Storage

    def __call__(self, method: str, *arguments: Any) -> Any:
        """What the adapter answers; Refused when it refuses."""
        self._begin(method, arguments)
        return self._answer()

    def waiting(self, method: str, *arguments: Any) -> Any:
        """The same where the adapter looks for long: the page's clock is wound on."""
        self.page.clock.install()
        self._begin(method, arguments)
        self.page.clock.run_for(30_000)
        self.page.clock.resume()
        return self._answer()

    def _begin(self, method: str, arguments: tuple[Any, ...]) -> None:
        self.page.evaluate(
            """([method, args]) => {
                const target = method.split(".").reduce((at, name) => at[name], window.adapter);
                const told = (value) => {
                    if (!value || !(value.bytes instanceof ArrayBuffer)) return { value };
                    return { value: { ...value, bytes: [...new Uint8Array(value.bytes)] } };
                };
                const refused = ({ code, stack }) => ({ code: code || "?", message: String(stack) });
                window.answer = (async () => told(await target(...args)))().catch(refused);
            }""",
            [method, list(arguments)],
        )

    def _answer(self) -> Any:
        said = self.page.evaluate("window.answer")
        if "code" in said:
            raise Refused(said["code"], said["message"])
        return said.get("value")

    def save(self, file: dict[str, Any], folder: str = "plugin-backend/SH010") -> str:
        """Saves a stored file; its path. What the progress was told is in `window.told`."""
        said = self.page.evaluate(
            """async (file) => {
                window.told = [];
                window.stop = new AbortController();
                const progress = (done, all) => window.told.push([done, all]);
                try {
                    return await window.adapter.save(file, progress, window.stop.signal);
                } catch (error) {
                    return { code: error.code || "?", message: String(error.stack || error) };
                }
            }""",
            {"folder": folder, **file},
        )
        if "code" in said:
            raise Refused(said["code"], said["message"])
        return str(said["path"])

    def set(self, script: str) -> Any:
        """Changes or reads the faked host: an expression on `fake`."""
        return self.page.evaluate(script)


def open_adapter(page: Page, storage: Storage, host: str, *, after: str = "") -> Adapter:
    """A page with this host around it and its adapter detected; `after` changes the host first."""
    page.add_init_script(faked(host) + "\n" + after)
    page.goto(storage.address)
    page.evaluate("() => { window.adapter = PB.detect(); }")
    return Adapter(page, storage)


def import_clip(host: Adapter, *, waiting: bool = False, **changes: Any) -> Any:
    """A small movie saved and imported; what the adapter calls it."""
    path = host.save(host.storage.keep("SH010.mov", b"movie" * 100))
    request = {
        "paths": [path],
        "is_sequence": False,
        "frame_rate": "24000/1001",
        "frame_count": 48,
        "bin": "plugin-backend/SH010",
        "clip_name": "SH010 take 2",
        "comment": "dlv_1",
    }
    return (host.waiting if waiting else host)("import", request | changes)


def place_clip(
    host: Adapter, item: Any, *, waiting: bool = False, has_audio: bool = False, **changes: Any
) -> Any:
    """An item placed at the playhead of what is open: as a layer where the host has them."""
    modes = host("capabilities")["place"]
    request = {
        "clips": [{"item": item, "from_frame": 0, "frame_count": 48, "has_audio": has_audio}],
        "mode": "layer" if "layer" in modes else modes[0],
        "sequence_id": host("context")["sequence"]["id"],
        "at_frame": None,
        "frame_rate": "24000/1001",
    }
    return (host.waiting if waiting else host)("place", request | changes)


def import_cut(host: Adapter, *names: str) -> list[dict[str, Any]]:
    """Shots of 48 frames saved and imported, each to be cut in without its handles of 4."""
    clips = []
    for name in names:
        path = host.save(host.storage.keep(f"{name}.mov", name.encode() * 50))
        item = import_clip(host, paths=[path], clip_name=name)
        clips.append({"item": item, "from_frame": 4, "frame_count": 40, "has_audio": False})
    return clips


def refusal(act: Callable[[], Any]) -> str:
    """The code that an adapter refuses with."""
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code
