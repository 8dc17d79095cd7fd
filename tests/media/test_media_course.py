"""A clip's course: what each frame measured, chunk by chunk, and which frames stand out."""

import json
from collections.abc import Set as AbstractSet
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from plugin_backend.domain.delivering.conform import plan_conform
from plugin_backend.domain.delivering.conform_plan import ConformPlan, OutputRole, OutputSpec, SourceFacts
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat
from plugin_backend.domain.delivering.parts import FrameRange, Part
from plugin_backend.domain.sequence import ColourSpace, Sequence
from worker.media.course import Course, FrameLook, Notes, joined
from worker.media.kernels import Rgb16
from worker.media.measure import Tally, tally_light
from worker.media.over_time import POINTS, noticed, over_time
from worker.media.scopes import COLUMNS, LEVELS, inside_light, inside_shown, waveform
from worker.media.stills import encode_small

HEIGHT, WIDTH = 90, 160
MASTER = OutputSpec(OutputRole.MASTER, DeliveryFormat.PRORES_422_HQ)


def drifting(number: int) -> Rgb16:
    """A fixed texture that moves two pixels a frame."""
    noise = np.random.default_rng(7).random((HEIGHT, 400), dtype=np.float32)
    soft = np.asarray(cv2.GaussianBlur(noise, (0, 0), 4))
    grey = 16000 + 32000 * (soft - soft.min()) / (soft.max() - soft.min())
    return np.repeat(grey[:, 2 * number :][:, :WIDTH, None], 3, axis=-1).astype(np.uint16)


def even(level: int) -> Rgb16:
    return np.full((HEIGHT, WIDTH, 3), level, dtype=np.uint16)


def look(picture: Rgb16) -> FrameLook:
    light = (picture[::2, ::2, 1] / 65535).astype(np.float32)
    return FrameLook(
        tally=tally_light(light, float(light.max()), shown=picture),
        waveform=waveform(picture, space=ColourSpace.REC709),
        inside=inside_shown(picture, space=ColourSpace.REC709),
        still=encode_small((picture >> 8).astype(np.uint8)),
    )


def noted(looks: list[FrameLook], cuts: list[int], *, gaps: AbstractSet[int] = frozenset()) -> Course:
    return measured(looks, cuts, gaps=gaps)[1]


def measured(looks: list[FrameLook], cuts: list[int], *, gaps: AbstractSet[int]) -> tuple[Tally, Course]:
    """As a delivery's chunks note it, each in a process of its own."""
    chunks: list[tuple[Tally, Course | None]] = []
    for first, end in pairwise([0, *cuts, len(looks)]):
        notes = Notes(len(looks), gaps=gaps)
        for number in range(first, end):
            notes.add(number, looks[number])
        tally, course = json.loads(json.dumps([notes.tally.to_json(), notes.course.to_json()]))
        chunks.append((Tally.from_json(tally), Course.from_json(course)))
    whole, course = joined(chunks, gaps=gaps)
    assert course is not None
    return whole, course


def plan(frames: int, *, rate: str = "24", source_rate: str = "24") -> ConformPlan:
    facts = SourceFacts(Fraction(source_rate), frames, WIDTH, HEIGHT, ColourSpace.REC709)
    sequence = {"frame_rate": rate, "width": WIDTH, "height": HEIGHT, "playhead_timecode": "01:00:00:00"}
    return plan_conform(facts, Sequence.from_json(sequence), [MASTER], name_stem="shot")


@given(cuts=st.sets(st.integers(1, 11)))
@settings(max_examples=15, deadline=None)
def test_a_clip_noted_in_chunks_goes_as_it_goes_in_one(cuts: set[int]) -> None:
    looks = [look(drifting(number)) for number in range(12)]
    looks[6] = looks[5]
    whole, parts = noted(looks, []), noted(looks, sorted(cuts))
    assert close(over_time(parts, plan(12)), over_time(whole, plan(12)))
    assert noticed(parts, plan(12)) == noticed(whole, plan(12))
    assert (parts.waveform.counts == whole.waveform.counts).all()
    assert (parts.inside, parts.stills) == (whole.inside, whole.stills)


