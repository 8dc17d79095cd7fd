import json
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_backend.domain.delivering.conform import own_sequence, plan_conform, reel_name
from plugin_backend.domain.delivering.conform_plan import (
    ConformPlan,
    OutputRole,
    OutputSpec,
    SourceFacts,
)
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat
from plugin_backend.domain.delivering.placing import Fit
from plugin_backend.domain.delivering.retiming import RateMethod
from plugin_backend.domain.errors import ValidationFailedError
from plugin_backend.domain.sequence import SUPPORTED_RATES, ColourSpace, FrameRate
from tests.domain.conforms import EXR, H264, PRORES, PROXY, plan, reason, sequence, source

SCALED = (Fit.FIT, Fit.FILL)

rates = st.sampled_from(SUPPORTED_RATES).map(FrameRate)
sides = st.integers(8, 2048).map(lambda half: 2 * half)
made_rates = st.sampled_from(SUPPORTED_RATES) | st.fractions(5, 130, max_denominator=1001)
sources = st.builds(
    SourceFacts,
    frame_rate=made_rates,
    frame_count=st.integers(8, 1200),
    width=sides,
    height=sides,
    space=st.sampled_from(ColourSpace),
)


def test_equal_rates_keep_every_frame() -> None:
    made = plan(source(), sequence())
    assert made.rate_method is RateMethod.EXACT
    assert [made.source_frame(i) for i in range(120)] == list(range(120))


@pytest.mark.parametrize(
    ("taken", "wanted"), [("24", "24000/1001"), ("24000/1001", "24"), ("30", "30000/1001")]
)
def test_a_thousandth_of_difference_is_relabelled_not_resampled(taken: str, wanted: str) -> None:
    made = plan(source(taken), sequence(wanted))
    assert made.rate_method is RateMethod.RELABEL
    assert made.frame_count == 120
    assert [made.source_frame(i) for i in range(120)] == list(range(120))


def test_a_long_clip_is_resampled_rather_than_let_drift() -> None:
    made = plan(source(frames=1200), sequence("24000/1001"))
    assert made.rate_method is RateMethod.NEAREST
    assert made.frame_count == 1199
    assert "1 of the source are left out" in reason(made, "frame-rate")


def test_24_to_25_repeats_one_frame_a_second_and_says_so() -> None:
    made = plan(source(), sequence("25"))
    assert made.frame_count == 125
    shown = [made.source_frame(i) for i in range(125)]
    assert len(set(shown)) == 120
    assert "5 repeat one, 0 of the source are left out" in reason(made, "frame-rate")


