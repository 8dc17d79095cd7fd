"""Warming a child: every kernel runs once on a thumbnail, so that the first draft does not wait."""

import numpy as np

from plugin_backend.domain.sequence import ColourSpace
from worker.media import kernels, limited_range
from worker.media.colour import colour_tags, display_transform
from worker.media.measure import tally_frame
from worker.media.smoothing import smoothed
from worker.media.yuv import Planes


def warm_kernels() -> None:
    """Load the compiled loops, compiling where no cache has them, and bake the SDR transform."""
    picture = np.full((32, 64, 3), 0.18, dtype=np.float32)
    kernels.to_ap0_half(picture)
    kernels.to_ap0_half(kernels.to_half(picture))
    shown = display_transform(ColourSpace.REC709).apply(picture)
    weights = colour_tags(ColourSpace.REC709).luma_weights
    wide = [np.empty(size, dtype=np.uint16) for size in ((32, 64), (32, 32), (32, 32))]
    small = [np.empty(size, dtype=np.uint8) for size in ((32, 64), (16, 32), (16, 32))]
    limited_range.rgb16_to_yuv422p10(shown, *wide, luma_weights=weights)
    limited_range.rgb16_to_yuv420(shown, *small, luma_weights=weights, depth=8)
    for light in (picture, kernels.to_half(picture)):
        tally_frame(light, shown=shown)
    _warm_expansion()


def _warm_expansion() -> None:
    samples = np.full((32, 64), 128, dtype=np.uint8)
    weights = colour_tags(ColourSpace.REC709).luma_weights
    smoothed(Planes(samples, samples, samples, 64, 32, 8, False, False, False, weights))
