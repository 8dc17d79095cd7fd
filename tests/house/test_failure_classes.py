"""The page that says what cannot happen here names tests that exist, and all that were written for it."""

import ast
import re
from functools import cache

from tests.house.repository import ROOT

PAGE = (ROOT / "docs" / "failure-classes.md").read_text()
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| complaint")]
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)


@cache
def _tests_in(name: str) -> frozenset[str]:
    path = ROOT / name
    found = ast.walk(ast.parse(path.read_text())) if path.is_file() else ()
    return frozenset(node.name for node in found if isinstance(node, ast.FunctionDef))


def test_every_test_that_the_page_names_exists() -> None:
    assert [f"{name}::{test}" for name, test in NAMED if test not in _tests_in(name)] == []


def test_every_complaint_has_a_reason_and_a_test_of_its_own() -> None:
    firsts = [re.findall(r"::(\w+)`", row)[0] for row in ROWS]

    assert all(all(cell.strip() for cell in row.strip("|").split("|")) for row in ROWS)
    assert len(set(firsts)) == len(ROWS) == 24


def test_every_test_about_a_complaint_is_on_the_page() -> None:
    files = [f"tests/complaints/{path.name}" for path in (ROOT / "tests" / "complaints").glob("test_*.py")]
    written = {(name, test) for name in files for test in _tests_in(name) if test.startswith("test_")}

    assert written - set(NAMED) == set()
