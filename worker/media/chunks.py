"""Conforming one chunk: every source frame is read and converted once, for all the delivery's files.

Two threads prepare frames (read, place, convert, write the EXR file); the operation's own thread writes the
movies in order. What they call releases the interpreter, so two cores are busy, and at most three frames are
in memory, as their movies code them.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import cv2
from av import VideoFrame

from plugin_backend.domain.delivering.conform_plan import PlannedOutput
from plugin_backend.domain.delivering.parts import FrameRange, later_starts
from plugin_backend.domain.delivering.retiming import Mix, RateMethod
from plugin_backend.domain.sequence import ColourSpace
from plugin_backend.files.storage import Storage
from worker.media.ahead import ahead
from worker.media.conform import Canvas, ConformWork, movie_format
from worker.media.course import FrameLook, Notes
from worker.media.formats import MOVIE_FORMATS
from worker.media.frame_files import write_frames
from worker.media.hdr import LightLevels, light_levels, repeated, summed
from worker.media.kernels import Rgb16
from worker.media.looks import look_at
from worker.media.movie import MovieWriter
from worker.media.operations import OperationContext
from worker.media.sources.mixing import MixedFrame
from worker.media.sources.placing import resized_rgb
from worker.media.sources.protocol import Coded, PlacedFrame, SourceFrame

_MEASURED_WIDTH: Final = 640


@dataclass(frozen=True, slots=True)
class _Prepared:
    """One source frame, converted, for the delivered frames that show it."""

    frames: Sequence[int]
    pictures: Mapping[int, VideoFrame]  # by output, as each movie codes it
    look: FrameLook
    light: LightLevels | None  # of HDR deliveries
    files: Sequence[dict[str, Any]]


def conform_chunk(arguments: dict[str, Any], context: OperationContext) -> dict[str, Any]:
    """Make a chunk's frames and movie segments; running it again writes the same keys.

    Takes `ConformWork.to_json()` and `chunk`, a number. Gives `chunk`, `files` (one for each frame file),
    `segments` (keys, by output), `tally`, `course` and `light` (of HDR): `conform_finish` puts them together.
    """
    cv2.setNumThreads(1)  # the threads here are enough
    work = ConformWork.from_json(arguments)
    number: int = arguments["chunk"]
    chunk = work.plan.chunks[number]
    files: list[dict[str, Any]] = []
    notes = Notes(work.plan.frame_count, gaps=later_starts(work.plan.runs))
    light: list[LightLevels] = []
    done = 0
    context.progress(done, chunk.count)
    with _Movies(work, context.scratch, first_frame=chunk.first) as movies:
        for prepared in _prepare(work, chunk, movies, storage=context.storage):
            movies.write(prepared)
            files += prepared.files
            if prepared.light is not None:
                light.append(repeated(prepared.light, times=len(prepared.frames)))
            for frame in prepared.frames:
                notes.add(frame, prepared.look)
            done += len(prepared.frames)
            context.progress(done, chunk.count)
    segments = movies.store(context.storage, chunk=number)
    levels = summed(light).to_json() if light else None
    return {
        "chunk": number,
        "files": files,
        "segments": segments,
        "tally": notes.tally.to_json(),
        "course": notes.course.to_json(),
        "light": levels,
    }


class _Movies:
    """The segments of every movie of the delivery, written side by side."""

    def __init__(self, work: ConformWork, folder: Path, *, first_frame: int) -> None:
        """A chunk lies in one run of frames, and is shown by that run's movies."""
        self._work = work
        self._paths = {
            index: folder / f"{index}.{output.name.rpartition('.')[2]}"
            for index, output in work.movies_of(first_frame).items()
        }
        self._writers: dict[int, MovieWriter] = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for index, path in self._paths.items():
                self._writers[index] = stack.enter_context(self._writer(index, path))
            self._open = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def pictures(self, coded: Mapping[int, Coded], shown: Mapping[int, Rgb16]) -> dict[int, VideoFrame]:
        """One frame for each movie, of its own samples or of what it shows; in any thread."""
        return {
            index: writer.relaid(*coded[index].planes) if index in coded else writer.coded(shown[index])
            for index, writer in self._writers.items()
        }

    def write(self, prepared: _Prepared) -> None:
        """Append the frames that one prepared source frame stands for."""
        for index, writer in self._writers.items():
            for _ in prepared.frames:
                writer.append(prepared.pictures[index])
            writer.take_back(prepared.pictures[index])

    def _writer(self, index: int, path: Path) -> MovieWriter:
        output = self._work.plan.outputs[index]
        return MovieWriter(
            path,
            movie_format=movie_format(output),
            rate=self._work.plan.frame_rate.fraction,
            width=output.width,
            height=output.height,
            colour_space=output.colour_space,
            threads=1,
            is_segment=True,
        )

    def store(self, storage: Storage, *, chunk: int) -> dict[str, str]:
        """Leave the finished segments in storage; the key of each, by output."""
        keys = {index: self._work.segment_key(index, chunk=chunk) for index in self._paths}
        for index, path in self._paths.items():
            storage.put_file(keys[index], path)
        return {str(index): key for index, key in keys.items()}


def _prepare(
    work: ConformWork, chunk: FrameRange, movies: _Movies, *, storage: Storage
) -> Iterator[_Prepared]:
    """Prepared frames in order, a bounded number of them ahead."""
    groups = [
        (mix, list(frames)) for mix, frames in itertools.groupby(chunk.frames, key=work.plan.source_mix)
    ]
    sources = zip(
        (frames for _, frames in groups),
        _mixed(work, [mix for mix, _ in groups], storage=storage),
        strict=True,
    )
    return ahead(lambda each: _prepare_frame(work, movies, *each, storage=storage), sources)


