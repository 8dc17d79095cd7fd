"""What the operations of a conform share: their arguments, and the frames of the take they read."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from plugin_backend.domain.delivering.conform_plan import (
    ConformPlan,
    OutputRole,
    PlannedOutput,
)
from plugin_backend.domain.delivering.placing import Placement
from plugin_backend.files.storage import Storage
from worker.media.formats import MovieFormat
from worker.media.sources.opening import open_source
from worker.media.sources.protocol import PlacedFrame, SourceFrame

ATTRIBUTES: Final = "pluginbackend"
"""What the names of our own EXR attributes begin with."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """A frame to lay pictures into, and where in it they lie."""

    placement: Placement
    width: int
    height: int

    def placed(self, frame: SourceFrame) -> PlacedFrame:
        """A source frame, laid into it."""
        return frame.placed(self.placement, width=self.width, height=self.height)


@dataclass(frozen=True, slots=True)
class ConformWork:
    """The arguments of both operations, as a row stores them."""

    plan: ConformPlan
    source: Mapping[str, Any]  # as the take's row tells it
    prefix: str  # below which every key of the delivery lies
    metadata: Mapping[str, str] = field(default_factory=dict)  # ids and the generator, told by every file
    sound: Mapping[str, Any] | None = None  # where it lies, when it begins and how loud; None: no track

    def source_frames(self, wanted: Iterable[int], *, storage: Storage) -> Iterator[SourceFrame]:
        """Source frames by their own numbers, which rise."""
        plan = self.plan
        opened = open_source(self.source, facts=plan.source, storage=storage, expands=plan.expanded)
        return opened.frames(wanted)

    @property
    def canvas(self) -> Canvas:
        """The sequence's frame."""
        return Canvas(self.plan.placement, self.plan.sequence.width, self.plan.sequence.height)

    def canvas_of(self, output: PlannedOutput) -> Canvas:
        """The sequence's frame, or the output's own."""
        if output.placement is None:
            return self.canvas
        return Canvas(output.placement, output.width, output.height)

    def movies_of(self, frame: int) -> dict[int, PlannedOutput]:
        """The movies that show a delivered frame, by their numbers among the outputs."""
        run = self.plan.run_at(frame)
        return {
            number: output
            for number, output in enumerate(self.plan.outputs)
            if output.is_movie and output.run in (None, run)
        }

    def canvases(self) -> tuple[Canvas, ...]:
        """Each that is needed, once; the sequence's first, which is what is measured."""
        return tuple(dict.fromkeys((self.canvas, *map(self.canvas_of, self.plan.outputs))))

    def key(self, name: str) -> str:
        """Where a delivered file goes."""
        return f"{self.prefix}/{name}"

    def segment_key(self, output: int, *, chunk: int) -> str:
        """Where a chunk leaves its part of a movie until the movie is joined."""
        suffix = self.plan.outputs[output].name.rpartition(".")[2]
        return f"{self.prefix}/segments/{output}.{chunk:04d}.{suffix}"

    @property
    def frame_attributes(self) -> dict[str, str]:
        """The metadata as EXR names it."""
        return {f"{ATTRIBUTES}:{name}": value for name, value in self.metadata.items()}

    @property
    def movie_metadata(self) -> dict[str, str]:
        """The metadata as QuickTime and MP4 name it."""
        return {f"com.plugin-backend.{name}": value for name, value in self.metadata.items()}

    def to_json(self) -> dict[str, Any]:
        """The arguments, but for which chunk."""
        return {
            "plan": self.plan.to_json(),
            "source": dict(self.source),
            "prefix": self.prefix,
            "metadata": dict(self.metadata),
            "sound": self.sound,
        }

    @classmethod
    def from_json(cls, arguments: Mapping[str, Any]) -> Self:
        """Read the arguments; others beside them are left alone."""
        return cls(
            plan=ConformPlan.from_json(arguments["plan"]),
            source=arguments["source"],
            prefix=arguments["prefix"],
            metadata=arguments["metadata"],
            sound=arguments.get("sound"),
        )


def movie_format(output: PlannedOutput) -> MovieFormat:
    """The recipe of a movie."""
    return MovieFormat.PROXY if output.role is OutputRole.PROXY else MovieFormat(output.format.value)
