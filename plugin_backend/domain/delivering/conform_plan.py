"""The plan of a conform as data: what was chosen and why, as a row stores it and a worker reads it back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any, Self, assert_never

from plugin_backend.domain.delivering.delivery_formats import (
    DELIVERY_FORMATS,
    HDR_SPACES,
    SCENE_SPACES,
    SDR_SPACES,
    DeliveryFormat,
    ExrProfile,
)
from plugin_backend.domain.delivering.parts import FrameRange, nth
from plugin_backend.domain.delivering.placing import Fit, Placement
from plugin_backend.domain.delivering.retiming import Mix, RateMethod, mix_of, nearest_frame
from plugin_backend.domain.delivering.shapes import Shape
from plugin_backend.domain.sequence import ColourSpace, FrameRate, Sequence, Timecode


class OutputRole(StrEnum):
    """What a file is for."""

    MASTER = "master"
    PROXY = "proxy"


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """A take's source, as it was made: any rate above zero, light or a display's picture."""

    frame_rate: Fraction
    frame_count: int
    width: int
    height: int
    space: ColourSpace = ColourSpace.ACESCG

    def __post_init__(self) -> None:
        if min(self.frame_count, self.width, self.height) < 1:
            raise ValueError("A source has at least one frame of at least one pixel.")
        if self.frame_rate <= 0:
            raise ValueError("A source plays forwards.")

    @property
    def duration(self) -> Fraction:
        """Seconds, exactly."""
        return self.frame_count / self.frame_rate


@dataclass(frozen=True, slots=True)
class OutputSpec:
    """One file (or sequence of frames) that is asked for."""

    role: OutputRole
    format: DeliveryFormat
    exr_profile: ExrProfile | None = None
    """Of EXR frames; None for the format's usual."""
    shape: Shape | None = None
    """Cut to this; None for the sequence's own frame."""

    def __post_init__(self) -> None:
        if self.role is OutputRole.PROXY and self.format is not DeliveryFormat.H264:
            raise ValueError("A proxy is h264: light, and readable everywhere.")

    @property
    def is_movie(self) -> bool:
        """Whether it is one file with a track, rather than a file per frame."""
        return DELIVERY_FORMATS[self.format].is_movie


@dataclass(frozen=True, slots=True)
class PlannedOutput:
    """One output, decided."""

    role: OutputRole
    format: DeliveryFormat
    width: int
    height: int
    colour_space: ColourSpace
    name: str  # of the file; for a sequence of frames the pattern, with `{frame:07d}` where the number goes
    exr_profile: ExrProfile | None = None
    shape: Shape | None = None
    placement: Placement | None = None
    """Where the picture lies in a frame of its own; None in the sequence's."""
    run: int | None = None
    """Which run of a list of frames it shows; None for all that is delivered."""

    @property
    def is_movie(self) -> bool:
        """As of the spec."""
        return DELIVERY_FORMATS[self.format].is_movie

    def frame_name(self, number: int) -> str:
        """The name of one frame's file."""
        return self.name.format(frame=number)


@dataclass(frozen=True, slots=True)
class Decision:
    """One choice the editor may want to know of."""

    about: str
    choice: str
    reason: str


