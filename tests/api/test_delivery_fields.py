"""How a delivery is asked for: wrong fields are named before anything is looked up."""

from typing import Any

import pytest

from tests.api.people import Person, problem

TAKE = "/v1/takes/take_00000000000000000000000000/deliveries"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"fit": "squash"}, "/fit"),
        ({"position": {"x": 1.01}}, "/position/x"),
        ({"position": {"y": -0.5}}, "/position/y"),
        ({"position": {"x": "left"}}, "/position/x"),
        ({"position": {"x": True}}, "/position/x"),
        ({"position": [0, 0]}, "/position"),
        ({"position": {"z": 0}}, "/position/z"),
        ({"frames": []}, "/frames"),
        ({"frames": list(range(1001))}, "/frames"),
        ({"frames": [0, -1]}, "/frames/1"),
        ({"frames": [0, 1.0]}, "/frames/1"),
        ({"frames": "3,4"}, "/frames"),
        ({"shapes": []}, "/shapes"),
        ({"shapes": ["16:9"] * 4}, "/shapes"),
        ({"shapes": ["16:9", "4:3"]}, "/shapes/1"),
    ],
)
def test_a_wrong_field_is_named(editor: Person, body: dict[str, Any], pointer: str) -> None:
    answer = editor.post(TAKE, body)

    assert (answer.status_code, problem(answer)) == (422, "validation")
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_what_is_no_number_is_no_position(editor: Person, number: str) -> None:
    body = f'{{"fit": "crop", "position": {{"x": {number}}}}}'.encode()
    answer = editor.send("POST", TAKE, data=body, headers={"Content-Type": "application/json"})

    assert (answer.status_code, problem(answer)) in [(400, "malformed"), (422, "validation")]


@pytest.mark.parametrize(
    "body", [{}, {"position": None}, {"fit": "fill", "position": {}}, {"fit": "crop", "position": {"y": 1}}]
)
def test_what_is_well_asked_only_lacks_its_take(editor: Person, body: dict[str, Any]) -> None:
    assert problem(editor.post(TAKE, body)) == "not-found"
