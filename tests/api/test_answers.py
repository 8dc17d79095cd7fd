"""Answers are JSON whatever is in them."""

import json

import pytest
from flask import Flask

from plugin_backend.api.answers import Answer, respond


@pytest.mark.parametrize("value", [2**64, -(2**80), 10**30, 1.5, "\u2028 中文 🎬", None])
def test_every_value_is_read_back_as_it_was(value: object) -> None:
    with Flask("answers").test_request_context():
        response = respond(Answer({"value": value}), status=200)
    assert json.loads(response.get_data()) == {"value": value}
    assert response.content_type == "application/json"


def test_the_same_answer_has_the_same_etag() -> None:
    with Flask("answers").test_request_context():
        one, same = (respond(Answer({"value": 2**70}), status=200) for _ in range(2))
    assert one.headers["ETag"] == same.headers["ETag"]
