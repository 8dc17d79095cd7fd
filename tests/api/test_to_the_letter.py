"""What a stranger holds the service to who has only the contract: the letter of it, and no surprises."""

import csv
import io
import json
from typing import Any

from flask.testing import FlaskClient

from plugin_backend.api.edges import Edges
from tests.api.people import Person, Town, draft, master, problem, told


def pointers(answer: Any) -> list[str]:
    return [each["pointer"] for each in told(answer)["errors"]]


def test_a_packed_body_is_refused_for_being_packed(editor: Person) -> None:
    packed = {"Content-Encoding": "gzip"}
    answer = editor.post("/v1/quotes", data=b"\x1f\x8b", content_type="application/json", headers=packed)
    assert (answer.status_code, problem(answer)) == (415, "unsupported-media")


def test_no_id_of_any_kind_breaks_an_open_door(client: FlaskClient) -> None:
    assert problem(client.get("/v1/erasures/%00")) == "not-found"


def test_a_query_that_says_two_things_is_not_half_heard(editor: Person) -> None:
    assert pointers(editor.get("/v1/generations?ids=gen_a&ids=gen_b")) == ["/ids"]
    assert pointers(editor.get("/v1/generations?q=%00")) == ["/q"]


def test_what_is_wrong_with_the_whole_body_reads_as_a_sentence(editor: Person) -> None:
    answer = editor.post("/v1/storyboards", {"title": "Reel"})
    assert pointers(answer) == [""]
    assert told(answer)["detail"] == "Give `shots` or a `script`, one of them."


def test_an_asset_that_is_not_there_is_named_where_it_was_asked_for(editor: Person) -> None:
    one, other = {"asset_id": "ast_one"}, {"asset_id": "ast_other", "role": "style"}
    answer = editor.post("/v1/generations", draft(keyframes=[one], references=[other, other]))
    assert pointers(answer) == ["/brief/keyframes/0/asset_id", "/brief/references/0/asset_id"]


def test_what_is_wrong_in_a_batch_is_told_by_its_place(editor: Person) -> None:
    for wrong in (draft(prompt=""), draft(keyframes=[{"asset_id": "ast_x"}])):
        answer = editor.post("/v1/batches", {"generations": [draft(), wrong]})
        assert pointers(answer)[0].startswith("/generations/1/brief/")
    unable = editor.post("/v1/batches", {"generations": [draft(), draft(duration_seconds=500)]})
    assert problem(unable) == "unsupported-by-model"
    assert pointers(unable) == ["/generations/1/brief/duration_seconds"]


def test_a_batch_that_does_not_fit_is_told_of_the_whole_day(editor: Person) -> None:
    assert editor.post("/v1/generations", draft(takes=8)).status_code == 202
    answer = editor.post("/v1/batches", {"generations": [draft(takes=8)] * 12})

    said = told(answer)
    assert (answer.status_code, problem(answer)) == (429, "draft-quota-exhausted")
    assert (said["limit"], said["remaining"]) == (100, 92)
    assert said["detail"].startswith("This takes 96 draft units and 92 of today's 100 remain")


def test_a_batch_that_costs_too_much_is_told_of_the_whole_price(town: Town) -> None:
    poor = town.settle("poor@example.com", credit=25)
    answer = poor.post("/v1/batches", {"generations": [master(), master(), master()]})

    said = told(answer)
    assert (answer.status_code, problem(answer)) == (402, "insufficient-credits")
    assert (said["required"], said["available"]) == (30, 25)
    assert town.credits_of(poor) == (25, 0)


def test_a_number_is_the_same_however_it_is_written(editor: Person) -> None:
    once = {"headers": {"Idempotency-Key": "once"}, "content_type": "application/json"}
    body = '{"kind": "draft", "brief": {"prompt": "fog", "duration_seconds": %s}}'
    first = editor.post("/v1/generations", data=body % "5", **once)
    again = editor.post("/v1/generations", data=body % "5.0", **once)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert told(again)["id"] == told(first)["id"]
    assert problem(editor.post("/v1/generations", data=body % "6", **once)) == "idempotency-key-reused"


def test_what_a_cell_of_the_audit_holds_is_json(editor: Person, operator: Person) -> None:
    change = {"draft_limit_per_day": 7, "reason": "less"}
    assert operator.patch(f"/v1/admin/users/{editor.id}/quota", change).status_code == 200
    table = operator.get("/v1/admin/audit", headers={"Accept": "text/csv"}).text
    row = next(row for row in csv.DictReader(io.StringIO(table)) if row["subject_id"] == editor.id)
    assert 7 in json.loads(row["after"]).values()


def test_a_list_that_ends_with_a_full_page_says_so(editor: Person) -> None:
    for name in ("one", "two", "three", "four"):
        editor.post("/v1/projects", {"name": name})
    editor.post("/v1/batches", {"generations": [draft(), draft()]})

    first = told(editor.get("/v1/projects?limit=2"))
    second = told(editor.get(f"/v1/projects?limit=2&cursor={first['next_cursor']}"))
    assert [each["name"] for each in first["items"] + second["items"]] == ["four", "three", "two", "one"]
    assert second["next_cursor"] is None
    assert told(editor.get("/v1/generations?limit=2"))["next_cursor"] is None
    assert told(editor.get("/v1/generations?limit=1"))["next_cursor"] is not None


