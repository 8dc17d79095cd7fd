import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.annotations import Annotation, AnnotationTarget, AnnotationTool
from plugin_backend.domain.brief import (
    Brief,
    Direct,
    GenerationRequest,
    Keyframe,
    Kind,
    Operation,
    Reference,
    ReferenceRole,
    Source,
)
from plugin_backend.domain.delivering.delivery import DeliveryRequest, Host
from plugin_backend.domain.seconds import as_number, seconds
from tests.domain.requests import SEQUENCE, requests


@given(requests)
def test_a_request_comes_back_from_json_as_it_went(request: GenerationRequest) -> None:
    assert GenerationRequest.from_json(json.loads(json.dumps(request.to_json()))) == request


def test_a_request_reads_as_the_contract_writes_it() -> None:
    contract = {
        "kind": "draft",
        "brief": {
            "prompt": "slow dolly in through a misty forest at golden hour",
            "model": "animatic",
            "duration_seconds": 5,
            "aspect_ratio": "16:9",
            "resolution": "540p",
            "dynamic_range": "sdr",
            "exr": False,
            "loop": False,
            "seed": 7,
            "audio": False,
            "keyframes": [{"asset_id": "ast_1", "at_seconds": 0}],
            "references": [{"asset_id": "ast_2", "role": "character"}],
            "annotations": [
                {
                    "tool": "arrow",
                    "target": "camera",
                    "points": [[0.7, 0.5], [0.3, 0.5]],
                    "from_seconds": 1,
                    "to_seconds": 3,
                    "note": "pan",
                }
            ],
            "source": None,
        },
        "takes": 2,
        "direct": {"max_iterations": 0, "accept_score": 0.7, "pause": False},
        "max_credits": 400,
        "sequence": {
            "frame_rate": "24000/1001",
            "width": 3840,
            "height": 2160,
            "colour_space": "rec709",
            "playhead_timecode": "01:00:10:00",
            "handles_frames": 0,
        },
        "deliver_to": {"host": "premiere-pro", "master_format": None},
        "project_id": "prj_1",
        "label": "SH010",
        "route": "cheapest",
        "fallback_models": [],
    }
    pan = Annotation(
        tool=AnnotationTool.ARROW,
        target=AnnotationTarget.CAMERA,
        points=((0.7, 0.5), (0.3, 0.5)),
        from_seconds=Fraction(1),
        to_seconds=Fraction(3),
        note="pan",
    )
    brief = Brief(
        prompt="slow dolly in through a misty forest at golden hour",
        seed=7,
        keyframes=(Keyframe("ast_1"),),
        references=(Reference("ast_2", ReferenceRole.CHARACTER),),
        annotations=(pan,),
    )
    request = GenerationRequest(
        kind=Kind.DRAFT,
        brief=brief,
        takes=2,
        direct=Direct(),
        max_credits=400,
        sequence=SEQUENCE,
        deliver_to=DeliveryRequest(host=Host.PREMIERE_PRO),
        project_id="prj_1",
        label="SH010",
    )
    assert request.to_json() == contract
    assert GenerationRequest.from_json(contract) == request


@given(st.integers(0, 10**9), st.integers(1, 1_000_000))
def test_a_time_survives_json_exactly_below_a_quarter_of_an_hour(numerator: int, denominator: int) -> None:
    time = Fraction(numerator, denominator) % 900
    assert seconds(json.loads(json.dumps(as_number(time)))) == time


def test_a_json_number_means_its_decimals() -> None:
    assert seconds(0.1) == Fraction(1, 10)
    assert seconds(2.002) == Fraction(1001, 500)
    assert as_number(Fraction(5)) == 5
    assert isinstance(as_number(Fraction(5)), int)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_no_time_is_infinite_or_no_number(value: float) -> None:
    with pytest.raises(ValueError, match="Invalid literal"):
        seconds(value)


def test_keyframes_are_first_last_or_between() -> None:
    first, middle, last = Keyframe("ast_a"), Keyframe("ast_b", Fraction(2)), Keyframe("ast_c", Fraction(5))
    brief = Brief(keyframes=(last, middle, first))
    assert (brief.first_frame, brief.inner_keyframes, brief.last_frame) == (first, (middle,), last)
    assert Brief(keyframes=(middle,)).first_frame is None
    assert Brief(keyframes=(middle,)).last_frame is None


def test_every_asset_of_a_brief_is_named_once() -> None:
    brief = Brief(
        keyframes=(Keyframe("ast_a"), Keyframe("ast_b", Fraction(1))),
        references=(Reference("ast_a", ReferenceRole.STYLE),),
        source=Source(operation=Operation.EDIT, asset_id="ast_c"),
    )
    assert brief.asset_ids() == ("ast_a", "ast_b", "ast_c")
    assert (brief.operation, Brief().operation) == (Operation.EDIT, Operation.GENERATE)
