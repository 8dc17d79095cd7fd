"""The runbook, every command in its order; then the backup it made, restored and at work."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import av
import httpx
import pytest

from plugin_backend.embedded.postgres import EmbeddedPostgres, program
from tests.databases import connect
from tests.fakes.collector import Collected, attributes_of, collector
from tests.house.repository import ROOT
from tests.journeys.people import PROMPT, Person
from tests.production.procfile import Formation, release
from tests.production.site import Site, a_site, person_at

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

_RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
_COMMANDS = re.findall(r"^ *```sh\n(.+?)^ *```", _RUNBOOK, flags=re.DOTALL | re.MULTILINE)
_BOOKS = re.findall(r"```sql\n(.+?)```", _RUNBOOK.partition("## The books")[2], flags=re.DOTALL)[:2]
_KEPT = ("ledger_entries", "events", "audit_entries", "generations", "takes")
_DELIVERED: Any = {
    "sequence": {"frame_rate": "24", "width": 640, "height": 360},
    "deliver_to": {"host": "premiere-pro", "master_format": "h264"},
}
_MANY_TRANSACTIONS = (
    "DO $$ BEGIN FOR i IN 1..5000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"
)


@dataclass(frozen=True)
class Drill:
    """A service whose operator went through the runbook, and what stood in it when the backup was made."""

    site: Site
    restored_url: str
    """Another server, which has had fewer transactions."""
    admin_key: str
    ready: Any
    unfinished: Any
    bytes_of_a_take: bytes
    cursor: str
    collected: Collected
    """What the service told of the time things took."""

    @property
    def environ(self) -> dict[str, str]:
        """The settings of the restored service: another database, folder and Redis."""
        moved = {
            "DATABASE_URL": self.restored_url,
            "STORAGE_URL": (self.site.folder / "restored").as_uri(),
            "REDIS_URL": self.site.environ["REDIS_URL"].removesuffix("/0") + "/1",
        }
        return {**self.site.environ, **moved}


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drill]:
    folder = tmp_path_factory.mktemp("drill")
    with (
        collector() as collected,
        a_site(folder, more={"OTEL_EXPORTER_OTLP_ENDPOINT": collected.url}) as site,
        EmbeddedPostgres(folder / "second") as second,
    ):
        restored_url = second.url.replace("postgresql+psycopg://", "postgres://")
        with connect(site.postgres_url) as connection:
            connection.execute(_MANY_TRANSACTIONS)
        release(site.environ)
        keys = site.seeded()
        with (
            Formation(site.environ, site.folder / "logs", port=site.port) as service,
            person_at(service.url, keys.admin_key) as operator,
        ):
            service.until_answering()
            ada = _ada(operator)
            ready = ada.ready_draft(**_DELIVERED)
            assert ada.until_done(f"/v1/deliveries/{ready['deliveries'][0]['id']}")["state"] == "ready"
            service.stop("media")
            unfinished = ada.draft(brief={"prompt": "a second one, that nobody draws yet"})
            cursor = ada.get("/v1/events", params={"after": "now"})["next_cursor"]
            film = httpx.get(_film_of(ada, ready), trust_env=False).content
            _run_the_runbook(site, operator, restored_url)
        yield Drill(site, restored_url, keys.admin_key, ready, unfinished, film, cursor, collected)


def test_the_books_and_the_chain_of_the_restored_database_are_whole(drill: Drill) -> None:
    assert len(_BOOKS) == 2
    with connect(drill.restored_url) as connection:
        assert [connection.execute(query).fetchall() for query in _BOOKS] == [[], []]
        for table in _KEPT:
            assert connection.execute(f"SELECT count(*) > 1 FROM {table}").fetchone() == (True,), table


def test_restored_a_take_plays_the_feed_goes_on_and_unfinished_work_ends(drill: Drill) -> None:
    folder = drill.site.folder / "restored-logs"
    with (
        Formation(drill.environ, folder, port=drill.site.port) as service,
        person_at(service.url, drill.admin_key) as operator,
    ):
        service.until_answering()
        ada = _ada_again(operator)
        film = httpx.get(_film_of(ada, drill.ready), trust_env=False)
        ended = ada.generation(drill.unfinished["id"])
        news = ada.get("/v1/events", params={"after": drill.cursor})["items"]

    assert film.content == drill.bytes_of_a_take
    with av.open(BytesIO(film.content), "r") as movie:
        assert len(list(movie.decode(video=0))) > 0
    assert ended["state"] == "ready"
    assert {each["subject_id"] for each in news if each["type"].startswith("generation")} == {ended["id"]}


def test_the_spans_of_one_generation_form_one_tree_from_the_request_to_the_delivery(drill: Drill) -> None:
    spans = drill.collected.of_trace_with("subject.id", drill.ready["id"])
    by_id = {span["spanId"]: span for span in spans}
    names = {span["name"] for span in spans}
    (root,) = (span for span in spans if not span["parentSpanId"])

    assert root["name"] == "POST /v1/generations"
    assert attributes_of(root)["http.response.status_code"] == "202"
    assert {"step generation", "step take", "step delivery", "provider submit"} <= names
    assert any(name.startswith("media ") for name in names)
    for span in spans:
        assert span is root or span["parentSpanId"] in by_id
        assert int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"])
    (delivery,) = {span["parentSpanId"] for span in spans if span["name"] == "step delivery"}
    assert by_id[delivery] is root
    said = str(drill.collected.spans)
    assert PROMPT not in said
    assert "example.com" not in said


def _run_the_runbook(site: Site, operator: Person, restored_url: str) -> None:
    """Every command in one shell, which ends at the first that fails."""
    wanted = {"name": "leaked", "scopes": ["read"]}
    (site.folder / "restored").mkdir()
    environ = {
        **site.environ,
        "PATH": f"{program('pg_dump').parent}:{site.environ['PATH']}",
        "ADMIN_KEY": operator.key,
        "KEY_ID": operator.ok("POST", "/v1/api-keys", wanted)["id"],
        "STORAGE_FOLDER": str(site.folder / "storage"),
        "RESTORED_DATABASE_URL": restored_url,
        "RESTORED_FOLDER": str(site.folder / "restored"),
        "HOME": str(site.folder),
    }
    work = site.folder / "operator"
    work.mkdir()
    done = subprocess.run(
        ["/bin/bash", "-euxo", "pipefail", "-c", "\n".join(_COMMANDS)],
        env=environ,
        cwd=work,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-1000:]


def _ada(operator: Person) -> Person:
    made = operator.ok("POST", "/v1/admin/users", {"email": "ada@example.com", "plan": "studio"})
    grant = {"amount": 1_000, "reason": "A start"}
    operator.ok("POST", f"/v1/admin/users/{made['id']}/credits", grant)
    return _with_a_key(operator, made["id"])


def _with_a_key(operator: Person, user_id: str) -> Person:
    wanted = {"name": "drill", "scopes": ["read", "generate"], "user_id": user_id}
    return Person(operator._http, operator.ok("POST", "/v1/api-keys", wanted)["key"], id=user_id)


def _ada_again(operator: Person) -> Person:
    (found,) = operator.get("/v1/admin/users", params={"q": "ada@example.com"})["items"]
    return _with_a_key(operator, found["id"])


def _film_of(person: Person, generation: Any) -> str:
    found = person.get(f"/v1/generations/{generation['id']}")
    return str(found["takes"][0]["proxy"]["url"])
