"""Half a minute of restarts: every process in turn, while people go on asking."""

from pathlib import Path

import pytest

from tests.chaos.breaking import Breaker, Ground
from tests.chaos.platform import Formation
from tests.chaos.roller import Roller
from tests.chaos.run import Plan, run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_restarts_lose_and_refuse_nothing(tmp_path: Path) -> None:
    outcome = run(_PLAN, tmp_path)

    assert outcome.audit.findings() == {}
    assert outcome.states["ready"] >= _PLAN.generations // 2
    assert outcome.deeds.total() >= 5
    assert outcome.deeds["web restarted"] >= 1


def _rolling(plan: Plan, ground: Ground) -> Breaker:
    return Roller(platform=ground.platform, every_seconds=2, seconds=plan.storm_seconds)


_PLAN = Plan(
    generations=16,
    seed=3,
    asking_seconds=20,
    patience_seconds=240,
    storm_seconds=20,
    every=(1, 1),
    formation=Formation(steps=1, media=1, draws_pixels=False),
    faults=0,
    breaker=_rolling,
)
