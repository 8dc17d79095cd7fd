"""A plan in sentences: what the trace shows an editor of each part."""

from plugin_backend.domain.direction.framing import Framing, Render
from plugin_backend.domain.direction.saying import framing_says, placement_says
from plugin_backend.domain.direction.shot import ShotPlan


def plan_notes(plan: ShotPlan) -> tuple[tuple[str, str], ...]:
    """The trace step and the sentence for concept, motion and lighting."""
    return (("concept", _concept(plan)), ("motion", _motion(plan)), ("lighting", _lighting(plan)))


def trace_notes(plan: ShotPlan) -> tuple[tuple[str, str], ...]:
    """All that the trace tells of a plan, part by part."""
    concept, motion, lighting = plan_notes(plan)
    render = [("render", _render(plan.render))] if plan.render is not None else []
    return (concept, ("shots", _shots(plan)), motion, lighting, *render)


def _shots(plan: ShotPlan) -> str:
    return ", then ".join(filter(None, map(_framed, plan.shots))) or "framed as it comes"


def _framed(framing: Framing) -> str:
    return "; ".join(filter(None, (framing_says(framing), *map(placement_says, framing.blocking))))


def _render(render: Render) -> str:
    return f"a {render.tier} by {render.model}, {render.resolution}, {render.dynamic_range.upper()}"


def _concept(plan: ShotPlan) -> str:
    concept = plan.concept
    subjects = ", ".join(_word(subject.kind) for subject in concept.subjects) or "no named subject"
    return (
        f"{subjects}; {_word(concept.environment)}, {_word(concept.weather)}, "
        f"{_word(concept.time_of_day)}, {_word(concept.mood)} mood"
    )


def _motion(plan: ShotPlan) -> str:
    camera = ", then ".join(_word(move.move) for move in plan.motion.camera) or "static"
    subjects = [f"{_word(each.kind)} {_word(each.action)}" for each in plan.motion.subjects]
    return f"camera {camera}" + (f"; {', '.join(subjects)}" if subjects else "")


def _lighting(plan: ShotPlan) -> str:
    sources = ", ".join(_word(source) for source in plan.lighting.sources)
    return f"{sources}; {_word(plan.lighting.contrast)} contrast, {_word(plan.lighting.palette)} palette"


def _word(term: str) -> str:
    return str(term).replace("-", " ").replace("_", " ")
