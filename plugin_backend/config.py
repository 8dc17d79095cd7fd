"""The one place that reads the environment: a setting is a field, its variable the field's name in capitals.

Everything wrong is reported at once, each with its way out. There is no settings object at module level: a
process reads its settings at boot and hands them on; a test builds `Settings(...)` itself.
"""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from plugin_backend.settings.connection_urls import database_url, redis_url
from plugin_backend.settings.director import DirectorSettings, read_director_settings
from plugin_backend.settings.environment import LOOPBACK, EnvironmentReader, SettingsError
from plugin_backend.settings.joining import JoiningSettings, read_joining_settings
from plugin_backend.settings.mail import MailSettings, read_mail_settings
from plugin_backend.settings.providers import ProviderSettings, read_provider_settings
from plugin_backend.settings.sign_in import read_sign_in_settings
from plugin_backend.settings.signing import operator_credential, read_signing_settings
from plugin_backend.settings.sso import SsoSettings, read_sso_settings
from plugin_backend.settings.traces import TraceSettings, read_trace_settings
from plugin_backend.settings.webhooks import read_webhook_settings
from plugin_backend.signing import Credential, development_credential

__all__ = [
    "Environment",
    "LogFormat",
    "LogLevel",
    "RedisTls",
    "Settings",
    "SettingsError",
    "inherited_environ",
]

_SECRET_LENGTH = 32
_STORAGE = "s3://bucket/folder, or file:///folder on a single machine"


class Environment(StrEnum):
    """Production refuses what a laptop may do."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"


class LogLevel(StrEnum):
    """The least severe line that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """JSON for machines, console for eyes."""

    JSON = "json"
    CONSOLE = "console"


class RedisTls(StrEnum):
    """How far a rediss:// certificate is checked; `auto` lets the self-signed ones of Heroku's hosts pass."""

    AUTO = "auto"
    FULL = "full"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Settings(SsoSettings, JoiningSettings, MailSettings, ProviderSettings, DirectorSettings, TraceSettings):
    """What a process needs to know, checked. Addresses hold passwords, so repr hides them like secrets."""

    environment: Environment

    # Where things are kept.
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    redis_tls: RedisTls = RedisTls.AUTO
    storage_url: str
    shared_storage: bool = False
    aws_access_key_id: str | None = None
    aws_secret_access_key: str | None = field(default=None, repr=False)
    aws_region: str | None = None
    aws_endpoint_url: str | None = None
    scratch_dir: Path
    scratch_mb: int = 0

    # Who we are to the world.
    public_url: str
    secret_key: str = field(repr=False)
    secret_key_previous: tuple[str, ...] = field(default=(), repr=False)
    token_pepper: str = field(repr=False)
    metrics_token: str | None = field(default=None, repr=False)
    trusted_proxies: int = 0
    c2pa_certificate: str | None = field(default=None, repr=False)
    c2pa_private_key: str | None = field(default=None, repr=False)
    webhook_origins: tuple[str, ...] = ()

    # How a process runs.
    port: int = 8000
    web_concurrency: int = 2
    web_threads: int = 16
    web_database_connections: int = 2
    worker_database_connections: int = 3
    media_memory_mb: int = 2560
    writes_per_minute: int = 60
    reads_per_minute: int = 600
    sign_in_failures: int = 20
    log_level: LogLevel = LogLevel.INFO
    log_format: LogFormat = LogFormat.JSON

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read and check every setting; raises SettingsError listing all that is wrong."""
        read = EnvironmentReader(os.environ if environ is None else environ)
        environment = read.choice("ENVIRONMENT", Environment, default=Environment.PRODUCTION)
        production = environment is Environment.PRODUCTION
        port = read.integer("PORT", default=8000, least=1, most=65535)
        return cls(
            environment=environment,
            database_url=read.parsed("DATABASE_URL", database_url),
            redis_url=_redis_url(read),
            redis_tls=read.choice("REDIS_TLS", RedisTls, default=RedisTls.AUTO),
            storage_url=read.required("STORAGE_URL", _STORAGE),
            shared_storage=read.flag("SHARED_STORAGE"),
            aws_access_key_id=read.optional("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=read.optional("AWS_SECRET_ACCESS_KEY"),
            aws_region=read.optional("AWS_REGION"),
            aws_endpoint_url=read.optional("AWS_ENDPOINT_URL"),
            scratch_dir=Path(read.optional("SCRATCH_DIR") or Path(tempfile.gettempdir()) / "plugin-backend"),
            scratch_mb=read.integer("SCRATCH_MB", default=0, least=0, most=1 << 30),
            public_url=_public_url(read, production=production, port=port),
            secret_key=read.secret("SECRET_KEY", least=_SECRET_LENGTH),
            secret_key_previous=read.listed("SECRET_KEY_PREVIOUS"),
            token_pepper=read.secret("TOKEN_PEPPER", least=_SECRET_LENGTH),
            metrics_token=read.optional("METRICS_TOKEN"),
            trusted_proxies=read.integer("TRUSTED_PROXIES", default=int(production), least=0, most=10),
            port=port,
            **_crew(read),
            **read_trace_settings(read),
            log_level=read.choice("LOG_LEVEL", LogLevel, default=LogLevel.INFO),
            log_format=_log_format(read, production=production),
            **_request_limits(read, production=production),
            **read_signing_settings(read),
            **read_webhook_settings(read, production=production),
            **read_provider_settings(read),
            **read_mail_settings(read),
            **read_sign_in_settings(read, production=production),
            **read_sso_settings(read),
            **read_joining_settings(read),
            **read_director_settings(read),
        ).checked(read)

    @property
    def is_production(self) -> bool:
        """Whether strangers reach this process."""
        return self.environment is Environment.PRODUCTION

    def signing_credential(self) -> Credential:
        """Who signs Content Credentials here: the operator's certificate, else the development one."""
        if self.c2pa_certificate is None or self.c2pa_private_key is None:
            return development_credential(self.secret_key)
        return operator_credential(self.c2pa_certificate, self.c2pa_private_key)

    def believed_credentials(self) -> tuple[Credential, ...]:
        """Whose signatures are ours, now or under an earlier secret key; the one that signs comes first."""
        secrets = (self.secret_key, *self.secret_key_previous)
        return (self.signing_credential(), *(development_credential(each) for each in secrets))

    def checked(self, read: EnvironmentReader) -> "Settings":
        """These settings, unless there was any problem: the rules that look at more than one come last."""
        _check_storage(self, read)
        if self.secret_key and self.secret_key == self.token_pepper:
            read.problem("TOKEN_PEPPER", "must differ from SECRET_KEY, so that losing one does not lose both")
        read.finish()
        return self

    def shown(self) -> dict[str, str]:
        """Every variable with its effective value; what repr hides is masked here too."""
        return {
            each.name.upper(): _shown(getattr(self, each.name), hidden=not each.repr) for each in fields(self)
        }


