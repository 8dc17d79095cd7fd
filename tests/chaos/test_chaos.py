"""A minute of everything breaking at once, two on a slow machine; then what is in doubt becomes certain."""

from pathlib import Path

import pytest

from tests.chaos.platform import Formation
from tests.chaos.run import Plan, run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_nothing_is_lost_or_paid_twice_while_everything_breaks(tmp_path: Path) -> None:
    plan = Plan(
        generations=30,
        seed=7,
        asking_seconds=30,
        storm_seconds=120,
        every=(1, 3),
        patience_seconds=300,
        formation=Formation(media=1),
    )

    outcome = run(plan, tmp_path)

    assert outcome.audit.findings() == {}
    assert outcome.states["ready"] >= plan.generations // 2
    assert outcome.deeds["redis emptied"] == 3
    assert outcome.deeds["postgres restarted"] == 1
    assert outcome.deeds.total() > 6
    assert outcome.faults.total() > plan.generations // 5
