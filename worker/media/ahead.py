"""Work done ahead in threads: two cores busy, order kept, and a bounded number of frames in memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

_THREADS: Final = 2
_AHEAD: Final = 1  # prepared while the last one is still being used

MOST_UNDER_WAY: Final = _THREADS + _AHEAD
"""How many items may be in use at once; one more has been let go of."""

T = TypeVar("T")
R = TypeVar("R")


def ahead(act: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """`map`, with a few items under way at once; the items are asked for in the caller's own thread."""
    with ThreadPoolExecutor(_THREADS) as pool:
        waiting: deque[Future[R]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(act, item))
                if len(waiting) == MOST_UNDER_WAY:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
