"""What the report sees of a frame while it is conformed: measures, scopes, and of some a small still."""

from collections.abc import Mapping, Sequence

from plugin_backend.domain.delivering.conform_plan import ConformPlan
from plugin_backend.domain.delivering.delivery_formats import SCENE_SPACES
from plugin_backend.domain.sequence import ColourSpace
from worker.media import kernels
from worker.media.course import FrameLook
from worker.media.kernels import Rgb16
from worker.media.scopes import inside_light, inside_shown, waveform
from worker.media.sources.protocol import PlacedFrame
from worker.media.stills import encode_small, kept_frames


def graded_space(plan: ConformPlan) -> ColourSpace:
    """The space in which the report looks at the picture: the first file's.

    Frames of light are looked at as the sequence's display shows them in HDR, else as the take's own does.
    """
    master, source = plan.outputs[0].colour_space, plan.source.space
    if master not in SCENE_SPACES:
        return master
    if plan.hdr_space is not None:
        return plan.hdr_space
    return ColourSpace.REC709 if source in SCENE_SPACES else source


def look_at(
    plan: ConformPlan,
    frames: Sequence[int],
    placed: PlacedFrame,
    shown: Mapping[ColourSpace, Rgb16],
    *,
    measured: Rgb16,
) -> FrameLook:
    """One prepared frame; `shown` are its conversions at hand, `measured` a Rec. 709 copy of any size."""
    space = graded_space(plan)
    graded = _graded(placed, shown, measured, space=space, source=plan.source.space)
    is_light = plan.outputs[0].colour_space in SCENE_SPACES and plan.source.space in SCENE_SPACES
    light = placed.light() if is_light else None
    inside = (
        inside_shown(graded, space=space) if light is None else inside_light(light.pixels, space=light.space)
    )
    kept = not set(frames).isdisjoint(kept_frames(plan.frame_count))
    return FrameLook(
        tally=placed.tally(measured),
        waveform=waveform(graded, space=space),
        inside=inside,
        still=encode_small(kernels.rgb16_to_rgb8(measured)) if kept else None,
    )


def _graded(
    placed: PlacedFrame,
    shown: Mapping[ColourSpace, Rgb16],
    measured: Rgb16,
    *,
    space: ColourSpace,
    source: ColourSpace,
) -> Rgb16:
    """A take that is in that space already is shown as it is, for nothing."""
    if (at_hand := shown.get(space)) is not None:
        return at_hand
    if space is source:
        return placed.shown(space)
    return measured if space is ColourSpace.REC709 else placed.shown(space)
