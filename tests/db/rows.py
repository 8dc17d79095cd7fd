"""Plain rows, written past the services: what the database itself makes of them is the test."""

from collections.abc import Mapping
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

AT = "2026-03-01T12:00:00Z"
OWNED = {"workspace_id": "wsp_1", "owner_id": "usr_1"}

GENERATION: Mapping[str, Any] = {
    "id": "gen_1",
    **OWNED,
    "account_id": "acc_1",
    "kind": "master",
    "model": "animatic",
    "provider": "animatic",
    "request": Jsonb({}),
    "takes_wanted": 1,
    "max_iterations": 0,
    "credits_per_take": 10,
    "credits_quoted": 10,
    "credits_held": 10,
    "draft_units": 0,
    "created_at": AT,
    "updated_at": AT,
}
TAKE: Mapping[str, Any] = {
    "id": "take_1",
    **OWNED,
    "generation_id": "gen_1",
    "number": 1,
    "created_at": AT,
    "updated_at": AT,
}
ATTEMPT: Mapping[str, Any] = {
    "id": "att_1",
    **OWNED,
    "take_id": "take_1",
    "token": "one",
    "provider": "animatic",
    "state": "intent",
    "created_at": AT,
}
DIRECTION: Mapping[str, Any] = {
    "generation_id": "gen_1",
    "iteration": 0,
    "plan": Jsonb({}),
    "directives": Jsonb([]),
    "stronger": Jsonb({}),
    "steers": Jsonb([]),
    "why": "It was asked for.",
    "created_at": AT,
}
EVALUATION: Mapping[str, Any] = {
    "id": "evl_1",
    **OWNED,
    "take_id": "take_1",
    "generation_id": "gen_1",
    "created_at": AT,
}
DELIVERY: Mapping[str, Any] = {
    "id": "dlv_1",
    **OWNED,
    "take_id": "take_1",
    "host": "download",
    "request": Jsonb({}),
    "created_at": AT,
    "updated_at": AT,
}
ASSET: Mapping[str, Any] = {"id": "ast_1", **OWNED, "state": "uploading", "created_at": AT, "updated_at": AT}
RENDER: Mapping[str, Any] = {
    "id": "rnd_1",
    **OWNED,
    "token": "one",
    "lane": "media-draft",
    "subject_id": "take_1",
    "spec": Jsonb({}),
    "created_at": AT,
}
CHUNK: Mapping[str, Any] = {
    "id": "chk_1",
    **OWNED,
    "render_id": "rnd_1",
    "number": 0,
    "first_frame": 0,
    "frame_count": 24,
}
SHOT: Mapping[str, Any] = {
    "id": "sht_1",
    "storyboard_id": "sty_1",
    "position": 0,
    "label": "SH010",
    "brief": Jsonb({}),
}
WORK: Mapping[str, Any] = {
    "subject_id": "gen_1",
    "lane": "step-draft",
    **OWNED,
    "next_at": AT,
    "created_at": AT,
}
SESSION: Mapping[str, Any] = {
    "id": "ses_1",
    **OWNED,
    "kind": "panel",
    "device": "Resolve",
    "scopes": ["read"],
    "created_at": AT,
    "seen_at": AT,
    "expires_at": AT,
}
REFRESH: Mapping[str, Any] = {
    "id": "rft_1",
    "session_id": "ses_1",
    "secret_hash": "h",
    "created_at": AT,
    "expires_at": AT,
}
GRANT: Mapping[str, Any] = {
    "id": "dvg_1",
    "client": "panel",
    "device": "Resolve",
    "scopes": ["read"],
    "secret_hash": "h",
    "user_code_hash": "c",
    "created_at": AT,
    "expires_at": AT,
}


class Rows:
    """A session that writes rows as they are."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection

    def insert(self, table: str, values: Mapping[str, Any], **changes: Any) -> None:
        row = {**values, **changes}
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(sql.Placeholder() * len(row)),
        )
        with self.connection.transaction():
            self.connection.execute(statement, list(row.values()))

    def run(self, statement: str) -> None:
        with self.connection.transaction():
            self.connection.execute(statement)

    def entry(self, kind: str, available: int, held: int, *, number: int = 1, **changes: Any) -> None:
        """One ledger entry; with a generation where its kind names one."""
        values = {
            "id": f"led_{kind}_{number}",
            "account_id": "acc_1",
            "kind": kind,
            "available_delta": available,
            "held_delta": held,
            "available_after": 100,
            "held_after": 100,
            "generation_id": "gen_1" if kind in ("hold", "settle") else None,
            "at": AT,
        }
        self.insert("ledger_entries", values, **changes)


@pytest.fixture
def rows(rolled_back: psycopg.Connection) -> Rows:
    """A person, their account, a generation, a take and a render: enough to hang one bad row on."""
    found = Rows(rolled_back)
    found.insert("workspaces", {"id": "wsp_1", "name": "One", "created_at": AT})
    person = {"id": "usr_1", "workspace_id": "wsp_1", "email": "one@example.org", "role": "editor"}
    found.insert("users", {**person, "plan_id": "free", "created_at": AT})
    for number, kind in ((1, "user"), (2, "workspace")):
        found.insert("accounts", {"id": f"acc_{number}", "owner_kind": kind, "owner_id": "usr_1"})
    for number in (1, 2):
        found.insert("generations", GENERATION, id=f"gen_{number}")
    found.insert("takes", TAKE)
    found.insert("deliveries", DELIVERY)
    found.insert("renders", RENDER)
    return found
