"""Delivering a part of the clip: the same frames and timecode as in the whole."""

import pytest

from plugin_backend.domain.conform import plan_conform
from plugin_backend.domain.conform_plan import ConformPlan
from plugin_backend.domain.errors import ValidationFailedError
from plugin_backend.domain.parts import Part
from tests.domain.test_conform import PRORES, plan, sequence, source


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