@dataclass(frozen=True, slots=True)
class ConformPlan:
    """Everything the work needs to know.

    Delivered frames are counted from 0, also where they are several runs of the whole clip's.
    """

    source: SourceFacts
    sequence: Sequence
    name_stem: str
    reel: str
    frame_count: int
    rate_method: RateMethod
    placement: Placement
    outputs: tuple[PlannedOutput, ...]
    chunks: tuple[FrameRange, ...]
    decisions: tuple[Decision, ...]
    runs: tuple[FrameRange, ...]
    """The whole clip's frames that are delivered, in order."""

    @property
    def offset(self) -> int:
        """How many frames of the whole clip come before the first that is delivered."""
        return self.runs[0].first

    @property
    def frame_rate(self) -> FrameRate:
        """The delivered rate: the sequence's."""
        return self.sequence.frame_rate

    @property
    def asked_sequence(self) -> Sequence:
        """The sequence as it was asked for; the plan's own begins with the part that is delivered."""
        return replace(self.sequence, playhead=self.sequence.playhead - self.offset)

    @property
    def start_timecode(self) -> Timecode:
        """Of the first delivered frame: the playhead minus the handles."""
        return self.sequence.clip_start

    @property
    def upscaled(self) -> bool:
        """Whether any file shows the take enlarged."""
        return any(self.placement_of(output).upscaled for output in self.outputs)

    def placement_of(self, output: PlannedOutput) -> Placement:
        """Where the picture lies in that file."""
        return output.placement or self.placement

    @property
    def expanded(self) -> bool:
        """Whether the first file has room for more light than the take was made with: an SDR take as HDR."""
        return self.source.space in SDR_SPACES and self.outputs[0].colour_space not in SDR_SPACES

    @property
    def hdr_space(self) -> ColourSpace | None:
        """The space whose light is measured: the first HDR file's, or the sequence's for frames of light."""
        own = [output.colour_space for output in self.outputs]
        spaces = own if set(SCENE_SPACES).isdisjoint(own) else [*own, self.sequence.colour_space]
        return next((space for space in spaces if space in HDR_SPACES), None)

    @property
    def poster_frame(self) -> int:
        """The middle of the clip."""
        return self.frame_count // 2

    def timecode(self, frame: int) -> Timecode:
        """A delivered frame's label; it goes round midnight."""
        return self.start_timecode + (self.clip_frame(frame) - self.offset)

    def frame_number(self, frame: int) -> int:
        """The number in a frame's file name: its timecode in frames, running on past the clip's midnight."""
        return self.asked_sequence.clip_start.frames + self.clip_frame(frame)

    def clip_frame(self, frame: int) -> int:
        """Which frame of the whole clip a delivered one is."""
        if not 0 <= frame < self.frame_count:
            raise ValueError(f"The delivery has frames 0 to {self.frame_count - 1}, not {frame}.")
        return nth(self.runs, frame)[1]

    def run_at(self, frame: int) -> int:
        """The number of the run that a delivered frame is in."""
        return nth(self.runs, frame)[0]

    def of_run(self, number: int) -> Self:
        """As if that run had been asked for alone; of the work's ranges it says nothing."""
        run = self.runs[number]
        sequence = replace(self.sequence, playhead=self.sequence.playhead + (run.first - self.offset))
        return replace(self, sequence=sequence, frame_count=run.count, runs=(run,), chunks=())

    def shown_by(self, output: PlannedOutput) -> Self:
        """As far as one file shows it."""
        return self if output.run is None else self.of_run(output.run)

    def source_frame(self, frame: int) -> int:
        """Which source frame a delivered frame shows, or shows most of."""
        return self.source_mix(frame).nearest

    def source_mix(self, frame: int) -> Mix:
        """Which source frames a delivered frame is made of."""
        facts, frame = self.source, self.clip_frame(frame)
        match self.rate_method:
            case RateMethod.EXACT | RateMethod.RELABEL:
                found = frame
            case RateMethod.NEAREST:
                found = nearest_frame(
                    frame,
                    source_rate=facts.frame_rate,
                    source_count=facts.frame_count,
                    rate=self.frame_rate,
                )
            case RateMethod.BLEND | RateMethod.FLOW:
                return mix_of(
                    frame,
                    source_rate=facts.frame_rate,
                    source_count=facts.frame_count,
                    rate=self.frame_rate,
                )
            case _:
                assert_never(self.rate_method)
        return Mix(found, found, Fraction(0))

    def to_json(self) -> dict[str, Any]:
        """Everything chosen, spelt out: a later version of the planner does not change a plan under way."""
        return {
            "source": {**asdict(self.source), "frame_rate": str(self.source.frame_rate)},
            "sequence": self.sequence.to_json(),
            "name_stem": self.name_stem,
            "reel": self.reel,
            "frame_count": self.frame_count,
            "rate_method": self.rate_method.value,
            "placement": asdict(self.placement),
            "outputs": [asdict(output) for output in self.outputs],
            "chunks": [asdict(chunk) for chunk in self.chunks],
            "decisions": [asdict(decision) for decision in self.decisions],
            "offset": self.offset,
            "runs": [asdict(run) for run in self.runs],
            "start_timecode": str(self.start_timecode),  # for readers; it follows from the sequence
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """The plan that `to_json` wrote."""
        return cls(
            source=_source(document["source"]),
            sequence=Sequence.from_json(document["sequence"]),
            name_stem=document["name_stem"],
            reel=document["reel"],
            frame_count=document["frame_count"],
            rate_method=RateMethod(document["rate_method"]),
            placement=_placement(document["placement"]),
            outputs=tuple(_output(output) for output in document["outputs"]),
            chunks=tuple(FrameRange(**chunk) for chunk in document["chunks"]),
            decisions=tuple(Decision(**decision) for decision in document["decisions"]),
            runs=_runs(document),
        )


def _source(document: Mapping[str, Any]) -> SourceFacts:
    rate, space = Fraction(document["frame_rate"]), ColourSpace(document["space"])
    return SourceFacts(**{**document, "frame_rate": rate, "space": space})


def _runs(document: Mapping[str, Any]) -> tuple[FrameRange, ...]:
    """Earlier versions knew one, the first of them only from the clip's start."""
    one = {"first": document.get("offset", 0), "count": document["frame_count"]}
    return tuple(FrameRange(**run) for run in document.get("runs", (one,)))


def _output(document: Mapping[str, Any]) -> PlannedOutput:
    return PlannedOutput(
        role=OutputRole(document["role"]),
        format=DeliveryFormat(document["format"]),
        width=document["width"],
        height=document["height"],
        colour_space=ColourSpace(document["colour_space"]),
        name=document["name"],
        exr_profile=_profile(document.get("exr_profile")),
        shape=None if (shape := document.get("shape")) is None else Shape(shape),
        placement=None if (placed := document.get("placement")) is None else _placement(placed),
        run=document.get("run"),
    )


def _placement(document: Mapping[str, Any]) -> Placement:
    return Placement(**{**document, "fit": Fit(document["fit"])})


def _profile(stored: str | None) -> ExrProfile | None:
    return None if stored is None else ExrProfile(stored)
