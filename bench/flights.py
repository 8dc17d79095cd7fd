"""Takes in flight, as the service leaves them when a provider has accepted: thousands of rows in a second."""

import time
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Final

import psycopg

from bench.upstream import USUAL_SECONDS, Job
from plugin_backend.config import Settings
from plugin_backend.domain.brief import Brief, GenerationRequest, Kind, Resolution
from plugin_backend.domain.callers import Caller, Role, Scope
from plugin_backend.domain.making.providers import next_look
from plugin_backend.services import accounts, credits, generations
from plugin_backend.services.accounts import NewUser
from plugin_backend.services.house import House

SHOT: Final = GenerationRequest(
    kind=Kind.MASTER,
    brief=Brief(prompt="a paper boat on a rainy street", model="ray-3.2", resolution=Resolution.P540),
)
_SPREAD: Final = (0.8, 1.2)  # of the usual seconds
_JOBS: Final = """
    CREATE TEMP TABLE jobs
    (generation_id text, take_id text, ref text, began timestamptz, due timestamptz)
"""
_COLUMNS: Final = """
    SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position
"""
_ROWS: Final[Sequence[tuple[str, str, Mapping[str, str]]]] = (
    (
        "generations",
        "generations",
        {
            "id": "jobs.generation_id",
            "state": "'generating'",
            "expected_seconds": str(USUAL_SECONDS),
            "created_at": "jobs.began",
        },
    ),
    (
        "takes",
        "takes",
        {
            "id": "jobs.take_id",
            "generation_id": "jobs.generation_id",
            "state": "'submitted'",
            "provider": "'luma'",
            "provider_ref": "jobs.ref",
            "deadline": "jobs.began + interval '30 minutes'",
        },
    ),
    (
        "attempts",
        "takes",
        {
            **dict.fromkeys(("sent_at", "created_at", "resolved_at"), "jobs.began"),
            **dict.fromkeys(("detail", "billed", "slug", "request_id", "settled_at", "settled_note"), "NULL"),
            "id": "'att_' || jobs.take_id",
            "take_id": "jobs.take_id",
            "token": "'token-' || jobs.take_id",
            "provider": "'luma'",
            "provider_ref": "jobs.ref",
            "state": "'accepted'",
            "part": "0",
            "listings": "0",
            "credits_at_risk": "15",
        },
    ),
    (
        "work",
        "takes",
        {
            "subject_id": "jobs.take_id",
            "lane": "'watch'",
            "topic": "'luma'",
            "next_at": "jobs.due",
            **dict.fromkeys(("lease", "lease_until"), "NULL"),
            "tries": "0",
            "nudged": "false",
            "created_at": "jobs.began",
        },
    ),
)
"""A table, where its other columns are copied from, and what is said of each job."""


def person(house: House, *, credit: int = 1_000_000) -> Caller:
    """Somebody who asks for all of it."""
    user = NewUser(email="editor@example.com", role=Role.OWNER, plan="studio")
    standing = accounts.create_user(house, actor=None, user=user)
    credits.change(house, actor=None, user_id=standing.id, amount=credit, reason="a start")
    return Caller(
        user_id=standing.id, workspace_id=standing.workspace_id, role=Role.OWNER, scopes=frozenset(Scope)
    )


def fill(settings: Settings, house: House, *, in_flight: int, seconds: float) -> int:
    """Rows of takes that were accepted within the last minute, and of those that will be; how many in all."""
    view = generations.request(house, person(house), [SHOT]).views[0]
    jobs = list(_jobs(per_second=in_flight / USUAL_SECONDS, seconds=USUAL_SECONDS + seconds))
    with psycopg.connect(plain(settings)) as connection:
        _load(connection, jobs)
        for table, original, said in _ROWS:
            columns = [name for (name,) in connection.execute(_COLUMNS, (table,))]
            chosen = ", ".join(said.get(name, f"original.{name}") for name in columns)
            connection.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {chosen}"
                f" FROM {original} original, jobs WHERE original.id = ANY(%s)",
                ([view.generation.id, view.takes[0].id],),
            )
        connection.execute("DELETE FROM work WHERE subject_id = %s", (view.generation.id,))
    return len(jobs)


def plain(settings: Settings) -> str:
    """The database's address as the driver takes it."""
    return settings.database_url.replace("+psycopg", "")


def _jobs(*, per_second: float, seconds: float) -> Iterator[Job]:
    """Evenly begun from a minute ago on; each takes a fifth more or less than the others."""
    rng, first = Random(1), time.time() - USUAL_SECONDS
    for number in range(int(per_second * seconds)):
        yield Job(number, first + number / per_second, USUAL_SECONDS * rng.uniform(*_SPREAD))


def _load(connection: psycopg.Connection, jobs: Sequence[Job]) -> None:
    soon = time.time() + 5
    connection.execute(_JOBS)
    with connection.cursor().copy("COPY jobs FROM STDIN") as copy:
        for job in jobs:
            generation_id, take_id = f"gen_bench{job.number:06}", f"take_bench{job.number:06}"
            looked_at = job.began + _first_look(take_id)
            copy.write_row((generation_id, take_id, job.ref, _at(job.began), _at(max(looked_at, soon))))


def _first_look(take_id: str) -> float:
    return next_look(take_id, elapsed=0.0, expected=USUAL_SECONDS).total_seconds()


def _at(seconds: float) -> str:
    whole, part = divmod(seconds, 1)
    return f"{time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(whole))}.{int(part * 1e6):06}+00"


if __name__ == "__main__":
    print("(the rows of the other scripts; nothing to measure here)")
