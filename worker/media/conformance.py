"""Whether finished files are what was asked for: each fact that was read back, beside the one asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from plugin_backend.domain.delivering.conform_plan import ConformPlan, PlannedOutput
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat, ExrProfile
from plugin_backend.domain.sequence import ColourSpace, FrameRate, Timecode
from worker.media.colour import colour_tags
from worker.media.conform import ATTRIBUTES, movie_format
from worker.media.formats import MOVIE_FORMATS
from worker.media.hdr import HdrFacts
from worker.media.readback.boxes import LightBoxes, TimecodeTrack
from worker.media.readback.frames import FrameFound
from worker.media.readback.movie import MovieFound

_AAC_BLOCK: Final = Fraction(1024, 48_000)
_FASTEST_FRAME_TIMECODE: Final = 60  # what ST 12-1 counts, in pairs
_UNSPECIFIED: Final = (0, 2)  # ProRes has no name for sRGB's curve, and says 0
_NAMED: Final = 3  # of the checks that failed, in a failure's sentence


@dataclass(frozen=True, slots=True)
class Check:
    """One fact of one file."""

    file: str
    check: str
    asked: str
    found: str
    passed: bool

    def to_json(self) -> dict[str, Any]:
        """As the report spells it."""
        return {
            "file": self.file,
            "check": self.check,
            "asked": self.asked,
            "found": self.found,
            "pass": self.passed,
        }


def compared(file: str, check: str, *, asked: object, found: object) -> Check:
    """Passed where both are the same."""
    return Check(file, check, _said(asked), _said(found), asked == found)


def unread(file: str, error: object) -> Check:
    """Of a file that cannot be read back, and what was said of it."""
    return Check(file, "read back", "whole", str(error), passed=False)


def refusal(checks: Iterable[Check]) -> dict[str, Any] | None:
    """What is not as it was asked for, as a sentence and check by check; such a delivery is never ready."""
    failed = [check for check in checks if not check.passed]
    if not failed:
        return None
    named = "; ".join(
        f"{each.check} of {each.file} is {each.found}, asked {each.asked}" for each in failed[:_NAMED]
    )
    return {
        "detail": f"The finished files are not what was asked for: {named}.",
        "checks": [check.to_json() for check in failed],
    }


def movie_checks(
    found: MovieFound,
    output: PlannedOutput,
    plan: ConformPlan,
    *,
    hdr: HdrFacts | None,
    sound: bool,
) -> list[Check]:
    """Of a joined movie; `hdr` are the levels that it was to tell, `sound` whether it was to have any."""
    index, rate, name = found.index, plan.frame_rate.fraction, output.name
    size = (output.width, output.height)
    entry, coded = (index.width, index.height), found.coded_size
    checks = [
        compared(name, "frame rate", asked=rate, found=index.frame_rate),
        compared(name, "size", asked=_by(size), found=_by(entry) if entry == coded else _by(coded)),
        compared(name, "frame count", asked=plan.frame_count, found=index.frames),
        _duration(name, asked=plan.frame_count / rate, found=index.seconds),
        compared(name, "timecode", asked=plan.start_timecode, found=_label(index.timecode, plan.frame_rate)),
        compared(name, "reel", asked=plan.reel, found=found.reel),
        _colour(name, found, output.colour_space),
        _depth(name, asked=MOVIE_FORMATS[movie_format(output)].bit_depth, found=found.depth.decoded),
        _sound(name, found, asked=plan.frame_count / rate if sound else None),
    ]
    if hdr is not None:
        checks.append(_light(name, "light levels, boxes", asked=hdr, found=index.light))
        if output.format in (DeliveryFormat.HEVC_HDR10, DeliveryFormat.HEVC_MAIN12):
            checks.append(_light(name, "light levels, messages", asked=hdr, found=found.messages))
    return checks


def frame_checks(
    found: FrameFound,
    frame: int,
    output: PlannedOutput,
    plan: ConformPlan,
    *,
    light: tuple[float, float] | None,
) -> list[Check]:
    """Of one frame's file, counted from 0; `light` are its own brightest pixel and average."""
    name = output.frame_name(plan.frame_number(frame))
    checks = [
        compared(
            name, "size", asked=_by((output.width, output.height)), found=_by((found.width, found.height))
        ),
        compared(name, "bit depth", asked=16, found=found.bit_depth),
        compared(name, "colour", asked=_frame_colour(output), found=found.colour),
    ]
    if output.format not in (DeliveryFormat.EXR_ACES, DeliveryFormat.EXR_ACESCG):
        return checks
    timecode = plan.timecode(frame) if plan.frame_rate.nominal <= _FASTEST_FRAME_TIMECODE else None
    checks += [
        compared(name, "profile", asked=output.exr_profile or ExrProfile.PIZ, found=found.profile),
        compared(name, "frame rate", asked=plan.frame_rate.fraction, found=found.frame_rate),
        compared(
            name, "timecode", asked=timecode if timecode is None else str(timecode), found=found.timecode
        ),
        compared(name, "reel", asked=plan.reel, found=found.reel),
        compared(name, "frame number", asked=plan.frame_number(frame), found=found.number),
    ]
    told = (
        found.attributes.get(f"{ATTRIBUTES}:max_cd_m2"),
        found.attributes.get(f"{ATTRIBUTES}:average_cd_m2"),
    )
    if light is not None and told != (None, None):
        measured = f"{light[0]:.3f}", f"{light[1]:.3f}"
        checks.append(compared(name, "light of the frame", asked=" and ".join(measured), found=_and(told)))
    return checks


