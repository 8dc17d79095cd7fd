"""The servers a machine needs and was not given: none, one or both."""

from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

from plugin_backend.embedded.folder import DataFolder
from plugin_backend.embedded.postgres import EmbeddedPostgres
from plugin_backend.embedded.valkey import EmbeddedValkey

_WIDE_POOLS: Final = {"WEB_DATABASE_CONNECTIONS": "3", "WORKER_DATABASE_CONNECTIONS": "6"}


class EmbeddedServers:
    """Starts what the environment does not name; stops it at the end of the block."""

    def __init__(self, folder: DataFolder, given: Mapping[str, str]) -> None:
        self._postgres = None if given.get("DATABASE_URL") else EmbeddedPostgres(folder.postgres)
        self._valkey = None if given.get("REDIS_URL") else EmbeddedValkey(folder.valkey)

    def __enter__(self) -> Self:
        try:
            self.revive()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def environ(self) -> dict[str, str]:
        """The addresses of what was started here; a PostgreSQL of our own has room for wider pools."""
        found: dict[str, str] = {}
        if self._postgres is not None:
            found |= {"DATABASE_URL": self._postgres.url, **_WIDE_POOLS}
        if self._valkey is not None:
            found["REDIS_URL"] = self._valkey.url
        return found

    def revive(self) -> list[str]:
        """Start whatever does not run; says what that was."""
        stopped = [server for server in (self._postgres, self._valkey) if server and not server.is_running]
        for server in stopped:
            server.start()
        return [type(server).__name__.removeprefix("Embedded") for server in stopped]

    def stop(self) -> None:
        """Stop both, the truth last."""
        if self._valkey is not None:
            self._valkey.stop()
        if self._postgres is not None:
            self._postgres.stop()
