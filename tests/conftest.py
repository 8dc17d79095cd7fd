"""Real servers for every test: TEST_DATABASE_URL and TEST_REDIS_URL name them, or they are embedded.

They start on first use; under xdist the controller starts them once. Each worker owns one database, cloned
from one migrated template, and one numbered Redis database. No test meets another test's rows.
"""

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
from redis import Redis

from plugin_backend.config import Environment, LogFormat, Settings, inherited_environ
from plugin_backend.embedded.postgres import EmbeddedPostgres
from plugin_backend.embedded.valkey import EmbeddedValkey
from tests.databases import Broom, DatabaseHandout, connect
from tests.scheduling import Companions


class Servers:
    """The servers of a run: what the environment names, what the controller handed down, or our own."""

    def __init__(self, handed_down: dict[str, str]) -> None:
        self._environ = inherited_environ()
        self._own = ExitStack()
        self._urls = {key: handed_down[key] for key in ("run", "postgres", "redis") if key in handed_down}
        self.run = self._urls.setdefault("run", uuid.uuid4().hex)

    def postgres(self) -> str:
        """The address of the server's maintenance database."""
        if "postgres" not in self._urls:
            self._urls["postgres"] = self._environ.get("TEST_DATABASE_URL") or self._start_postgres()
        return self._urls["postgres"]

    def redis(self) -> str:
        """The address of database 0."""
        if "redis" not in self._urls:
            self._urls["redis"] = self._environ.get("TEST_REDIS_URL") or self._start_valkey()
        return self._urls["redis"]

    def handout(self) -> DatabaseHandout:
        """Where this run's databases come from."""
        return DatabaseHandout(self.postgres(), run=self.run)

    def close(self) -> None:
        """Leave nothing: databases on a server that stays, or servers of our own."""
        if "TEST_DATABASE_URL" in self._environ and "postgres" in self._urls:
            self.handout().clear()
        self._own.close()

    def _start_postgres(self) -> str:
        return self._own.enter_context(EmbeddedPostgres(self.folder(), durable=False)).url

    def _start_valkey(self) -> str:
        return self._own.enter_context(EmbeddedValkey(self.folder(), durable=False)).url

    def folder(self) -> Path:
        """A new one, gone with the servers."""
        made = tempfile.TemporaryDirectory(prefix="plugin-backend-tests-", ignore_cleanup_errors=True)
        return Path(self._own.enter_context(made))


_SERVERS = pytest.StashKey[Servers]()

# Whichever profile stands (on a continuous integration server: the same examples each time), a busy machine
# is no finding.
hypothesis.settings.register_profile(
    "patient",
    hypothesis.settings.get_profile(hypothesis.settings.get_current_profile_name()),
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("patient")


def pytest_configure(config: pytest.Config) -> None:
    servers = config.stash[_SERVERS] = Servers(getattr(config, "workerinput", {}))
    if os.geteuid() == 0 and config.option.basetemp is None:
        # Root's next session would close /tmp/pytest-of-root again to `nobody`, as whom our PostgreSQL runs.
        config.option.basetemp = servers.folder()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: pytest.Item) -> None:
    """Before a worker starts, in the controller: hand down what all workers share (`node` is xdist's)."""
    servers = node.config.stash[_SERVERS]
    handed_down = {"run": servers.run, "postgres": servers.postgres(), "redis": servers.redis()}
    node.workerinput.update(handed_down)  # type: ignore[attr-defined]  # xdist ships no type for its node


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Companions | None:
    """Ours instead of xdist's usual one; another `--dist` stands."""
    return Companions(config, log) if config.getoption("dist") == "load" else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests begin, so that no worker is left alone with them at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[_SERVERS].close()


@pytest.fixture(scope="session")
def postgres_url(pytestconfig: pytest.Config) -> str:
    """The server's maintenance database, for tests about servers; others want `database`."""
    return pytestconfig.stash[_SERVERS].postgres()


@pytest.fixture(scope="session")
def redis_url(pytestconfig: pytest.Config) -> str:
    """This worker's own numbered database."""
    worker = getattr(pytestconfig, "workerinput", {}).get("workerid", "gw-1")
    number = int(worker.removeprefix("gw")) + 1
    address = pytestconfig.stash[_SERVERS].redis().removesuffix("?db=0").removesuffix("/0")
    return f"{address}?db={number}"


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """A client of an empty Redis."""
    with Redis.from_url(redis_url) as client:
        client.flushdb()
        yield client
        client.flushdb()


@pytest.fixture(scope="session")
def _swept_database(pytestconfig: pytest.Config) -> Iterator[tuple[str, Broom]]:
    handout = pytestconfig.stash[_SERVERS].handout()
    worker = getattr(pytestconfig, "workerinput", {}).get("workerid", "main")
    with handout.database(worker, template=handout.template()) as url, closing(Broom(url)) as broom:
        yield url, broom


@pytest.fixture
def database(_swept_database: tuple[str, Broom]) -> Iterator[str]:
    """The URL of a migrated database with no rows but those the migrations wrote; swept after the test."""
    url, broom = _swept_database
    yield url
    broom.sweep()


@pytest.fixture
def rolled_back(_swept_database: tuple[str, Broom]) -> Iterator[psycopg.Connection]:
    """One session in one transaction that is never committed: for tests of what the database refuses."""
    url, _ = _swept_database
    with connect(url) as connection, connection.transaction(force_rollback=True):
        yield connection


@pytest.fixture
def empty_database(pytestconfig: pytest.Config) -> Iterator[str]:
    """The URL of a database without a single table, for tests of the migrations themselves."""
    with pytestconfig.stash[_SERVERS].handout().database(f"empty_{uuid.uuid4().hex[:8]}") as url:
        yield url


@pytest.fixture
def settings(database: str, redis_url: str, tmp_path: Path) -> Settings:
    """A whole configuration on this test's database, Redis and folder."""
    return Settings(
        environment=Environment.DEVELOPMENT,
        database_url=database,
        redis_url=redis_url,
        storage_url=(tmp_path / "storage").as_uri(),
        shared_storage=True,
        scratch_dir=tmp_path / "scratch",
        public_url="http://127.0.0.1:8000",
        secret_key="s" * 32,
        token_pepper="p" * 32,
        metrics_token="m" * 32,
        log_format=LogFormat.CONSOLE,
    )