def recording_check(name: str, facts: tuple[int, int, int], *, seconds: Fraction) -> Check:
    """Of a sound file's channels, samples a second and samples; it is as long as the picture to a sample."""
    channels, rate, samples = facts
    asked = f"stereo, 48000 Hz, {_seconds(seconds)}"
    found = f"{_channels(channels)}, {rate} Hz, {_seconds(Fraction(samples, rate))}"
    passed = (channels, rate) == (2, 48_000) and abs(samples - seconds * rate) <= 1
    return Check(name, "sound", asked, found, passed)


def merged(checks: Iterable[Check], *, name: str, count: int) -> list[Check]:
    """The same checks of several frames, each as one: what failed first, else what the first one said."""
    by_check: dict[str, list[Check]] = {}
    for check in checks:
        by_check.setdefault(check.check, []).append(check)
    told = []
    for about, each in by_check.items():
        worst = next((check for check in each if not check.passed), None)
        if worst is not None:
            told.append(worst)
        elif len({check.asked for check in each}) == 1:
            told.append(Check(name, about, each[0].asked, each[0].found, passed=True))
        else:
            told.append(Check(name, about, "each frame's own", f"so in {len(each)} of {count}", passed=True))
    return told


def _label(track: TimecodeTrack | None, rate: FrameRate) -> Timecode | str | None:
    if track is None:
        return None
    try:
        return Timecode(track.first_frame, rate, track.drops)
    except ValueError:
        return f"frame {track.first_frame}{', drop-frame' if track.drops else ''}"


def _duration(name: str, *, asked: Fraction, found: Fraction) -> Check:
    return Check(name, "duration", _seconds(asked), _seconds(found), asked == found)


def _colour(name: str, found: MovieFound, space: ColourSpace) -> Check:
    """In the box and in what decodes; a codec whose frames do not say is spoken for by its box."""
    tags = colour_tags(space)
    wanted = (tags.primaries, tags.transfer, tags.matrix)
    box, decoded = found.index.colour, found.colour
    agrees = all(its in (mine, *_UNSPECIFIED) for its, mine in zip(decoded, wanted, strict=True))
    spelt = "none" if box is None else _dashed(box)
    if not agrees and decoded != box:
        spelt += f", frames {_dashed(decoded)}"
    spelt += ", full range" if found.full_range else ", limited range"
    passed = box == wanted and agrees and not found.full_range
    return Check(name, "colour", f"{_dashed(wanted)}, limited range", spelt, passed)


def _depth(name: str, *, asked: int, found: int) -> Check:
    """A decoder may have more bits than were given: ProRes 4444's has twelve."""
    return Check(name, "bit depth", f"{asked} or more", str(found), found >= asked)


def _sound(name: str, found: MovieFound, *, asked: Fraction | None) -> Check:
    if asked is None or found.sound is None:
        spelt = "none" if found.sound is None else found.sound.codec
        return compared(name, "sound", asked="none" if asked is None else "stereo, 48000 Hz", found=spelt)
    seconds = found.index.sound_seconds or Fraction(0)
    spelt = f"{_channels(found.sound.channels)}, {found.sound.sample_rate} Hz, {_seconds(seconds)}"
    in_time = abs(seconds - asked) <= _AAC_BLOCK
    passed = in_time and (found.sound.channels, found.sound.sample_rate) == (2, 48_000)
    return Check(name, "sound", f"stereo, 48000 Hz, {_seconds(asked)}", spelt, passed)


def _light(name: str, check: str, *, asked: HdrFacts, found: LightBoxes | None) -> Check:
    display = asked.mastering
    red, green, blue = display.primaries
    points = [round(value * 50_000) for point in (green, blue, red, display.white) for value in point]
    levels = [round(display.max_luminance * 10_000), round(display.min_luminance * 10_000)]
    wanted = LightBoxes(asked.max_cll, asked.max_fall, (*points, *levels))
    return Check(name, check, _levels(wanted), _levels(found), wanted == found)


def _levels(light: LightBoxes | None) -> str:
    if light is None:
        return "none"
    *points, most, _ = light.mastering
    primaries = " ".join(f"{value / 50_000:.4g}" for value in points)
    return f"MaxCLL {light.max_cll}, MaxFALL {light.max_fall}, {most / 10_000:.0f} cd/m2 ({primaries})"


def _frame_colour(output: PlannedOutput) -> str:
    match output.format:
        case DeliveryFormat.EXR_ACES:
            return "AP0"
        case DeliveryFormat.EXR_ACESCG:
            return "AP1"
        case DeliveryFormat.TIFF:
            return "ICC"
        case _:
            tags = colour_tags(output.colour_space)
            return f"{tags.primaries}-{tags.transfer}"


def _said(value: object) -> str:
    return "none" if value is None else str(value)


def _and(values: tuple[str | None, ...]) -> str:
    return " and ".join(str(value) for value in values)


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"


def _dashed(points: tuple[int, ...]) -> str:
    return "-".join(map(str, points))


def _channels(count: int) -> str:
    return {1: "mono", 2: "stereo"}.get(count, f"{count} channels")


def _seconds(value: Fraction) -> str:
    return f"{float(value):.6f} s"
