"""What a person asks first when something is wrong: does each thing we stand on answer?"""

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import create_engine, pool, text
from sqlalchemy.exc import SQLAlchemyError

from plugin_backend.config import Settings
from plugin_backend.db import migrate
from plugin_backend.files.storage import open_storage
from plugin_backend.services.opening import s3_account

_SCRATCH_BYTES = 5 << 30  # a 2160p EXR master of ten seconds, twice
_OLDEST_POSTGRES = 150_000
_EXPIRES_SOON = 14 * 86_400.0  # seconds


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `remedy` is empty when it is well."""

    subject: str
    detail: str
    remedy: str = ""

    @property
    def is_well(self) -> bool:
        """Whether nothing needs doing."""
        return not self.remedy


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything in turn; nothing found wrong stops the next look."""
    looks: dict[str, Callable[[Settings], Finding]] = {
        "PostgreSQL": _postgres,
        "migrations": _migrations,
        "Redis": _redis,
        "storage": _storage,
        "scratch disk": _scratch,
        "signatures": _signatures,
    }
    for subject, look in looks.items():
        try:
            yield look(settings)
        except (SQLAlchemyError, RedisError, OSError, ValueError) as error:
            yield Finding(subject, "does not answer", str(error).splitlines()[0])


def _postgres(settings: Settings) -> Finding:
    engine = create_engine(
        settings.database_url, poolclass=pool.NullPool, connect_args={"connect_timeout": 5}
    )
    with engine.connect() as connection:
        number = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    remedy = "" if number >= _OLDEST_POSTGRES else "upgrade to PostgreSQL 15 or newer"
    return Finding("PostgreSQL", f"version {number // 10_000}.{number % 10_000}", remedy)


def _migrations(settings: Settings) -> Finding:
    current = migrate.current(settings.database_url)
    remedy = f"run `plugin-backend db upgrade` to reach {migrate.head()}" if migrate.lacks(current) else ""
    return Finding("migrations", f"at {current or 'nothing'}", remedy)


def _redis(settings: Settings) -> Finding:
    with Redis.from_url(settings.redis_url, socket_connect_timeout=5, socket_timeout=5) as redis:
        memory = redis.info("memory")
    policy = memory.get("maxmemory_policy", "noeviction")
    remedy = "" if policy == "noeviction" else "set maxmemory-policy to noeviction"
    return Finding("Redis", f"uses {memory['used_memory_human']}, {policy}", remedy)


def _storage(settings: Settings) -> Finding:
    storage = open_storage(settings.storage_url, account=s3_account(settings))
    storage.put_bytes("doctor/probe.txt", b"well")
    found = storage.get_bytes("doctor/probe.txt")
    storage.delete(["doctor/probe.txt"])
    remedy = "" if found == b"well" else "what is written is not what is read back"
    return Finding("storage", "written, read and deleted", remedy)


def _signatures(settings: Settings) -> Finding:
    credential = settings.signing_credential()
    if credential.is_development:
        detail = "development certificate, NOT trusted: set C2PA_CERTIFICATE and C2PA_PRIVATE_KEY"
        return Finding("signatures", detail)
    until = credential.leaf.not_valid_after_utc
    left = until.timestamp() - time.time()
    remedy = "" if left > _EXPIRES_SOON else "renew C2PA_CERTIFICATE"
    return Finding("signatures", f"{credential.name}, until {until:%Y-%m-%d}", remedy)


def _scratch(settings: Settings) -> Finding:
    settings.scratch_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.scratch_dir).free
    remedy = (
        ""
        if free >= _SCRATCH_BYTES
        else f"free {_SCRATCH_BYTES >> 30} GB, or set SCRATCH_DIR to a larger disk"
    )
    return Finding("scratch disk", f"{free / (1 << 30):.1f} GB free at {settings.scratch_dir}", remedy)
