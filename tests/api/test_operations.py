"""Health, readiness, metrics."""

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from sqlalchemy import text

from plugin_backend.app import create_app
from plugin_backend.config import Settings
from plugin_backend.services.house import House
from tests.api.people import Person, Town, draft, master, problem, told

_TOKEN = {"Authorization": "Bearer " + "m" * 32}


def test_a_whole_service_is_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "alive"}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ready", "problems": {}, "degraded": []})


def test_without_redis_it_is_slower_not_down(roomy: Settings, house: House) -> None:
    away = replace(roomy, redis_url="redis://127.0.0.1:1/0")
    answer = create_app(away, house).test_client().get("/readyz")
    assert (answer.status_code, told(answer)["degraded"]) == (200, ["redis"])


def test_without_sql_it_is_down_and_says_so(roomy: Settings) -> None:
    away = replace(roomy, database_url="postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    client = create_app(away).test_client()
    answer = client.get("/readyz")
    assert (answer.status_code, list(told(answer)["problems"])) == (503, ["sql"])
    assert client.get("/healthz").status_code == 200


def test_with_migrations_to_come_it_is_down_and_says_so(client: FlaskClient, house: House) -> None:
    with house.engine.begin() as connection:
        was = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    answer = client.get("/readyz")
    with house.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :was"), {"was": was})
    assert answer.status_code == 503
    assert "older" in told(answer)["problems"]["migrations"]


def test_on_the_next_releases_schema_the_old_processes_are_ready(client: FlaskClient, house: House) -> None:
    with house.engine.begin() as connection:
        was = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    answer = client.get("/readyz")
    with house.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :was"), {"was": was})
    assert (answer.status_code, told(answer)["problems"]) == (200, {})


def test_without_storage_it_is_down_and_says_so(client: FlaskClient, roomy: Settings) -> None:
    Path(urlsplit(roomy.storage_url).path).rmdir()
    answer = client.get("/readyz")
    assert (answer.status_code, list(told(answer)["problems"])) == (503, ["storage"])


def test_metrics_are_for_the_holder_of_their_token(client: FlaskClient, editor: Person) -> None:
    assert problem(client.get("/metrics")) == "unauthenticated"
    assert problem(editor.get("/metrics")) == "unauthenticated"
    assert client.get("/metrics", headers=_TOKEN).status_code == 200


def test_without_a_token_metrics_are_for_this_machine(roomy: Settings, house: House) -> None:
    client = create_app(replace(roomy, metrics_token=None), house).test_client()
    assert client.get("/metrics").status_code == 200
    elsewhere = client.get("/metrics", environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
    assert problem(elsewhere) == "unauthenticated"
    forwarded = client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"})
    assert problem(forwarded) == "unauthenticated"


def test_metrics_count_requests_work_and_the_books(roomy: Settings, town: Town, house: House) -> None:
    client = create_app(roomy, house).test_client()
    editor = replace(town.settle("editor@example.com", credit=10_000), client=client)
    editor.post("/v1/generations", draft())
    editor.post("/v1/generations", master())
    shown = client.get("/metrics", headers=_TOKEN).text
    assert re.search(
        r'http_request_seconds_count{method="POST".*route="/v1/generations",status="202"} 2', shown
    )
    assert 'plugin_backend_work_rows{lane="step-draft",status="due"} 1.0' in shown
    assert 'plugin_backend_generations_last_hour{kind="master",state="queued"} 1.0' in shown
    assert "plugin_backend_unbalanced_accounts 0.0" in shown
    with house.engine.begin() as connection:
        connection.execute(text("UPDATE accounts SET available = available + 1"))
    assert "plugin_backend_unbalanced_accounts 1.0" in client.get("/metrics", headers=_TOKEN).text


def test_the_doctor_tells_a_panel_where_it_stands(editor: Person) -> None:
    found = editor.get("/v1/doctor").json
    assert found["scopes"] == ["generate", "read"]
    assert found["problems"] == {}
    assert found["now"].endswith("Z")
