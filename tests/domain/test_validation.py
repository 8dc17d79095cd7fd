from dataclasses import replace
from fractions import Fraction

import pytest

from plugin_backend.domain.annotations import Annotation, AnnotationTool
from plugin_backend.domain.brief import (
    Direct,
    GenerationRequest,
    Keyframe,
    Kind,
    Operation,
    Reference,
    ReferenceRole,
    Source,
)
from plugin_backend.domain.errors import ValidationFailedError
from plugin_backend.domain.validation import validate_request
from tests.domain.requests import SEQUENCE, asked

ARROW = Annotation(tool=AnnotationTool.ARROW, points=((0.7, 0.5), (0.3, 0.5)))
FAR_TOO_MANY = 10**9


def pointers(request: GenerationRequest) -> list[str]:
    try:
        validate_request(request)
    except ValidationFailedError as refusal:
        return [problem.pointer for problem in refusal.problems]
    return []


def test_a_plain_request_passes() -> None:
    assert pointers(asked()) == []


@pytest.mark.parametrize("prompt", ["", "   \n", "x" * 10_001, "x" * 100_001])
def test_a_prompt_has_one_to_ten_thousand_characters(prompt: str) -> None:
    assert pointers(asked(prompt=prompt)) == ["/brief/prompt"]


@pytest.mark.parametrize("prompt", ["x", "x" * 10_000])
def test_a_prompt_at_its_limits_passes(prompt: str) -> None:
    assert pointers(asked(prompt=prompt)) == []


def test_a_first_frame_with_strokes_says_enough() -> None:
    first = (Keyframe("ast_1"),)
    assert pointers(asked(prompt="", keyframes=first, annotations=(ARROW,))) == []
    assert pointers(asked(prompt="", keyframes=first)) == ["/brief/prompt"]
    assert pointers(asked(prompt="", annotations=(ARROW,))) == ["/brief/prompt"]
    late = (Keyframe("ast_1", Fraction(1)),)
    assert pointers(asked(prompt="", keyframes=late, annotations=(ARROW,))) == ["/brief/prompt"]


@pytest.mark.parametrize("duration", [Fraction(0), Fraction(-5), Fraction(10**400), Fraction(3601)])
def test_a_duration_is_above_zero_and_sane(duration: Fraction) -> None:
    assert "/brief/duration_seconds" in pointers(replace(asked(duration_seconds=duration), sequence=SEQUENCE))


@pytest.mark.parametrize("takes", [0, -1, 9, FAR_TOO_MANY])
def test_takes_are_one_to_eight(takes: int) -> None:
    assert pointers(asked(takes=takes)) == ["/takes"]


@pytest.mark.parametrize("ratio", ["", "16x9", "0:9", "16:0", "1.78", "16:9\n", "9999:1"])
def test_an_aspect_ratio_is_two_numbers(ratio: str) -> None:
    assert pointers(asked(aspect_ratio=ratio)) == ["/brief/aspect_ratio"]


@pytest.mark.parametrize("seed", [-1, 2**53 + 1])
def test_a_seed_is_a_number_every_reader_keeps(seed: int) -> None:
    assert pointers(asked(seed=seed)) == ["/brief/seed"]
    assert pointers(asked(seed=2**53)) == []


def test_keyframes_lie_in_the_shot_and_apart() -> None:
    frames = (Keyframe("a", Fraction(-1)), Keyframe("b", Fraction(6)), Keyframe("c"), Keyframe("d"))
    assert pointers(asked(keyframes=frames)) == [f"/brief/keyframes/{n}/at_seconds" for n in (0, 1, 3)]
    assert pointers(asked(keyframes=(Keyframe("a"), Keyframe("b", Fraction(5))))) == []


def test_lists_have_ends() -> None:
    frames = tuple(Keyframe("a", Fraction(n, 13)) for n in range(65))
    assert pointers(asked(keyframes=frames)) == ["/brief/keyframes"]
    assert pointers(asked(annotations=(ARROW,) * 65)) == ["/brief/annotations"]
    assert pointers(asked(annotations=(ARROW,) * 64)) == []
    assert pointers(asked(references=(Reference("a", ReferenceRole.STYLE),) * 17)) == ["/brief/references"]


