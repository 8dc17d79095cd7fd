"""Storyboards and looks over HTTP: what is read, answered and refused, and where a problem lies."""

from typing import Any

import pytest

from tests.api.people import Person, problem

SHOT: dict[str, Any] = {"brief": {"prompt": "fog over a harbour"}}
BOARD = {"title": "Harbour", "shots": [{**SHOT, "label": "SH010"}, {**SHOT, "continue": True}]}
SCRIPT = "INT. KITCHEN - NIGHT\nA kettle boils.\n\nANNA\nIs it you?\n\nCUT TO:\n\nEXT. BEACH\nWaves. (30s)"
LOOK = {
    "palette": ["#102030"],
    "style": ["grain"],
    "light": [],
    "exclusions": ["no lens flare"],
    "references": [],
}


def made(person: Person, **body: Any) -> Any:
    answer = person.post("/v1/storyboards", {**BOARD, **body})
    assert answer.status_code == 201, answer.text
    return answer.json


def pointers(answer: Any) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [each["pointer"] for each in answer.json["errors"]]


def test_a_board_is_made_shown_listed_and_closed(editor: Person, stranger: Person) -> None:
    answer = editor.post("/v1/storyboards", BOARD)
    path = answer.headers["Location"]
    assert path == f"/v1/storyboards/{answer.json['id']}"
    assert answer.json["id"].startswith("sty_")

    shown = editor.get(path)
    assert shown.json == answer.json
    assert [shot["state"] for shot in shown.json["shots"]] == ["empty", "empty"]
    assert [shot["label"] for shot in shown.json["shots"]] == ["SH010", "SH020"]
    assert [shot["continue"] for shot in shown.json["shots"]] == [False, True]
    assert editor.get(path, headers={"If-None-Match": shown.headers["ETag"]}).status_code == 304
    (item,) = editor.get("/v1/storyboards").json["items"]
    assert (item["title"], item["shot_count"]) == ("Harbour", 2)
    assert problem(stranger.get(path)) == "not-found"
    assert stranger.get("/v1/storyboards").json["items"] == []
    assert editor.delete(path).status_code == 204
    assert editor.get(path).status_code == 404


def test_a_script_becomes_shots_as_long_as_the_model_makes_them(editor: Person) -> None:
    body = {"title": "Kitchen", "script": SCRIPT, "brief": {"resolution": "360p"}}
    board = editor.post("/v1/storyboards", body).json

    shots = [(shot["brief"]["prompt"], shot["brief"]["duration_seconds"]) for shot in board["shots"]]
    assert [prompt for prompt, _ in shots] == [
        "Interior, kitchen, night. A kettle boils.",
        "Exterior, beach. Waves. (30s)",
    ]
    longest = editor.get("/v1/models").json["items"]
    (between,) = (each["any_duration_between"] for each in longest if each["id"] == "animatic")
    assert [seconds for _, seconds in shots] == [2, between["longest"]]
    assert {shot["brief"]["resolution"] for shot in board["shots"]} == {"360p"}
    assert [note["kind"] for note in board["notes"]] == ["dialogue", "transition", "too-long"]


def test_generate_answers_with_the_board_and_once_per_key(editor: Person) -> None:
    path = f"/v1/storyboards/{made(editor)['id']}"
    key = {"Idempotency-Key": "once"}
    first, second = (editor.post(f"{path}/generate", headers=key) for _ in range(2))

    assert first.status_code == 202
    assert first.headers["Retry-After"]
    assert [shot["state"] for shot in first.json["shots"]] == ["drafting", "waiting"]
    assert first.json["shots"][0]["generation"]["label"] == "SH010"
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(editor.get("/v1/generations").json["items"]) == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"shots": []}, ["/shots"]),
        ({"script": "Rain."}, [""]),
        ({"shots": [SHOT, {"brief": {"prompt": " "}}]}, ["/shots/1/brief/prompt"]),
        ({"shots": [SHOT, {"brief": {"prompt": "x", "resolution": "9p"}}]}, ["/shots/1/brief/resolution"]),
        (
            {"shots": [SHOT] * 2, "sequence": {"handles_frames": 60}},
            [f"/shots/{n}/handles_frames" for n in (0, 1)],
        ),
        ({"shots": [{**SHOT, "handles_frames": 601}]}, ["/shots/0/handles_frames"]),
        ({"look": {"palette": ["red"]}}, ["/look/palette/0"]),
        ({"project_id": "prj_1"}, ["/project_id"]),
        (
            {"shots": [{"continue": True, "brief": {"prompt": "x", "keyframes": [{"asset_id": "ast_1"}]}}]},
            ["/shots/0/continue"],
        ),
    ],
)
def test_a_problem_says_in_which_shot_it_lies(editor: Person, changes: Any, expected: list[str]) -> None:
    assert pointers(editor.post("/v1/storyboards", {**BOARD, **changes})) == expected


def test_a_viewer_looks_and_changes_nothing(editor: Person, town: Any) -> None:
    board = made(editor)
    reader = town.settle("reads@example.com", scopes=frozenset(["read"]), workspace_id=editor.workspace_id)
    path = f"/v1/storyboards/{board['id']}"

    assert reader.get(path).status_code == 200
    for answer in (reader.patch(path, {"title": "x"}), reader.post(f"{path}/generate"), reader.delete(path)):
        assert problem(answer) == "forbidden"


def test_a_project_keeps_a_look_that_its_generations_wear(editor: Person) -> None:
    project = editor.post("/v1/projects", {"name": "Reel"}).json
    assert project["look"] is None
    path = f"/v1/projects/{project['id']}"
    assert editor.patch(path, {"look": LOOK}).json["look"] == LOOK
    assert editor.patch(path, {"name": "Other"}).json["look"] == LOOK

    body = {"kind": "draft", "brief": {"prompt": "fog"}, "project_id": project["id"]}
    worn = editor.post("/v1/generations", body).json
    assert worn["look"] == {**LOOK, "notes": []}
    assert worn["brief"]["prompt"] == "fog"
    planned = editor.post("/v1/plans", body).json["directives"]
    assert [each["says"] for each in planned if each["source"] == "look"] == [
        "in the colours #102030",
        "in the style of grain",
        "no lens flare",
    ]
    bare = editor.post("/v1/generations", {**body, "brief": {"prompt": "fog", "look": False}}).json
    assert "look" not in bare
    assert editor.patch(path, {"look": None}).json["look"] is None
    assert "look" not in editor.post("/v1/generations", body).json
    assert editor.get(f"/v1/generations/{worn['id']}").json["look"] == worn["look"]


@pytest.mark.parametrize(
    ("look", "expected"),
    [
        ({"palette": ["#ABCDEF"]}, ["/look/palette/0"]),
        ({"palette": ["#000000"] * 9}, ["/look/palette"]),
        ({"exclusions": [" "]}, ["/look/exclusions/0"]),
        ({"references": [{"asset_id": "ast_1", "role": "character"}]}, ["/look/references"]),
        ({"references": [{"asset_id": "ast_1", "role": "hero"}]}, ["/look/references/0/role"]),
    ],
)
def test_a_look_that_makes_no_sense_is_refused(editor: Person, look: Any, expected: list[str]) -> None:
    project = editor.post("/v1/projects", {"name": "Reel"}).json

    assert pointers(editor.patch(f"/v1/projects/{project['id']}", {"look": look})) == expected
