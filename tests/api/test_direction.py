"""Plans for nothing, evaluations, and the editor's word to the director, over HTTP."""

from typing import Any

import pytest

from tests.api.people import Person, Town, draft, problem

BRIEF: dict[str, Any] = {"prompt": "pan left over a harbour at dawn, no people", "duration_seconds": 4}


def test_a_plan_is_free_and_says_what_a_model_would_be_told(editor: Person) -> None:
    before = editor.get("/v1/me").json

    planned = editor.post("/v1/plans", {"brief": BRIEF})

    assert planned.status_code == 200
    camera = [each for each in planned.json["directives"] if each["kind"] == "camera"]
    assert [(each["move"], each["source"]) for each in camera] == [("pan-left", "words")]
    assert [each["kind"] for each in planned.json["directives"]].count("avoid") == 1
    assert editor.get("/v1/me").json == before
    assert editor.get("/v1/generations").json["items"] == []


def test_the_brief_alone_is_planned_as_well(editor: Person) -> None:
    assert editor.post("/v1/plans", BRIEF).json == editor.post("/v1/plans", {"brief": BRIEF}).json


def test_a_plan_shows_the_words_it_was_understood_by(editor: Person) -> None:
    signals = editor.post("/v1/plans", BRIEF).json["signals"]

    read = {(each["kind"], BRIEF["prompt"][each["start"] : each["end"]]) for each in signals}
    assert {("spatial", "pan left"), ("tonal", "dawn")} <= read


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"brief": {"prompt": ""}}, "/brief/prompt"),
        ({"brief": {**BRIEF, "duration_seconds": 0}}, "/brief/duration_seconds"),
        ({"brief": BRIEF, "plan": {"concept": {}}}, "/plan"),
    ],
)
def test_what_cannot_be_planned_is_refused_by_name(editor: Person, body: Any, pointer: str) -> None:
    refused = editor.post("/v1/plans", body)

    assert (refused.status_code, problem(refused)) == (422, "validation")
    assert any(each["pointer"].startswith(pointer) for each in refused.json["errors"])


def test_a_plan_that_was_edited_is_what_is_made(editor: Person) -> None:
    plan = editor.post("/v1/plans", {"brief": BRIEF}).json["plan"]
    plan["motion"]["camera"][0]["move"] = "tilt-up"

    made = editor.post("/v1/generations", {**draft(), "brief": BRIEF, "plan": plan})

    assert made.status_code == 202, made.text
    assert editor.post("/v1/plans", {"brief": BRIEF, "plan": plan}).json["plan"] == plan


def test_an_edited_plan_that_makes_no_sense_is_refused_with_the_choices(editor: Person) -> None:
    plan = editor.post("/v1/plans", {"brief": BRIEF}).json["plan"]
    plan["motion"]["camera"][0]["move"] = "teleport"

    refused = editor.post("/v1/generations", {**draft(), "brief": BRIEF, "plan": plan})

    assert refused.status_code == 422
    (error,) = refused.json["errors"]
    assert error["pointer"] == "/plan/motion/camera/0/move"
    assert "pan-left" in error["detail"]


def test_a_frame_with_marks_and_no_words_is_planned(editor: Person, frame: str) -> None:
    arrow = {"tool": "arrow", "target": "camera", "points": [[0.7, 0.5], [0.3, 0.5]], "note": "pan"}
    brief = {"keyframes": [{"asset_id": frame, "at_seconds": 0}], "annotations": [arrow]}

    planned = editor.post("/v1/plans", {"brief": brief})

    marks = [each for each in planned.json["directives"] if each["source"] == "mark"]
    assert [(each["kind"], each["move"], each["mark"]) for each in marks] == [("camera", "pan-left", 0)]


@pytest.fixture
def frame() -> str:
    """A plan looks at no picture: any name will do."""
    return "ast_01arz3ndektsv4rrffq69g5fav"


