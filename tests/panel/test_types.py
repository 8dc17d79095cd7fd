"""The adapters as a type checker reads them: against the panel's contract and the types Adobe publishes."""

import json
import subprocess
from pathlib import Path

import pytest

TOOLS = Path(__file__).parent
DECLARATIONS = [
    str(TOOLS.parents[1] / "manifests" / "panel" / "panel.d.ts"),
    str(TOOLS / "types" / "panel-globals.d.ts"),
    str(TOOLS / "node_modules" / "@adobe-uxp-types" / "uxp" / "uxp.d.ts"),
]


def _check(project: Path) -> list[str]:
    command = ["node", str(TOOLS / "node_modules" / "typescript" / "lib" / "tsc.js"), "-p", str(project)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()


@pytest.mark.slow
def test_every_adapter_keeps_the_contract_and_calls_the_host_as_its_types_allow() -> None:
    assert _check(TOOLS / "tsconfig.json") == []


@pytest.mark.slow
@pytest.mark.parametrize("host", ["after-effects", "premiere"])
def test_every_script_calls_its_older_host_as_its_types_allow(host: str) -> None:
    assert _check(TOOLS / f"tsconfig.{host}.json") == []


@pytest.mark.slow
def test_a_call_that_the_host_does_not_have_is_found(tmp_path: Path) -> None:
    source = (TOOLS.parents[1] / "manifests" / "panel" / "hosts" / "uxp-premiere.js").read_text()
    (tmp_path / "wrong.js").write_text(source.replace("sequence.getTimebase()", "sequence.getTimeBase()"))
    project = {"extends": str(TOOLS / "tsconfig.json"), "files": DECLARATIONS, "include": ["wrong.js"]}
    (tmp_path / "tsconfig.json").write_text(json.dumps(project))

    assert any("getTimeBase" in line for line in _check(tmp_path / "tsconfig.json"))
