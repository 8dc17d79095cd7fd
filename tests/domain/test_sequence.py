"""Frame rates, timecode and sequences, held against OpenTimelineIO and against the standard written out."""

from collections.abc import Iterator
from fractions import Fraction

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_backend.domain.errors import ValidationFailedError
from plugin_backend.domain.sequence import (
    SUPPORTED_RATES,
    ColourSpace,
    FrameRate,
    Sequence,
    Timecode,
    frames_for,
)

RATES = [FrameRate(fraction) for fraction in SUPPORTED_RATES]
COUNTINGS = [(rate, False) for rate in RATES] + [(rate, True) for rate in RATES if rate.can_drop]
# OpenTimelineIO writes no timecode above 60; the written-out standard judges those alone.
OTIO_COUNTINGS = [(rate, drop) for rate, drop in COUNTINGS if rate.nominal <= 60]


def frames_in_a_day(rate: FrameRate, *, drop: bool) -> int:
    return {(30, True): 2_589_408, (60, True): 5_178_816}.get((rate.nominal, drop), 86_400 * rate.nominal)


def otio_day(rate: FrameRate) -> int:
    """From this frame on OpenTimelineIO may say 00:00:00:00, in drop-frame or not.

    Theirs is 24 hours of the clock, each rounded to whole frames: at 60000/1001 it is over at 23:58:33:36.
    (24000/1001 they let run to the label's midnight.) What follows is judged by the written-out standard.
    """
    return 24 * round(3_600 * rate.fraction)


def written_out_labels(rate: FrameRate, *, drop: bool, hours: int) -> Iterator[str]:
    """SMPTE ST 12-1 as the standard tells it: skip the first numbers of every minute but each tenth."""
    skipped = {30: 2, 60: 4}[rate.nominal] if drop else 0
    digits = 3 if rate.nominal > 100 else 2
    for minute in range(hours * 60):
        for second in range(60):
            first = skipped if second == 0 and minute % 10 != 0 else 0
            for frame in range(first, rate.nominal):
                separator = ";" if drop else ":"
                yield f"{minute // 60:02}:{minute % 60:02}:{second:02}{separator}{frame:0{digits}}"


@st.composite
def timecodes(draw: st.DrawFn) -> Timecode:
    rate, drop = draw(st.sampled_from(COUNTINGS))
    return Timecode(draw(st.integers(0, frames_in_a_day(rate, drop=drop) - 1)), rate, drop)


def sequences() -> st.SearchStrategy[Sequence]:
    return timecodes().flatmap(
        lambda playhead: st.builds(
            Sequence,
            frame_rate=st.just(playhead.rate),
            width=st.integers(16, 8192),
            height=st.integers(16, 8192),
            colour_space=st.sampled_from(ColourSpace),
            playhead=st.just(playhead),
            handles_frames=st.integers(0, 600),
        )
    )


@pytest.mark.parametrize("rate", RATES, ids=str)
def test_a_frame_rate_reads_back_what_it_writes(rate: FrameRate) -> None:
    assert FrameRate.parse(str(rate)) == rate


def test_a_frame_rate_knows_its_nominal_count_and_its_drop_frame() -> None:
    film, video, double = (FrameRate.parse(text) for text in ("24000/1001", "30000/1001", "60000/1001"))
    assert (film.nominal, video.nominal, double.nominal) == (24, 30, 60)
    assert [rate.can_drop for rate in (film, video, double, FrameRate.parse("30"))] == [
        False,
        True,
        True,
        False,
    ]
    assert film.is_ntsc
    assert not FrameRate.parse("25").is_ntsc


@pytest.mark.parametrize(
    ("text", "way_out"),
    [
        ("23.976", 'write "24000/1001"'),
        ("23.98", 'write "24000/1001"'),
        ("29.97", 'write "30000/1001"'),
        ("59.94", 'write "60000/1001"'),
        ("24.0", 'write "24"'),
        ("12.5", "use one of"),
        ("0/1", "above zero"),
        ("24/0", "above zero"),
        ("1001", "use one of"),
        ("23", "use one of"),
        ("NaN", "use one of"),
        ("-24", "use one of"),
        ("٢٤", "use one of"),
        ("", "use one of"),
        ("9" * 5000, "use one of"),
    ],
)
def test_a_rate_that_is_not_exact_or_not_supported_is_refused_with_the_way_out(
    text: str, way_out: str
) -> None:
    with pytest.raises(ValueError, match=way_out):
        FrameRate.parse(text)


@given(timecodes())
def test_a_timecode_reads_back_what_it_writes_anywhere_in_24_hours(timecode: Timecode) -> None:
    assert Timecode.parse(str(timecode), rate=timecode.rate) == timecode


@pytest.mark.parametrize(("rate", "drop"), COUNTINGS)
def test_labels_count_as_the_standard_written_out_counts(rate: FrameRate, drop: bool) -> None:  # noqa: FBT001 - a parameter of pytest's
    labels = list(written_out_labels(rate, drop=drop, hours=1))
    step = 1 if drop else 997
    for frames in range(0, len(labels), step):
        assert str(Timecode(frames, rate, drop)) == labels[frames]
    assert 24 * len(labels) == frames_in_a_day(rate, drop=drop)  # every hour counts alike
    for frames in range(0, len(labels), 997):
        assert str(Timecode(23 * len(labels) + frames, rate, drop)) == f"23{labels[frames][2:]}"
    assert str(Timecode(len(labels), rate, drop)).startswith("01:00:00")
    assert str(Timecode(0, rate, drop) - 1).startswith("23:59:59")
    assert (Timecode(0, rate, drop) - 1).frames == frames_in_a_day(rate, drop=drop) - 1


