"""What a host is given: which movie or frames, which timeline files, conformed to which sequence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final, Self

from plugin_backend.domain.delivering.delivery_formats import DELIVERY_FORMATS, DeliveryFormat, ExrProfile
from plugin_backend.domain.delivering.delivery_sound import Audio, sound_problems
from plugin_backend.domain.delivering.parts import MOST_FRAMES, Part, runs_of
from plugin_backend.domain.delivering.placing import Fit, Position
from plugin_backend.domain.delivering.retiming import Retime
from plugin_backend.domain.delivering.shapes import Shape
from plugin_backend.domain.errors import FieldProblem, ValidationFailedError
from plugin_backend.domain.sequence import FrameRate, Sequence, frames_for


class Host(StrEnum):
    """The programs a delivery is made for."""

    PREMIERE_PRO = "premiere-pro"
    AFTER_EFFECTS = "after-effects"
    PHOTOSHOP = "photoshop"
    RESOLVE = "resolve"
    FINAL_CUT_PRO = "final-cut-pro"
    NUKE = "nuke"
    DOWNLOAD = "download"


class TimelineFile(StrEnum):
    """The timeline files beside the media."""

    OTIO = "otio"
    FCP7XML = "fcp7xml"
    FCPXML = "fcpxml"
    EDL = "edl"
    AAF = "aaf"
    OTIOZ = "otioz"
    NUKE = "nuke"
    AFTER_EFFECTS = "after-effects"

    def counts(self, rate: FrameRate) -> bool:
        """Whether its program or its two digits for frames go that far."""
        return rate.nominal <= _FASTEST.get(self, rate.nominal)

    def holds(self, part: Part) -> bool:
        """Whether it has room for so many runs of frames."""
        return len(runs_of(part.frames or ())) <= _MOST_RUNS.get(self, MOST_FRAMES)

    @property
    def needs_movie(self) -> bool:
        """Whether it cannot name frames: stills come without a movie beside them."""
        return self in (TimelineFile.FCPXML, TimelineFile.OTIOZ)


_FASTEST: Final[Mapping[TimelineFile, int]] = {TimelineFile.EDL: 100, TimelineFile.AFTER_EFFECTS: 99}

_MOST_RUNS: Final[Mapping[TimelineFile, int]] = {
    TimelineFile.EDL: 500,  # three digits number them and the gaps between
}

_HOST_FORMAT: Final[Mapping[Host, DeliveryFormat]] = {
    Host.PREMIERE_PRO: DeliveryFormat.PRORES_422_HQ,
    Host.AFTER_EFFECTS: DeliveryFormat.PRORES_422_HQ,
    Host.PHOTOSHOP: DeliveryFormat.PNG,
    Host.RESOLVE: DeliveryFormat.PRORES_422_HQ,
    Host.FINAL_CUT_PRO: DeliveryFormat.PRORES_422_HQ,
    Host.NUKE: DeliveryFormat.EXR_ACES,
    Host.DOWNLOAD: DeliveryFormat.H264,
}

_HOST_TIMELINES: Final[Mapping[Host, tuple[TimelineFile, ...]]] = {
    Host.PREMIERE_PRO: (TimelineFile.FCP7XML, TimelineFile.OTIO),
    Host.AFTER_EFFECTS: (TimelineFile.AFTER_EFFECTS,),
    Host.PHOTOSHOP: (),
    Host.RESOLVE: (TimelineFile.OTIO, TimelineFile.FCP7XML, TimelineFile.EDL),
    Host.FINAL_CUT_PRO: (TimelineFile.FCPXML,),
    Host.NUKE: (TimelineFile.NUKE, TimelineFile.OTIO),
    Host.DOWNLOAD: (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRequest:
    """What `POST /v1/takes/{id}/deliveries` asks; left out, the host's own habits."""

    host: Host = Host.DOWNLOAD
    master_format: DeliveryFormat | None = None
    sequence: Sequence | None = None
    timeline: tuple[TimelineFile, ...] | None = None
    proxy: bool | None = None
    """Whether a light movie comes beside the master; left out, wherever there is a place for one."""
    retime: Retime = Retime.AUTO
    fit: Fit = Fit.FIT
    position: Position | None = None
    """Of what is cut off or padded; left out, even on both sides."""
    shapes: tuple[Shape, ...] | None = None
    """Movies of these shapes, filled, instead of one in the sequence's own."""
    in_frame: int | None = None
    """With `out_frame`, the part of the conformed clip that is delivered: both frames are in it."""
    out_frame: int | None = None
    frames: tuple[int, ...] | None = None
    """Or these: a movie of each run of them, or just those frames."""
    audio: Audio = Audio.TAKE
    audio_asset_id: str | None = None
    audio_offset_seconds: float = 0.0
    """When the sound begins, after the picture does; below zero its beginning is cut off."""
    audio_gain_db: float = 0.0
    exr_profile: ExrProfile | None = None
    """How EXR frames are stored; left out, as `piz`."""

    @property
    def format(self) -> DeliveryFormat:
        """The movie or frames that are made."""
        habit = _HOST_FORMAT[self.host] if self.shapes is None else DeliveryFormat.H264
        return self.master_format or habit

    @property
    def timelines(self) -> tuple[TimelineFile, ...]:
        """The timeline files that are made; of a host's habits those that can carry what is delivered."""
        if self.timeline is not None or self.shapes is not None:
            return self.timeline or ()
        rate = None if self.sequence is None else self.sequence.frame_rate
        able = (each for each in _HOST_TIMELINES[self.host] if rate is None or each.counts(rate))
        able = (each for each in able if each.holds(self.part))
        return tuple(each for each in able if self.has_movie or not each.needs_movie)

    @property
    def part(self) -> Part:
        """Which frames of the clip are delivered."""
        return Part(self.in_frame, self.out_frame, self.frames)

    @property
    def is_pictures(self) -> bool:
        """Whether it is pictures alone, stills or a list of frames, without movie or sound beside them."""
        facts = DELIVERY_FORMATS[self.format]
        return not facts.is_movie and (facts.is_still or self.frames is not None)

    @property
    def has_movie(self) -> bool:
        """Whether a movie is among the files."""
        return DELIVERY_FORMATS[self.format].is_movie or not (self.is_pictures or self.proxy is False)

    def to_json(self) -> dict[str, Any]:
        """The contract's shape."""
        return {
            "host": self.host.value,
            "master_format": None if self.master_format is None else self.master_format.value,
            "sequence": None if self.sequence is None else self.sequence.to_json(),
            "timeline": None if self.timeline is None else [each.value for each in self.timeline],
            "proxy": self.proxy,
            "retime": self.retime.value,
            "fit": self.fit.value,
            "position": None if self.position is None else {"x": self.position.x, "y": self.position.y},
            "shapes": None if self.shapes is None else [each.value for each in self.shapes],
            "in_frame": self.in_frame,
            "out_frame": self.out_frame,
            "frames": None if self.frames is None else list(self.frames),
            "audio": self.audio.value,
            "audio_asset_id": self.audio_asset_id,
            "audio_offset_seconds": self.audio_offset_seconds,
            "audio_gain_db": self.audio_gain_db,
            "exr_profile": None if self.exr_profile is None else self.exr_profile.value,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote; earlier versions wrote less, and so does a `deliver_to`."""
        sequence, timeline, fmt = data.get("sequence"), data.get("timeline"), data["master_format"]
        profile = data.get("exr_profile")
        position, shapes, frames = data.get("position"), data.get("shapes"), data.get("frames")
        request = cls(
            host=Host(data["host"]),
            master_format=None if fmt is None else DeliveryFormat(fmt),
            sequence=None if sequence is None else Sequence.from_json(sequence),
            timeline=None if timeline is None else tuple(TimelineFile(each) for each in timeline),
            proxy=data.get("proxy"),
            retime=Retime(data.get("retime", Retime.AUTO)),
            fit=Fit(data.get("fit", Fit.FIT)),
            position=None if position is None else Position(**position),
            shapes=None if shapes is None else tuple(Shape(each) for each in shapes),
            in_frame=data.get("in_frame"),
            out_frame=data.get("out_frame"),
            frames=None if frames is None else tuple(frames),
            audio=Audio(data.get("audio", Audio.TAKE)),
            audio_asset_id=data.get("audio_asset_id"),
            audio_offset_seconds=data.get("audio_offset_seconds", 0.0),
            audio_gain_db=data.get("audio_gain_db", 0.0),
            exr_profile=None if profile is None else ExrProfile(profile),
        )
        # Earlier versions wrote `true` where nothing was said, also where no proxy has a place.
        return replace(request, proxy=None) if _proxy_problems(request) else request


def validate_delivery(request: DeliveryRequest, *, duration: Fraction, sequence: Sequence) -> None:
    """Refuse what is not made here or does not fit the take; ValidationFailedError names each field."""
    problems = [
        FieldProblem(f"/timeline/{index}", detail)
        for index, timeline in enumerate(request.timeline or ())
        for detail in _in_the_way_of(timeline, request, sequence)
    ]
    problems += _proxy_problems(request)
    problems += _profile_problems(request)
    problems += sound_problems(
        request.audio,
        asset_id=request.audio_asset_id,
        offset_seconds=request.audio_offset_seconds,
        gain_db=request.audio_gain_db,
    )
    problems += _placing_problems(request)
    if request.frames is not None and request.is_pictures:
        problems += _silent_problems(request)
    frames = frames_for(duration, sequence.frame_rate)
    if 2 * sequence.handles_frames >= frames:
        detail = f"Handles on both sides lie inside the take, which has {frames} frames here."
        problems.append(FieldProblem("/sequence/handles_frames", detail))
    if problems:
        raise ValidationFailedError(problems)


def _in_the_way_of(timeline: TimelineFile, request: DeliveryRequest, sequence: Sequence) -> Iterator[str]:
    if not timeline.counts(sequence.frame_rate):
        yield f"{timeline} does not count {sequence.frame_rate} frames a second; leave it out."
    if timeline.needs_movie and not request.has_movie:
        way = "ask for a movie" if request.is_pictures else "ask for the proxy"
        yield f"{timeline} names movies, and there is none here; leave it out, or {way}."
    if not timeline.holds(request.part):
        most = _MOST_RUNS.get(timeline, MOST_FRAMES)
        yield f"{timeline} has room for {most} runs of frames; leave it out."


def _proxy_problems(request: DeliveryRequest) -> list[FieldProblem]:
    """Of one asked for by name where none is made."""
    if not request.proxy:
        return []
    if request.shapes is not None:
        return [FieldProblem("/proxy", "Shapes are for publishing and come alone: leave it out.")]
    if request.is_pictures:
        detail = f"Stills and lists of frames ({request.format}) come without a movie: leave it out."
        return [FieldProblem("/proxy", detail)]
    return []


def _profile_problems(request: DeliveryRequest) -> list[FieldProblem]:
    able = DELIVERY_FORMATS[request.format].exr_profiles
    if request.exr_profile is None or request.exr_profile in able:
        return []
    if not able:
        detail = f"{request.format} is no EXR; leave it out, or ask for exr-aces."
    else:
        detail = (
            f"{request.format} is stored as one of {', '.join(able)}; {request.exr_profile} is for exr-aces."
        )
    return [FieldProblem("/exr_profile", detail)]


def _placing_problems(request: DeliveryRequest) -> list[FieldProblem]:
    """Of shapes, and of a position that says nothing."""
    problems = []
    if request.shapes is None:
        if request.position is not None and request.fit is Fit.FIT:
            detail = "All of the picture is shown, in the middle: leave it out, or ask for fill, pad or crop."
            problems.append(FieldProblem("/position", detail))
        return problems
    if request.format is not DeliveryFormat.H264:
        detail = f"Shapes are h264 movies, and this is {request.format}: ask for master_format h264, or none."
        problems.append(FieldProblem("/shapes", detail))
    if request.fit in (Fit.PAD, Fit.CROP):
        problems.append(FieldProblem("/fit", "A shape is always filled: leave it out."))
    if request.timeline:
        detail = "A timeline has one shape, the sequence's: leave it out, or the shapes."
        problems.append(FieldProblem("/timeline", detail))
    return problems


def _silent_problems(request: DeliveryRequest) -> list[FieldProblem]:
    """Of sound that listed frames have no place for."""
    detail = f"A list of {request.format} frames comes as pictures alone: leave this out."
    given = (("audio_asset_id", request.audio_asset_id is not None), ("audio", request.audio is Audio.SILENT))
    return [FieldProblem(f"/{name}", detail) for name, is_given in given if is_given]
