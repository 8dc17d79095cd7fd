"""Callbacks of providers: anyone may call, all are answered the same, only a known token does something."""

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from plugin_backend.app import create_app
from plugin_backend.config import Settings
from plugin_backend.domain.lifecycle import TakeState
from plugin_backend.services.house import House
from tests.api.people import Person, draft, told

TOKEN = "t" * 43
SECRETS = "s" * 43

pytestmark = pytest.mark.usefixtures("watched")

_IN_FLIGHT = (
    "DELETE FROM work",
    "UPDATE takes SET state = 'submitted', provider = 'luma', provider_ref = 'luma-1'",
    """
    INSERT INTO attempts (id, workspace_id, owner_id, take_id, token, provider, state, created_at)
    SELECT 'att_1', workspace_id, owner_id, id, :token, 'luma', 'accepted', :now FROM takes
    """,
    """
    INSERT INTO work (subject_id, lane, topic, workspace_id, owner_id, next_at, created_at)
    SELECT id, 'watch', 'luma', workspace_id, owner_id, :next, :now FROM takes
    """,
)


@pytest.fixture
def watched(editor: Person, house: House) -> None:
    """A take that a provider has, to be looked at in an hour."""
    editor.post("/v1/generations", draft())
    with house.begin() as work:
        values = {"token": TOKEN, "now": work.now, "next": work.now + timedelta(hours=1)}
        for statement in _IN_FLIGHT:
            work.connection.execute(text(statement), values)


def _call(client: FlaskClient, token: str = TOKEN, provider: str = "luma", **options: Any) -> int:
    return client.post(f"/v1/hooks/{provider}/{token}", **options).status_code


def _due_in(house: House) -> float:
    with house.begin() as work:
        found = work.connection.execute(text("SELECT next_at FROM work")).scalar_one()
        return float((found - work.now).total_seconds())


def test_a_known_token_makes_its_take_due_now(client: FlaskClient, house: House) -> None:
    assert _call(client, json={"id": "luma-1", "state": "completed"}) == 200

    assert _due_in(house) <= 0


@pytest.mark.parametrize(
    ("provider", "token"),
    [
        ("luma", SECRETS),
        ("atlas", TOKEN),
        ("luma", TOKEN[:-1]),
        ("luma", "x"),
        ("LUMA", TOKEN),
        ("luma", "%00" * 30),
        ("luma", "'%20OR%20'1'='1" * 3),
        ("luma", TOKEN * 30),
        ("l" * 500, TOKEN),
    ],
)
def test_whatever_else_is_called_changes_nothing_and_is_answered_the_same(
    client: FlaskClient, house: House, provider: str, token: str
) -> None:
    assert _call(client, token, provider) == 200

    assert _due_in(house) > 30


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\x00\xff" * 1000, b'{"state": "failed", "id": "luma-1"}', b"x" * 65_536],
    ids=["empty", "broken", "binary", "a-lie", "large"],
)
def test_what_the_body_says_is_not_read(client: FlaskClient, house: House, body: bytes) -> None:
    assert _call(client, data=body, content_type="application/json") == 200

    with house.begin() as work:
        state = work.connection.execute(text("SELECT state FROM takes")).scalar_one()
    assert state == TakeState.SUBMITTED
    assert _due_in(house) <= 0


def test_a_caller_with_endless_words_is_answered_and_hung_up_on(client: FlaskClient) -> None:
    answer = client.post(f"/v1/hooks/luma/{TOKEN}", data=b"x" * 2_000_000)

    assert (answer.status_code, answer.headers["Connection"]) == (200, "close")


def test_a_storm_makes_us_look_no_more_than_once_a_second(client: FlaskClient, house: House) -> None:
    looks, began = 0, time.monotonic()
    for _ in range(40):
        _call(client)
        with house.engine.begin() as connection:
            put_off = "UPDATE work SET next_at = now() + interval '1 minute' WHERE next_at <= now()"
            looks += connection.execute(text(put_off)).rowcount

    took = time.monotonic() - began  # a few seconds at the most, on a quiet machine
    assert 1 <= looks <= took + 2


def test_one_address_is_heard_only_so_often_and_still_told_the_same(
    client: FlaskClient, house: House
) -> None:
    statuses = {_call(client, SECRETS[:30] + f"{number:013}") for number in range(2_500)}

    assert statuses == {200}
    assert _call(client) == 200
    assert _due_in(house) > 30
    assert _call(client, environ_overrides={"REMOTE_ADDR": "192.0.2.9"}) == 200
    assert _due_in(house) <= 0


def test_with_the_database_away_it_is_answered_the_same(roomy: Settings) -> None:
    away = replace(roomy, database_url="postgresql+psycopg://nobody@127.0.0.1:1/nothing")

    assert _call(create_app(away).test_client()) == 200


def test_it_is_in_the_contract_and_asks_for_no_token(client: FlaskClient) -> None:
    paths = told(client.get("/openapi.json"))["paths"]
    operation = paths["/v1/hooks/{provider}/{token}"]["post"]

    assert operation["security"] == []
    assert "200" in operation["responses"]
