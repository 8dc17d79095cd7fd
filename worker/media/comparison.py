"""How alike two takes are to the eye: a draft and the master made of it, by their proxies."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from plugin_backend.domain.sequence import ColourSpace
from worker.media import kernels
from worker.media.kernels import Rgb8
from worker.media.operations import OperationContext
from worker.media.sources.movie import MoviePart, MovieSource
from worker.media.sources.stored_file import StoredFile

_MOMENTS: Final = 24
_SIZE: Final = (128, 72)
_BINS: Final = 16

# The constants of structural similarity: window, its spread, and the two stabilisers for 8-bit codes.
_WINDOW: Final = (11, 11)
_SIGMA: Final = 1.5
_C1: Final = (0.01 * 255) ** 2
_C2: Final = (0.03 * 255) ** 2


def compare_takes(arguments: dict[str, Any], context: OperationContext) -> dict[str, Any]:
    """Compare the proxies `one` and `other`, each `{key, frame_rate, frame_count}`.

    Gives `similarity`, from 0 (nothing in common) to 1 (the same), with what it is made of: `structure` and
    `colour`, each a mean over 24 moments spread evenly over the shorter take, the same seconds in both.
    Structure is the structural similarity of luma at 128 x 72, negative values as 0 (Wang, Bovik, Sheikh and
    Simoncelli, IEEE Transactions on Image Processing 13(4), 2004). Colour is 1 minus the Hellinger distance
    of the pictures' joint chroma histograms, 16 x 16 bins of CIELAB's a and b (the distance of Bhattacharyya,
    1943, on the histograms of Swain and Ballard, 1991). A moment's similarity is their product.
    """
    one, other = arguments["one"], arguments["other"]
    seconds = min(_seconds(one), _seconds(other))
    structure, colour, both = [], [], []
    pairs = zip(_looks(one, seconds, context), _looks(other, seconds, context), strict=True)
    for number, (mine, its) in enumerate(pairs, 1):
        structure.append(max(0.0, structural_similarity(_luma(mine), _luma(its))))
        colour.append(1 - hellinger_distance(_chroma_histogram(mine), _chroma_histogram(its)))
        both.append(structure[-1] * colour[-1])
        context.progress(number, _MOMENTS)
    return {
        "similarity": round(float(np.mean(both)), 4),
        "structure": round(float(np.mean(structure)), 4),
        "colour": round(float(np.mean(colour)), 4),
    }


def structural_similarity(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """The mean SSIM index of two luma pictures in 8-bit codes."""
    mean_one, mean_other = _blurred(one), _blurred(other)
    variance_one = _blurred(one * one) - mean_one**2
    variance_other = _blurred(other * other) - mean_other**2
    together = _blurred(one * other) - mean_one * mean_other
    likeness = (2 * mean_one * mean_other + _C1) * (2 * together + _C2)
    scale = (mean_one**2 + mean_other**2 + _C1) * (variance_one + variance_other + _C2)
    return float((likeness / scale).mean())


def hellinger_distance(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Between two distributions: 0 when they are equal, 1 when they share nothing."""
    return float(np.sqrt(max(0.0, 1 - np.sqrt(one * other).sum())))


def _blurred(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(picture, _WINDOW, _SIGMA), dtype=np.float32)


def _seconds(take: Mapping[str, Any]) -> Fraction:
    return int(take["frame_count"]) / Fraction(take["frame_rate"])


def _looks(take: Mapping[str, Any], seconds: Fraction, context: OperationContext) -> Iterator[Rgb8]:
    """Small pictures of a proxy at the moments; a short take shows a frame at several of them."""
    rate, count = Fraction(take["frame_rate"]), int(take["frame_count"])
    source = MovieSource(
        parts=(MoviePart(take["key"], "video/mp4", Fraction(0), count),),
        rate=rate,
        space=ColourSpace.REC709,
        opened=lambda key: cast("Any", StoredFile(context.storage, key)),
    )
    moments = [seconds * (2 * number + 1) / (2 * _MOMENTS) for number in range(_MOMENTS)]
    for frame in source.frames(min(count - 1, int(moment * rate)) for moment in moments):
        yield kernels.rgb16_to_rgb8(frame.whole().sized(*_SIZE))


def _luma(picture: Rgb8) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.float32)


def _chroma_histogram(picture: Rgb8) -> NDArray[np.float64]:
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    bins = lab[..., 1].astype(np.int64) * _BINS // 256 * _BINS + lab[..., 2].astype(np.int64) * _BINS // 256
    return np.bincount(bins.reshape(-1), minlength=_BINS * _BINS) / bins.size
