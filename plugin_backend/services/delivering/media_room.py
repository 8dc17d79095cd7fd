"""Whether the media processes here have the memory for a piece of work: told before anything is spent."""

from plugin_backend.domain.brief import GenerationRequest, Resolution
from plugin_backend.domain.catalogue import ANIMATIC, Model
from plugin_backend.domain.delivering.conform_plan import ConformPlan
from plugin_backend.domain.delivering.media_memory import conform_mb, fitting, take_mb
from plugin_backend.domain.delivering.picture_size import picture_size
from plugin_backend.domain.errors import FieldProblem, ValidationFailedError


def check_conform(plan: ConformPlan, *, bound_mb: int) -> None:
    """Refuse a delivery whose frames would not fit, with the largest frame that does."""
    needed = conform_mb(plan)
    if needed <= bound_mb:
        return
    sequence = plan.sequence
    width, height = fitting(plan, bound_mb=bound_mb)
    way_out = f"{width} x {height} fits" if min(width, height) >= 2 else "no frame of this format fits"
    detail = (
        f"A frame of {sequence.width} x {sequence.height} in this format needs {needed:,} MB of a media "
        f"process, which has {bound_mb:,} MB here: {way_out}."
    )
    raise ValidationFailedError([FieldProblem("/sequence/width", detail)])


def check_take(request: GenerationRequest, model: Model, *, bound_mb: int) -> None:
    """Refuse a take whose pictures would not fit, with the largest resolution that does."""
    detail = why_no_room(request, model, bound_mb=bound_mb)
    if detail is not None:
        raise ValidationFailedError([FieldProblem("/brief/resolution", detail)])


def why_no_room(request: GenerationRequest, model: Model, *, bound_mb: int) -> str | None:
    """The sentence, or None where the take fits."""
    asked = request.brief.resolution
    needed = _take_mb(request, model, asked)
    if needed <= bound_mb:
        return None
    fits = [each for each in Resolution if _take_mb(request, model, each) <= bound_mb]
    largest = max(fits, key=lambda each: each.lines, default=None)
    way_out = "no resolution fits" if largest is None else f"{largest} fits"
    has = f"of a media process, which has {bound_mb:,} MB here"
    return f"A take of {asked} needs {needed:,} MB {has}: {way_out}."


def _take_mb(request: GenerationRequest, model: Model, resolution: Resolution) -> int:
    width, height = picture_size(resolution, request.brief.aspect_ratio)
    return take_mb(width, height, rendered=model.provider == ANIMATIC)
