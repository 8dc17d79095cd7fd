"""Every refusal is a problem document, and its address explains it."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from plugin_backend.api.problems import BY_SLUG, PROBLEMS, as_markdown
from plugin_backend.app import create_app
from plugin_backend.config import Settings
from plugin_backend.domain import errors
from plugin_backend.services.house import House
from tests.api.people import problem, told

_CONTRACT = {
    "validation": 422,
    "malformed": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not-found": 404,
    "conflict": 409,
    "illegal-transition": 409,
    "idempotency-key-reused": 422,
    "idempotency-in-progress": 409,
    "insufficient-credits": 402,
    "draft-quota-exhausted": 429,
    "concurrency-limit": 429,
    "rate-limited": 429,
    "unsupported-by-model": 422,
    "rights-not-attested": 422,
    "plan-limit": 403,
    "payload-too-large": 413,
    "unsupported-media": 415,
    "asset-not-ready": 409,
    "price-changed": 409,
    "provider-unavailable": 503,
    "gone": 410,
}


def test_every_slug_of_the_contract_has_its_status() -> None:
    assert {slug: BY_SLUG[slug].status for slug in _CONTRACT} == _CONTRACT


def test_every_error_of_the_domain_has_a_problem() -> None:
    known = {
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, errors.BackendError)
    }
    assert known - {errors.BackendError} == set(PROBLEMS)


def test_the_page_about_problems_is_made_from_the_table() -> None:
    assert Path("docs/problems.md").read_text("utf-8") == as_markdown()


@pytest.mark.parametrize("slug", sorted(BY_SLUG))
def test_every_type_opens_a_page(client: FlaskClient, slug: str) -> None:
    answer = client.get(f"/problems/{slug}")
    assert answer.status_code == 200
    assert BY_SLUG[slug].title in answer.text.replace("&#x27;", "'")
    assert "{{" not in answer.text
    assert "script-src" in answer.headers["Content-Security-Policy"]


def test_an_unknown_problem_is_a_problem(client: FlaskClient) -> None:
    assert problem(client.get("/problems/nothing")) == "not-found"


def test_an_unknown_address_is_not_found(client: FlaskClient) -> None:
    answer = client.get("/v1/nothing")
    assert (answer.status_code, problem(answer)) == (404, "not-found")
    assert told(answer)["instance"] == "/v1/nothing"
    assert told(answer)["request_id"] == answer.headers["X-Request-Id"]
    assert told(answer)["status"] == 404


def test_a_method_that_is_not_taken_says_which_are(client: FlaskClient) -> None:
    answer = client.put("/v1/me")
    assert (answer.status_code, problem(answer)) == (405, "method-not-allowed")
    assert "GET" in answer.headers["Allow"]
    assert client.open("/v1/me", method="TRACE").status_code == 405


def test_an_unforeseen_error_says_nothing(roomy: Settings, house: House) -> None:
    app = create_app(roomy, house)
    app.add_url_rule("/broken", view_func=_broken)
    answer = app.test_client().get("/broken")
    assert (answer.status_code, problem(answer)) == (500, "internal")
    assert "kaboom" not in answer.text


def test_a_database_that_is_away_is_unavailable_for_now(roomy: Settings) -> None:
    away = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    broken = create_app(_at(roomy, away))
    token = "pbk_" + "0" * 26 + "_" + "x" * 43
    answer = broken.test_client().get("/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, problem(answer)) == (503, "unavailable")
    assert answer.headers["Retry-After"]


def _broken() -> str:
    raise RuntimeError("kaboom")


def _at(settings: Settings, database_url: str) -> Settings:
    return replace(settings, database_url=database_url)
