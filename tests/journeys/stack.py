"""The whole service as its user starts it: `plugin-backend up --json`, one child of the test."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx
import psutil
from redis import Redis

from plugin_backend.config import inherited_environ
from plugin_backend.embedded.folder import DataFolder
from tests.databases import connect
from tests.journeys.people import Person

T = TypeVar("T")

_OURS: Final = ("DATABASE_URL", "REDIS_URL", "STORAGE_URL", "PUBLIC_URL", "PORT", "ENVIRONMENT")
_COMMANDS: Final = {
    "web": "plugin_backend.gunicorn",
    "worker": "-m worker steps",
    "media": "-m worker media",
    "clock": "-m worker clock",
    "child": "worker.media.child",
}


def until(true: Callable[[], T], *, seconds: float = 150, pause: float = 0.05) -> T:
    """What `true` answers as soon as it is something; AssertionError when that takes too long."""
    deadline = time.monotonic() + seconds
    while True:
        if found := true():
            return found
        assert time.monotonic() < deadline, f"not after {seconds} s"
        time.sleep(pause)


class Stack:
    """One running service on a data folder of its own."""

    def __init__(self, data: Path, *, environ: Mapping[str, str] | None = None) -> None:
        self.data = data
        given = {name: value for name, value in inherited_environ().items() if name not in _OURS}
        self._environ = {**given, "SIGN_IN_FAILURES": "100000", **(environ or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._http = httpx.Client()
        self.keys: dict[str, str] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Returns once the first line of stdout says that it is ready."""
        self.data.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "plugin_backend.cli", "up", "--json", "--port", "0"]
        with (self.data / "stack.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--data", str(self.data)], env=self._environ, stdout=subprocess.PIPE, stderr=log
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the stack did not start:\n{(self.data / 'stack.log').read_text()[-3000:]}"
        self.keys = json.loads(line)
        many = httpx.Limits(max_connections=100)
        self._http = httpx.Client(base_url=self.url, timeout=30, trust_env=False, limits=many)

    def stop(self) -> float:
        """One SIGTERM; how many seconds it took to leave."""
        self._http.close()
        process, self._process = self._process, None
        if process is None:
            return 0.0
        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=40)
        finally:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()
        return time.monotonic() - asked

    @property
    def url(self) -> str:
        """Where it answers."""
        return self.keys["url"]

    @property
    def operator(self) -> Person:
        """Who may do everything."""
        return Person(self._http, self.keys["admin_key"])

    @property
    def editor(self) -> Person:
        """The ordinary user of the first start."""
        return Person(self._http, self.keys["user_key"])

    def newcomer(self, name: str, *, plan: str = "pro", credit: int = 1_000) -> Person:
        """Somebody in a workspace of their own, made as an operator makes people."""
        operator = self.operator
        made = operator.ok("POST", "/v1/admin/users", {"email": f"{name}@example.com", "plan": plan})
        wanted = {"name": "journey", "scopes": ["read", "generate"], "user_id": made["id"]}
        key = operator.ok("POST", "/v1/api-keys", wanted)["key"]
        if credit:
            grant = {"amount": credit, "reason": "A start"}
            operator.ok("POST", f"/v1/admin/users/{made['id']}/credits", grant)
        return Person(self._http, key, id=made["id"])

    def again(self, person: Person) -> Person:
        """The same person after a restart: the port is another."""
        return Person(self._http, person.key, id=person.id)

    def running(self) -> dict[str, str]:
        """How to reach its servers."""
        return DataFolder(self.data).announcement() or {}

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of its database."""
        with connect(self.running()["DATABASE_URL"]) as connection:
            return connection.execute(statement, values).fetchall()

    def redis(self) -> "Redis":
        """A client of its Redis."""
        return Redis.from_url(self.running()["REDIS_URL"])

    def stored(self, *prefixes: str) -> set[str]:
        """The keys in its storage, below these folders or everywhere."""
        keys = _files(self.data / "storage")
        return {key for key in keys if not prefixes or key.startswith(prefixes)}

    def scratch(self) -> set[str]:
        """Files media work left on the local disk."""
        return _files(self.data / "scratch")

    def log(self, name: str) -> str:
        """What one process wrote."""
        path = self.data / "logs" / f"{name}.log"
        return path.read_text() if path.exists() else ""

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        assert self._process is not None
        return self._process.pid

    def processes(self, role: str | None = None) -> list[psutil.Process]:
        """What it started and still runs: all, or those of one role."""
        found = []
        for process in psutil.Process(self.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                line = " ".join(process.cmdline())
                if role is None or _COMMANDS[role] in line:
                    found.append(process)
        return found

    def kill(self, role: str, number: signal.Signals = signal.SIGKILL) -> list[int]:
        """Signal every main process of a role; returns their ids."""
        pids = [process.pid for process in self.processes(role)]
        if role == "web":  # the workers of the web door die with the one that started them
            pids = [min(pids)]
        for pid in pids:
            with suppress(ProcessLookupError):
                psutil.Process(pid).send_signal(number)
        return pids

    def is_ready(self) -> bool:
        """Whether the web door answers."""
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/readyz", timeout=2, trust_env=False).is_success
        return False


def _files(folder: Path) -> set[str]:
    """Paths below a folder that others write to meanwhile."""
    found = (Path(at, name) for at, _, names in os.walk(folder) for name in names)
    return {str(path.relative_to(folder)) for path in found}


def living(data: Path) -> list[str]:
    """Command lines and environments that speak of a data folder and still run."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        if process.info["status"] == psutil.STATUS_ZOMBIE:
            continue
        line = " ".join(process.info["cmdline"] or [])
        with suppress(psutil.Error):
            if str(data) in line or str(data) in " ".join(process.environ().values()):
                found.append(line)
    return found