def close(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """The same curves, but for what adding in another order leaves."""
    flat = [{**each, **each["luminance_stops"]} for each in (one, other)]
    curves = [name for name, value in flat[0].items() if isinstance(value, list)]
    assert len(curves) == 9
    return all(flat[0][name] == pytest.approx(flat[1][name], abs=2e-3) for name in curves)


def test_black_frozen_repeated_and_flickering_frames_and_cuts_are_told_by_their_timecode() -> None:
    pictures = [drifting(number) for number in range(48)]
    pictures[3] = pictures[2]  # one frame twice
    for number in range(11, 20):
        pictures[number] = pictures[10]  # nine frames more of one that stands
    pictures[24:27] = [even(0), even(0), even(0)]
    pictures[35] = (pictures[35] * 0.85).astype(np.uint16)
    found = noticed(noted([look(picture) for picture in pictures], [15, 30]), plan(48))
    assert found["duplicate"] == {"count": 1, "runs": [run(3, 3)]}
    assert found["frozen"] == {"count": 9, "runs": [run(11, 19)]}
    assert found["black"] == {"count": 3, "runs": [run(24, 26)]}
    assert found["cut"]["runs"] == [run(24, 24), run(27, 27)]
    assert 35 in range(found["flicker"]["runs"][0]["first"], found["flicker"]["runs"][0]["last"] + 1)
    assert found["flicker"]["count"] == 3  # the frame and both its neighbours


def run(first: int, last: int) -> dict[str, object]:
    return {"first": first, "last": last, "from": label(first), "to": label(last)}


def label(frame: int) -> str:
    return f"01:00:{frame // 24:02}:{frame % 24:02}"


def test_frames_that_a_new_rate_repeats_are_not_called_duplicates() -> None:
    planned = plan(8, rate="24", source_rate="8")
    looks = [look(drifting(planned.source_frame(frame))) for frame in range(planned.frame_count)]
    found = noticed(noted(looks, [10]), planned)
    assert found["repeated_by_retiming"]["count"] == 16
    assert (found["duplicate"]["count"], found["frozen"]["count"]) == (0, 0)


def test_where_a_list_of_frames_goes_on_elsewhere_nothing_is_noticed() -> None:
    facts = SourceFacts(Fraction(24), 48, WIDTH, HEIGHT, ColourSpace.REC709)
    sequence = Sequence.from_json({"frame_rate": "24", "width": WIDTH, "height": HEIGHT})
    listed = Part(frames=(3, 4, 5, 40, 41))
    planned = plan_conform(facts, sequence, [MASTER], name_stem="shot", part=listed)
    pictures = [drifting(1), drifting(2), drifting(3), even(65535), even(65000)]
    found = noticed(noted([look(picture) for picture in pictures], [3]), planned)
    assert {kind: each["count"] for kind, each in found.items() if each["count"]} == {}
    dark = noticed(noted([look(even(0))] * 5, [3]), planned)
    assert [(run["first"], run["last"]) for run in dark["black"]["runs"]] == [(0, 2), (3, 4)]


@given(cuts=st.sets(st.integers(1, 11)), gaps=st.sets(st.integers(1, 11)))
@example(cuts={5}, gaps={6})
@example(cuts={5}, gaps={5})
@example(cuts={1, 3}, gaps={2})
@settings(max_examples=15, deadline=None)
def test_no_figure_compares_frames_across_a_gap(cuts: set[int], gaps: set[int]) -> None:
    looks = [look(drifting(number)) for number in range(12)]
    ends = [0, *sorted(gaps), 12]
    alone = [measured(looks[first:last], [], gaps=set())[0] for first, last in pairwise(ends)]

    whole, course = measured(looks, sorted(cuts), gaps=gaps)

    motion, figures = whole.motion, whole.measures(Fraction(24))
    assert motion.pairs == sum(each.motion.pairs for each in alone) == 11 - len(gaps)
    assert motion.peak_speed == max(each.motion.peak_speed for each in alone)
    triples = sum(each.steadiness.triples for each in alone)
    departed = sum(each.steadiness.departure for each in alone)
    assert figures.flicker_codes == pytest.approx(departed / max(1, triples))
    assert all((course.moments[i].speed > 0) is (i not in gaps) for i in range(1, 12))


def test_the_curves_of_a_list_are_still_where_it_goes_on_elsewhere() -> None:
    listed = replace(plan(48), runs=(FrameRange(3, 3), FrameRange(40, 3)), frame_count=6)
    pictures = [even(20_000)] * 3 + [even(24_000)] * 3
    curves = over_time(noted([look(picture) for picture in pictures], [2], gaps={3}), listed)
    assert curves["flicker_codes"] == curves["motion_widths_per_second"] == [0.0] * 6


def test_a_long_clip_is_thinned_out_and_keeps_its_worst_moments() -> None:
    steady = look(even(20000))
    looks = [steady] * 1200
    looks[777] = look(even(65535))
    curves = over_time(noted(looks, []), plan(1200))
    assert curves["step_frames"] == 3
    assert len(curves["brightness_codes"]) == 400 <= POINTS
    assert max(curves["luminance_stops"]["peak"]) == 0.0
    assert curves["luminance_stops"]["peak"].index(0.0) == 777 // 3
    assert len(json.dumps(curves)) < 40_000


def test_a_waveform_has_a_ramp_where_the_picture_has_it() -> None:
    ramp = np.linspace(0, 65535, 768).astype(np.uint16)
    picture = np.repeat(np.repeat(ramp[None, :, None], 3, axis=-1), 90, axis=0)
    counts = waveform(picture, space=ColourSpace.REC709).counts
    assert counts.shape == (LEVELS, COLUMNS)
    levels = counts.argmax(axis=0)
    assert (np.abs(levels - np.arange(COLUMNS) * LEVELS / COLUMNS) <= 1.5).all()
    assert (np.diff(levels.astype(int)) >= 0).all()


def bt2020_pq(red: float, green: float, blue: float) -> Rgb16:
    """Linear BT.2020, 1.0 being 1,000 cd/m2."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = (np.array([red, green, blue]) / 10) ** m1
    code = ((c1 + c2 * power) / (1 + c3 * power)) ** m2
    picture = np.empty((HEIGHT, WIDTH, 3), np.uint16)
    picture[:] = np.rint(code * 65535)
    return picture


# Linear light of each gamut's green, half as bright, in BT.2020, by ITU-R BT.2087 and its like for P3.
GREENS = {
    (0.3293 / 2, 0.9195 / 2, 0.0880 / 2): (1, 1, 1),  # of Rec. 709
    (0.1986 / 2, 0.9417 / 2, 0.0176 / 2): (0, 1, 1),  # of P3
    (0.0, 0.5, 0.0): (0, 0, 1),  # of BT.2020
    (0.5, 0.5, 0.5): (1, 1, 1),  # white
}


@pytest.mark.parametrize(("colour", "held"), GREENS.items())
def test_each_gamut_holds_its_own_green_and_no_wider_one(
    colour: tuple[float, float, float], held: tuple[int, int, int]
) -> None:
    found = inside_shown(bt2020_pq(*colour), space=ColourSpace.REC2100_PQ)
    assert tuple(round(share) for share in found.shares.values()) == held


def test_light_is_looked_at_in_its_own_primaries() -> None:
    grey: NDArray[np.float32] = np.full((HEIGHT, WIDTH, 3), 0.18, dtype=np.float32)
    for space in (ColourSpace.ACESCG, ColourSpace.ACES2065_1):
        assert inside_light(grey, space=space).shares == {"rec709": 1.0, "p3-d65": 1.0, "bt2020": 1.0}
    green = grey * np.array([0.0, 1.0, 0.0], dtype=np.float32)
    assert inside_light(green, space=ColourSpace.ACES2065_1).shares["bt2020"] == 0.0


def test_a_frame_beyond_the_gamut_in_its_dark_grain_alone_is_inside() -> None:
    grain = np.random.default_rng(1).normal(0, 5e-5, (HEIGHT, WIDTH, 3)).astype(np.float32)
    assert inside_light(grain, space=ColourSpace.ACESCG).shares["rec709"] > 0.95


def test_a_small_still_stays_small_whatever_it_shows() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (1080, 1920, 3), dtype=np.uint8)
    assert len(encode_small(noise)) < 32_000
