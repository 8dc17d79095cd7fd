"""What every answer carries."""

from flask.testing import FlaskClient

from tests.api.people import Person, draft


def test_any_page_may_ask_without_cookies(client: FlaskClient) -> None:
    for origin in ("null", "https://panel.example.com"):
        answer = client.get("/v1/me", headers={"Origin": origin})
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Set-Cookie" not in answer.headers
        assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]


def test_a_preflight_needs_no_token(client: FlaskClient) -> None:
    for path in ("/v1/generations", "/v1/generations/gen_x/cancel", "/v1/admin/users", "/files/a"):
        answer = client.options(path, headers={"Origin": "null", "Access-Control-Request-Method": "POST"})
        assert answer.status_code == 204
        assert "POST" in answer.headers["Access-Control-Allow-Methods"]
        for name in ("Authorization", "Idempotency-Key", "If-None-Match", "Range"):
            assert name in answer.headers["Access-Control-Allow-Headers"]


def test_every_answer_has_an_id_and_its_guards(client: FlaskClient, editor: Person) -> None:
    for answer in (
        editor.get("/v1/me"),
        client.get("/v1/nothing"),
        client.get("/docs"),
        client.get("/healthz"),
    ):
        assert len(answer.headers["X-Request-Id"]) >= 8
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_an_id_from_outside_is_kept_when_it_is_one(client: FlaskClient) -> None:
    assert (
        client.get("/healthz", headers={"X-Request-Id": "panel-1234"}).headers["X-Request-Id"] == "panel-1234"
    )
    strange = client.get("/healthz", headers={"X-Request-Id": "a b<script>"}).headers["X-Request-Id"]
    assert "script" not in strange


def test_what_is_private_is_not_kept_by_others(editor: Person) -> None:
    assert editor.get("/v1/me").headers["Cache-Control"] == "private, no-cache"
    assert editor.post("/v1/generations", draft(takes=0)).headers["Cache-Control"] == "no-store"


def test_the_docs_need_nothing_from_elsewhere(client: FlaskClient) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert "http://" not in page.text.replace("http://www.w3.org/", "")
    assert "https://" not in page.text
    assert page.headers["Content-Security-Policy"].count("sha256-") == 2
    assert client.get("/").headers["Location"] == "/docs"
    etag = client.get("/openapi.json").headers["ETag"]
    assert client.get("/openapi.json", headers={"If-None-Match": etag}).status_code == 304
