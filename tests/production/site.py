"""What a platform gives an app: PostgreSQL and Redis with its add-ons' addresses, storage, and settings."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from plugin_backend.config import Settings
from plugin_backend.embedded.postgres import EmbeddedPostgres
from plugin_backend.embedded.valkey import EmbeddedValkey
from plugin_backend.services.running.development import DevelopmentKeys, seed_development
from tests.databases import connect
from tests.fakes.serving import free_port
from tests.journeys.people import Person
from tests.production.procfile import on_path
from tests.production.tls import tls_in_front_of


@dataclass(frozen=True, slots=True)
class Site:
    """Two servers and the environment of every process."""

    folder: Path
    postgres_url: str
    redis_url: str
    """Without TLS, for whoever counts."""
    environ: dict[str, str]
    port: int
    """Of its public address."""

    def seeded(self) -> DevelopmentKeys:
        """An operator and somebody whose plan no test meets the limits of; the database must be migrated."""
        with connect(self.postgres_url) as connection:
            connection.execute(
                "UPDATE plans SET drafts_per_day = 100000, max_unfinished = 100000, max_concurrent = 1000"
            )
        return seed_development(Settings.from_environ(self.environ))


@contextmanager
def person_at(url: str, key: str) -> Iterator[Person]:
    """Somebody with a key, at one of the doors."""
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as http:
        yield Person(http, key)


@contextmanager
def a_site(folder: Path, *, more: Mapping[str, str] | None = None) -> Iterator[Site]:
    """Servers of its own, Redis behind a certificate that signed itself; with more settings."""
    storage, port = folder / "storage", free_port()
    storage.mkdir()
    with (
        EmbeddedPostgres(folder / "postgres") as postgres,
        EmbeddedValkey(folder / "valkey", durable=False) as valkey,
        tls_in_front_of(valkey.url.removeprefix("unix://").partition("?")[0], folder) as door,
    ):
        environ = {
            "DATABASE_URL": postgres.url.replace("postgresql+psycopg://", "postgres://"),
            "REDIS_URL": door.url,
            "REDIS_TLS": "none",
            "STORAGE_URL": storage.as_uri(),
            "SHARED_STORAGE": "1",
            "SCRATCH_DIR": str(folder / "scratch"),
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "SECRET_KEY": "s" * 32,
            "TOKEN_PEPPER": "p" * 32,
            "READS_PER_MINUTE": "9999999",
            "WRITES_PER_MINUTE": "9999999",
            **(more or {}),
        }
        yield Site(folder, postgres.url, valkey.url, on_path(environ), port)
