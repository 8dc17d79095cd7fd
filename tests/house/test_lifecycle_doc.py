"""The pages about states and money are what the tables say."""

import pytest

from plugin_backend.domain.ledger import EntryKind
from tests.house.lifecycle_page import PAGES, ledger_page
from tests.house.repository import ROOT


@pytest.mark.parametrize("name", PAGES)
def test_a_page_made_from_the_tables_is_as_they_are_now(name: str) -> None:
    written = (ROOT / name).read_text()

    assert written == PAGES[name](), "stale: run `python -m tests.house.lifecycle_page`"


def test_every_kind_of_entry_has_its_line() -> None:
    shown = [
        line.split("`")[1] for line in ledger_page().splitlines() if line.startswith("| `") and "+" in line
    ]

    assert set(shown) == set(EntryKind)
