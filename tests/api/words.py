"""One word that nobody else says, put wherever a person can write; and where it is found."""

from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.api.people import Person
from tests.databases import connect

WORD = "qzaxolotl"
EMAIL = f"{WORD}@example.com"


def said(answer: Any) -> Any:
    assert answer.status_code in (200, 201, 202), answer.text
    return answer.json


def write_everywhere(person: Person) -> dict[str, str]:
    """Everything a member can write over HTTP but takes and what is made of them; some ids of it."""
    said(person.patch("/v1/me/panel", {"settings": {WORD: {"note": WORD}}}))
    said(person.post("/v1/api-keys", {"name": WORD, "scopes": ["read"]}))
    project = said(person.post("/v1/projects", {"name": WORD}))
    look = {"palette": ["#102030"], "style": [WORD], "light": [], "exclusions": [WORD], "references": []}
    said(person.patch(f"/v1/projects/{project['id']}", {"look": look}))
    asset = {"filename": f"{WORD}.png", "media_type": "image/png", "bytes": 3, "sha256": "0" * 64}
    said(person.post("/v1/assets", asset))
    said(person.client.post(
        "/v1/oauth/device_authorization",
        data={"client_id": "panel", "scope": "read", "device": WORD},
    ))  # fmt: skip
    shot = {"label": WORD, "brief": {"prompt": WORD}}
    board = said(
        person.post("/v1/storyboards", {"title": WORD, "shots": [shot], "look": look}),
    )
    said(person.post("/v1/storyboards", {"title": WORD, "script": f"INT. {WORD}\nA kettle boils."}))
    return {"project": project["id"], "board": board["id"]}


def rows_with_it(url: str) -> dict[str, list[str]]:
    """Every column of every table, whatever its type, that holds the word somewhere."""
    found: dict[str, list[str]] = {}
    with connect(url) as connection:
        columns = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        ).fetchall()
        for table, column in columns:
            rows = _rows_with_it(connection, table, column)
            if rows:
                found[f"{table}.{column}"] = rows
    return found


def _rows_with_it(connection: psycopg.Connection, table: str, column: str) -> list[str]:
    query = sql.SQL("SELECT left({0}::text, 200) FROM {1} WHERE {0}::text ILIKE %s LIMIT 3")
    statement = query.format(sql.Identifier(column), sql.Identifier(table))
    return [text for (text,) in connection.execute(statement, [f"%{WORD}%"]).fetchall()]


def files_with_it(folder: Path) -> list[str]:
    """Every stored file whose name or bytes hold the word."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    word = WORD.encode()
    return [str(path) for path in files if WORD in str(path) or word in path.read_bytes()]
