"""The reference briefs, and specs to render them small."""

import importlib.util
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from plugin_backend.domain.direction.plan import plan_shot
from worker.animatic.spec import ShotSpec


def _bench() -> Any:
    path = Path(__file__).parents[2] / "bench" / "contact_sheet.py"
    found = importlib.util.spec_from_file_location("contact_sheet", path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules["contact_sheet"] = module
    found.loader.exec_module(module)
    return module


BRIEFS: Final[dict[str, str]] = _bench().BRIEFS


def spec_of(
    brief: str,
    *,
    width: int = 192,
    height: int = 108,
    seconds: int = 5,
    rate: Fraction = Fraction(24),
    loop: bool = False,
    seed: int = 7,
    **more: Any,
) -> ShotSpec:
    plan = plan_shot(BRIEFS.get(brief, brief), duration_seconds=Fraction(seconds), loop=loop)
    count = int(seconds * rate)
    return ShotSpec(plan, seed, width, height, rate, count, loop=plan.loop, **more)
