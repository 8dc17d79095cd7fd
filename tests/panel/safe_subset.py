"""The linter of the panel's files as Python calls it: one Node process for any number of files."""

import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_LINT = Path(__file__).parent / "lint" / "main.mjs"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a host cannot do, and where it stands."""

    file: str
    line: int
    rule: str
    detail: str


def lint(files: Iterable[Path]) -> list[Finding]:
    """What these files use outside the safe subset; a file's suffix says how it is read."""
    words = [str(file) for file in files]
    return _run(words) if words else []


def lint_page(html: str) -> list[Finding]:
    """The same for a page as it stands in a browser."""
    return _run(["--as", "html"], html)


def _run(words: list[str], text: str = "") -> list[Finding]:
    answer = subprocess.run(
        ["node", str(_LINT), *words], input=text, capture_output=True, text=True, check=True
    )
    return [Finding(**each) for each in json.loads(answer.stdout)]
