"""Takes, sequences and plans of a conform, plain where a test says nothing of them."""

from fractions import Fraction

from plugin_backend.domain.delivering.conform import plan_conform
from plugin_backend.domain.delivering.conform_plan import (
    ConformPlan,
    OutputRole,
    OutputSpec,
    SourceFacts,
)
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat
from plugin_backend.domain.delivering.placing import Fit
from plugin_backend.domain.sequence import Sequence

EXR = OutputSpec(OutputRole.MASTER, DeliveryFormat.EXR_ACES)
PRORES = OutputSpec(OutputRole.MASTER, DeliveryFormat.PRORES_422_HQ)
H264 = OutputSpec(OutputRole.MASTER, DeliveryFormat.H264)
PROXY = OutputSpec(OutputRole.PROXY, DeliveryFormat.H264)


def source(rate: str = "24", *, frames: int = 120, width: int = 1920, height: int = 1080) -> SourceFacts:
    return SourceFacts(Fraction(rate), frames, width, height)


def sequence(rate: str = "24", **members: object) -> Sequence:
    return Sequence.from_json({"frame_rate": rate, **members})


def plan(taken: SourceFacts, wanted: Sequence, *outputs: OutputSpec, fit: Fit = Fit.FIT) -> ConformPlan:
    return plan_conform(taken, wanted, outputs or (EXR, PRORES), name_stem="shot", fit=fit)


def reason(made: ConformPlan, about: str) -> str:
    return next(decision.reason for decision in made.decisions if decision.about == about)