@settings(deadline=None)  # the first look at a library takes its time
@given(st.sampled_from(OTIO_COUNTINGS), st.data())
def test_labels_agree_with_opentimelineio(counting: tuple[FrameRate, bool], data: st.DataObject) -> None:
    rate, drop = counting
    last = otio_day(rate) - 1
    for frames in (0, data.draw(st.integers(0, last)), last):
        theirs = otio.opentime.RationalTime(frames, float(rate.fraction))
        assert str(Timecode(frames, rate, drop)) == otio.opentime.to_timecode(
            theirs, float(rate.fraction), drop_frame=drop
        )


@given(timecodes(), st.integers(-10_000_000, 10_000_000))
def test_frames_added_are_frames_taken_away_round_the_clock(timecode: Timecode, frames: int) -> None:
    day = frames_in_a_day(timecode.rate, drop=timecode.drop)
    assert timecode + frames - frames == timecode
    assert (timecode + frames).frames_since(timecode) == frames % day


@pytest.mark.parametrize(
    ("text", "rate", "way_out"),
    [
        ("01:01:00;00", "30000/1001", "that minute starts at 01:01:00;02"),
        ("01:01:00;03", "60000/1001", "that minute starts at 01:01:00;04"),
        ("01:00:00;00", "24000/1001", "write 01:00:00:00"),
        ("01:00:00;00", "30", "write 01:00:00:00"),
        ("01:00:00:24", "24", "from 0 to 23"),
        ("24:00:00:00", "24", "23:59:59"),
        ("00:60:00:00", "24", "23:59:59"),
        ("1:00:00:00", "24", "HH:MM:SS:FF"),
        ("01;00;00:00", "30000/1001", "HH:MM:SS:FF"),
        ("\u0660\u0661:00:00:00", "24", "HH:MM:SS:FF"),
        ("01:00:00:00\n", "24", "HH:MM:SS:FF"),
    ],
)
def test_an_illegal_label_is_refused_with_what_to_write(text: str, rate: str, way_out: str) -> None:
    with pytest.raises(ValueError, match=way_out):
        Timecode.parse(text, rate=FrameRate.parse(rate))


def test_semicolons_throughout_also_mean_drop_frame() -> None:
    rate = FrameRate.parse("30000/1001")
    assert Timecode.parse("01;00;00;00", rate=rate) == Timecode.parse("01:00:00;00", rate=rate)


def test_timecodes_of_different_counting_are_not_compared() -> None:
    rate = FrameRate.parse("30000/1001")
    with pytest.raises(ValueError, match="cannot be compared"):
        Timecode(0, rate, drop=True).frames_since(Timecode(0, rate))


@given(st.fractions(0, 3600, max_denominator=1000), st.sampled_from(RATES))
def test_a_duration_becomes_the_nearest_frames_half_up(seconds: Fraction, rate: FrameRate) -> None:
    frames = frames_for(seconds, rate)
    assert Fraction(-1, 2) < frames - seconds * rate.fraction <= Fraction(1, 2)


def test_five_seconds_of_film_at_ntsc_speed_are_120_frames() -> None:
    assert frames_for(Fraction(5), FrameRate.parse("24000/1001")) == 120


@given(sequences())
def test_a_sequence_reads_back_what_it_writes(sequence: Sequence) -> None:
    assert Sequence.from_json(sequence.to_json()) == sequence


def test_an_empty_sequence_takes_the_defaults() -> None:
    assert Sequence.from_json({}).to_json() == {
        "frame_rate": "24",
        "width": 1920,
        "height": 1080,
        "colour_space": "rec709",
        "playhead_timecode": "01:00:00:00",
        "handles_frames": 0,
    }


def test_a_clip_starts_at_the_playhead_minus_the_handles() -> None:
    document = {"frame_rate": "30000/1001", "playhead_timecode": "01:01:00;02", "handles_frames": 1}
    assert str(Sequence.from_json(document).clip_start) == "01:00:59;29"


def test_every_problem_of_a_sequence_is_named_at_once() -> None:
    document = {
        "frame_rate": "25",
        "width": True,
        "height": 8193,
        "colour_space": ["rec709"],
        "playhead_timecode": 7,
        "handles_frames": -1,
        "a/b": 1,
    }
    with pytest.raises(ValidationFailedError) as refusal:
        Sequence.from_json(document, pointer="/shots/0/sequence")
    assert {problem.pointer.removeprefix("/shots/0/sequence/") for problem in refusal.value.problems} == {
        "width",
        "height",
        "colour_space",
        "playhead_timecode",
        "handles_frames",
        "a~1b",
    }


def test_a_decimal_rate_in_json_is_refused_with_its_fraction() -> None:
    with pytest.raises(ValidationFailedError, match=r'23\.976 is not exact; write "24000/1001"'):
        Sequence.from_json({"frame_rate": 23.976})


def test_a_sequence_refuses_a_playhead_that_counts_at_another_rate() -> None:
    with pytest.raises(ValueError, match="another rate"):
        Sequence(FrameRate(Fraction(24)), 64, 64, ColourSpace.REC709, Timecode(0, FrameRate(Fraction(25))), 0)
