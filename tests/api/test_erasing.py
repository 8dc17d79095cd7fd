"""Leaving for good: afterwards nothing in the database or in storage says who it was or what they wrote."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from plugin_backend.config import Settings
from plugin_backend.db.scrub_rules import RULES
from plugin_backend.db.tables import metadata
from plugin_backend.domain.callers import Role, Scope
from plugin_backend.services.keeping.tidying import tidy, unbalanced_accounts
from plugin_backend.services.running import auditing
from tests.api.browsers import PASSWORD, with_password
from tests.api.people import Person, problem
from tests.api.stage import Stage, stage_of
from tests.api.words import EMAIL, WORD, files_with_it, rows_with_it, said, write_everywhere
from tests.services.remote import turn_to_next, work_off

ALL = frozenset(Scope)
LEAVING = {"confirm": EMAIL, "password": PASSWORD}

# Columns of text that hold nobody's words: states, kinds, names of ours, tokens, providers' own references.
OURS = {
    "access", "action", "covers", "default_model", "hdr", "host", "kind", "lane", "lease", "label_of",
    "max_resolution", "measure", "model", "models", "owner_kind", "period", "provider", "provider_ref",
    "role", "slug", "spend_from", "state", "step", "tiers", "token", "topic", "traceparent", "type",
}  # fmt: skip
# One by one: what they hold and why it may stay.
KNOWN = {
    "alert_rules.rules": "thresholds",
    "audit_entries.after": "figures, states and ids",
    "audit_entries.before": "figures, states and ids",
    "audit_entries.reason": "set apart by the database, where it is scrubbed",
    "erasures.done": "counts",
    "erasures.place": "a table and an id",
    "events.data": "ids only, and what kind of thing they are of",
    "generations.terms": "what the model's terms said",
    "plans.label": "an operator's name of a plan",
    "plans.shipped": "as it was shipped",
    "provider_health.last_error": "of a provider",
    "usage_changes.label": "added up anew as the generations lose theirs",
    "usage_days.label": "added up anew as the generations lose theirs",
    "walks.last": "counts",
    "walks.name": "of a walk",
    "walks.place": "a folder and an id",
    "walks.seen": "counts",
}


# What is said of takes, and what providers and naming rules hold.
_WRITTEN_ELSEWHERE = (
    """INSERT INTO take_comments (id, workspace_id, owner_id, take_id, words, created_at, updated_at)
        VALUES ('tcm_1', :ws, :who, :take, :word, now(), now())""",
    """INSERT INTO take_approvals
        (id, workspace_id, owner_id, take_id, status, label, note, fingerprint, created_at)
        VALUES ('tap_1', :ws, :who, :take, 'approved', :word, :word, 'f', now())""",
    "UPDATE takes SET outputs = jsonb_build_object('said', CAST(:word AS text)) WHERE id = :take",
    "UPDATE attempts SET detail = :word, settled_note = :word WHERE take_id = :take",
    "UPDATE projects SET naming = to_jsonb(CAST(:word AS text)) WHERE owner_id = :who",
    "UPDATE workspaces SET name = :word WHERE id = :ws",
    """INSERT INTO exports (id, workspace_id, owner_id, state, archive, created_at)
        VALUES ('exp_1', :ws, :who, 'ready', jsonb_build_object('name', CAST(:word AS text)), now())""",
)


@pytest.fixture
def stage(app: Flask, roomy: Settings, tmp_path: Path) -> Iterator[Stage]:
    with stage_of(app, roomy, tmp_path) as opened:
        yield opened


@pytest.fixture
def leaver(stage: Stage) -> Person:
    """The owner of a workspace of their own, who can do everything."""
    owner = stage.town.settle(EMAIL, role=Role.OWNER, plan="studio", scopes=ALL, credit=500)
    with_password(stage.house, EMAIL)
    return owner


def made_everywhere(stage: Stage, person: Person) -> list[str]:
    """Their words in every place that takes, deliveries and reviews have for them."""
    studio, ids = stage.studio, write_everywhere(person)
    body: dict[str, Any] = {
        "kind": "master",
        "brief": {
            "prompt": f"a {WORD} by the sea",
            "model": "animatic",
            "resolution": "1080p",
        },
        "label": WORD,
        "project_id": ids["project"],
    }
    key = {"Idempotency-Key": f"{WORD}-1"}
    made = [said(person.post("/v1/generations", body, headers=key))["id"]]
    said(person.post(f"/v1/storyboards/{ids['board']}/generate"))
    for _ in range(60):
        work_off(studio)
        if not studio.one("SELECT count(*) FROM generations WHERE finished_at IS NULL"):
            break
        turn_to_next(studio)
    (take_id,) = [take["id"] for take in said(person.get(f"/v1/generations/{made[0]}"))["takes"]]
    for name in (f"{WORD}.mov", "proxy.mp4"):
        studio.house.storage.put_bytes(f"takes/{take_id}/{name}", f"a prompt: {WORD}".encode())
    delivery = said(person.post(f"/v1/takes/{take_id}/deliveries", {"host": "nuke"}))
    studio.house.storage.put_bytes(f"deliveries/{delivery['id']}/{WORD}.xml", WORD.encode())
    said(person.post(f"/v1/deliveries/{delivery['id']}/cancel"))
    studio.upstream.slow_seeds.add(4242)
    slow = {**body["brief"], "seed": 4242}
    running = said(person.post("/v1/generations", {**body, "brief": slow, "label": f"{WORD} two"}))
    work_off(studio)
    studio.house.storage.put_bytes(f"exports/exp_1/{WORD}.zip", WORD.encode())
    with studio.house.engine.begin() as connection:  # what has no door of its own here
        values = {"take": take_id, "who": person.id, "ws": person.workspace_id, "word": WORD}
        for statement in _WRITTEN_ELSEWHERE:
            connection.execute(text(statement), values)
    return [made[0], running["id"]]


def forgotten(stage: Stage, erasure_id: str) -> dict[str, Any]:
    """The receipt once it is done; the clock is turned where it waits."""
    for _ in range(60):
        work_off(stage.studio)
        found = said(stage.town.client.get(f"/v1/erasures/{erasure_id}"))
        if found["step"] == "done":
            stage.studio.clock.turn(timedelta(hours=1))
            tidy(stage.house)  # codes that no panel was given and nobody's name is on
            return dict(found)
        if found["step"] == "check":
            tidy(stage.house)  # adds up usage anew
            stage.studio.clock.turn(timedelta(minutes=10))
        turn_to_next(stage.studio)
    raise AssertionError(f"it never ends: {found}, {stage.studio.rows('SELECT subject_id FROM work')}")


@pytest.mark.slow
def test_afterwards_neither_the_database_nor_storage_knows_a_word_of_theirs(
    stage: Stage, leaver: Person, settings: Settings, tmp_path: Path
) -> None:
    made_everywhere(stage, leaver)
    before = rows_with_it(settings.database_url)
    assert {"users.email", "generations.request", "take_comments.words"} <= before.keys()
    assert len(files_with_it(tmp_path / "storage")) >= 2

    erasure_id = said(leaver.delete("/v1/me", json=LEAVING))["id"]
    assert problem(leaver.get("/v1/me")) == "unauthenticated"
    receipt = forgotten(stage, erasure_id)

    left = rows_with_it(settings.database_url)
    assert left == {}
    assert files_with_it(tmp_path / "storage") == []
    assert (receipt["removed"]["cancelled"], receipt["removed"]["generations"]) == (1, 3)
    (email,) = stage.studio.rows("SELECT email FROM users WHERE id = :id", id=leaver.id)
    assert email == (f"{leaver.id}@erased.invalid",)
    assert stage.studio.rows("SELECT available, held FROM accounts WHERE owner_id = :id", id=leaver.id) == [
        (0, 0)
    ]
    assert unbalanced_accounts(stage.house) == []
    assert [each.flaw for each in auditing.verify(stage.house)] == [None] * len(
        list(auditing.heads(stage.house))
    )
    assert stage.studio.one("SELECT count(*) FROM work") == 0


def test_every_column_of_text_is_scrubbed_or_known_to_hold_nobodys_words() -> None:
    scrubbed = frozenset().union(*(rule.clears for rule in RULES))
    unknown = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, (Text, JSONB, ARRAY))
        and not column.foreign_keys
        and column.name != "id"
        and not column.name.endswith(("_id", "_hash", "_by"))
        and column.name not in OURS
    }

    assert unknown - scrubbed - KNOWN.keys() == set()
    assert KNOWN.keys() - unknown == set()


def test_whoever_has_found_a_key_ends_nobody_without_the_password(stage: Stage, leaver: Person) -> None:
    for body in (
        {},
        {"confirm": EMAIL},
        {"confirm": EMAIL, "password": ""},
        {"confirm": EMAIL, "password": "a wrong one, but long"},
        {"confirm": "somebody@example.com", "password": PASSWORD},
    ):
        assert problem(leaver.delete("/v1/me", json=body)) == "validation"
    reading = stage.town.settle("reads@example.com", scopes=frozenset({Scope.READ}))
    with_password(stage.house, "reads@example.com")
    theirs = {"confirm": "reads@example.com", "password": PASSWORD}
    assert problem(reading.delete("/v1/me", json=theirs)) == "forbidden"
    writing = stage.town.settle("nothing@example.com")  # signs in elsewhere, and has no password here
    theirs = {"confirm": "nothing@example.com", "password": PASSWORD}
    assert problem(writing.delete("/v1/me", json=theirs)) == "validation"
    assert leaver.get("/v1/me").status_code == 200
    assert stage.studio.count("erasures") == 0


def test_the_last_owner_hands_over_first(stage: Stage, leaver: Person) -> None:
    heir = stage.town.settle("heir@example.com", workspace_id=leaver.workspace_id)
    assert problem(leaver.delete("/v1/me", json=LEAVING)) == "conflict"

    said(leaver.patch(f"/v1/admin/users/{heir.id}", {"role": "owner"}))
    first = said(leaver.delete("/v1/me", json=LEAVING))

    forgotten(stage, first["id"])
    assert said(heir.get("/v1/me"))["role"] == "owner"


def test_a_colleague_goes_and_the_shared_project_stays(
    stage: Stage, leaver: Person, settings: Settings
) -> None:
    heir = stage.town.settle(
        "heir@example.com", workspace_id=leaver.workspace_id, role=Role.OWNER, scopes=ALL
    )
    project = said(leaver.post("/v1/projects", {"name": WORD}))
    shot = {"kind": "draft", "brief": {"prompt": "fog"}, "project_id": project["id"], "label": "SH010"}
    theirs = said(heir.post("/v1/generations", shot))

    body = {"reason": f"{WORD} asked us to"}
    first, second = (said(heir.post(f"/v1/admin/users/{leaver.id}/delete", body)) for _ in range(2))
    assert first["id"] == second["id"]
    forgotten(stage, first["id"])

    assert rows_with_it(settings.database_url) == {}
    found = said(heir.get(f"/v1/generations/{theirs['id']}"))
    assert (found["brief"]["prompt"], found["label"]) == ("fog", "SH010")
    assert project["id"] in {each["id"] for each in said(heir.get("/v1/projects"))["items"]}
    assert said(heir.get("/v1/workspace"))["name"] == "Workspace"
    assert problem(heir.patch(f"/v1/admin/users/{leaver.id}", {"disabled": False})) == "conflict"


def test_nobody_deletes_outside_their_reach_or_above_their_rank(stage: Stage, leaver: Person) -> None:
    admin = stage.town.settle(
        "admin@example.com", workspace_id=leaver.workspace_id, role=Role.ADMIN, scopes=ALL
    )
    body = {"reason": "r"}
    assert problem(admin.post(f"/v1/admin/users/{leaver.id}/delete", body)) == "forbidden"
    assert problem(leaver.post(f"/v1/admin/users/{stage.editor.id}/delete", body)) == "not-found"
    assert problem(leaver.post(f"/v1/admin/users/{admin.id}/delete", {})) == "validation"
    assert problem(stage.town.client.get("/v1/erasures/ers_none")) == "not-found"


class KilledError(BaseException):
    """The process is gone."""


@pytest.mark.slow
def test_killed_at_every_point_and_done_again_it_ends_the_same(
    stage: Stage, leaver: Person, settings: Settings, tmp_path: Path
) -> None:
    made_everywhere(stage, leaver)
    killed: set[str] = set()

    def die(point: str) -> None:
        if point.startswith("erasure:") and point not in killed:
            killed.add(point)
            raise KilledError(point)

    mortal = replace(stage.studio.house, failpoint=die)
    studio = replace(stage.studio, house=mortal, runtime=replace(stage.studio.runtime, house=mortal))
    erasure_id = said(leaver.delete("/v1/me", json=LEAVING))["id"]
    for _ in range(200):
        try:
            work_off(studio)
        except KilledError:
            stage.studio.clock.turn(timedelta(seconds=31))  # its lease runs out
            continue
        step = studio.one("SELECT step FROM erasures")
        if step == "done":
            break
        if step == "check":
            tidy(stage.house)
            studio.clock.turn(timedelta(minutes=10))
        turn_to_next(studio)

    steps = ("cancel", "wait", "remove", "scrub", "settle", "check")
    assert killed == {f"erasure:{step}{after}" for step in steps for after in ("", ":written")}
    receipt = forgotten(stage, erasure_id)
    assert receipt["removed"]["generations"] == 3
    assert rows_with_it(settings.database_url) == {}
    assert files_with_it(tmp_path / "storage") == []
    assert unbalanced_accounts(stage.house) == []
