"""One timeline with everything that goes wrong in timelines, at any rate and with any prompt."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Final

import pytest

from plugin_backend.domain.sequence import SUPPORTED_RATES, ColourSpace, FrameRate, Sequence, Timecode
from worker.timeline.model import (
    Clip,
    Gap,
    Marker,
    MarkerColour,
    MediaKind,
    MediaReference,
    Sound,
    Timeline,
)

RATES: Final = [FrameRate(fraction) for fraction in SUPPORTED_RATES]
COUNTINGS: Final = [(rate, False) for rate in RATES] + [(rate, True) for rate in RATES if rate.can_drop]
HOSTILE: Final = [
    "<左>&\"中文🎬' ]]> <!-- & &amp; %s {}",
    "  leading, trailing and\ttabs  ",
    "lines\nof\u2028many\u0085kinds\x1c.",
    "* FROM CLIP NAME: no.mov\n002  AX       V     C        00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00",
    "\u202eright to left\u202c e\u0301 \ufeff \U0010fffd",
    "",
    "long " * 2000,
]

TimelineMaker = Callable[..., Timeline]


FILM: Final = FrameRate(Fraction(24))


def make(
    rate: FrameRate = FILM,
    *,
    drop: bool = False,
    prompt: str = "",
    name: str = "Storm",
    channels: int = 0,
    proxies: bool = False,
) -> Timeline:
    """A movie with its handles shown, a gap, a trimmed EXR sequence with its movie, the first movie again.

    With `channels` the movies have sound, with `proxies` the first movie a stand-in.
    """
    sound = Sound(channels=channels) if channels else None
    playhead = Timecode.parse(f"01:00:10{';' if drop else ':'}00", rate=rate)
    movie = MediaReference(
        file="sh010.mov",
        kind=MediaKind.MOVIE,
        width=3840,
        height=2160,
        start_timecode=playhead - 8,
        frame_count=136,
        colour_space=ColourSpace.REC2100_PQ,
        reel="SH010",
        sound=sound,
    )
    images = MediaReference(
        file="sh020_exr/sh020.%07d.exr",
        kind=MediaKind.IMAGE_SEQUENCE,
        width=4096,
        height=2160,
        start_timecode=playhead + 120,
        frame_count=96,
        colour_space=ColourSpace.ACES2065_1,
        reel="SH020_take_2",
        first_image=1001,
    )
    stand_in = MediaReference(
        file="sh020.mov",
        kind=MediaKind.MOVIE,
        width=1920,
        height=1080,
        start_timecode=images.start_timecode,
        frame_count=96,
        colour_space=ColourSpace.REC709,
        reel="SH020_take_1",
        sound=sound,
    )
    light = replace(movie, file="sh010_proxy.mp4", width=1280, height=720, colour_space=ColourSpace.REC709)
    metadata = {"generation_id": "gen_06d9t2", "prompt": prompt}
    marker = Marker(name="lightning", frame=10, note=prompt, colour=MarkerColour.CYAN)
    span = Marker(name="span", frame=20, frame_count=5)
    return Timeline(
        name=name,
        sequence=Sequence(rate, 3840, 2160, ColourSpace.REC2100_PQ, playhead, 8),
        clips=(
            Clip(
                name="SH010",
                media=movie,
                proxy=light if proxies else None,
                source_start_frame=0,
                frame_count=136,
                handles=8,
                bin="Generated",
                markers=(marker,),
                metadata=metadata,
            ),
            Gap(frame_count=12),
            Clip(
                name="SH020",
                media=images,
                alternate=stand_in,
                source_start_frame=8,
                frame_count=80,
                handles=8,
                bin="Storms",
                markers=(marker, span),
                metadata=metadata,
            ),
            Clip(name="SH010 again", media=movie, source_start_frame=100, frame_count=36),
        ),
        markers=(Marker(name="black", frame=140), Marker(name="close", frame=230)),
    )


@pytest.fixture(scope="session")
def make_timeline() -> TimelineMaker:
    return make


@pytest.fixture(params=COUNTINGS, ids=lambda counting: f"{counting[0]}{' df' if counting[1] else ''}")
def timeline(request: pytest.FixtureRequest) -> Timeline:
    rate, drop = request.param
    return make(rate, drop=drop, prompt=HOSTILE[0])


@pytest.fixture(
    params=[counting for counting in COUNTINGS if counting[0].nominal <= 60],
    ids=lambda counting: f"{counting[0]}{' df' if counting[1] else ''}",
)
def readable_timeline(request: pytest.FixtureRequest) -> Timeline:
    """Only the rates at which OpenTimelineIO reads timecode and After Effects counts."""
    rate, drop = request.param
    return make(rate, drop=drop, prompt=HOSTILE[0])


@pytest.fixture(params=HOSTILE, ids=lambda prompt: repr(prompt)[:24].encode("ascii", "replace").decode())
def hostile(request: pytest.FixtureRequest) -> str:
    prompt: str = request.param
    return prompt
