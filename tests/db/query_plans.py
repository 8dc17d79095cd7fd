"""How the server would answer what the code asks: which large tables it would read from end to end."""

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
from sqlalchemy import Connection, event

from bench.scale_seed import Size, seed
from tests.databases import connect

# What a small copy of a large service has rows enough of for a plan to be told from it.
LARGE = frozenset(
    {
        *("generations", "takes", "attempts", "trace_notes", "events", "ledger_entries", "audit_entries"),
        *("users", "deliveries", "assets", "renders", "chunks", "audit_reasons", "evaluations"),
    }
)
_MORE = (
    """INSERT INTO users (id, workspace_id, email, role, plan_id, created_at)
        SELECT 'usr_more_' || n, workspace_id, 'more' || n || '@example.net', role, plan_id, created_at
        FROM users, generate_series(1, 5000) n WHERE users.email LIKE 'person7@%'""",
    """INSERT INTO deliveries (id, workspace_id, owner_id, take_id, host, state, request, created_at,
            updated_at, finished_at)
        SELECT 'dlv_more_' || id, workspace_id, owner_id, id, 'nuke', 'failed', '{}', now(), now(), now()
        FROM takes""",
    """INSERT INTO renders (id, workspace_id, owner_id, token, lane, subject_id, spec, created_at)
        SELECT 'rnd_' || id, workspace_id, owner_id, id, 'media-draft', id, '{}', now() FROM takes""",
    """INSERT INTO chunks (id, workspace_id, owner_id, render_id, number, first_frame, frame_count)
        SELECT 'chk_' || id, workspace_id, owner_id, id, 1, 0, 24 FROM renders""",
    """INSERT INTO evaluations (id, workspace_id, owner_id, take_id, generation_id, created_at)
        SELECT 'evl_' || id, workspace_id, owner_id, id, generation_id, now() FROM takes""",
    """INSERT INTO assets (id, workspace_id, owner_id, state, kind, bytes, created_at, updated_at)
        SELECT 'ast_more_' || id, workspace_id, owner_id, 'uploading', 'image', 1, now(), now() FROM takes""",
    """INSERT INTO audit_entries (workspace_id, actor_id, action, subject_id, at)
        SELECT workspace_id, owner_id, 'generation.failed', id, now() FROM generations""",
    "INSERT INTO delivery_takes (delivery_id, take_id, number) SELECT id, take_id, 1 FROM deliveries",
    "UPDATE ledger_entries SET actor_id = 'usr_1', reason = 'A start' WHERE kind = 'grant'",
    "INSERT INTO audit_reasons SELECT id, '', 'Because.' FROM audit_entries",
)

Statements = dict[str, Any]


def fill(url: str) -> None:
    """A small copy of a large service: 5,600 people, 3,000 generations, 30,000 entries of the ledger."""
    seed(url, Size(0.003))
    with connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in _MORE:
            connection.execute(statement.encode())
        connection.execute("ANALYZE")


def overheard(connection: Connection) -> Statements:
    """Every statement that is sent from here on, with values it was sent with."""
    found: Statements = {}

    def keep(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        found.setdefault(statement, values)

    event.listen(connection, "before_cursor_execute", keep)
    return found


def read_whole(url: str, statements: Statements) -> list[str]:
    """Of each statement the large tables that it would read whole, by an index or without one."""
    found = []
    with connect(url) as connection:
        connection.execute("SET enable_seqscan = off")  # so that a table of few pages is no excuse
        connection.execute("SET enable_hashjoin = off")
        connection.execute("SET enable_mergejoin = off")
        for statement, values in statements.items():
            text = psycopg.ClientCursor(connection).mogrify(statement.encode(), values)
            row = connection.execute(f"EXPLAIN (FORMAT JSON) {text}".encode()).fetchone()
            assert row is not None
            tables = LARGE.intersection(_whole(row[0][0]["Plan"]))
            found += [f"{name}: {' '.join(statement.split())[:300]}" for name in sorted(tables)]
    return found


def _whole(node: Mapping[str, Any]) -> Iterator[str]:
    is_scan = node["Node Type"].endswith(("Seq Scan", "Index Scan", "Index Only Scan"))
    is_small = node.get("Index Name", "").endswith("_unfinished")  # what is under way is never much
    if is_scan and "Relation Name" in node and "Index Cond" not in node and not is_small:
        yield node["Relation Name"]
    if node["Node Type"] == "Bitmap Heap Scan" and not any(_is_narrow(each) for each in node["Plans"]):
        yield node["Relation Name"]
    for below in node.get("Plans", ()):
        yield from _whole(below)


def _is_narrow(node: Mapping[str, Any]) -> bool:
    return "Index Cond" in node or any(_is_narrow(each) for each in node.get("Plans", ()))