def test_an_order_on_the_way_is_kept_and_seen(editor: Person) -> None:
    made = editor.post("/v1/generations", {**draft(), "direct": {"max_iterations": 2}}).json

    steered = editor.post(f"/v1/generations/{made['id']}/steer", {"note": "slower"})

    assert steered.status_code == 200
    shown = editor.get(f"/v1/generations/{made['id']}/direction").json
    assert (shown["order"]["verb"], shown["order"]["note"]) == ("steer", "slower")
    told = editor.get(f"/v1/generations/{made['id']}/trace").json["items"][-1]
    assert "slower" in told["summary"]


@pytest.mark.parametrize("verb", ["accept", "stop"])
def test_a_word_needs_no_body(editor: Person, verb: str) -> None:
    made = editor.post("/v1/generations", {**draft(), "direct": {"max_iterations": 1}}).json

    assert editor.post(f"/v1/generations/{made['id']}/{verb}").status_code == 200


def test_steering_says_what_is_missing(editor: Person) -> None:
    made = editor.post("/v1/generations", draft()).json
    url = f"/v1/generations/{made['id']}/steer"

    nothing = editor.post(url, {})
    none_held = editor.post(url, {"note": "slower"})

    assert (nothing.status_code, nothing.json["errors"][0]["pointer"]) == (422, "/note")
    assert (none_held.status_code, problem(none_held)) == (409, "conflict")
    assert "max_iterations" in none_held.json["detail"]


@pytest.mark.parametrize("path", ["accept", "stop", "steer", "direction"])
def test_another_workspaces_generation_is_not_found(editor: Person, town: Town, path: str) -> None:
    made = editor.post("/v1/generations", draft()).json
    stranger = town.settle("stranger@example.com")
    url = f"/v1/generations/{made['id']}/{path}"

    answer = (
        stranger.get(url)
        if path == "direction"
        else stranger.post(url, {"note": "x"} if path == "steer" else {})
    )

    assert (answer.status_code, problem(answer)) == (404, "not-found")


def test_a_take_that_nobody_has_looked_at_says_so(editor: Person) -> None:
    made = editor.post("/v1/generations", draft()).json

    shown = editor.get(f"/v1/takes/{made['takes'][0]['id']}/evaluation").json

    assert (shown["measured"], shown["evaluation"], shown["judgement"]) == (False, None, None)


def test_the_judges_weights_are_seen_by_all_and_set_by_an_administrator(
    editor: Person, operator: Person
) -> None:
    seen = editor.get("/v1/judging").json
    assert sum(seen["weights"].values()) == pytest.approx(1)
    assert seen["agreement"] == {"generations": 0, "picked_first": 0, "share": None}
    assert editor.patch("/v1/judging", {"weights": {"camera": 1}}).status_code == 403

    changed = operator.patch("/v1/judging", {"weights": {"camera": 1}})

    assert changed.json["weights"]["camera"] == 1
    audited = operator.get("/v1/admin/audit").json["items"][0]
    assert (audited["action"], audited["after"]) == ("judging.weights", {"camera": 1.0})


@pytest.mark.parametrize(
    ("weights", "pointer"), [({"taste": 1}, "/weights/taste"), ({"camera": 2}, "/weights/camera")]
)
def test_weights_that_weigh_nothing_are_refused(operator: Person, weights: Any, pointer: str) -> None:
    refused = operator.patch("/v1/judging", {"weights": weights})

    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == pointer


def test_what_was_seen_in_a_deleted_generation_is_gone(editor: Person) -> None:
    made = editor.post("/v1/generations", draft()).json
    editor.post(f"/v1/generations/{made['id']}/cancel")
    assert editor.delete(f"/v1/generations/{made['id']}").status_code == 204

    seen = editor.get(f"/v1/takes/{made['takes'][0]['id']}/evaluation")

    assert (seen.status_code, problem(seen)) == (410, "gone")
