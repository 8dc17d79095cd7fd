"""Who comes in, and who does not."""

import time
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from plugin_backend.app import create_app
from plugin_backend.config import Settings
from plugin_backend.domain.callers import Role, Scope
from plugin_backend.services.house import House
from plugin_backend.services.people import api_keys
from plugin_backend.services.people.api_keys import NewKey
from tests.api.people import Person, Town, draft, problem


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Basic cGJrOng="},
        {"Authorization": f"Bearer pbk_{'0' * 26}_{'x' * 43}"},
        {"Authorization": "Bearer pbk_\xe9"},
    ],
)
def test_without_a_good_token_nobody_comes_in(client: FlaskClient, header: dict[str, str]) -> None:
    answer = client.get("/v1/me", headers=header)
    assert (answer.status_code, problem(answer)) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_in_the_address_is_not_read(client: FlaskClient, editor: Person) -> None:
    answer = client.get(f"/v1/me?access_token={editor.token}")
    assert problem(answer) == "unauthenticated"


def test_one_wrong_character_of_the_secret_is_enough(client: FlaskClient, editor: Person) -> None:
    wrong = editor.token[:-1] + ("A" if editor.token[-1] != "A" else "B")
    answer = client.get("/v1/me", headers={"Authorization": f"Bearer {wrong}"})
    assert problem(answer) == "unauthenticated"


def test_a_revoked_key_is_dead_at_once(editor: Person, admin: Person) -> None:
    key_id = "key_" + editor.token.split("_")[1]
    assert editor.get("/v1/me").status_code == 200
    assert admin.delete(f"/v1/api-keys/{key_id}").status_code == 204
    assert problem(editor.get("/v1/me")) == "unauthenticated"
    assert admin.delete(f"/v1/api-keys/{key_id}").status_code == 204


def test_a_key_dies_the_moment_it_expires_however_recently_it_was_used(editor: Person, house: House) -> None:
    end = _now(house) + timedelta(seconds=2)
    key = NewKey(name="soon", scopes=frozenset((Scope.READ,)), user_id=editor.id, expires_at=end)
    passing = replace(editor, token=api_keys.create(house, actor=None, key=key).token)
    assert passing.get("/v1/me").status_code == 200
    while _now(house) < end:
        time.sleep(0.05)
    assert problem(passing.get("/v1/me")) == "unauthenticated"


def test_a_disabled_person_stays_out_until_enabled(editor: Person, admin: Person) -> None:
    assert editor.get("/v1/me").status_code == 200
    admin.patch(f"/v1/admin/users/{editor.id}", {"disabled": True})
    assert problem(editor.get("/v1/me")) == "unauthenticated"
    admin.patch(f"/v1/admin/users/{editor.id}", {"disabled": False})
    assert editor.get("/v1/me").status_code == 200


def test_secrets_are_not_in_the_database(editor: Person, house: House) -> None:
    secret = editor.token[-30:]
    with house.engine.connect() as connection:
        stored = connection.execute(text("SELECT string_agg(api_keys::text, ' ') FROM api_keys")).scalar_one()
    assert secret not in stored


def test_a_token_does_what_its_scopes_say(town: Town) -> None:
    reader = town.settle("reader@example.com", scopes=frozenset((Scope.READ,)))
    assert reader.get("/v1/me").status_code == 200
    answer = reader.post("/v1/generations", draft())
    assert (answer.status_code, problem(answer)) == (403, "forbidden")
    assert problem(reader.get("/v1/admin/users")) == "forbidden"


def test_a_viewer_looks_and_does_not_spend(town: Town) -> None:
    viewer = town.settle("viewer@example.com", role=Role.VIEWER)
    assert viewer.get("/v1/generations").status_code == 200
    assert problem(viewer.post("/v1/generations", draft())) == "forbidden"


def test_an_editor_with_the_admin_scope_is_still_an_editor(town: Town) -> None:
    owner = town.settle("owner@example.com", role=Role.OWNER, scopes=frozenset(Scope))
    assert owner.get("/v1/admin/users").status_code == 200
    with town.house.engine.begin() as connection:
        connection.execute(text("UPDATE users SET role = 'editor' WHERE id = :id"), {"id": owner.id})
    assert problem(owner.get("/v1/admin/users")) == "forbidden"


def test_an_address_that_fails_too_often_is_told_to_wait(settings: Settings, town: Town) -> None:
    visitor = create_app(replace(settings, reads_per_minute=20), town.house).test_client()
    bad = {"Authorization": "Bearer nonsense"}
    answers = [
        visitor.get("/v1/me", headers=bad).status_code for _ in range(42)
    ]  # a minute may end in between
    assert set(answers) == {401, 429}
    assert answers[:20] == [401] * 20
    refused = visitor.get("/v1/me", headers=bad)
    assert problem(refused) == "rate-limited"
    assert int(refused.headers["Retry-After"]) > 0
    good = town.settle("good@example.com")
    assert visitor.get("/v1/me", headers={"Authorization": f"Bearer {good.token}"}).status_code == 200
    assert visitor.get("/v1/me").status_code == 401  # without a token nothing was looked up


def test_a_token_that_writes_too_often_is_told_to_wait(settings: Settings, town: Town) -> None:
    busy = replace(
        town.settle("busy@example.com"),
        client=create_app(replace(settings, writes_per_minute=3), town.house).test_client(),
    )
    codes = [busy.post("/v1/quotes", draft()).status_code for _ in range(5)]
    assert codes.count(200) in (3, 4, 5)  # a minute may end in between
    assert busy.get("/v1/me").status_code == 200


def test_without_redis_the_limits_are_kept_by_each_process(settings: Settings, town: Town) -> None:
    away = replace(settings, redis_url="redis://127.0.0.1:1/0", reads_per_minute=5)
    caller = replace(town.settle("x@example.com"), client=create_app(away, town.house).test_client())
    codes = [caller.get("/v1/me").status_code for _ in range(12)]
    assert codes[0] == 200
    assert 429 in codes


def _now(house: House) -> datetime:
    with house.begin() as work:
        return work.now
