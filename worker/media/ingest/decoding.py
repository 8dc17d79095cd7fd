"""Decoding a clean movie from its first frame to its last, forgiving nothing."""

from collections.abc import Iterator
from fractions import Fraction

import av
from av.codec.context import ThreadType

from worker.media.ingest.movie import TakenMovie, damage_is_refused
from worker.media.ingest.refusals import Refusal, TakeRefusedError
from worker.media.sources.display import MovieFrame
from worker.media.sources.movie import open_clean
from worker.media.sources.steady import Clock, on_screen

_THREADS = 2


def played(movie: TakenMovie) -> Iterator[MovieFrame]:
    """Every frame that is played, in order; TakeRefusedError where one cannot be decoded or is missing."""
    with damage_is_refused():
        clock = Clock(movie.pace.first, movie.pace.rate)
        shown = _decoded(movie)
        for _, frame in on_screen(shown, range(movie.pace.frame_count), clock=clock):
            yield MovieFrame(frame, movie.tags, movie.space)
        for _ in shown:
            pass  # to the end: what follows the last frame must be sound too


def _decoded(movie: TakenMovie) -> Iterator[tuple[Fraction, av.VideoFrame]]:
    count = 0
    with movie.path.open("rb") as file, open_clean(file, movie.media_type) as container:
        stream = container.streams.video[0]
        stream.codec_context.options = {"err_detect": "explode"}
        stream.thread_count, stream.thread_type = _THREADS, ThreadType.AUTO
        for frame in container.decode(stream):
            _check(frame, movie, number=count)
            count += 1
            if frame.pts is not None and frame.time_base is not None:
                yield frame.pts * Fraction(frame.time_base), frame
    if count < movie.shown_frames:
        detail = f"Only {count} of the {movie.shown_frames} frames that the provider sent can be decoded."
        raise TakeRefusedError(Refusal.DAMAGED, detail)


def _check(frame: av.VideoFrame, movie: TakenMovie, *, number: int) -> None:
    if frame.is_corrupt:
        detail = f"The movie that the provider sent is damaged at frame {number}."
        raise TakeRefusedError(Refusal.DAMAGED, detail)
    if (frame.width, frame.height) != (movie.width, movie.height):
        detail = f"The provider's movie changes its size at frame {number}."
        raise TakeRefusedError(Refusal.MISMATCHED, detail)
    if frame.rotation:
        raise TakeRefusedError(Refusal.WRONG_TYPE, "The provider's movie is to be turned when it is played.")
