"""`plugin-backend up`: one command starts everything, keeps it running, and leaves nothing behind."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from plugin_backend.config import Settings
from plugin_backend.embedded.children import ChildLog, Restarts
from plugin_backend.embedded.folder import DataFolder, FolderInUseError
from plugin_backend.embedded.supervisor import SupervisorError
from plugin_backend.embedded.up import Preparation, Running, running
from tests.databases import connect

STAND_IN = str(Path(__file__).with_name("stand_in.py"))


class Seeds:
    """What the layers above would do, and how often they were asked."""

    def __init__(self) -> None:
        self.migrated: list[str] = []
        self.seeded = 0

    def preparation(self) -> Preparation:
        return Preparation(migrate=self.migrated.append, seed=self._seed, sign_in=self._sign_in)

    def _seed(self, settings: Settings) -> Mapping[str, str]:
        assert settings.shared_storage
        self.seeded += 1
        return {"admin_key": f"pbk_admin_{self.seeded}", "user_key": f"pbk_user_{self.seeded}"}

    def _sign_in(self, settings: Settings) -> Mapping[str, str]:
        assert self.seeded
        return {"email": "editor@example.com", "password": f"{settings.port}"}


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own addresses must not reach these tests' services."""
    for name in ("DATABASE_URL", "REDIS_URL", "STORAGE_URL", "PUBLIC_URL", "PORT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def seeds() -> Seeds:
    return Seeds()


def _processes(where: Path, *roles: str) -> dict[str, tuple[str, ...]]:
    return {role: (sys.executable, STAND_IN, role, str(where)) for role in roles}


def _pid(where: Path, role: str) -> int:
    return int((where / f"{role}.pid").read_text())


def _until(true: Callable[[], bool], *, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


def _then_stop(supervised: Callable[[], object]) -> threading.Thread:
    """Runs beside the supervisor, which wants the main thread for its signals; ends with one Ctrl-C."""

    def act() -> None:
        try:
            supervised()
        finally:
            os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=act)
    thread.start()
    return thread


def _answers(service: Running) -> int:
    try:
        return int(httpx.get(f"{service.url}/readyz", trust_env=False).json()["pid"])
    except httpx.HTTPError:
        return 0


def _living(where: Path) -> list[str]:
    found = []
    for each in psutil.process_iter(["cmdline", "status"]):
        line = " ".join(each.info["cmdline"] or [])
        if str(where) in line and each.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(line)
    return found


def test_one_signal_stops_everything_that_was_started(tmp_path: Path, seeds: Seeds) -> None:
    folder = DataFolder(tmp_path)
    processes = _processes(tmp_path, "web", "steady")

    with running(folder, port=0, preparation=seeds.preparation(), processes=processes) as (
        service,
        supervisor,
    ):
        assert _answers(service) == _pid(tmp_path, "web")
        thread = _then_stop(lambda: _until((tmp_path / "steady.pid").exists))
        supervisor.run_until_stopped()
        thread.join()

    assert _living(tmp_path) == []
    assert "leaving in good order" in (folder.logs / "steady.log").read_text()


def test_a_process_that_is_killed_is_started_again(tmp_path: Path, seeds: Seeds) -> None:
    processes = _processes(tmp_path, "web", "steady")
    again: list[bool] = []

    with running(DataFolder(tmp_path), port=0, preparation=seeds.preparation(), processes=processes) as (
        service,
        supervisor,
    ):
        first = _pid(tmp_path, "web")

        def kill() -> None:
            os.kill(first, signal.SIGKILL)
            again.append(_until(lambda: _answers(service) not in (0, first)))

        thread = _then_stop(kill)
        supervisor.run_until_stopped()
        thread.join()

    assert again == [True]


def test_a_server_that_is_killed_is_started_again_with_its_rows(tmp_path: Path, seeds: Seeds) -> None:
    again: list[bool] = []

    with running(
        DataFolder(tmp_path), port=0, preparation=seeds.preparation(), processes=_processes(tmp_path, "web")
    ) as (_, supervisor):
        url = seeds.migrated[0]
        with connect(url) as connection:
            connection.execute("CREATE TABLE shots AS SELECT 1 AS number")

        def counts() -> bool:
            try:
                with connect(url) as connection:
                    return connection.execute("SELECT count(*) FROM shots").fetchone() == (1,)
            except psycopg.OperationalError:
                return False

        def kill() -> None:
            pid_file = tmp_path / "postgres" / "cluster" / "postmaster.pid"
            os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
            again.append(_until(counts))

        thread = _then_stop(kill)
        supervisor.run_until_stopped()
        thread.join()

    assert again == [True]


@pytest.mark.slow
def test_a_process_that_ignores_the_signal_is_killed_within_fifteen_seconds(
    tmp_path: Path, seeds: Seeds
) -> None:
    processes = _processes(tmp_path, "web", "stubborn")

    with running(DataFolder(tmp_path), port=0, preparation=seeds.preparation(), processes=processes) as (
        _,
        supervisor,
    ):
        assert _until((tmp_path / "stubborn.pid").exists)
        _then_stop(lambda: None).join()
        supervisor.run_until_stopped()
        asked = time.monotonic()

    assert time.monotonic() - asked < 15
    assert _living(tmp_path) == []


@pytest.mark.slow
def test_a_process_that_never_starts_is_reported_in_its_own_words(tmp_path: Path, seeds: Seeds) -> None:
    broken = _processes(tmp_path, "broken")

    with (
        pytest.raises(SupervisorError, match=r"(?s)broken does not start.*no such model: ray-99"),
        running(DataFolder(tmp_path), port=0, preparation=seeds.preparation(), processes=broken),
    ):
        pass

    assert _living(tmp_path) == []


def test_a_killed_supervisor_leaves_nothing_running(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, sys\n"
        "from plugin_backend.embedded.folder import DataFolder\n"
        "from plugin_backend.embedded.up import Preparation, running\n"
        "keys = {'admin_key': 'a', 'user_key': 'u'}\n"
        "made = lambda settings: keys\n"
        "preparation = Preparation(migrate=lambda url: None, seed=made, sign_in=made)\n"
        "where, stand_in = pathlib.Path(sys.argv[1]), sys.argv[2]\n"
        "web = {'web': (sys.executable, stand_in, 'web', str(where))}\n"
        "with running(DataFolder(where), port=0, preparation=preparation, processes=web):\n"
        "    os.kill(os.getpid(), 9)\n"
    )

    ended = subprocess.run([sys.executable, "-c", program, tmp_path, STAND_IN], check=False)

    assert ended.returncode == -signal.SIGKILL
    assert _until(lambda: _living(tmp_path) == [])


def test_keys_are_made_at_the_first_start_only_and_kept_private(tmp_path: Path, seeds: Seeds) -> None:
    seen = []
    for _ in range(2):
        with running(
            DataFolder(tmp_path),
            port=0,
            preparation=seeds.preparation(),
            processes=_processes(tmp_path, "web"),
        ) as (service, _):
            seen.append((service.admin_key, service.user_key, service.sign_in["password"]))

    assert [found[:2] for found in seen] == [("pbk_admin_1", "pbk_user_1")] * 2
    assert seen[0] == seen[1]
    assert len(seeds.migrated) == 2
    assert seeds.seeded == 1
    for name in ("keys.json", "secrets.json", "sign-in.json"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_the_line_of_json_has_exactly_the_five_fields() -> None:
    sign_in = {"email": "editor@example.com", "password": "p"}
    address = "http://127.0.0.1:8000"
    line = Running(address, f"{address}/panel/", "pbk_a", "pbk_u", sign_in).as_json()

    assert "\n" not in line
    assert list(json.loads(line)) == ["url", "panel_url", "admin_key", "user_key", "sign_in"]
    assert json.loads(line)["sign_in"] == sign_in


def test_a_folder_serves_one_at_a_time(tmp_path: Path) -> None:
    with DataFolder(tmp_path).claimed(), pytest.raises(FolderInUseError, match="--data"):
        DataFolder(tmp_path).claimed().__enter__()


def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path, seeds: Seeds) -> None:
    processes = _processes(tmp_path, "web")
    with running(
        DataFolder(tmp_path / "one"), port=0, preparation=seeds.preparation(), processes=processes
    ) as (service, _):
        taken = int(service.url.rpartition(":")[2])

        with (
            pytest.raises(SupervisorError, match=f"port {taken} is taken"),
            running(DataFolder(tmp_path / "two"), port=taken, preparation=seeds.preparation()),
        ):
            pass

    assert not (tmp_path / "two").exists()


def test_deaths_in_a_row_earn_growing_pauses_and_a_healthy_life_forgives_them() -> None:
    restarts = Restarts()

    pauses = [restarts.delay_after(lived_seconds=0.1) for _ in range(12)]

    assert pauses == sorted(pauses)
    assert pauses[0] == 0.2
    assert pauses[-1] == 30
    assert restarts.is_looping
    assert restarts.delay_after(lived_seconds=3600) == 0.2
    assert not restarts.is_looping


def test_a_log_cannot_fill_the_disk_and_keeps_whole_lines_for_the_report(tmp_path: Path) -> None:
    log = ChildLog(tmp_path / "web.log")

    assert log.write(b"first li") == []
    assert log.write("ne\nsécond\nrest".encode()) == ["first line", "sécond"]
    for _ in range(3):
        log.write(b"x" * (11 << 20))

    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 50 << 20
    assert list(log.tail) == ["first line", "sécond"]