def inherited_environ() -> dict[str, str]:
    """A copy of this process's environment, for the processes it starts."""
    return dict(os.environ)


def _split(text: str) -> SplitResult:
    try:
        return urlsplit(text)
    except ValueError:  # such as an unclosed IPv6 bracket: no address at all
        return SplitResult("", "", "", "", "")


def _redis_url(read: EnvironmentReader) -> str:
    tls = read.choice("REDIS_TLS", RedisTls, default=RedisTls.AUTO)
    host = _split(read.optional("REDIS_URL") or "").hostname or ""
    heroku = host.endswith((".compute-1.amazonaws.com", ".compute.amazonaws.com"))
    verify = tls is RedisTls.FULL or (tls is RedisTls.AUTO and not heroku)
    return read.parsed("REDIS_URL", lambda text: redis_url(text, verify=verify))


def _request_limits(read: EnvironmentReader, *, production: bool) -> dict[str, Any]:
    """How often one caller may knock; a developer's own machine is knocked at by tests."""
    usual = {
        "writes_per_minute": 60 if production else 6_000,
        "reads_per_minute": 600 if production else 60_000,
        "sign_in_failures": 20,
    }
    return {
        name: read.integer(name.upper(), default=default, least=1, most=10_000_000)
        for name, default in usual.items()
    }


def _crew(read: EnvironmentReader) -> dict[str, Any]:
    """How many there are of what serves: processes, threads, connections and memory of each process."""
    return {
        "media_memory_mb": read.integer("MEDIA_MEMORY_MB", default=2560, least=512, most=1 << 20),
        "web_concurrency": read.integer("WEB_CONCURRENCY", default=2, least=1, most=64),
        "web_threads": read.integer("WEB_THREADS", default=16, least=2, most=256),
        "web_database_connections": read.integer("WEB_DATABASE_CONNECTIONS", default=2, least=1, most=64),
        "worker_database_connections": read.integer(
            "WORKER_DATABASE_CONNECTIONS", default=3, least=1, most=64
        ),
    }


def _log_format(read: EnvironmentReader, *, production: bool) -> LogFormat:
    usual = LogFormat.JSON if production else LogFormat.CONSOLE
    return read.choice("LOG_FORMAT", LogFormat, default=usual)


def _public_url(read: EnvironmentReader, *, production: bool, port: int) -> str:
    example = "https://plugin-backend.example.com"
    given = read.optional("PUBLIC_URL")
    if given is None:
        return read.required("PUBLIC_URL", example) if production else f"http://127.0.0.1:{port}"
    parts = _split(given)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        read.problem("PUBLIC_URL", f"must be an address panels can open, such as {example}")
    elif production and parts.scheme == "http" and parts.hostname not in LOOPBACK:
        read.problem("PUBLIC_URL", "must be https in production: tokens travel to it")
    return given.rstrip("/")


def _check_storage(settings: Settings, read: EnvironmentReader) -> None:
    if not settings.storage_url:
        return  # already reported as missing
    match _split(settings.storage_url):
        case SplitResult(scheme="s3", netloc=bucket) if bucket:
            read.required_too("AWS_ACCESS_KEY_ID", "STORAGE_URL", "a bucket")
            read.required_too("AWS_SECRET_ACCESS_KEY", "STORAGE_URL", "a bucket")
        case SplitResult(scheme="file", netloc="", path=path) if path.startswith("/"):
            if not settings.shared_storage:
                read.problem(
                    "STORAGE_URL",
                    "is a folder of this machine, which others may not see: give s3://bucket/folder, "
                    "or set SHARED_STORAGE=1 where every process mounts that folder",
                )
        case _:
            read.problem("STORAGE_URL", "must be s3://bucket/folder or file:///folder")


def _shown(value: object, *, hidden: bool) -> str:
    if value in (None, "", ()):
        return "-"
    return "••••••" if hidden else str(value)
