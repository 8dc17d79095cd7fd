"""`plugin-backend up --simulate`: the upstreams run beside the service, and its settings lead to them."""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from plugin_backend.config import Settings
from plugin_backend.embedded.folder import DataFolder
from plugin_backend.embedded.simulators import EVERY, simulation
from plugin_backend.embedded.up import Preparation, running
from tests.fakes.__main__ import SIMULATORS

STAND_IN = str(Path(__file__).with_name("stand_in.py"))
SHOT = {"prompt": "rain", "model": "ray-3.2", "type": "video"}


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own addresses and keys must not reach this test's service."""
    for name in ("DATABASE_URL", "REDIS_URL", "STORAGE_URL", "PUBLIC_URL", "PORT", "LUMA_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def _accepted(environ: Mapping[str, str]) -> bool:
    """Whether the simulator takes a job with the service's own settings, once it listens."""
    headers = {"Authorization": f"Bearer {environ['LUMA_API_KEY']}"}
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            answer = httpx.post(f"{environ['LUMA_BASE_URL']}/generations", json=SHOT, headers=headers)
        except httpx.TransportError:
            continue
        return answer.status_code == 201
    return False


def test_the_service_is_led_to_simulators_that_run_beside_it(tmp_path: Path) -> None:
    web = {"web": (sys.executable, STAND_IN, "web", str(tmp_path))}
    preparation = Preparation(
        migrate=lambda _url: None,
        seed=lambda _settings: {"admin_key": "a", "user_key": "u"},
        sign_in=lambda _settings: {"email": "e", "password": "p"},
    )
    seen: list[bool] = []

    with running(
        DataFolder(tmp_path), port=0, preparation=preparation, processes=web, simulate=("luma",)
    ) as (_, supervisor):

        def look() -> None:
            seen.append(_accepted(json.loads((tmp_path / "running.json").read_text())))
            os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=look)
        thread.start()
        supervisor.run_until_stopped()
        thread.join()

    assert seen == [True]


def test_after_a_restart_no_job_has_the_id_of_one_before() -> None:
    first, second = (simulation(("luma",), environ={}).processes["simulators"] for _ in range(2))

    seeds = {process[process.index("--seed") + 1] for process in (first, second)}
    assert len(seeds) == 2


def test_every_upstream_can_be_simulated_and_every_simulator_switches_a_provider_on() -> None:
    found = simulation(EVERY, environ={})
    needed = {
        "DATABASE_URL": "postgresql://127.0.0.1/x",
        "REDIS_URL": "redis://127.0.0.1/0",
        "STORAGE_URL": "file:///tmp",
        "SHARED_STORAGE": "1",
        "ENVIRONMENT": "development",
        "SECRET_KEY": "s" * 32,
        "TOKEN_PEPPER": "p" * 32,
    }

    settings = Settings.from_environ({**needed, **found.environ})

    assert set(EVERY) == set(SIMULATORS)
    assert set(settings.provider_accounts()) == set(EVERY)


def test_without_simulators_nothing_is_added() -> None:
    assert (simulation((), environ={}).processes, simulation((), environ={}).environ) == ({}, {})
