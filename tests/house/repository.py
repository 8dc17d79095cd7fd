"""The repository as a reader meets it: its tracked files and their text."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_BINARY = {".png", ".jpg", ".jpeg", ".exr", ".mov", ".mp4", ".woff2", ".ico"}


@cache
def tracked() -> tuple[Path, ...]:
    """Every file under version control that is still there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file())


def texts() -> Iterator[tuple[str, str]]:
    """The name and text of every tracked file that is text."""
    for path in tracked():
        if path.suffix not in _BINARY:
            yield str(path.relative_to(ROOT)), path.read_text()


def modules(*tops: str) -> Iterator[tuple[str, str]]:
    """The name and text of every Python module under these folders, migrations left out."""
    for name, text in texts():
        if name.endswith(".py") and name.split("/")[0] in tops and "/versions/" not in name:
            yield name, text


def functions(text: str) -> Iterator[tuple[str, int]]:
    """Every function of a module with its length in lines."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1