def test_doubling_the_rate_shows_each_frame_twice() -> None:
    made = plan(source(frames=8), sequence("48"))
    assert [made.source_frame(i) for i in range(16)] == [i // 2 for i in range(16)]


@settings(deadline=None)
@given(sources, rates)
def test_a_conform_never_runs_backwards_out_of_the_source_or_off_by_a_frame(
    taken: SourceFacts, rate: FrameRate
) -> None:
    made = plan(taken, sequence(str(rate)))
    shown = [made.source_frame(i) for i in range(made.frame_count)]
    assert shown == sorted(shown)
    assert shown[0] >= 0
    assert shown[-1] < taken.frame_count
    assert abs(made.frame_count / rate.fraction - taken.duration) <= Fraction(1, 2) / rate.fraction
    for frame, shows in enumerate(shown):
        apart = (frame + Fraction(1, 2)) / rate.fraction - (shows + Fraction(1, 2)) / taken.frame_rate
        assert abs(apart) <= max(1 / rate.fraction, 1 / taken.frame_rate)


@settings(deadline=None)
@given(sources, rates, st.sampled_from(SCALED), sides, sides)
def test_a_plan_survives_a_row(
    taken: SourceFacts, rate: FrameRate, fit: Fit, width: int, height: int
) -> None:
    made = plan(taken, sequence(str(rate), width=width, height=height), EXR, PRORES, PROXY, fit=fit)
    assert ConformPlan.from_json(json.loads(json.dumps(made.to_json()))) == made


@settings(deadline=None)
@given(sources, rates)
def test_chunks_cover_every_frame_once_in_nearly_equal_parts(taken: SourceFacts, rate: FrameRate) -> None:
    made = plan(taken, sequence(str(rate), width=3840, height=2160), EXR, PRORES)
    assert [frame for chunk in made.chunks for frame in chunk.frames] == list(range(made.frame_count))
    counts = {chunk.count for chunk in made.chunks}
    assert max(counts) - min(counts) <= 1


def test_a_chunk_is_about_a_second_at_1080p_and_shorter_at_2160p() -> None:
    assert [chunk.count for chunk in plan(source(), sequence()).chunks] == [24] * 5
    large = plan(source(width=3840, height=2160), sequence(width=3840, height=2160))
    assert {chunk.count for chunk in large.chunks} <= {6, 7}


@settings(deadline=None)
@given(sides, sides, sides, sides, st.sampled_from(SCALED))
def test_the_picture_keeps_its_aspect_and_its_sides_even(
    width: int, height: int, wide: int, high: int, fit: Fit
) -> None:
    made = plan(source(width=width, height=height), sequence(width=wide, height=high), fit=fit).placement
    scale = (max if fit is Fit.FILL else min)(wide / width, high / height)
    assert abs(made.width - width * scale) <= 2
    assert abs(made.height - height * scale) <= 2
    assert not any(number % 2 for number in (made.width, made.height, made.left, made.top))
    for start, length, frame in ((made.left, made.width, wide), (made.top, made.height, high)):
        assert (
            (start <= 0 and start + length >= frame)
            if fit is Fit.FILL
            else (start >= 0 and start + length <= frame)
        )


def test_a_square_take_is_letterboxed_in_a_wide_sequence() -> None:
    made = plan(source(width=1080, height=1080), sequence())
    assert (made.placement.width, made.placement.height) == (1080, 1080)
    assert (made.placement.left, made.placement.top) == (420, 0)
    assert reason(made, "size").endswith("its own pixels, centred on black.")
    assert not made.placement.upscaled


def test_a_draft_delivered_large_is_marked_as_upscaled() -> None:
    assert plan(source(width=960, height=540), sequence()).placement.upscaled


def test_the_clip_starts_the_handles_before_the_playhead() -> None:
    made = plan(source(), sequence(playhead_timecode="01:00:10:00", handles_frames=12))
    assert str(made.start_timecode) == "01:00:09:12"
    assert made.frame_number(0) == (3600 + 10) * 24 - 12
    assert made.outputs[0].frame_name(made.frame_number(0)) == "shot.0086628.exr"


def test_frame_numbers_run_on_past_midnight_while_timecode_goes_round() -> None:
    made = plan(source(), sequence(playhead_timecode="23:59:59:00"))
    assert str(made.timecode(24)) == "00:00:00:00"
    assert made.frame_number(24) == 24 * 86400


@pytest.mark.parametrize("handles", [60, 61, 600])
def test_handles_that_leave_nothing_of_the_take_are_refused_with_the_most_that_fits(handles: int) -> None:
    with pytest.raises(ValidationFailedError, match="room for handles of 59 on each side") as refused:
        plan(source(), sequence(handles_frames=handles))
    assert [problem.pointer for problem in refused.value.problems] == ["/sequence/handles_frames"]


def test_the_longest_handles_that_fit_are_taken() -> None:
    assert plan(source(), sequence(handles_frames=59)).frame_count == 120


def test_an_odd_sequence_takes_frames_but_no_movie() -> None:
    assert plan(source(), sequence(width=1919), EXR).sequence.width == 1919
    with pytest.raises(ValidationFailedError, match="give 1920, or ask for stills") as refused:
        plan(source(), sequence(width=1919), PRORES)
    assert refused.value.problems[0].pointer == "/sequence/width"


def test_a_draft_and_its_master_share_reel_and_names() -> None:
    draft = plan(source(width=960, height=540), sequence(), H264)
    master = plan(source(width=3840, height=2160), sequence(), H264)
    assert draft.reel == master.reel == reel_name("shot")
    assert draft.outputs[0].name == master.outputs[0].name
    assert reel_name("shot") != reel_name("other")
    assert len(draft.reel) == 8
    assert draft.reel.isalnum()


@pytest.mark.parametrize(
    ("space", "output", "given"),
    [
        (ColourSpace.REC709, PRORES, ColourSpace.REC709),
        (ColourSpace.REC2100_PQ, PRORES, ColourSpace.REC2100_PQ),
        (ColourSpace.REC2100_PQ, H264, ColourSpace.REC709),
        (ColourSpace.P3_D65, H264, ColourSpace.P3_D65),
        (ColourSpace.ACESCG, PRORES, ColourSpace.REC709),
        (ColourSpace.ACESCG, EXR, ColourSpace.ACES2065_1),
    ],
)
def test_each_file_is_in_a_colour_space_it_can_carry(
    space: ColourSpace, output: OutputSpec, given: ColourSpace
) -> None:
    made = plan(source(), sequence(colour_space=space.value), output)
    assert made.outputs[0].colour_space is given


def test_a_proxy_is_a_half_or_a_quarter_of_the_sequence() -> None:
    for width, height, small in (
        (1920, 1080, (960, 540)),
        (3840, 2160, (960, 540)),
        (1280, 720, (1280, 720)),
    ):
        made = plan(source(), sequence(width=width, height=height), PRORES, PROXY)
        assert (made.outputs[1].width, made.outputs[1].height) == small
        assert made.outputs[1].name == "shot_proxy.mp4"


def test_a_proxy_in_another_format_cannot_be_said() -> None:
    with pytest.raises(ValueError, match="A proxy is h264"):
        OutputSpec(OutputRole.PROXY, DeliveryFormat.PRORES_422_HQ)


@pytest.mark.parametrize("stem", ["", "../up", "a b", "-x", "x" * 81, "naïve"])
def test_a_stem_that_is_no_file_name_everywhere_is_refused(stem: str) -> None:
    with pytest.raises(ValueError, match="cannot start a file name"):
        plan_conform(source(), sequence(), (EXR,), name_stem=stem)


@pytest.mark.parametrize(
    ("made", "shown"),
    [
        ("24000/1001", "24000/1001"),
        ("16", "48"),  # each frame three times
        ("15", "30"),
        ("25/2", "25"),
        ("2399/100", "24"),  # no multiple: the next above
        ("240", "120"),
    ],
)
def test_a_takes_own_sequence_has_a_rate_that_editors_have(made: str, shown: str) -> None:
    found = own_sequence(SourceFacts(Fraction(made), 48, 1280, 720))
    assert str(found.frame_rate) == shown


def test_a_takes_own_sequence_has_even_sides_and_the_takes_own_display() -> None:
    odd = own_sequence(SourceFacts(Fraction(24), 48, 853, 481, space=ColourSpace.REC2100_PQ))
    assert (odd.width, odd.height, odd.colour_space) == (852, 480, ColourSpace.REC2100_PQ)
    assert own_sequence(SourceFacts(Fraction(24), 48, 64, 64)).colour_space is ColourSpace.REC709
    assert plan(SourceFacts(Fraction(24), 48, 853, 481), odd, PRORES).placement.upscaled is False


@pytest.mark.parametrize(
    ("space", "wanted", "output", "expanded"),
    [
        ("rec709", "rec709", PRORES, False),
        ("rec709", "rec2100-pq", PRORES, True),
        ("rec709", "rec2100-pq", H264, False),  # which stays SDR
        ("rec709", "rec709", EXR, True),
        ("p3-d65", "rec709", PRORES, False),
        ("rec2100-hlg", "rec2100-pq", PRORES, False),
        ("rec2100-pq", "rec709", EXR, False),
        ("acescg", "rec2100-pq", PRORES, False),
        ("aces2065-1", "rec709", EXR, False),
    ],
)
def test_expanded_means_that_sdr_was_made_into_more(
    space: str, wanted: str, output: OutputSpec, *, expanded: bool
) -> None:
    taken = SourceFacts(Fraction(24), 48, 1920, 1080, space=ColourSpace(space))
    made = plan(taken, sequence(colour_space=wanted), output)
    assert made.expanded is expanded
    assert ("nothing was seen" in made.decisions[2].reason) is expanded
    assert ("not converted" in made.decisions[2].reason) is (made.outputs[0].colour_space == space)
