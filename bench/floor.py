"""The least a web door can be: bare Flask, an INSERT and an RQ enqueue; or one indexed SELECT by key hash.

gunicorn opens it as `bench.floor:open_floor("postgresql://...", "unix://...")`. No validation, no
idempotency, no money, no log, no security header.
"""

import hashlib
import json
import threading
import uuid
from typing import Any

import psycopg
from flask import Flask, Response, request
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

TABLES = """
    CREATE TABLE floor_jobs (id text PRIMARY KEY, request jsonb NOT NULL, at timestamptz DEFAULT now());
    CREATE TABLE floor_keys (hash text PRIMARY KEY, user_id text NOT NULL)
"""


def prepare(url: str, *, key: str) -> None:
    """The floor's two tables and its one key."""
    with psycopg.connect(url) as connection:
        connection.execute(TABLES)
        connection.execute("INSERT INTO floor_keys VALUES (%s, 'one')", [_hash(key)])


def open_floor(database_url: str, redis_url: str) -> Flask:
    """The app; each thread keeps a connection."""
    app = Flask("floor")
    kept = threading.local()
    queue = Queue("floor", connection=Redis.from_url(redis_url), serializer=JSONSerializer)

    def connection() -> psycopg.Connection[Any]:
        if not hasattr(kept, "connection"):
            kept.connection = psycopg.connect(database_url, autocommit=True)
        found: psycopg.Connection[Any] = kept.connection
        return found

    @app.post("/jobs")
    def ask() -> tuple[dict[str, str], int]:
        job_id = uuid.uuid4().hex
        body = json.dumps(request.get_json())
        connection().execute("INSERT INTO floor_jobs (id, request) VALUES (%s, %s)", [job_id, body])
        queue.enqueue_call("floor.step", args=(job_id,), result_ttl=0)
        return {"id": job_id, "state": "queued"}, 202

    @app.get("/me")
    def look() -> dict[str, str] | Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        found = (
            connection().execute("SELECT user_id FROM floor_keys WHERE hash = %s", [_hash(token)]).fetchone()
        )
        return Response(status=401) if found is None else {"user_id": found[0]}

    return app


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
