"""Delivering a part of the clip or a list of its frames: the same frames and timecode as in the whole."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_backend.domain.delivering.conform import plan_conform
from plugin_backend.domain.delivering.conform_plan import ConformPlan, OutputSpec
from plugin_backend.domain.delivering.media_memory import conform_mb
from plugin_backend.domain.delivering.parts import Part
from plugin_backend.domain.errors import ValidationFailedError
from tests.domain.conforms import EXR, PRORES, PROXY, plan, sequence, source


def test_a_part_keeps_its_own_timecode_and_shows_its_own_frames() -> None:
    whole = plan(source(), sequence(), PRORES)
    made = plan_conform(source(), sequence(), [PRORES], name_stem="shot", part=Part(10, 14))

    assert made.frame_count == 5
    assert made.start_timecode == whole.timecode(10)
    assert [made.source_frame(frame) for frame in range(5)] == [
        whole.source_frame(frame) for frame in range(10, 15)
    ]
    assert made.frame_number(0) == whole.frame_number(10)
    assert ConformPlan.from_json(made.to_json()) == made


@pytest.mark.parametrize(
    ("part", "handles", "pointer"),
    [
        (Part(500), 0, "/in_frame"),
        (Part(10, 9), 0, "/out_frame"),
        (Part(0, 500), 0, "/out_frame"),
        (Part(1), 4, "/sequence/handles_frames"),
    ],
)
def test_a_part_lies_inside_the_clip(part: Part, handles: int, pointer: str) -> None:
    with pytest.raises(ValidationFailedError) as refused:
        plan_conform(source(), sequence(handles_frames=handles), [PRORES], name_stem="shot", part=part)
    assert [problem.pointer for problem in refused.value.problems] == [pointer]


LIST = (3, 10, 11, 12, 40)


def listed(
    frames: tuple[int, ...] = LIST, *outputs: OutputSpec, playhead: str = "01:00:00:00"
) -> ConformPlan:
    wanted = sequence(playhead_timecode=playhead)
    part = Part(frames=frames)
    return plan_conform(source(), wanted, outputs or (PRORES, PROXY), name_stem="shot", part=part)


def test_a_list_becomes_a_movie_of_each_run_at_its_own_timecode() -> None:
    made = listed()

    assert [(run.first, run.count) for run in made.runs] == [(3, 1), (10, 3), (40, 1)]
    assert [output.name for output in made.outputs] == [
        "shot_0086403.mov",
        "shot_0086410.mov",
        "shot_0086440.mov",
        "shot_0086403_proxy.mp4",
        "shot_0086410_proxy.mp4",
        "shot_0086440_proxy.mp4",
    ]
    shown = [made.shown_by(output) for output in made.outputs[:3]]
    assert [(str(each.start_timecode), each.frame_count) for each in shown] == [
        ("01:00:00:03", 1),
        ("01:00:00:10", 3),
        ("01:00:01:16", 1),
    ]
    assert [(chunk.first, chunk.count) for chunk in made.chunks] == [(0, 1), (1, 3), (4, 1)]


def test_listed_frames_are_those_frames_alone() -> None:
    made = listed(LIST, EXR)

    assert [output.name for output in made.outputs] == ["shot.{frame:07d}.exr"]
    assert [made.frame_number(frame) for frame in range(5)] == [86_400 + number for number in LIST]
    assert len(made.chunks) == 1


@settings(deadline=None, max_examples=50)
@given(frames=st.sets(st.integers(0, 119), min_size=1, max_size=60), movies=st.booleans())
def test_whatever_is_listed_keeps_its_place(*, frames: set[int], movies: bool) -> None:
    whole = plan(source(), sequence(), PRORES)
    made = listed(tuple(sorted(frames)), PRORES if movies else EXR)

    for number, frame in enumerate(sorted(frames)):
        assert made.clip_frame(number) == frame
        assert made.timecode(number) == whole.timecode(frame)
        assert made.frame_number(number) == whole.frame_number(frame)
        assert made.source_frame(number) == whole.source_frame(frame)
    assert [frame for chunk in made.chunks for frame in chunk.frames] == list(range(len(frames)))
    for run, shown in enumerate(made.of_run(run) for run in range(len(made.runs))):
        numbers = [made.frame_number(i) for i in range(made.frame_count) if made.run_at(i) == run]
        assert [shown.frame_number(i) for i in range(shown.frame_count)] == numbers
    assert ConformPlan.from_json(json.loads(json.dumps(made.to_json()))) == made


def test_a_part_past_midnight_numbers_its_frames_as_the_whole_clip_does() -> None:
    late = sequence(playhead_timecode="23:59:59:20")
    whole = plan(source(), late, EXR)
    made = plan_conform(source(), late, [EXR], name_stem="shot", part=Part(10, 14))

    assert str(made.start_timecode) == "00:00:00:06"
    assert made.frame_number(0) == whole.frame_number(10) == 86_400 * 24 + 6
    assert listed(LIST, EXR, playhead="23:59:59:20").frame_number(1) == made.frame_number(0)


@pytest.mark.parametrize(
    ("part", "pointers"),
    [
        (Part(frames=(3, 3)), ["/frames/1"]),
        (Part(frames=(3, 12, 10, 11)), ["/frames/2"]),
        (Part(frames=(0, 119, 120, 500)), ["/frames/2", "/frames/3"]),
        (Part(3, None, (4,)), ["/frames"]),
        (Part(None, 9, (4,)), ["/frames"]),
        (Part(frames=()), ["/frames"]),
        (Part(frames=tuple(range(1001))), ["/frames"] + [f"/frames/{n}" for n in range(120, 139)]),
    ],
)
def test_a_list_rises_within_the_clip(part: Part, pointers: list[str]) -> None:
    with pytest.raises(ValidationFailedError) as refused:
        plan_conform(source(), sequence(), [EXR], name_stem="shot", part=part)
    assert [problem.pointer for problem in refused.value.problems] == pointers


def test_a_list_has_no_handles_and_no_more_movies_than_a_folder_can_be_read_with() -> None:
    with pytest.raises(ValidationFailedError) as refused:
        plan_conform(source(), sequence(handles_frames=4), [EXR], name_stem="shot", part=Part(frames=(1, 2)))
    assert [problem.pointer for problem in refused.value.problems] == ["/sequence/handles_frames"]
    apart = tuple(range(0, 202, 2))
    with pytest.raises(ValidationFailedError, match="at most 100, and these are 101 runs") as refused:
        plan_conform(source(frames=240), sequence(), [PRORES], name_stem="shot", part=Part(frames=apart))
    assert [problem.pointer for problem in refused.value.problems] == ["/frames"]
    plan_conform(source(frames=240), sequence(), [EXR], name_stem="shot", part=Part(frames=apart))


def test_many_runs_take_no_more_memory_than_one() -> None:
    apart = listed(tuple(range(0, 120, 2)))

    assert len(apart.outputs) == 120
    assert (
        conform_mb(apart)
        == conform_mb(listed((0, 1)))
        == conform_mb(plan(source(), sequence(), PRORES, PROXY))
    )


@pytest.mark.parametrize("without", [(), ("offset", "start_timecode")])
def test_a_plan_of_an_earlier_version_is_read_as_it_was_meant(without: tuple[str, ...]) -> None:
    stored = json.loads(Path(__file__).with_name("earlier_plan.json").read_text())
    for name in without:
        del stored[name]
    made = ConformPlan.from_json(stored)

    offset = 0 if without else 10
    assert [made.clip_frame(frame) for frame in range(12)] == list(range(offset, offset + 12))
    assert [str(made.timecode(frame)) for frame in (0, 11)] == ["01:00:10:10", "01:00:10:21"]
    assert made.frame_number(11) == 90_000 + 271
    assert made.source_frame(0) == (0 if without else 10)
    assert {(output.run, output.shape, output.placement) for output in made.outputs} == {(None, None, None)}
    assert made.placement_of(made.outputs[0]) == made.placement
    assert ConformPlan.from_json(made.to_json()) == made
