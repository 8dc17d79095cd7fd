"""The delivery's report: what was asked for, what was made of it, and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any, Final

from plugin_backend.domain.delivering.conform_plan import ConformPlan, PlannedOutput
from plugin_backend.domain.delivering.delivery_formats import DELIVERY_FORMATS, SCENE_SPACES, ExrProfile
from plugin_backend.domain.sequence import ColourSpace
from worker.media.colour import CONFIG_NAME, colour_tags
from worker.media.conform import movie_format
from worker.media.conformance import Check
from worker.media.course import Course
from worker.media.delivery_sound import Heard
from worker.media.exr import DWA_LEVEL
from worker.media.formats import MOVIE_FORMATS
from worker.media.hdr import HdrFacts, LightLevels
from worker.media.looks import graded_space
from worker.media.measure import Measures
from worker.media.over_time import loudness_over_time, noticed, over_time, step_frames, thinned

SCHEMA: Final = 2
_LIBRARIES: Final = ("plugin-backend", "av", "OpenEXR", "opencolorio", "numpy", "opencv-python-headless")
COLOUR_LABELS: Final = {
    "rec709": "Rec. 709",
    "p3-d65": "P3 D65",
    "rec2100-pq": "Rec. 2100 PQ",
    "rec2100-hlg": "Rec. 2100 HLG",
    "acescg": "ACEScg",
    "aces2065-1": "ACES2065-1",
}


def build_report(
    plan: ConformPlan,
    *,
    files: Iterable[Mapping[str, Any]],
    checks: Sequence[Check],
    measures: Measures,
    course: Course | None,
    light: LightLevels | None,
    sound: Heard | None,
    asked: Mapping[str, Any],
    label: str,
    direction: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """`report.json`. It holds no dates, so equal deliveries have equal reports."""
    return {
        "schema": SCHEMA,
        "passed": all(check.passed for check in checks),
        "made_by": label,
        "asked": dict(asked),
        "clip": _clip(plan),
        "source": {
            "frame_rate": str(plan.source.frame_rate),
            "frame_count": plan.source.frame_count,
            "width": plan.source.width,
            "height": plan.source.height,
            "colour_space": str(plan.source.space),
        },
        "decisions": [asdict(decision) for decision in plan.decisions],
        "checks": [check.to_json() for check in checks],
        "files": [_reported(file) for file in files],
        "measures": measures.to_json(),
        "over_time": None if course is None else over_time(course, plan),
        "noticed": None if course is None else noticed(course, plan),
        "gamut": None if course is None else _gamut(course, plan),
        "light": None if light is None else _light_told(light),
        "sound": None if sound is None else {**sound.facts, **loudness_over_time(sound.momentary)},
        "direction": direction,
        "colour_config": CONFIG_NAME,
        "versions": {library: version(library) for library in _LIBRARIES},
    }


def _clip(plan: ConformPlan) -> dict[str, Any]:
    return {
        "name": plan.name_stem,
        "frame_rate": str(plan.frame_rate),
        "frame_count": plan.frame_count,
        "start_timecode": str(plan.start_timecode),
        "end_timecode": str(plan.timecode(plan.frame_count - 1)),
        "reel": plan.reel,
        "handles_frames": plan.sequence.handles_frames,
        "width": plan.sequence.width,
        "height": plan.sequence.height,
        "upscaled": plan.upscaled,
        "expanded": plan.expanded,
    }


def _light_told(light: LightLevels) -> dict[str, Any]:
    """Over time: the EXR frames' own attributes are these."""
    found, step = light.to_json(), step_frames(len(light.peaks))
    return {
        "step_frames": step,
        "max_cd_m2": thinned(found["peaks"], step=step, way=max),
        "average_cd_m2": thinned(found["averages"], step=step, way=max),
        **light.facts().to_json(),
    }


def _gamut(course: Course, plan: ConformPlan) -> dict[str, Any]:
    """Which share of the picture's colours each gamut holds."""
    shares = {name: round(share, 6) for name, share in course.inside.shares.items()}
    is_light = {plan.outputs[0].colour_space, plan.source.space} <= set(SCENE_SPACES)
    return {"of": "light" if is_light else graded_space(plan).value, "inside": shares}


def describe(output: PlannedOutput, *, plan: ConformPlan, hdr: HdrFacts | None = None) -> dict[str, Any]:
    """The facts of one output that an editor's software is told."""
    return {
        "format": output.format.value,
        "codec": _codec(output),
        "exr_profile": None if output.exr_profile is None else output.exr_profile.value,
        "width": output.width,
        "height": output.height,
        "frame_rate": str(plan.frame_rate),
        "frame_count": plan.frame_count,
        "start_timecode": str(plan.start_timecode),
        "reel": plan.reel,
        "bit_depth": 16 if not output.is_movie else MOVIE_FORMATS[movie_format(output)].bit_depth,
        "colour": _colour(output),
        "hdr": None if hdr is None else hdr.to_json(),
    }


def _codec(output: PlannedOutput) -> str:
    if output.is_movie:
        return MOVIE_FORMATS[movie_format(output)].compressor_name
    if DELIVERY_FORMATS[output.format].is_still:
        return f"{output.format.upper()}, 16 bits"
    return f"OpenEXR half float, {_packing(output.exr_profile or ExrProfile.PIZ)}"


def _packing(profile: ExrProfile) -> str:
    match profile:
        case ExrProfile.ST2065_4:
            return "uncompressed (SMPTE ST 2065-4)"
        case ExrProfile.DWAA | ExrProfile.DWAB:
            return f"{profile}, level {DWA_LEVEL:.0f}"
        case _:
            return profile.value


def _colour(output: PlannedOutput) -> dict[str, Any]:
    label = COLOUR_LABELS[output.colour_space]
    if output.colour_space in SCENE_SPACES:
        primaries = "AP0" if output.colour_space is ColourSpace.ACES2065_1 else "AP1"
        return {
            "primaries": primaries,
            "transfer": "linear",
            "matrix": "rgb",
            "range": "full",
            "label": label,
        }
    tags = colour_tags(output.colour_space)
    return {
        "primaries": tags.primaries,
        "transfer": tags.transfer,
        "matrix": tags.matrix if output.is_movie else "rgb",
        "range": "limited" if output.is_movie else "full",
        "label": label,
    }


def _reported(file: Mapping[str, Any]) -> dict[str, Any]:
    """As delivered, without where we keep it; a sequence's frames with their checksums."""
    reported = {name: value for name, value in file.items() if name not in ("key", "frames")}
    if "frames" in file:
        reported["frames"] = [
            {name: frame[name] for name in ("name", "bytes", "sha256")} for frame in file["frames"]
        ]
    return reported
