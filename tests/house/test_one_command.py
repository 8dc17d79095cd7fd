"""`plugin-backend up --json` as its user runs it: the real processes, one line, one signal."""

import json
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

pytestmark = pytest.mark.slow


@contextmanager
def _up(folder: Path) -> Iterator[tuple[dict[str, Any], subprocess.Popen[str]]]:
    """The service in a folder; killed if a test leaves it running."""
    program = [sys.executable, "-c", "from plugin_backend.cli import main; main()"]
    options = ["up", "--json", "--port", "0", "--data", str(folder), "--web-processes", "1"]
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(folder.parent)}
    with (
        (folder.parent / "stderr").open("w") as stderr,
        subprocess.Popen(
            [*program, *options], env=environ, stdout=subprocess.PIPE, stderr=stderr, text=True
        ) as service,
    ):
        try:
            assert service.stdout is not None
            line = service.stdout.readline()
            assert line, (folder.parent / "stderr").read_text()
            yield json.loads(line), service
        finally:
            if service.poll() is None:
                service.kill()


def _stop(service: subprocess.Popen[str], number: signal.Signals) -> float:
    asked = time.monotonic()
    service.send_signal(number)
    service.wait(timeout=30)
    return time.monotonic() - asked


def _living(folder: Path) -> list[str]:
    lines = []
    for each in psutil.process_iter(["cmdline", "environ", "status"]):
        line = " ".join(each.info["cmdline"] or [])
        ours = str(folder) in line or str(folder) in (each.info["environ"] or {}).get("SCRATCH_DIR", "")
        if ours and each.info["status"] != psutil.STATUS_ZOMBIE:
            lines.append(line)
    return lines


def _comes_in(url: str, page: str, email: str, password: str) -> bool:
    """Whether a browser gets to a page with what was printed."""
    with httpx.Client(base_url=url, trust_env=False) as browser:
        token = re.findall(r'name="form_token" value="(\w+)"', browser.get("/login").text)[0]
        answer = browser.post("/login", data={"email": email, "password": password, "form_token": token})
        return answer.status_code == 303 and browser.get(page).status_code == 200


def test_one_line_says_how_to_use_it_and_one_signal_ends_it_all(tmp_path: Path) -> None:
    folder = tmp_path / "data"

    with _up(folder) as (service, process):
        assert list(service) == ["url", "panel_url", "admin_key", "user_key", "sign_in"]
        assert httpx.get(f"{service['url']}/readyz", trust_env=False).is_success
        for key, role in (("admin_key", "owner"), ("user_key", "editor")):
            me = httpx.get(
                f"{service['url']}/v1/me",
                headers={"Authorization": f"Bearer {service[key]}"},
                trust_env=False,
            ).json()
            assert me["role"] == role
        assert (me["credits"]["available"], me["draft_quota"]["limit"]) == (10_000, 100)

        editor = service["sign_in"]
        assert _comes_in(service["url"], "/account", editor["email"], editor["password"])
        assert _comes_in(service["url"], "/admin", editor["admin_email"], editor["password"])
        took = _stop(process, signal.SIGINT)

    assert took < 15
    assert process.returncode == 0
    assert _living(folder) == []


def test_a_second_start_keeps_the_keys_and_their_secrets_to_itself(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    keys = []

    for number in (signal.SIGTERM, signal.SIGINT):
        with _up(folder) as (service, process):
            keys.append((service["admin_key"], service["user_key"], service["sign_in"]["password"]))
            _stop(process, number)

    assert keys[0] == keys[1]
    for path in (folder / "keys.json", folder / "secrets.json", folder / "sign-in.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    logs = "".join(path.read_text() for path in (folder / "logs").iterdir())
    assert not [
        secret
        for secret in (*keys[0], *json.loads((folder / "secrets.json").read_text()).values())
        if secret in logs
    ]
