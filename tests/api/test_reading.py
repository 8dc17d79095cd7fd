"""What is refused before anything is looked up, and how it is said."""

import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugin_backend.services.house import House
from tests.api.people import Person, draft, problem


def _raw(person: Person, body: bytes, content_type: str = "application/json") -> Any:
    return person.send("POST", "/v1/generations", data=body, headers={"Content-Type": content_type})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"kind": NaN}',
        b'{"kind": Infinity}',
        b'{"takes": 1e999}',
        b'{"kind": "draft", "kind": "master"}',
        b'{"kind": "dr\xff"}',
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"brief": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"takes": ' + b"9" * 5_000 + b"}",
    ],
)
def test_what_is_not_one_clean_json_value_is_malformed(editor: Person, body: bytes) -> None:
    answer = _raw(editor, body)
    assert (answer.status_code, problem(answer)) in [(400, "malformed"), (422, "validation")]
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("body", [b"[]", b'"draft"', b"5", b"null", b"true"])
def test_a_body_that_is_no_object_is_refused(editor: Person, body: bytes) -> None:
    answer = _raw(editor, body)
    assert (answer.status_code, problem(answer)) == (400, "malformed")


def test_every_wrong_field_is_named_at_once(editor: Person) -> None:
    body = {
        "kind": "sketch",
        "takes": 2.0,
        "brief": {"prompt": 5, "duration_seconds": "5", "foo": 1, "loop": 1, "seed": True},
        "sequence": {"frame_rate": "0/1", "widht": 3},
        "user_id": "usr_x",
    }
    answer = editor.post("/v1/generations", body)
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json["errors"]} == {
        "/kind",
        "/takes",
        "/brief/prompt",
        "/brief/duration_seconds",
        "/brief/foo",
        "/brief/loop",
        "/brief/seed",
        "/sequence/frame_rate",
        "/sequence/widht",
        "/user_id",
    }


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"brief": {"prompt": ""}}, "/brief/prompt"),
        ({"brief": {"prompt": "x" * 100_001}}, "/brief/prompt"),
        ({"brief": {"prompt": "fog", "duration_seconds": -5}}, "/brief/duration_seconds"),
        ({"brief": {"prompt": "fog", "duration_seconds": 0}}, "/brief/duration_seconds"),
        ({"takes": 10**9}, "/takes"),
        ({"takes": 0}, "/takes"),
        ({"sequence": {"frame_rate": "23.976"}}, "/sequence/frame_rate"),
        ({"deliver_to": {"host": "avid"}}, "/deliver_to/host"),
        ({"brief": {"prompt": "a\0b"}}, "/brief/prompt"),
        ({"brief": {"prompt": "half \ud800"}}, "/brief/prompt"),
        (
            {"brief": {"prompt": "x", "annotations": [{"tool": "arrow", "points": [[0, 0], [1]]}]}},
            "/brief/annotations/0/points/1",
        ),
    ],
)
def test_a_value_out_of_range_is_named_and_nothing_is_spent(
    editor: Person, change: dict[str, Any], pointer: str
) -> None:
    answer = editor.post("/v1/generations", {**draft(), **change})
    assert (answer.status_code, problem(answer)) == (422, "validation")
    assert pointer in [error["pointer"] for error in answer.json["errors"]]
    assert editor.get("/v1/me").json["draft_quota"]["used"] == 0
    assert editor.get("/v1/generations").json["items"] == []


def test_a_body_over_one_mebibyte_is_refused(editor: Person) -> None:
    answer = _raw(editor, b'{"kind": "' + b"x" * (10 << 20) + b'"}')
    assert (answer.status_code, problem(answer)) == (413, "payload-too-large")


def test_a_body_in_chunks_has_the_same_limit(editor: Person) -> None:
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    for size, expected in ((100, (400, "malformed")), (3 << 20, (413, "payload-too-large"))):
        answer = editor.post(
            "/v1/generations",
            input_stream=io.BytesIO(b"x" * size),
            content_type="application/json",
            environ_overrides=chunked,
        )
        assert (answer.status_code, problem(answer)) == expected


def test_a_form_is_not_json(editor: Person) -> None:
    answer = _raw(editor, b"kind=draft", "application/x-www-form-urlencoded")
    assert (answer.status_code, problem(answer)) == (415, "unsupported-media")


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=1.5", "limit=x", "colour=red", "q=%00"])
def test_a_query_is_read_as_strictly_as_a_body(editor: Person, query: str) -> None:
    answer = editor.get(f"/v1/generations?{query}")
    assert (answer.status_code, problem(answer)) == (422, "validation")


def test_an_id_that_cannot_be_one_is_not_found(editor: Person) -> None:
    for strange in ("%00", "a%20b", "x" * 500, "'--"):
        answer = editor.get(f"/v1/generations/{strange}")
        assert (answer.status_code, problem(answer)) == (404, "not-found")


def test_a_null_means_the_default(editor: Person, house: House) -> None:
    body = {**draft(), "max_credits": None, "sequence": None, "label": None, "deliver_to": None}
    assert editor.post("/v1/generations", body).status_code == 202
    assert house.catalogue.models


def test_times_are_read_exactly(editor: Person) -> None:
    body = draft(
        duration_seconds=2.4,
        annotations=[
            {"tool": "arrow", "points": [[0.1, 0.2], [0.3, 0.4]], "from_seconds": 0.1, "to_seconds": 2.4}
        ],
    )
    answer = editor.post("/v1/generations", body)
    assert answer.status_code == 202
    assert answer.json["brief"]["annotations"][0]["from_seconds"] == 0.1


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
_MEMBERS = st.sampled_from(
    ["kind", "brief", "takes", "direct", "max_credits", "sequence", "deliver_to", "label", "route"]
)
_INSIDE = st.sampled_from(
    ["prompt", "model", "duration_seconds", "seed", "keyframes", "annotations", "source"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(_MEMBERS, _JSON, max_size=5), st.dictionaries(_INSIDE, _JSON, max_size=4))
def test_no_body_whatever_breaks_the_door(editor: Person, around: Any, inside: Any) -> None:
    answer = editor.post("/v1/quotes", {"kind": "draft", "brief": {"prompt": "fog", **inside}, **around})
    assert answer.status_code in (200, 400, 422), answer.text