@pytest.mark.parametrize(
    "point", [(-0.01, 0.5), (0.5, 1.01), (float("nan"), 0.5), (0.5, float("inf")), (1e308, 0)]
)
def test_a_point_lies_in_the_frame(point: tuple[float, float]) -> None:
    stroke = replace(ARROW, points=((0.0, 1.0), point))
    assert pointers(asked(annotations=(ARROW, stroke))) == ["/brief/annotations/1/points/1"]


@pytest.mark.parametrize(
    ("tool", "count"), [("arrow", 1), ("path", 0), ("path", 513), ("outline", 2), ("point", 0), ("text", 0)]
)
def test_a_stroke_has_the_points_its_tool_needs(tool: str, count: int) -> None:
    stroke = Annotation(tool=AnnotationTool(tool), points=((0.5, 0.5),) * count, note="here")
    assert pointers(asked(annotations=(stroke,))) == ["/brief/annotations/0/points"]


def test_a_stroke_of_512_points_passes() -> None:
    assert (
        pointers(asked(annotations=(Annotation(tool=AnnotationTool.PATH, points=((0.5, 0.5),) * 512),))) == []
    )


def test_a_stroke_lies_within_the_shot() -> None:
    late = replace(ARROW, from_seconds=Fraction(5))
    over = replace(ARROW, to_seconds=Fraction(6))
    backwards = replace(ARROW, from_seconds=Fraction(3), to_seconds=Fraction(3))
    assert pointers(asked(annotations=(late, over, backwards))) == [
        "/brief/annotations/0/from_seconds",
        "/brief/annotations/1/to_seconds",
        "/brief/annotations/2/to_seconds",
    ]


def test_words_on_a_frame_say_something_short() -> None:
    silent = Annotation(tool=AnnotationTool.TEXT, points=((0.5, 0.5),), note=" ")
    endless = replace(silent, note="x" * 1_001)
    assert pointers(asked(annotations=(silent, endless))) == [f"/brief/annotations/{n}/note" for n in (0, 1)]


def test_a_source_is_one_thing_for_one_purpose() -> None:
    both = Source(operation=Operation.EDIT, take_id="take_1", asset_id="ast_1")
    neither = Source(operation=Operation.GENERATE)
    assert pointers(asked(source=both)) == ["/brief/source"]
    assert pointers(asked(source=neither)) == ["/brief/source", "/brief/source/operation"]
    assert pointers(asked(source=Source(operation=Operation.EXTEND, take_id="take_1"))) == []


@pytest.mark.parametrize("iterations", [-1, 4])
def test_the_director_refines_at_most_three_times(iterations: int) -> None:
    assert pointers(asked(direct=Direct(max_iterations=iterations))) == ["/direct/max_iterations"]


def test_a_master_never_refines() -> None:
    assert pointers(asked(kind=Kind.MASTER, direct=Direct(max_iterations=1))) == ["/direct/max_iterations"]
    assert pointers(asked(kind=Kind.MASTER)) == []


@pytest.mark.parametrize("score", [-0.1, 1.1, float("nan")])
def test_a_score_goes_from_zero_to_one(score: float) -> None:
    assert pointers(asked(direct=Direct(accept_score=score))) == ["/direct/accept_score"]


def test_what_surrounds_a_brief_has_limits_too() -> None:
    request = replace(
        asked(),
        max_credits=-1,
        label="x" * 121,
        fallback_models=("ray-2", "ray-2", "auto"),
    )
    expected = ["/max_credits", "/label", "/fallback_models/1", "/fallback_models/2"]
    assert pointers(request) == expected
    assert pointers(replace(asked(), fallback_models=tuple(f"m{n}" for n in range(9)))) == [
        "/fallback_models"
    ]


def test_handles_lie_inside_the_shot() -> None:
    handles = replace(SEQUENCE, handles_frames=60)  # 5 s are 120 frames
    assert pointers(replace(asked(), sequence=handles)) == ["/sequence/handles_frames"]
    assert pointers(replace(asked(), sequence=replace(SEQUENCE, handles_frames=59))) == []


def test_all_problems_are_reported_at_once() -> None:
    request = asked(prompt="", duration_seconds=Fraction(-1), seed=-1, takes=FAR_TOO_MANY)
    assert pointers(request) == ["/brief/prompt", "/brief/duration_seconds", "/brief/seed", "/takes"]
