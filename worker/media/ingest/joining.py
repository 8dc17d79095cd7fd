"""Chained parts as one run of frames: each decoded to its end, a frame that two parts share played once."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from typing import Final

from worker.media.ahead import ahead
from worker.media.ingest.decoding import played
from worker.media.ingest.found import FoundPart
from worker.media.ingest.joints import Joint, joint_of, small_grey
from worker.media.ingest.movie import TakenMovie
from worker.media.ingest.passing import Converted
from worker.media.ingest.refusals import Refusal, TakeRefusedError
from worker.media.sources.display import MovieFrame, PlacedDisplay

_LOOKED_AT: Final = 2  # frames on either side of a joint


class Joining:
    """The frames of a take's movies; `parts` is complete once they have all been met."""

    def __init__(self, movies: Sequence[TakenMovie]) -> None:
        self._movies = movies
        self.parts: list[FoundPart] = []

    def frames(self, convert: Callable[[PlacedDisplay], Converted]) -> Iterator[Converted]:
        """Every frame that is played, converted ahead in threads."""
        before: deque[Converted] = deque(maxlen=_LOOKED_AT)
        for movie in self._movies:
            coming = ahead(lambda frame: convert(_whole(frame)), played(movie))
            head = list(islice(coming, _LOOKED_AT))
            joint = _judged(before, head) if before else None
            skip = int(joint is not None and joint.is_repeated)
            count = 0
            for frame in chain(head[skip:], coming):
                before.append(frame)
                count += 1
                yield frame
            self.parts.append(
                FoundPart(
                    file=movie.path.name,
                    first=movie.pace.first,
                    frame_count=count,
                    skip=skip,
                    difference=None if joint is None else round(joint.difference_codes, 3),
                )
            )


def _judged(before: Sequence[Converted], after: Sequence[Converted]) -> Joint:
    greys = [tuple(small_grey(frame.shown) for frame in side) for side in (before, after)]
    return joint_of(greys[0], greys[1])


def _whole(frame: MovieFrame) -> PlacedDisplay:
    try:
        return frame.whole()
    except ValueError as error:
        detail = f"The provider's movie cannot be read. {error}"
        raise TakeRefusedError(Refusal.WRONG_TYPE, detail) from error
