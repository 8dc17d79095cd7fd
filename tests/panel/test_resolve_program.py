"""Resolve's own process, `main.js` as it ships, in Node with Electron and Blackmagic's module faked."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from manifests.source import Source
from manifests.workflow import workflow_files

FAKE = Path(__file__).parent / "fakes" / "electron.cjs"


class Program:
    """The plug-in in a folder, and the folder an editor picks."""

    def __init__(self, place: Path) -> None:
        self.media, self._data, self._code = place / "media", place / "data", place / "code"
        source = Source.checked(api="https://api.example.com", storage=(), version="1.2.3")
        for path, content in workflow_files(source).items():
            (self._code / path).parent.mkdir(parents=True, exist_ok=True)
            (self._code / path).write_bytes(content)
        self.media.mkdir()
        self._data.mkdir()

    def run(self, *requests: dict[str, Any], **environ: str) -> tuple[list[Any], dict[str, Any]]:
        """What the page is answered, request by request, and what the program asked of its surroundings."""
        ran = subprocess.run(
            ["node", str(FAKE), str(self._code / "main.js"), str(self._data)],
            input=json.dumps(requests),
            capture_output=True,
            text=True,
            check=True,
            env={"PATH": os.defpath, **environ},
        )
        said = json.loads(ran.stdout)
        return said["answers"], said["asked"]

    def folder(self) -> dict[str, Any]:
        """The request by which an editor picks the folder."""
        return {"name": "folder", "request": {"again": True}, "pick": str(self.media)}

    def settings(self) -> str:
        """What is kept on disk between two starts."""
        return (self._data / "panel.json").read_text()


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def _disk(name: str, *path: str, **request: Any) -> dict[str, Any]:
    return {"name": f"disk.{name}", "request": {"folder": list(path[:-1]), "name": path[-1], **request}}


def test_the_page_is_fenced_in(program: Program) -> None:
    _, asked = program.run()

    (window,) = asked["windows"]
    assert (window["contextIsolation"], window["sandbox"], window["nodeIntegration"]) == (True, True, False)
    assert (asked["denied"], asked["navigated"]) == (["deny"], 1)
    assert asked["page"] == "panel/index.html"
    assert asked["initialised"] == "org.plugin-backend.panel"


def test_a_file_is_written_in_the_chosen_folder(program: Program) -> None:
    append = _disk("append", "a", "b", "x.mov.part") | {"bytes": [1, 2, 3]}

    answers, _ = program.run(
        program.folder(),
        _disk("size", "a", "b", "x.mov"),
        _disk("create", "a", "b", "x.mov.part"),
        append,
        append,
        _disk("rename", "a", "b", "x.mov.part", to="x.mov"),
        _disk("size", "a", "b", "x.mov"),
        _disk("read", "a", "b", "x.mov"),
        _disk("remove", "a", "b", "x.mov"),
    )

    assert [answer["ok"] for answer in answers] == [True] * 9
    assert answers[0]["value"] == {"path": str(program.media), "label": "media"}
    assert (answers[1]["value"], answers[6]["value"]) == (None, 6)
    assert answers[7]["value"] == [1, 2, 3, 1, 2, 3]
    assert list((program.media / "a" / "b").iterdir()) == []


@pytest.mark.parametrize("path", [("..", "x"), ("a", "../../x"), ("/etc", "passwd"), ("", "")])
def test_nothing_is_written_or_read_elsewhere(program: Program, path: tuple[str, str]) -> None:
    beside = program.media.parent / "x"

    answers, _ = program.run(
        program.folder(), _disk("create", *path), _disk("read", *path), _disk("rename", "a", to="../x")
    )

    assert [answer["code"] for answer in answers[1:]] == ["denied", "denied", "denied"]
    assert not beside.exists()


def test_before_a_folder_is_chosen_nothing_is_written(program: Program) -> None:
    answers, _ = program.run(_disk("create", "x"), {"name": "folder", "request": {"again": False}})

    assert [answer["code"] for answer in answers] == ["denied", "cancelled"]


def test_only_the_panel_s_own_page_is_answered(program: Program) -> None:
    answers, _ = program.run({"name": "info", "request": None, "from": "a frame of a stranger"})

    assert answers == [{"ok": False, "code": "denied", "message": ""}]


@pytest.mark.parametrize("name", ["constructor", "__proto__", "toString", "disk", "eval"])
def test_only_what_is_listed_can_be_asked_for(program: Program, name: str) -> None:
    answers, _ = program.run({"name": name, "request": {}})

    assert (answers[0]["ok"], answers[0]["code"]) == (False, "unsupported")


def test_a_secret_is_kept_by_the_system_s_safe(program: Program) -> None:
    kept = {"name": "secret.set", "request": {"name": "session", "value": "tokén"}}
    get = {"name": "secret.get", "request": {"name": "session"}}
    program.run(kept)
    assert "tok" not in program.settings()

    answers, _ = program.run(get, {"name": "secret.remove", "request": {"name": "session"}}, get)

    assert (answers[0]["value"], answers[2]["value"]) == ("tokén", None)


def test_without_a_safe_a_secret_is_written_nowhere(program: Program) -> None:
    kept = {"name": "secret.set", "request": {"name": "session", "value": "token"}, "safe": False}

    answers, _ = program.run(kept, {"name": "secret.get", "request": {"name": "session"}, "safe": False})

    assert answers[1]["value"] == "token"
    with pytest.raises(FileNotFoundError):
        program.settings()


def test_only_safe_addresses_are_opened(program: Program) -> None:
    urls = [
        "https://example.test/a",
        "http://127.0.0.1:8000/activate",
        "file:///etc/passwd",
        "http://example.test",
    ]

    answers, asked = program.run(*({"name": "open", "request": {"url": url}} for url in urls))

    assert asked["opened"] == urls[:2]
    assert [answer["ok"] for answer in answers] == [True, True, False, False]


@pytest.mark.parametrize(("name", "code"), [("context", "failed"), ("bring", "not-verified")])
def test_a_host_that_goes_away_is_a_refusal_or_a_doubt(program: Program, name: str, code: str) -> None:
    answers, _ = program.run({"name": name, "request": {"bin": "x", "paths": ["/x"]}})

    assert (answers[0]["code"], answers[0]["message"]) == (code, "the scripting server is gone")


def test_the_free_edition_is_told_what_is_missing(program: Program) -> None:
    _, asked = program.run(FAKE_FREE_EDITION="1")

    assert asked["quit"] is True
    assert asked["windows"] == []
    assert "does not answer" in asked["error"]
