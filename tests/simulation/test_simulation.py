"""The real step functions on the real database, in a world where everything goes wrong by seed."""

from typing import Any

import pytest

from tests.simulation.launch import Mutant, caught_after, simulate
from tests.simulation.mutants import MUTANTS

_NAMES = [mutant.name.partition(":")[0] for mutant in MUTANTS]


def _violations(results: list[dict[str, Any]]) -> dict[int, list[str]]:
    return {result["seed"]: result["violations"] for result in results if result["violations"]}


def test_sixty_generations_are_made_once_and_paid_once_whatever_breaks(database: str) -> None:
    results = list(simulate(database, seeds=range(1, 3), generations=30))

    assert _violations(results) == {}
    assert sum(result["generations"] for result in results) >= 60
    assert all(result["faults"] for result in results)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_thousand_generations_are_made_once_and_paid_once_whatever_breaks(database: str) -> None:
    results = list(simulate(database, seeds=range(101, 111), generations=100))

    assert _violations(results) == {}
    assert sum(result["generations"] for result in results) >= 1000


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("mutant", MUTANTS[:1], ids=_NAMES[:1])
def test_a_guard_taken_out_is_noticed(mutant: Mutant, database: str) -> None:
    result = caught_after(mutant, database, seeds=range(1, 21), generations=mutant.generations)

    assert result is not None, f"20 seeds did not notice: {mutant.name}"
