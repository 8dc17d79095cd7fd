"""How much memory a media process takes for a piece of work, so that what does not fit is refused.

Measured, and kept a little above what was found: a child with nothing in hand, and beside it so many bytes
for each pixel of a frame. Few frames are in memory at once, and no more of a longer clip.
"""

import math
from collections.abc import Mapping
from typing import Final, assert_never

from plugin_backend.domain.delivering.conform_plan import ConformPlan, OutputRole, PlannedOutput
from plugin_backend.domain.delivering.delivery_formats import SCENE_SPACES, DeliveryFormat
from plugin_backend.domain.delivering.retiming import RateMethod

EMPTY_MB: Final = 260
"""A child that has loaded everything, with what earlier runs left in it."""

# Bytes a pixel of the sequence's frame.
_PREPARED: Final = 32  # two threads, each with a picture and its conversion
_SCALED: Final = 32  # where the picture is scaled to it
_MOTION: Final = 90  # where pixels are fetched along the motion
_MOTION_OF_LIGHT: Final = 200  # the same for frames of light, which are moved in single precision
_MIXED: Final = 24  # where two pictures are laid over each other

# Bytes a pixel of the take's own picture.
_SOURCE: Final = 8
_RENDERED: Final = 120  # rendering it here: its layers, and the frames under way
_TAKEN_IN: Final = 110  # taking it in

# Bytes a pixel of a file: what its encoder holds, and the frames that wait for it.
_SHAPE: Final = 28  # with a frame of its own shape
_ENCODED: Final[Mapping[DeliveryFormat, int]] = {
    DeliveryFormat.PRORES_422_HQ: 30,
    DeliveryFormat.PRORES_4444: 32,
    DeliveryFormat.DNXHR_HQX: 48,
    DeliveryFormat.HEVC_HDR10: 54,
    DeliveryFormat.HEVC_HLG: 54,
    DeliveryFormat.HEVC_MAIN12: 54,
    DeliveryFormat.H264: 28,
    DeliveryFormat.EXR_ACES: 8,
    DeliveryFormat.EXR_ACESCG: 8,
    DeliveryFormat.PNG: 24,
    DeliveryFormat.TIFF: 24,
}


def conform_mb(plan: ConformPlan) -> int:
    """What conforming a range of a delivery takes at most, the child itself among it."""
    return EMPTY_MB + _megabytes(_conform_bytes(plan))


def take_mb(width: int, height: int, *, rendered: bool) -> int:
    """What rendering a take here, or taking in a provider's, takes at most."""
    return EMPTY_MB + _megabytes(width * height * (_RENDERED if rendered else _TAKEN_IN))


def fitting(plan: ConformPlan, *, bound_mb: int) -> tuple[int, int]:
    """A frame of the sequence's shape that surely fits, in even sides; (0, 0) when none does.

    Smaller frames are scaled to, and have proxies that are larger beside them: both count here.
    """
    width, height = plan.sequence.width, plan.sequence.height
    encoded = sum(_ENCODED[output.format] + _SHAPE for output in _at_once(plan))
    room = ((bound_mb - EMPTY_MB) << 20) - _source_bytes(plan)
    pixels = max(0, room) // (_PREPARED + _SCALED + _retimed(plan) + encoded)
    scale = math.sqrt(min(1.0, pixels / (width * height)))
    return int(width * scale) // 2 * 2, int(height * scale) // 2 * 2


def _conform_bytes(plan: ConformPlan) -> int:
    frame = plan.sequence.width * plan.sequence.height
    is_scaled = (plan.placement.width, plan.placement.height) != (plan.source.width, plan.source.height)
    prepared = _PREPARED + is_scaled * _SCALED + _retimed(plan)
    return _source_bytes(plan) + frame * prepared + sum(_encoded(output) for output in _at_once(plan))


def _at_once(plan: ConformPlan) -> list[PlannedOutput]:
    """The files that are written side by side: of several runs of frames those of one."""
    return [output for output in plan.outputs if not output.run]


def _source_bytes(plan: ConformPlan) -> int:
    return plan.source.width * plan.source.height * _SOURCE


def _retimed(plan: ConformPlan) -> int:
    match plan.rate_method:
        case RateMethod.FLOW:
            is_light = any(output.colour_space in SCENE_SPACES for output in plan.outputs)
            return _MOTION_OF_LIGHT if is_light else _MOTION
        case RateMethod.BLEND:
            return _MIXED
        case RateMethod.EXACT | RateMethod.RELABEL | RateMethod.NEAREST:
            return 0
        case _:
            assert_never(plan.rate_method)


def _encoded(output: PlannedOutput) -> int:
    is_own_shape = output.role is OutputRole.MASTER and output.placement is not None
    return output.width * output.height * (_ENCODED[output.format] + is_own_shape * _SHAPE)


def _megabytes(size: int) -> int:
    return -(-size // (1 << 20))