def test_a_list_by_ids_gives_all_that_are_named(town: Town) -> None:
    busy = town.settle("busy@example.com", plan="studio")
    batches = [busy.post("/v1/batches", {"generations": [draft()] * each}) for each in (50, 3)]
    ids = [item["id"] for batch in batches for item in told(batch)["items"]]
    found = told(busy.get(f"/v1/generations?ids={','.join(ids)}"))
    assert (len(found["items"]), found["next_cursor"]) == (53, None)


def test_a_table_of_many_pages_says_where_it_goes_on(editor: Person, operator: Person) -> None:
    for amount in (1, 2):
        body = {"amount": amount, "reason": f"number {amount}"}
        assert operator.post(f"/v1/admin/users/{editor.id}/credits", body).status_code == 201
    table = {"Accept": "text/csv"}
    seen, path = [], "/v1/me/ledger?limit=2"
    while path:
        page = editor.get(path, headers=table)
        seen += [row["reason"] for row in csv.DictReader(io.StringIO(page.text))]
        path = page.headers.get("Link", "").partition(">")[0].removeprefix("<")
    assert seen == ["number 2", "number 1", "A start"]


def test_the_audit_knows_the_request_that_gave_a_generation_up(editor: Person, operator: Person) -> None:
    for verb in ("cancel", "fail"):
        made = told(editor.post("/v1/generations", draft()))["id"]
        ended = operator.post(f"/v1/admin/generations/{made}/{verb}", {"reason": "stuck"})
        (entry,) = told(operator.get(f"/v1/admin/audit?subject_id={made}"))["items"]
        assert entry["request_id"] == ended.headers["X-Request-Id"]


def test_a_name_is_more_than_spaces(editor: Person) -> None:
    assert pointers(editor.post("/v1/projects", {"name": "  "})) == ["/name"]


def test_a_file_is_called_by_its_name_alone_and_sent_alone(editor: Person) -> None:
    def named(*names: str) -> Any:
        parts = [(io.BytesIO(b"pixels"), name, "image/png") for name in names]
        return editor.post("/v1/assets", data={"file": parts})

    assert told(named("..\\shots/../frame.png"))["filename"] == "frame.png"
    assert pointers(named("one.png", "two.png")) == ["/file"]


def test_a_receiver_on_this_machine_is_taken_in_development(editor: Person) -> None:
    hook = {"url": "http://127.0.0.1:9000/hook", "events": ["generation.*"]}
    assert editor.post("/v1/webhooks", hook).status_code == 201
    for private in ("http://10.0.0.1/hook", "https://169.254.169.254/hook"):
        assert pointers(editor.post("/v1/webhooks", {**hook, "url": private})) == ["/url"]


def test_a_refusal_of_a_body_nobody_read_ends_the_connection_and_says_so(editor: Person) -> None:
    unread = editor.post("/v1/generations/gen_x/cancel", data=b" " * 100_000)
    assert (unread.status_code, unread.headers.get("Connection")) == (404, "close")
    little = editor.post("/v1/generations/gen_x/cancel", data=b"{}")
    assert (little.status_code, little.headers.get("Connection")) == (404, None)
    heard = editor.post("/v1/generations", draft(prompt="x" * 100_000))
    assert (heard.status_code, heard.headers.get("Connection")) == (422, None)


def test_a_server_that_goes_its_own_way_is_told_to_hang_up() -> None:
    class Server:
        """Like gunicorn's response: hop-by-hop headers are its own business."""

        hung_up = False

        def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            del status, headers, exc_info

        def force_close(self) -> None:
            self.hung_up = True

    def app(environ: Any, start_response: Any) -> Any:
        headers = [("Connection", "close")] if environ["PATH_INFO"] == "/last" else []
        start_response("404 NOT FOUND", headers)
        return ()

    for path, hangs_up in (("/last", True), ("/", False)):
        server = Server()
        Edges(app, secure=False)({"REQUEST_METHOD": "GET", "PATH_INFO": path}, server.start_response)
        assert server.hung_up is hangs_up


def test_answers_are_open_and_requests_closed_in_the_contract(client: FlaskClient) -> None:
    spec = told(client.get("/openapi.json"))
    schemas = spec["components"]["schemas"]
    for name in ("Generation", "Take", "Problem", "Delivery", "Me", "Quote", "Link"):
        assert "additionalProperties" not in schemas[name], name
    for name in ("GenerationRequest", "Brief", "Sequence", "NewProject"):
        assert schemas[name]["additionalProperties"] is False, name
    assert {"bytes", "sha256"} <= schemas["Link"]["properties"].keys()
    ledger = spec["paths"]["/v1/me/ledger"]["get"]["responses"]["200"]["content"]
    assert set(ledger) == {"application/json", "text/csv"}
    for name in ("device_authorization", "token", "revoke"):
        answers = spec["paths"][f"/v1/oauth/{name}"]["post"]["responses"]
        said = {status for status, each in answers.items() if "application/json" in each.get("content", {})}
        assert said == {"200", "400", "401", "429"}, name
    assert {"200", "206", "304"} <= spec["paths"]["/files/{key}"]["get"]["responses"].keys()