def _mixed(work: ConformWork, mixes: Sequence[Mix], *, storage: Storage) -> Iterator[SourceFrame]:
    """What each delivered frame is made of; every source frame is read once and let go of when it is past."""
    wanted = sorted({number for mix in mixes for number in (mix.before, mix.after)})
    coming = zip(wanted, work.source_frames(wanted, storage=storage), strict=True)
    held: dict[int, SourceFrame] = {}
    follows_motion = work.plan.rate_method is RateMethod.FLOW
    for mix in mixes:
        while mix.after not in held:
            number, frame = next(coming)
            held[number] = frame
        held = {number: frame for number, frame in held.items() if number >= mix.before}
        if mix.share:
            yield MixedFrame(held[mix.before], held[mix.after], mix.share, follows_motion)
        else:
            yield held[mix.before]


def _prepare_frame(
    work: ConformWork, movies: _Movies, frames: Sequence[int], source: SourceFrame, *, storage: Storage
) -> _Prepared:
    canvases = work.canvases()
    source = source.held() if len(canvases) > 1 else source
    placed = {canvas: canvas.placed(source) for canvas in canvases}
    pictures, look, levels = _converted(work, movies, frames, placed)
    return _Prepared(
        frames=frames,
        pictures=pictures,
        look=look,
        light=levels,
        files=write_frames(work, frames, placed[work.canvas], levels, storage=storage),
    )


def _converted(
    work: ConformWork, movies: _Movies, frames: Sequence[int], placed: Mapping[Canvas, PlacedFrame]
) -> tuple[dict[int, VideoFrame], FrameLook, LightLevels | None]:
    """The movies' frames and what is measured; what was shown for them is let go of before files are made."""
    canvas, outputs = work.canvas, work.movies_of(frames[0])
    coded = _coded(work, placed, outputs)
    rgb = _shown(work, placed, {n: output for n, output in outputs.items() if n not in coded})
    seen = {outputs[n].colour_space: rgb[n] for n in rgb if work.canvas_of(outputs[n]) == canvas}
    look, levels = _seen(work, frames, placed[canvas], seen, small=_smallest(work, rgb, outputs))
    return movies.pictures(coded, rgb), look, levels


def _shown(
    work: ConformWork, placed: Mapping[Canvas, PlacedFrame], movies: Mapping[int, PlannedOutput]
) -> dict[int, Rgb16]:
    """What each movie shows, at its size, the smaller ones first; one that is large is converted once."""
    large: dict[tuple[Canvas, ColourSpace], Rgb16] = {}
    for output in movies.values():
        which = (work.canvas_of(output), output.colour_space)
        if which not in large and (_is_whole(output, which[0]) or which[1] is not ColourSpace.REC709):
            large[which] = placed[which[0]].shown(which[1])
    found = {}
    for number, output in sorted(movies.items(), key=lambda each: each[1].width):
        canvas, size = work.canvas_of(output), (output.width, output.height)
        whole = large.get((canvas, output.colour_space))
        found[number] = placed[canvas].sized(*size) if whole is None else _resized(whole, size)
    return found


def _resized(rgb: Rgb16, size: tuple[int, int]) -> Rgb16:
    return resized_rgb(rgb, width=size[0], height=size[1])


def _is_whole(output: PlannedOutput, canvas: Canvas) -> bool:
    return (output.width, output.height) == (canvas.width, canvas.height)


def _seen(
    work: ConformWork,
    frames: Sequence[int],
    placed: PlacedFrame,
    shown: Mapping[ColourSpace, Rgb16],
    *,
    small: Rgb16 | None,
) -> tuple[FrameLook, LightLevels | None]:
    """What the report is told, and how bright the frame is in the delivery's HDR space, if it has one."""
    space = work.plan.hdr_space
    if space is not None and space not in shown:
        shown = {**shown, space: placed.shown(space)}
    size = _measured_size(work)  # always as small and as SDR, so that figures compare between deliveries
    measured = placed.sized(*size) if small is None or small.shape[1] < size[0] else _resized(small, size)
    look = look_at(work.plan, frames, placed, shown, measured=measured)
    return look, None if space is None else light_levels(shown[space], space=space)


def _smallest(
    work: ConformWork, rgb: Mapping[int, Rgb16], movies: Mapping[int, PlannedOutput]
) -> Rgb16 | None:
    """Of what the movies of the sequence's own frame show in SDR, which is to be measured."""
    fitting = (
        shown
        for number, shown in rgb.items()
        if movies[number].colour_space is ColourSpace.REC709 and work.canvas_of(movies[number]) == work.canvas
    )
    return min(fitting, key=lambda shown: shown.shape[1], default=None)


def _coded(
    work: ConformWork, placed: Mapping[Canvas, PlacedFrame], movies: Mapping[int, PlannedOutput]
) -> dict[int, Coded]:
    """The samples of every movie of its canvas's own size that can take them as they are."""
    found = {}
    for index, output in movies.items():
        canvas = work.canvas_of(output)
        if _is_whole(output, canvas):
            layout = MOVIE_FORMATS[movie_format(output)].layout
            found[index] = placed[canvas].coded(output.colour_space, layout)
    return {index: coded for index, coded in found.items() if coded is not None}


def _measured_size(work: ConformWork) -> tuple[int, int]:
    width, height = work.plan.sequence.width, work.plan.sequence.height
    if width <= _MEASURED_WIDTH:
        return width, height
    return _MEASURED_WIDTH, max(1, round(height * _MEASURED_WIDTH / width))
