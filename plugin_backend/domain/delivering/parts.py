"""Which frames of a conformed clip are delivered: all, a part, or a list, as runs of consecutive ones."""

import itertools
from collections.abc import Iterable, Iterator
from collections.abc import Sequence as Several
from dataclasses import dataclass
from typing import Final

from plugin_backend.domain.errors import FieldProblem, ValidationFailedError

MOST_FRAMES: Final = 1000
"""Numbers in a list."""
MOST_MOVIES: Final = 100
"""Runs in a list that movies are made of."""
_MOST_PROBLEMS: Final = 20


@dataclass(frozen=True, slots=True)
class FrameRange:
    """Consecutive frames, counted from 0: of what is delivered, or of the whole clip."""

    first: int
    count: int

    @property
    def frames(self) -> range:
        """Each of them."""
        return range(self.first, self.first + self.count)


@dataclass(frozen=True, slots=True)
class Part:
    """Which frames are delivered: `first` to `last`, both among them, or those listed."""

    first: int | None = None
    last: int | None = None
    frames: tuple[int, ...] | None = None

    def runs(self, frame_count: int, *, has_handles: bool) -> tuple[FrameRange, ...]:
        """Of the clip's frames, in order; ValidationFailedError names what does not lie in it."""
        problems = [*self._listed(frame_count)] if self.frames is not None else [*self._ends(frame_count)]
        if self != Part() and has_handles:
            detail = "A part has no handles: leave them out, or choose more frames."
            problems.append(FieldProblem("/sequence/handles_frames", detail))
        if problems:
            raise ValidationFailedError(problems[:_MOST_PROBLEMS])
        if self.frames is not None:
            return runs_of(self.frames)
        first, last = self.first or 0, frame_count - 1 if self.last is None else self.last
        return (FrameRange(first, last + 1 - first),)

    def _ends(self, frame_count: int) -> Iterator[FieldProblem]:
        first, last = self.first or 0, frame_count - 1 if self.last is None else self.last
        if not 0 <= first < frame_count:
            yield FieldProblem("/in_frame", f"The clip has frames 0 to {frame_count - 1} here.")
        elif not first <= last < frame_count:
            detail = (
                f"It is at least in_frame ({first}) and at most the clip's last frame ({frame_count - 1})."
            )
            yield FieldProblem("/out_frame", detail)

    def _listed(self, frame_count: int) -> Iterator[FieldProblem]:
        assert self.frames is not None
        if (self.first, self.last) != (None, None):
            yield FieldProblem("/frames", "Give a list of frames, or in_frame and out_frame.")
        if not 1 <= len(self.frames) <= MOST_FRAMES:
            yield FieldProblem("/frames", f"Give 1 to {MOST_FRAMES:,} frames.")
        for index, (before, frame) in enumerate(itertools.pairwise((-1, *self.frames))):
            if not 0 <= frame < frame_count:
                yield FieldProblem(f"/frames/{index}", f"The clip has frames 0 to {frame_count - 1} here.")
            elif frame <= before:
                detail = f"Frames rise, and each is given once: {frame} comes after {before}."
                yield FieldProblem(f"/frames/{index}", detail)


def runs_of(frames: Iterable[int]) -> tuple[FrameRange, ...]:
    """Rising numbers as runs without a gap."""
    runs: list[FrameRange] = []
    for frame in frames:
        if runs and frame == runs[-1].first + runs[-1].count:
            runs[-1] = FrameRange(runs[-1].first, runs[-1].count + 1)
        else:
            runs.append(FrameRange(frame, 1))
    return tuple(runs)


def nth(runs: Several[FrameRange], number: int) -> tuple[int, int]:
    """Which run it is in, and which frame comes so many after the first when runs are put end to end."""
    for index, run in enumerate(runs):
        if number < run.count:
            return index, run.first + number
        number -= run.count
    raise ValueError("The runs have fewer frames than that.")


def later_starts(runs: Several[FrameRange]) -> frozenset[int]:
    """Where runs but the first begin when they are put end to end: what is before does not lead there."""
    return frozenset(itertools.accumulate(run.count for run in runs[:-1]))
