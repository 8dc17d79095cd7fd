"""A copy of one's own data: one zip of all of it and nobody else's, without secrets, for a week."""

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from plugin_backend.config import Settings
from plugin_backend.domain.callers import Role, Scope
from tests.api.people import Person, problem
from tests.api.stage import Stage, stage_of
from tests.api.words import EMAIL, WORD, said, write_everywhere
from tests.services.remote import turn_to_next, work_off
from worker import steps
from worker.media.process import MediaProcess

pytestmark = pytest.mark.slow  # a real media child packs


@pytest.fixture
def stage(app: Flask, roomy: Settings, tmp_path: Path) -> Iterator[Stage]:
    """With a media child that has the storage."""
    with (
        stage_of(app, roomy, tmp_path) as opened,
        MediaProcess(
            1024, tmp_path / "packing", storage_url=(tmp_path / "storage").as_uri(), storage_account=None
        ) as media,
    ):
        runtime = replace(opened.studio.runtime, media=media)
        yield replace(opened, studio=replace(opened.studio, runtime=runtime))


@pytest.fixture
def person(stage: Stage) -> Person:
    return stage.town.settle(EMAIL, role=Role.OWNER, plan="studio", scopes=frozenset(Scope), credit=50)


def _packed(stage: Stage, person: Person, **body: Any) -> tuple[dict[str, Any], zipfile.ZipFile]:
    asked = said(person.post("/v1/me/export", body))
    assert asked["state"] == "building"
    assert problem(person.post("/v1/me/export", body)) == "conflict"
    assert steps.advance(stage.studio.runtime, asked["id"])
    found = said(person.get(f"/v1/me/exports/{asked['id']}"))
    assert found["state"] == "ready", found
    data = stage.house.storage.get_bytes(f"exports/{asked['id']}/{found['archive']['name']}")
    assert len(data) == found["archive"]["bytes"]
    return found, zipfile.ZipFile(io.BytesIO(data))


def _lines(archive: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in archive.read(name).splitlines()]


def test_everything_of_theirs_is_in_it_and_nothing_of_anybody_else(stage: Stage, person: Person) -> None:
    write_everywhere(person)
    made = said(person.post("/v1/generations", {"kind": "draft", "brief": {"prompt": f"a {WORD}"}}))
    colleague = stage.town.settle("colleague@example.com", workspace_id=person.workspace_id)
    theirs = said(colleague.post("/v1/generations", {"kind": "draft", "brief": {"prompt": "their fog"}}))
    work_off(stage.studio)
    take_id = said(person.get(f"/v1/generations/{made['id']}"))["takes"][0]["id"]
    stage.house.storage.put_bytes(f"takes/{take_id}/000000.exr", b"a frame")

    found, archive = _packed(stage, person, with_media=True)

    assert archive.testzip() is None
    text = b"".join(archive.read(name) for name in archive.namelist()).decode(errors="replace")
    assert [row["email"] for row in _lines(archive, "data/users.jsonl")] == [EMAIL]
    assert made["id"] in {row["id"] for row in _lines(archive, "data/generations.jsonl")}
    assert {row["available_delta"] for row in _lines(archive, "data/ledger_entries.jsonl")} >= {50}
    assert {row["title"] for row in _lines(archive, "data/storyboards.jsonl")} == {WORD}
    assert archive.read(f"media/takes/{take_id}/000000.exr") == b"a frame"
    assert theirs["id"] not in text
    assert "their fog" not in text
    hashes = stage.studio.rows("SELECT secret_hash FROM api_keys")
    assert not [secret for (secret,) in hashes if secret in text]
    assert found["expires_at"] is not None
    assert said(person.get("/v1/me/storage"))["by_kind"]["exports"] == found["archive"]["bytes"]
    assert problem(colleague.get(f"/v1/me/exports/{found['id']}")) == "not-found"
    assert said(colleague.get("/v1/me/exports"))["items"] == []


def test_without_media_it_lists_the_files_and_after_a_week_it_is_gone(stage: Stage, person: Person) -> None:
    earlier, _ = _packed(stage, person)
    found, archive = _packed(stage, person)
    work_off(stage.studio)  # one is kept
    assert said(person.get(f"/v1/me/exports/{earlier['id']}"))["state"] == "expired"
    assert "media.jsonl" in archive.namelist()
    assert [file.key for file in stage.house.storage.list("exports")] == [
        f"exports/{found['id']}/{found['archive']['name']}"
    ]

    stage.studio.clock.turn(timedelta(days=6, hours=23))
    work_off(stage.studio)
    assert said(person.get(f"/v1/me/exports/{found['id']}"))["state"] == "ready"
    turn_to_next(stage.studio)
    work_off(stage.studio)

    gone = said(person.get(f"/v1/me/exports/{found['id']}"))
    assert (gone["state"], gone["archive"]) == ("expired", None)
    assert stage.house.storage.list("exports") == ()
    assert said(person.get("/v1/me/storage"))["by_kind"]["exports"] == 0
