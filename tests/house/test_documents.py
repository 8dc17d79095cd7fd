"""Documents that could be wrong, read by a machine."""

import re
from enum import StrEnum

import click
import pytest

from plugin_backend.cli import cli
from plugin_backend.domain.ledger import EntryKind
from plugin_backend.domain.lifecycle import DeliveryState, GenerationState, TakeState
from tests.databases import connect
from tests.house.repository import ROOT

RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text()
QUERIES = re.findall(r"```sql\n(.+?)```", RUNBOOK, flags=re.DOTALL)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: " ".join(query.split()[:6]))
def test_a_query_of_the_runbook_runs_and_only_reads(query: str, database: str) -> None:
    with connect(database) as connection:
        connection.execute("SET default_transaction_read_only = on")

        connection.execute(query).fetchall()


@pytest.mark.parametrize(
    ("thing", "states"), [("generation", GenerationState), ("take", TakeState), ("delivery", DeliveryState)]
)
def test_the_glossary_knows_every_state(thing: str, states: type[StrEnum]) -> None:
    (line,) = re.findall(rf"^States of a {thing}: (.+)$", GLOSSARY, flags=re.MULTILINE)

    assert re.findall(r"`(\w+)`", line) == list(states)


def test_the_glossary_knows_every_kind_of_ledger_entry() -> None:
    (row,) = re.findall(r"^\| ledger entry \| (.+?) \|", GLOSSARY, flags=re.MULTILINE)

    assert re.findall(r"`(\w+)`", row) == list(EntryKind)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/runbook.md", "docs/configuration.md"])
def test_commands_that_a_page_names_exist(page: str) -> None:
    text = (ROOT / page).read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))

    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", text, flags=re.MULTILINE)) <= targets
    for group, command in re.findall(r"plugin-backend ([a-z-]+)(?: ([a-z-]+))?", text):
        found = cli.commands.get(group)
        assert found is not None, group
        if isinstance(found, click.Group) and command:
            assert command in found.commands, f"{group} {command}"
