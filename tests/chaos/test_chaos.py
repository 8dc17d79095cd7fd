"""A minute of everything breaking at once."""

from pathlib import Path

import pytest

from tests.chaos.run import Plan, run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_nothing_is_lost_or_paid_twice_while_everything_breaks(tmp_path: Path) -> None:
    plan = Plan(generations=24, seed=7, patience_seconds=400, every_seconds=(6.0, 10.0))

    outcome = run(plan, tmp_path)

    assert outcome.audit.findings() == {}
    assert outcome.states["ready"] >= plan.generations // 2
    assert outcome.deeds
    assert outcome.faults
