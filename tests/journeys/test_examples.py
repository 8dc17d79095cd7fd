"""The examples of the documents, run as they are against a running service."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from plugin_backend.config import inherited_environ
from tests.house.repository import ROOT
from tests.journeys.conftest import Newcomer
from tests.journeys.people import Person
from tests.journeys.stack import Stack, until

pytestmark = pytest.mark.slow

EXAMPLES = ROOT / "docs" / "examples"
SMALL = ("--seconds", "1", "--resolution", "360p")


@pytest.fixture(scope="module")
def pipeline(newcomer: Newcomer) -> Person:
    """Whose key the scripts have."""
    person: Person = newcomer(plan="studio", credit=1_000)
    return person


@pytest.fixture(scope="module")
def project(pipeline: Person) -> str:
    """A project that names its files."""
    made = pipeline.ok("POST", "/v1/projects", {"name": "Night Sea"})
    pipeline.ok("PATCH", f"/v1/projects/{made['id']}", {"naming": "{project}_{shot}_t{take}"})
    return str(made["id"])


def run(stack: Stack, person: Person, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A script as somebody runs it."""
    environ = {**inherited_environ(), "SERVICE_URL": stack.url, "SERVICE_KEY": person.key}
    command = [sys.executable, str(EXAMPLES / script), *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=280, check=False)


def test_from_a_sentence_to_files(stack: Stack, pipeline: Person, project: str, tmp_path: Path) -> None:
    done = run(
        stack,
        pipeline,
        "draft_to_delivery.py",
        "a lighthouse in the rain at night",
        *("--label", "SH010", "--project", project, "--folder", str(tmp_path), "--host", "download"),
        *SMALL,
    )

    assert done.returncode == 0, done.stderr
    assert "picked take" in done.stdout
    files = sorted(path.name for path in tmp_path.iterdir())
    assert [name for name in files if name.endswith(".mp4")]
    assert all(name.startswith(("Night_Sea_SH010_t", "report")) for name in files), files
    (delivered,) = [each for item in pipeline.get("/v1/generations")["items"] for each in item["deliveries"]]
    assert delivered["applied_at"] is not None
    (clip,) = pipeline.get(f"/v1/deliveries/{delivered['id']}")["clips"]
    assert (clip["name"][:17], clip["bin"]) == ("Night_Sea_SH010_t", "AI takes/Night_Sea/SH010")


def test_a_batch_from_a_shot_list(stack: Stack, pipeline: Person, project: str) -> None:
    listed = run(
        stack,
        pipeline,
        "batch_from_csv.py",
        str(EXAMPLES / "shots.csv"),
        *("--project", project, "--resolution", "360p"),
    )

    assert listed.returncode == 0, listed.stderr
    rows = list(csv.DictReader(io.StringIO(listed.stdout)))
    assert [(row["label"], row["state"]) for row in rows] == [("SH010", "ready"), ("SH020", "ready")]


def test_a_refusal_is_told_in_the_services_own_words(stack: Stack, pipeline: Person, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("label,prompt,seconds\nSH010,a lake,1000000\n")

    done = run(stack, pipeline, "batch_from_csv.py", str(wrong))

    assert done.returncode != 0
    assert "duration_seconds" in done.stderr


def test_a_usage_report_is_a_table(stack: Stack, pipeline: Person) -> None:
    pipeline.ready_draft(label="SH030")

    done = run(stack, pipeline, "usage_report.py", "--by", "shot")

    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert "SH030" in str(rows)


@pytest.fixture
def receiving(pipeline: Person, hooks_port: int) -> Iterator[list[dict[str, Any]]]:
    """The receiver of the documents, and what it printed so far; its webhook has gone when it has."""
    url = f"http://127.0.0.1:{hooks_port}/hooks"
    events = ["generation.*", "delivery.ready"]
    made = pipeline.ok("POST", "/v1/webhooks", {"url": url, "events": events})
    environ = {**inherited_environ(), "WEBHOOK_SECRET": made["secret"]}
    script = [sys.executable, str(EXAMPLES / "receive_webhooks.py"), str(hooks_port)]
    with subprocess.Popen(script, env=environ, stdout=subprocess.PIPE, text=True) as receiver:
        assert receiver.stdout is not None
        assert "listening" in receiver.stdout.readline()
        said: list[dict[str, Any]] = []
        reader = Thread(target=lambda lines: said.extend(map(json.loads, lines)), args=(receiver.stdout,))
        reader.start()
        yield said
        pipeline.send("DELETE", f"/v1/webhooks/{made['id']}")
        receiver.terminate()
        reader.join(10)


def test_a_receiver_hears_what_happened_and_believes_it(
    stack: Stack, pipeline: Person, receiving: list[dict[str, Any]]
) -> None:
    (webhook,) = pipeline.get("/v1/webhooks")["items"]
    pipeline.ok("POST", f"/v1/webhooks/{webhook['id']}/test")

    made = pipeline.ready_draft()

    def told() -> bool:
        return {"webhook.test", "generation.ready"} <= {each["type"] for each in receiving}

    until(told)
    (ready,) = [each for each in receiving if each["type"] == "generation.ready"]
    assert ready["data"]["id"] == made["id"]
    assert ready["data"]["url"] == f"{stack.url}/v1/generations/{made['id']}"
    tried = pipeline.get(f"/v1/webhooks/{webhook['id']}/attempts")["items"]
    assert {each["status"] for each in tried} == {204}
