"""From a draft over its master to files that say where they come from, verified over HTTP and by command."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from tests.journeys.deliveries import Bundle, download
from tests.journeys.people import Person
from tests.journeys.stack import Stack

pytestmark = pytest.mark.slow

SEQUENCE: Final = {
    "frame_rate": "24000/1001",
    "width": 640,
    "height": 360,
    "playhead_timecode": "01:00:10:00",
    "handles_frames": 0,
}


@pytest.fixture(scope="module")
def draft(editor: Person) -> Any:
    return editor.ready_draft(sequence=SEQUENCE, label="SH040")


@pytest.fixture(scope="module")
def master(editor: Person, draft: Any) -> Any:
    wanted = {"resolution": "360p", "sequence": SEQUENCE}
    begun = editor.ok("POST", f"/v1/takes/{draft['takes'][0]['id']}/master", wanted)
    found = editor.generation(begun["id"])
    assert found["state"] == "ready", found
    return found


@pytest.fixture(scope="module")
def bundle(editor: Person, master: Any, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Frames, with the movie beside them."""
    wanted: dict[str, Any] = {"host": "nuke", "master_format": "exr-aces", "timeline": []}
    delivery = editor.delivery(master["takes"][0]["id"], **wanted, sequence=SEQUENCE)
    return download(editor, delivery, tmp_path_factory.mktemp("provenance"))


def _verified(editor: Person, path: Path, sidecar: Path | None = None) -> Any:
    parts = {"file": (path.name, path.read_bytes())}
    if sidecar is not None:
        parts["sidecar"] = (sidecar.name, sidecar.read_bytes())
    return editor.ok("POST", "/v1/verify", files=parts)


def test_every_picture_verifies_and_says_where_it_comes_from(
    editor: Person, bundle: Bundle, draft: Any, master: Any
) -> None:
    sidecar = bundle.path("provenance", ending=".c2pa")
    answers = [
        _verified(editor, bundle.path("proxy")),
        _verified(editor, bundle.path("poster")),
        _verified(editor, bundle.folder / bundle.frames[3]["name"], sidecar),
    ]

    for found in answers:
        assert (found["verdict"], found["signer"], found["good"]) == ("intact", "development", True), found
        assert found["source_type"] == "algorithmicMedia"
        assert found["generation"]["take_id"] == master["takes"][0]["id"]
        assert found["generation"]["delivery_id"] == bundle.delivery["id"]
        links = [(link["relationship"], link["generation"]["generation_id"]) for link in found["chain"]]
        assert links == [(None, master["id"]), ("parentOf", master["id"]), ("inputTo", draft["id"])]


def test_a_changed_frame_does_not_verify(editor: Person, bundle: Bundle, tmp_path: Path) -> None:
    frame = bundle.folder / bundle.frames[3]["name"]
    data = bytearray(frame.read_bytes())
    data[len(data) // 2] ^= 1
    changed = tmp_path / frame.name
    changed.write_bytes(data)

    found = _verified(editor, changed, bundle.path("provenance", ending=".c2pa"))

    assert (found["verdict"], found["intact"], found["good"]) == ("altered", False, False)


def test_elsewhere_the_command_finds_the_bytes_intact_and_the_signer_unknown(bundle: Bundle) -> None:
    """Another machine has another secret key: to it the development certificate is anybody's."""
    proxy = str(bundle.path("proxy"))
    command = [sys.executable, "-m", "plugin_backend.cli", "verify", proxy, "--json"]

    answer = subprocess.run(command, capture_output=True, cwd=bundle.folder, check=False)

    assert answer.returncode == 1
    found = json.loads(answer.stdout)
    assert (found["verdict"], found["signer"]) == ("intact", "unknown")


def test_on_this_machine_the_command_knows_the_signer(stack: Stack, bundle: Bundle) -> None:
    frame = str(bundle.folder / bundle.frames[0]["name"])
    command = [sys.executable, "-m", "plugin_backend.cli", "verify", frame, "--data", str(stack.data)]

    answer = subprocess.run(command, capture_output=True, text=True, check=False)

    assert answer.returncode == 0, answer.stdout
    assert "this deployment's development certificate, which nobody else trusts" in answer.stdout


def test_the_log_says_once_that_nobody_trusts_the_certificate_and_never_shows_its_key(stack: Stack) -> None:
    for log in sorted((stack.data / "logs").glob("*.log")):
        text = log.read_text(errors="replace")

        assert text.count("provenance.development-certificate") == log.name.startswith("media"), log.name
        assert "PRIVATE KEY" not in text
