"""Usage over HTTP: exact sums, whose they are, as JSON and as tables of any length."""

import csv
import io
from typing import Any

import pytest
from sqlalchemy import text

from plugin_backend.services import usage
from plugin_backend.services.house import House
from tests.api.people import Person, draft, master, problem


@pytest.fixture
def spent(house: House, editor: Person, admin: Person, stranger: Person) -> str:
    """Two drafts and a master of the editor's shot, one cancelled; a draft of the admin's; one elsewhere."""
    project: str = editor.post("/v1/projects", {"name": "Feature"}).json["id"]
    shot = {"label": "SH010", "project_id": project}
    editor.post("/v1/generations", {**draft(takes=2), **shot})
    kept = editor.post("/v1/generations", {**draft(), **shot}).json["id"]
    gone = editor.post("/v1/generations", {**master(), **shot}).json["id"]
    editor.post("/v1/generations", {**master(), **shot})
    admin.post("/v1/generations", draft())
    stranger.post("/v1/generations", draft())
    editor.post(f"/v1/generations/{gone}/cancel")
    _finish(house, kept)
    return project


def _finish(house: House, generation_id: str) -> None:
    """As a worker would leave it: one take stored, one unit used."""
    with house.engine.begin() as connection:
        for statement in (
            "UPDATE takes SET state = 'stored', source = '{}', charged = true WHERE generation_id = :id",
            """UPDATE generations SET state = 'ready', finished_at = now(), credits_settled = 0,
               draft_units_used = 1 WHERE id = :id""",
        ):
            connection.execute(text(statement), {"id": generation_id})


def _item(person: Person, path: str) -> dict[str, Any]:
    (item,) = person.get(path).json["items"]
    found: dict[str, Any] = item
    return found


@pytest.mark.parametrize("folded", [False, True])
def test_sums_are_exact_whenever_the_clock_last_came(
    house: House, editor: Person, spent: str, *, folded: bool
) -> None:
    if folded:
        assert usage.fold(house) > 0
    item = _item(editor, "/v1/me/usage?group_by=shot")
    held = editor.get("/v1/me").json["credits"]["held"]
    assert held > 0
    assert item == {
        "key": "SH010",
        "keys": {"shot": "SH010"},
        "generations": 4,
        "drafts": 2,
        "masters": 2,
        "ready": 1,
        "failed": 0,
        "cancelled": 1,
        "drafts_ready": 1,
        "masters_ready": 0,
        "draft_units": 3,
        "credits_held": held,
        "credits_settled": 0,
        "credits_released": held,
        "takes_stored": 1,
        "spend_cents": 0,
        "exposure_cents": 0,
        "drafts_per_master": None,
    }
    assert _item(editor, f"/v1/me/usage?group_by=project&project_id={spent}")["generations"] == 4


@pytest.mark.usefixtures("spent")
def test_each_sees_what_is_theirs(editor: Person, admin: Person, operator: Person, stranger: Person) -> None:
    def people(who: Person, path: str) -> set[str]:
        return {item["key"] for item in who.get(f"{path}group_by=user").json["items"]}

    both = {editor.id, admin.id}
    assert people(editor, "/v1/me/usage?") == {editor.id}
    assert people(admin, "/v1/workspace/usage?") == both
    assert people(admin, "/v1/admin/usage?") == both
    assert people(admin, f"/v1/admin/usage?workspace_id={stranger.workspace_id}&") == both
    assert people(operator, "/v1/admin/usage?") == {*both, stranger.id}
    assert people(operator, f"/v1/admin/usage?workspace_id={stranger.workspace_id}&") == {stranger.id}
    assert people(operator, "/v1/workspace/usage?") == set()
    assert people(admin, f"/v1/workspace/usage?user_id={editor.id}&") == {editor.id}
    assert problem(editor.get("/v1/workspace/usage")) == "forbidden"


