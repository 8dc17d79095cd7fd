"""Compile or load every kernel before the first frame is asked for."""

import time
from fractions import Fraction

from plugin_backend.domain.direction.plan import plan_shot
from worker.animatic.render import bake
from worker.animatic.spec import ShotSpec

# Two tiny shots meet every kernel: water, mist, particles, figures; glass, haze.
_BRIEFS = (
    "boats in a foggy harbour in the rain, camera tracks right",
    "perfume bottle on black marble, camera orbits",
    "caravan on desert dunes, crane up",
)


def warm() -> float:
    """Render a few tiny frames; the seconds it took."""
    started = time.perf_counter()
    for brief in _BRIEFS:
        plan = plan_shot(brief, duration_seconds=Fraction(1))
        spec = ShotSpec(plan, 1, 64, 36, Fraction(24), 24)
        for _ in bake(spec).frames(3, 1):
            pass
    return time.perf_counter() - started
