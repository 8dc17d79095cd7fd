"""How much storage work may come to, before it is made: reckoned by pixels, and held against a limit.

Round figures, on the large side of what is usual; what it really came to counts as soon as it is recorded.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Final

from plugin_backend.domain.brief import Brief, GenerationRequest
from plugin_backend.domain.catalogue import ANIMATIC, Model
from plugin_backend.domain.delivering.conform_plan import ConformPlan, PlannedOutput
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat, ExrProfile
from plugin_backend.domain.delivering.picture_size import picture_size

_RATE: Final = 24
"""Frames a second of a take, as far as that is known beforehand."""

# Bytes a pixel of a frame.
_MOVIE: Final = Fraction(1, 10)  # 40 Mbit/s at 1080p
_DRAWN: Final = Fraction(1)  # frames of light that are flat in wide parts
_LIGHT: Final = Fraction(2)
_HALF_FLOATS: Final = Fraction(6)  # nothing is compressed
_FORMATS: Final[Mapping[DeliveryFormat, Fraction]] = {
    DeliveryFormat.PRORES_422_HQ: Fraction(1, 2),
    DeliveryFormat.PRORES_4444: Fraction(7, 10),
    DeliveryFormat.DNXHR_HQX: Fraction(1, 2),
    DeliveryFormat.HEVC_HDR10: _MOVIE,
    DeliveryFormat.HEVC_HLG: _MOVIE,
    DeliveryFormat.HEVC_MAIN12: _MOVIE,
    DeliveryFormat.H264: _MOVIE,
    DeliveryFormat.EXR_ACES: _LIGHT,
    DeliveryFormat.EXR_ACESCG: _LIGHT,
    DeliveryFormat.PNG: Fraction(3),
    DeliveryFormat.TIFF: Fraction(3),
}


def of_takes(asked: GenerationRequest, model: Model) -> int:
    """The bytes of all takes that are asked for, with what is shown of them."""
    width, height = picture_size(asked.brief.resolution, asked.brief.aspect_ratio)
    pixels = asked.takes * asked.brief.duration_seconds * _RATE * width * height
    return round(pixels * (_MOVIE + _frames_of_light(asked.brief, model)))


def of_delivery(plans: Iterable[ConformPlan]) -> int:
    """The bytes of every file of a delivery."""
    return round(sum((_of_output(plan, output) for plan in plans for output in plan.outputs), Fraction(0)))


def _frames_of_light(brief: Brief, model: Model) -> Fraction:
    if model.provider == ANIMATIC:
        return _DRAWN
    return _LIGHT if brief.exr else Fraction(0)


def _of_output(plan: ConformPlan, output: PlannedOutput) -> Fraction:
    frames = plan.frame_count if output.run is None else plan.runs[output.run].count
    is_plain = output.exr_profile is ExrProfile.ST2065_4
    return frames * output.width * output.height * (_HALF_FLOATS if is_plain else _FORMATS[output.format])
