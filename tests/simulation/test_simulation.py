"""The real step functions on the real database, in a world where everything goes wrong by seed."""

import re
from typing import Any

import pytest

from tests.fakes.faults import Kind
from tests.simulation.failures import STANDS_FOR
from tests.simulation.launch import ROOT, Mutant, found_in, runs_of, simulate
from tests.simulation.mutants import AGE_AFTER_LISTING, MUTANTS, SEEDS, TIGHT_GRACE, WANTED
from tests.simulation.storms import STORMS
from tests.simulation.weather import NAMED_POINTS, OF_OTHER_TESTS, OF_OUR_OWN

_ALONE = [mutant for mutant in MUTANTS if mutant is not AGE_AFTER_LISTING]
_NAMES = [mutant.name.partition(":")[0] for mutant in _ALONE]


def _violations(results: list[dict[str, Any]]) -> dict[int, list[str]]:
    return {result["seed"]: result["violations"] for result in results if result["violations"]}


@pytest.mark.slow
def test_thirty_generations_are_made_once_and_paid_once_whatever_breaks(database: str) -> None:
    results = list(simulate(database, seeds=range(1, 3), generations=15))

    assert _violations(results) == {}
    assert sum(result["generations"] for result in results) >= 30
    assert all(result["faults"] for result in results)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_seven_hundred_generations_are_made_once_and_paid_once_whatever_breaks(database: str) -> None:
    """A thousand with those of the other tests here; 20,000 are the bench's."""
    results = list(simulate(database, seeds=range(101, 108), generations=100))

    assert _violations(results) == {}
    assert sum(result["generations"] for result in results) >= 700
    assert sum(result["recovered"] for result in results) > 0


@pytest.mark.slow
def test_every_provider_may_fail_in_every_way_it_can(database: str) -> None:
    results = list(simulate(database, seeds=range(1, 4), generations=40, options=("--storm=failures",)))

    assert _violations(results) == {}
    struck = set[str]().union(*(result["faults"] for result in results))
    assert {fault for faults in STANDS_FOR.values() for fault in faults} - struck == set()


def test_every_way_an_upstream_fails_is_simulated() -> None:
    assert STANDS_FOR.keys() == set(Kind)


def test_every_moment_that_the_code_names_has_weather() -> None:
    sources = [path for part in ("plugin_backend", "worker") for path in (ROOT / part).rglob("*.py")]
    named = {
        name for path in sources for name in re.findall(r'failpoint\("(.+?)"\)', path.read_text("utf-8"))
    }

    assert named == (set(NAMED_POINTS) - OF_OUR_OWN) | OF_OTHER_TESTS


@pytest.mark.slow
@pytest.mark.parametrize("storm", [storm for storm in STORMS if storm != "failures"])
def test_no_storm_leaves_a_trace(storm: str, database: str) -> None:
    (result,) = simulate(database, seeds=range(1, 2), generations=WANTED, options=(f"--storm={storm}",))

    assert result["violations"] == []
    assert result["faults"]


@pytest.mark.slow
def test_the_same_seed_is_the_same_run(database: str) -> None:
    (first,) = simulate(database, seeds=range(7, 8), generations=20)
    (second,) = simulate(database, seeds=range(7, 8), generations=20)

    for result in (first, second):
        del result["seconds"], result["cpu_seconds"]
    assert first == second


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("mutant", _ALONE, ids=_NAMES)
def test_a_guard_taken_out_is_noticed(mutant: Mutant, database: str) -> None:
    found = found_in(mutant, database, seeds=SEEDS, generations=WANTED)

    assert any(re.search(mutant.shows, violation) for violation in found), found


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_what_catches_the_age_after_the_listing_passes_the_age_before_it(database: str) -> None:
    """The seeds that the one is caught by, and no more of them: the same weather for both."""
    after = runs_of(AGE_AFTER_LISTING, database, seeds=SEEDS, generations=WANTED)
    found = [violation for result in after for violation in result["violations"]]
    assert any(re.search(AGE_AFTER_LISTING.shows, violation) for violation in found), found

    before = runs_of(TIGHT_GRACE, database, seeds=SEEDS[: len(after)], generations=WANTED)

    assert [result["seed"] for result in before] == [result["seed"] for result in after]
    assert _violations(before) == {}
