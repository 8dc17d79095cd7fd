"""The data folder of one machine: what it holds, who may use it now, and the secrets made for it once."""

import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


class FolderInUseError(Exception):
    """Another process runs on this data folder."""


class DataFolder:
    """Everything `plugin-backend up` keeps; deleting it is starting over."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.postgres = self.path / "postgres"
        self.valkey = self.path / "valkey"
        self.storage = self.path / "storage"
        self.scratch = self.path / "scratch"
        self.logs = self.path / "logs"
        self._running = self.path / "running.json"

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Hold the folder alone; the system lets go of it however this process ends."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise FolderInUseError(
                    f"{self.path} is in use by another plugin-backend; stop it, or choose another with --data"
                ) from error
            for folder in (self.storage, self.scratch, self.logs):
                folder.mkdir(exist_ok=True)
            yield

    def environ(self, given: Mapping[str, str], *, port: int) -> dict[str, str]:
        """What is given, completed for one machine: its storage, secrets and address."""
        ours = {
            "ENVIRONMENT": "development",
            "STORAGE_URL": self.storage.as_uri(),
            "SHARED_STORAGE": "1",  # one machine: every process sees this folder
            "SCRATCH_DIR": str(self.scratch),
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            **self.kept("secrets.json", _new_secrets),
        }
        return {**ours, **{name: value for name, value in given.items() if value}, "PORT": str(port)}

    def kept(self, name: str, make: Callable[[], Mapping[str, str]]) -> dict[str, str]:
        """A small private file, made on first use and read ever after."""
        path = self.path / name
        if not path.exists():
            write_private(path, make())
        return _read(path)

    @contextmanager
    def announced(self, environ: Mapping[str, str]) -> Iterator[None]:
        """Tell other commands on this folder how to reach what runs in it."""
        write_private(self._running, environ)
        try:
            yield
        finally:
            self._running.unlink(missing_ok=True)

    def announcement(self) -> dict[str, str] | None:
        """How to reach what runs in this folder, if something says so."""
        return _read(self._running) if self._running.exists() else None


def write_private(path: Path, content: Mapping[str, str]) -> None:
    """Write JSON that only its owner can read, all or nothing."""
    half = path.with_suffix(".half")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(dict(content), file, indent=2)
    half.replace(path)


def _read(path: Path) -> dict[str, str]:
    content: dict[str, str] = json.loads(path.read_text())
    return content


def _new_secrets() -> dict[str, str]:
    return {"SECRET_KEY": secrets.token_hex(32), "TOKEN_PEPPER": secrets.token_hex(32)}