def test_two_groups_and_every_filter(editor: Person, operator: Person, spent: str) -> None:
    both = operator.get("/v1/admin/usage?group_by=user,tier").json
    mine = {item["keys"]["tier"]: item for item in both["items"] if item["keys"]["user"] == editor.id}
    assert (mine["draft"]["drafts"], mine["master"]["masters"]) == (2, 2)
    assert both["total"]["generations"] == 6
    for asked, count in (
        ("kind=master", 2),
        ("label=SH010", 4),
        ("model=animatic", 6),
        ("model=ray-2", 0),
        (f"project_id={spent}&kind=draft", 2),
        (f"user_id={editor.id}", 4),
    ):
        found = operator.get(f"/v1/admin/usage?group_by=day&{asked}").json
        assert found["total"]["generations"] == count, asked
    for wrong in ("day,day", "day,user,model", "mood", "", "day,"):
        assert problem(editor.get(f"/v1/me/usage?group_by={wrong}")) == "validation", wrong


def test_drafts_per_master_is_of_finished_ones(house: House, editor: Person) -> None:
    made = [editor.post("/v1/generations", {**draft(), "label": "SH020"}).json["id"] for _ in range(3)]
    made.append(editor.post("/v1/generations", {**master(), "label": "SH020"}).json["id"])
    for each in made:
        _finish_any(house, each)
    assert _item(editor, "/v1/me/usage?group_by=shot")["drafts_per_master"] == 3.0
    by_model = editor.get("/v1/me/usage?group_by=model").json
    assert by_model["items"][0]["drafts_per_master"] is None
    assert by_model["total"]["drafts_per_master"] == 3.0


def _finish_any(house: House, generation_id: str) -> None:
    with house.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE generations SET state = 'ready', finished_at = now(), credits_settled = 0,"
                " draft_units_used = 0 WHERE id = :id"
            ),
            {"id": generation_id},
        )


def test_json_says_when_there_is_more_and_a_table_has_all(
    house: House, editor: Person, operator: Person
) -> None:
    editor.post("/v1/generations", {**draft(), "label": "=1+1"})
    with house.engine.begin() as connection:
        copied = (
            "INSERT INTO generations (id, workspace_id, owner_id, account_id, kind, label, model, provider,"
            " request, takes_wanted, max_iterations, credits_per_take, credits_quoted, credits_held,"
            " draft_units, created_at, updated_at)"
            " SELECT 'gen_' || n, workspace_id, owner_id, account_id, kind, 'SH' || n, model, provider,"
            " request, 1, 0, 0, 0, 0, 1, created_at, updated_at"
            " FROM generations, generate_series(1, 1200) n"
        )
        connection.execute(text(copied))
    found = operator.get("/v1/admin/usage?group_by=shot&limit=10").json
    assert (len(found["items"]), found["truncated"], found["total"]["drafts"]) == (10, True, 1201)
    answer = operator.get("/v1/admin/usage?group_by=shot,user", headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 1201
    assert {row["user"] for row in rows} == {editor.id}
    assert "'=1+1" in {row["shot"] for row in rows}
    assert answer.headers["Content-Disposition"] == 'attachment; filename="usage.csv"'


def test_a_day_is_in_utc_and_both_ends_are_included(house: House, editor: Person) -> None:
    editor.post("/v1/generations", draft())
    with house.engine.begin() as connection:
        connection.execute(text("UPDATE generations SET created_at = '2026-03-01T23:59:59Z'"))
    usage.rebuild(house)
    for asked, count in (
        ("from=2026-03-01&to=2026-03-01", 1),
        ("from=2026-03-02", 0),
        ("from=2026-02-01&to=2026-02-28", 0),
        ("to=2026-03-31", 1),
        ("to=2026-04-01", 0),
    ):
        found = editor.get(f"/v1/me/usage?{asked}").json
        assert found["total"]["generations"] == count, asked
    days = editor.get("/v1/me/usage?to=2026-03-31").json
    assert (days["from"], days["to"]) == ("2026-03-01", "2026-03-31")


@pytest.mark.usefixtures("spent")
def test_rebuilding_finds_nothing_the_second_time(house: House) -> None:
    usage.fold(house)
    with house.engine.begin() as connection:
        connection.execute(text("DELETE FROM usage_days"))
    assert usage.rebuild(house) > 0
    assert usage.rebuild(house) == 0
