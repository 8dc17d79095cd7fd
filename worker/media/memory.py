"""Memory for large pictures, handed out again: what the system gives anew it clears first, page by page."""

import contextlib
import math
import mmap
import resource
import sys
import weakref
from collections import deque
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

_WORTH_KEEPING: Final = 4 << 20
_HUGE_PAGE: Final = 2 << 20
_KEPT: Final = 2  # one for each thread that prepares frames
_SHARE: Final = 32  # of what the process may have, at most this part lies idle

_spare: Final[deque[mmap.mmap]] = deque(maxlen=_KEPT)
_Sample = TypeVar("_Sample", np.uint16, np.float16, np.float32)


def blank(shape: tuple[int, ...], sample: type[_Sample]) -> NDArray[_Sample]:
    """An array to be written all over: whatever was in it may be in it still.

    Its memory serves another as soon as nobody holds it, or any view of it.
    """
    count = math.prod(shape)
    size = count * np.dtype(sample).itemsize
    if size < _WORTH_KEEPING:
        return np.empty(shape, dtype=sample)
    block = _taken(size) or _fresh(size)
    whole: NDArray[_Sample] = np.frombuffer(block, dtype=sample, count=count)
    weakref.finalize(whole, _give_back, block).atexit = False
    return whole.reshape(shape)


def _taken(size: int) -> mmap.mmap | None:
    """One that was given back and fits; those of another picture's size are let go of."""
    with contextlib.suppress(IndexError):  # other threads take from there, too
        while True:
            block = _spare.pop()
            if size <= len(block) < size + _HUGE_PAGE:
                return block
    return None


def _fresh(size: int) -> mmap.mmap:
    whole_pages = -(-size // _HUGE_PAGE) * _HUGE_PAGE
    block = mmap.mmap(-1, whole_pages, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # a kernel without them
            block.madvise(mmap.MADV_HUGEPAGE)
    return block


def _give_back(block: mmap.mmap) -> None:
    bound, _ = resource.getrlimit(resource.RLIMIT_DATA)
    if bound == resource.RLIM_INFINITY or _KEPT * len(block) <= bound // _SHARE:
        _spare.append(block)
