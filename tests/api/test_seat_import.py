"""Seats from a table over HTTP: all lines or none, and the same table twice is once."""

import csv
import io
from typing import Any

import pytest

from tests.api.people import Person, problem

HEADER = "email,role,plan,draft_limit_per_day,max_concurrent,credits,reason\r\n"
TABLE = (
    "\ufeff" + HEADER + "one@example.com,viewer,studio,50,,200,Season two\r\n"
    "two@example.com,,,,,,\r\n"
    "EDITOR@example.com,admin,pro,plan,2,900,Leads now\r\n"
)


def send(person: Person, table: str, query: str = "") -> Any:
    return person.send(
        "POST", f"/v1/admin/users/import{query}", data=table.encode(), headers={"Content-Type": "text/csv"}
    )


def seats(person: Person) -> dict[str, Any]:
    return {each["email"]: each for each in person.get("/v1/admin/users").json["items"]}


def test_a_dry_run_says_what_would_be_and_changes_nothing(admin: Person, editor: Person) -> None:
    before = seats(admin)

    tried = send(admin, TABLE, "?dry_run=true")

    assert tried.status_code == 200
    assert {name: tried.json[name] for name in ("dry_run", "created", "changed", "unchanged")} == {
        "dry_run": True,
        "created": 2,
        "changed": 1,
        "unchanged": 0,
    }
    assert [item["user_id"] for item in tried.json["items"]] == [None, None, editor.id]
    assert seats(admin) == before


def test_the_same_table_twice_is_once(admin: Person) -> None:
    first, again = send(admin, TABLE), send(admin, TABLE)

    assert [item["outcome"] for item in first.json["items"]] == ["created", "created", "changed"]
    assert [item["outcome"] for item in again.json["items"]] == ["unchanged"] * 3
    found = seats(admin)
    assert len(found) == 4
    one, two, led = found["one@example.com"], found["two@example.com"], found["editor@example.com"]
    assert (one["role"], one["plan"]["id"], one["draft_quota"]["limit"]) == ("viewer", "studio", 50)
    assert one["credits"]["available"] == 200
    assert (two["role"], two["plan"]["id"]) == ("editor", "free")
    assert (led["role"], led["concurrency"]["limit"], led["credits"]["available"]) == ("admin", 2, 10_000)
    assert {each["workspace"]["id"] for each in found.values()} == {admin.workspace_id}
    entries = admin.get("/v1/admin/audit").json["items"]
    told = {(entry["action"], entry["reason"]) for entry in entries if entry["actor_id"] == admin.id}
    assert told == {
        ("user.created", "Season two"),
        ("user.created", None),
        ("credits.granted", "Season two"),
        ("user.changed", "Leads now"),
    }


def test_one_bad_line_and_nothing_is_done(admin: Person, stranger: Person, operator: Person) -> None:
    table = HEADER + "new@example.com,,,,,,\nstranger@example.com,,gold,,,,\nboss@example.com,owner,,,,,\n"

    refused = send(admin, table)

    assert problem(refused) == "validation"
    assert [error["pointer"] for error in refused.json["errors"]] == [
        "/lines/3/email",
        "/lines/3/plan",
        "/lines/4/role",
    ]
    assert "new@example.com" not in seats(admin)
    theirs = HEADER + "new@example.com,owner,,,,,\n"
    assert problem(send(admin, theirs, f"?workspace_id={stranger.workspace_id}")) == "not-found"
    assert send(operator, theirs, f"?workspace_id={stranger.workspace_id}").json["created"] == 1


def test_a_table_is_text_and_the_senders_an_administrators(admin: Person, editor: Person) -> None:
    assert problem(editor.post("/v1/admin/users/import")) == "forbidden"
    assert problem(admin.post("/v1/admin/users/import", {"email": "a@b"})) == "unsupported-media"
    assert problem(send(admin, "a" * (1 << 20) + "b")) == "payload-too-large"


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_words_that_a_spreadsheet_would_run_leave_as_words(admin: Person, words: str) -> None:
    table = f'email,credits,reason\none@example.com,5,"{words}"\n'
    send(admin, table)
    user_id = seats(admin)["one@example.com"]["id"]

    for path in (f"/v1/admin/users/{user_id}/ledger", "/v1/admin/audit"):
        answer = admin.get(path, headers={"Accept": "text/csv"})
        cells = [cell for row in csv.reader(io.StringIO(answer.text)) for cell in row]
        assert "'" + words.strip() in cells


def test_a_thousand_seats_are_one_request(admin: Person) -> None:
    lines = "".join(f"p{number}@example.com,editor,pro,20,2,100,Launch\n" for number in range(1_000))

    made = send(admin, HEADER + lines)
    again = send(admin, HEADER + lines)

    assert (made.json["created"], again.json["unchanged"]) == (1_000, 1_000)
