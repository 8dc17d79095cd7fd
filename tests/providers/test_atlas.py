"""Atlas Cloud's own ways: one route and many models, failures inside successes, a slow start."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from plugin_backend.domain.annotations import Annotation, AnnotationTool
from plugin_backend.domain.brief import Keyframe, Kind, Reference, ReferenceRole, Resolution
from plugin_backend.domain.direction.compiling import directives_of_plan
from plugin_backend.domain.direction.plan import plan_shot
from tests.fakes.faults import Fault
from tests.fakes.faults import Kind as FaultKind
from tests.providers.contract import SUBJECTS, Rig, playing
from tests.providers.inputs import picture
from worker.providers.protocol import Accepted, Broken, Finished, InputFile, Refused, Running

SUBJECT = next(each for each in SUBJECTS if each.name == "atlas")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with playing(SUBJECT, tmp_path) as made:
        yield made


def body_of(rig: Rig) -> Any:
    (job,) = rig.simulator.jobs.everything()
    return job.body


@pytest.mark.parametrize(
    ("model", "brief", "wanted"),
    [
        (
            "kling-3.0",
            {"resolution": Resolution.P720, "audio": True},
            {"model": "kwaivgi/kling-v3.0-std/text-to-video", "duration": 5, "sound": True},
        ),
        (
            "veo-3.1",
            {"resolution": Resolution.P720, "duration_seconds": Fraction(8)},
            {"model": "google/veo3.1/text-to-video", "duration": 8, "generate_audio": False, "seed": 7},
        ),
        (
            "seedance-2.0",
            {"resolution": Resolution.P720, "aspect_ratio": "21:9"},
            {"model": "bytedance/seedance-2.0/text-to-video", "ratio": "21:9", "resolution": "720p"},
        ),
        (
            "hailuo-02",
            {"resolution": Resolution.P720, "duration_seconds": Fraction(6)},
            {"model": "minimax/hailuo-02/t2v-standard", "duration": 6},
        ),
    ],
)
def test_every_model_is_told_in_its_own_words(
    rig: Rig, model: str, brief: dict[str, Any], wanted: dict[str, Any]
) -> None:
    rig.accepted(rig.shot(model=model, **brief))

    body = body_of(rig)
    assert {name: body.get(name) for name in wanted} == wanted
    assert body["prompt"] == "slow dolly in through a misty forest"


def test_a_first_and_a_last_frame_are_uploaded_once_each_and_named_as_the_model_names_them(rig: Rig) -> None:
    frames = (Keyframe("ast_1"), Keyframe("ast_1", Fraction(5)))
    for _ in range(2):
        rig.accepted(rig.shot(keyframes=frames, inputs={"ast_1": picture(rig.storage, "ast_1")}))

    bodies = [job.body for job in rig.simulator.jobs.everything()]
    assert {body["model"] for body in bodies} == {"kwaivgi/kling-v3.0-std/image-to-video"}
    assert len({url for body in bodies for url in (body["image"], body["end_image"])}) == 1


def test_references_go_as_a_list(rig: Rig) -> None:
    references = (Reference("ast_1", ReferenceRole.CHARACTER), Reference("ast_1", ReferenceRole.STYLE))
    shot = rig.shot(
        model="veo-3.1",
        duration_seconds=Fraction(8),
        resolution=Resolution.P720,
        references=references,
        inputs={"ast_1": picture(rig.storage, "ast_1")},
    )
    rig.accepted(shot)

    body = body_of(rig)
    assert body["model"] == "google/veo3.1/reference-to-video"
    assert len(body["images"]) == 2
    assert body["prompt"].endswith(". Use image 1 for the character, image 2 for the style.")
    assert "aspect_ratio" not in body


def test_a_sound_to_resemble_goes_under_a_name_of_its_own(rig: Rig) -> None:
    references = (Reference("ast_1", ReferenceRole.CHARACTER), Reference("ast_2", ReferenceRole.STYLE))
    rig.storage.put_bytes("assets/ast_2/clean.wav", b"RIFF")
    sound = InputFile(key="assets/ast_2/clean.wav", media_type="audio/wav")
    shot = rig.shot(
        model="seedance-2.0",
        resolution=Resolution.P720,
        references=references,
        inputs={"ast_1": picture(rig.storage, "ast_1"), "ast_2": sound},
    )
    rig.accepted(shot)

    body = body_of(rig)
    assert body["model"] == "bytedance/seedance-2.0/reference-to-video"
    assert (len(body["reference_images"]), len(body["reference_audios"])) == (1, 1)
    assert "audio 1 for the style" in body["prompt"]


def test_a_prediction_that_is_not_found_at_first_is_running(rig: Rig) -> None:
    rig.simulator.faults.add(Fault(kind=FaultKind.NOT_FOUND_YET, seconds=5.0))
    ref = rig.accepted()

    found = rig.look(ref)

    assert isinstance(found, Running)
    assert found.trouble is not None
    assert isinstance(rig.ended(ref), Finished)


def test_an_account_without_balance_is_our_trouble_and_not_the_editors(rig: Rig) -> None:
    rig.simulator.conduct = replace(rig.simulator.conduct, balance_usd=0.0)

    answer = rig.provider.submit(rig.shot())

    assert isinstance(answer, Refused)
    assert (answer.slug, answer.retryable, answer.is_outage) == ("provider-failed", False, True)
    assert "insufficient balance" in answer.detail


def test_moderation_as_an_empty_success_is_not_offered_for_another_try(rig: Rig) -> None:
    rig.simulator.faults.add(Fault(kind=FaultKind.EMPTY_SUCCESS))

    end = rig.ended(rig.accepted())

    assert isinstance(end, Broken)
    assert not end.retryable


def test_a_master_is_asked_of_the_larger_tier(rig: Rig) -> None:
    answer = rig.provider.submit(rig.shot(kind=Kind.MASTER, resolution=Resolution.P1080))

    assert isinstance(answer, Accepted)
    assert body_of(rig)["model"] == "kwaivgi/kling-v3.0-pro/text-to-video"


def test_hailuo_reads_a_mark_as_a_camera_command(rig: Rig) -> None:
    rising = Annotation(tool=AnnotationTool.ARROW, points=((0.5, 0.8), (0.5, 0.2)))
    rig.accepted(rig.shot(model="hailuo-02", duration_seconds=Fraction(6), annotations=(rising,)))

    assert body_of(rig)["prompt"] == "slow dolly in through a misty forest. [Pedestal up]"


def test_what_takes_missed_is_said_after_the_editor_s_words_and_within_the_model_s_limit(rig: Rig) -> None:
    words = "a harbour at dawn, fishing boats. " * 73  # 2,482 of 2,500 characters
    plan = plan_shot("slow pan left", duration_seconds=Fraction(5))
    missed = directives_of_plan(plan)
    shots = [
        replace(rig.shot(prompt=prompt), directives=missed, stronger={"camera-1": 1})
        for prompt in ("a harbour", words)
    ]
    for shot in shots:
        rig.accepted(shot)

    told = [job.body["prompt"] for job in rig.simulator.jobs.everything()]
    assert told[0].startswith("a harbour. The camera pans left slowly: the camera turns to the left and")
    assert told[1] == words
