"""A delivery as a host sees it: its files in one folder."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS31Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.journeys.people import Person, fetch


@dataclass(frozen=True, slots=True)
class Bundle:
    """A ready delivery and the folder its files were downloaded to."""

    delivery: Mapping[str, Any]
    folder: Path
    frames: tuple[Mapping[str, Any], ...]

    @property
    def clip(self) -> Mapping[str, Any]:
        clips = self.delivery["clips"]
        assert len(clips) == 1
        found: Mapping[str, Any] = clips[0]
        return found

    @property
    def report(self) -> Any:
        return json.loads((self.folder / "report.json").read_text())

    def file(self, role: str, *, ending: str = "") -> Mapping[str, Any]:
        found = [f for f in self.delivery["files"] if f["role"] == role and f["name"].endswith(ending)]
        assert len(found) == 1, found
        only: Mapping[str, Any] = found[0]
        return only

    def path(self, role: str, *, ending: str = "") -> Path:
        return self.folder / str(self.file(role, ending=ending)["name"])

    @property
    def names(self) -> set[str]:
        """What lies in the folder."""
        return {path.name for path in self.folder.iterdir()}


def download(person: Person, delivery: Mapping[str, Any], folder: Path) -> Bundle:
    """Every file by its link, frames page by page; sizes and checksums must hold, and the contract."""
    _as_published(person, delivery)
    frames: list[Mapping[str, Any]] = []
    for file in delivery["files"]:
        if file["sequence"] is None:
            _checked(file, fetch(file["url"], folder / file["name"]))
            continue
        assert file["url"] is None
        assert file["sequence"]["frames_url"].startswith("http")
        for frame in _pages(person, file["sequence"]["frames_url"]):
            _checked(frame, fetch(frame["url"], folder / frame["name"]))
            frames.append(frame)
    return Bundle(delivery, folder, tuple(frames))


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _as_published(person: Person, delivery: Mapping[str, Any]) -> None:
    """Each clip, file and fact is described in the contract, and is as it is described."""
    spec = person.get("/openapi.json")
    registry = Registry().with_resource("urn:contract", DRAFT202012.create_resource(spec))
    validator = OAS31Validator({"$ref": "urn:contract#/components/schemas/Delivery"}, registry=registry)
    problems = [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(delivery)]
    assert not problems, problems
    described = spec["components"]["schemas"]["Clip"]["properties"].keys()
    assert all(described == clip.keys() for clip in delivery["clips"]), described


def _checked(file: Mapping[str, Any], path: Path) -> None:
    data = path.read_bytes()
    assert (len(data), sha256(data)) == (file["bytes"], file["sha256"]), file["name"]


def _pages(person: Person, url: str) -> list[Mapping[str, Any]]:
    """A small page size, so that there is more than one."""
    found: list[Mapping[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = person.get(url, params={"limit": "10", **({"cursor": cursor} if cursor else {})})
        assert len(page["items"]) <= 10
        found += page["items"]
        cursor = page["next_cursor"]
    return found
