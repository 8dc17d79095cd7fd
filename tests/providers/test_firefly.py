"""Adobe Firefly's own ways: a token that ends, addresses that are followed, pictures by their place."""

import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from plugin_backend.domain.brief import Keyframe, Kind, Resolution
from plugin_backend.domain.direction.plan import plan_shot
from tests.fakes.firefly import Firefly as Simulated
from tests.providers.contract import KEY, SUBJECTS, Rig, playing
from tests.providers.inputs import picture
from worker.providers.firefly import Firefly
from worker.providers.http import Answer
from worker.providers.protocol import Accepted, Broken, Finished, Stopped

SUBJECT = next(each for each in SUBJECTS if each.name == "adobe-firefly")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with playing(SUBJECT, tmp_path) as made:
        yield made


def tokens_given(rig: Rig) -> int:
    assert isinstance(rig.simulator, Simulated)
    return rig.simulator.tokens_given


def test_one_token_serves_many_calls_at_once(rig: Rig) -> None:
    answers: list[object] = []
    asked = [
        threading.Thread(target=lambda: answers.append(rig.provider.submit(rig.shot()))) for _ in range(4)
    ]
    for each in asked:
        each.start()
    for each in asked:
        each.join()

    assert all(isinstance(answer, Accepted) for answer in answers)
    assert tokens_given(rig) == 1


def test_a_token_that_ended_before_its_time_is_fetched_anew_and_nothing_is_lost(rig: Rig) -> None:
    ref = rig.accepted()
    assert isinstance(rig.simulator, Simulated)
    rig.simulator.forget_tokens()

    assert isinstance(rig.provider.submit(rig.shot()), Accepted)
    assert isinstance(rig.ended(ref), Finished)
    assert rig.taken_on == 2


def test_pictures_go_by_their_place_in_the_clip(rig: Rig) -> None:
    frames = (Keyframe("ast_1"), Keyframe("ast_1", Fraction(2)), Keyframe("ast_1", Fraction(5)))
    rig.accepted(rig.shot(keyframes=frames, inputs={"ast_1": picture(rig.storage, "ast_1")}))

    (job,) = rig.simulator.jobs.everything()
    conditions = job.body["image"]["conditions"]
    assert [each["placement"]["position"] for each in conditions] == [0.0, 0.4, 1.0]
    assert len({each["source"]["uploadId"] for each in conditions}) == 1


def test_the_camera_move_of_the_plan_becomes_its_own_setting(rig: Rig) -> None:
    plan = plan_shot("slow pan left over a harbour", duration_seconds=Fraction(5), loop=False)
    rig.accepted(rig.shot(plan=plan.to_json()))

    (job,) = rig.simulator.jobs.everything()
    assert job.body["videoSettings"] == {"cameraMotion": "camera pan left"}


def test_a_master_is_asked_at_its_size(rig: Rig) -> None:
    rig.accepted(rig.shot(kind=Kind.MASTER, resolution=Resolution.P1080, aspect_ratio="9:16"))

    (job,) = rig.simulator.jobs.everything()
    assert job.body["sizes"] == [{"width": 1080, "height": 1920}]


def test_a_cancelled_job_says_so_when_it_is_looked_at(rig: Rig) -> None:
    ref = rig.accepted()

    assert rig.provider.cancel(ref) == Stopped(charged=None)
    assert rig.look(ref) == Stopped(charged=None)
    assert rig.provider.cancel(ref) is None  # too late: 409


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/v3/status/1",
        "http://firefly.adobe.io/v3/status/1",
        "https://adobe.io.evil.net/1",
    ],
)
def test_our_token_goes_to_no_address_that_is_not_adobes(url: str) -> None:
    adapter = Firefly("https://firefly-api.adobe.io")

    assert adapter.accepted(Answer(status=202, data={"jobId": "1", "statusUrl": url})) is None


def test_a_cancel_address_elsewhere_is_left_out() -> None:
    adapter = Firefly("https://firefly-api.adobe.io")
    body = {"statusUrl": "https://firefly-epo1.adobe.io/v3/status/1", "cancelUrl": "https://evil.example/1"}

    ref = adapter.accepted(Answer(status=202, data=body))

    assert ref == "https://firefly-epo1.adobe.io/v3/status/1#"
    assert adapter.stop(ref) is None


@pytest.mark.parametrize(
    ("code", "slug", "retryable"),
    [
        ("prompt_unsafe", "moderated", False),
        ("input_media_unsafe", "moderated", False),
        ("output_media_unsafe", "moderated", False),
        ("input_media_indecipherable", "invalid-input", False),
        ("runtime_error", "provider-failed", True),
        ("job_timeout", "timed-out", True),
    ],
)
def test_its_codes_are_failures_a_person_knows(code: str, slug: str, retryable: bool) -> None:  # noqa: FBT001 - a parameter of pytest's
    body = {"status": "failed", "error_code": code, "message": "No.", "stack_trace": ["at secret (x.js:1)"]}

    end = Firefly("https://firefly-api.adobe.io").progress("x#", Answer(status=200, data=body))

    assert isinstance(end, Broken)
    assert (end.slug, end.retryable) == (slug, retryable)
    assert "secret" not in end.detail


def test_a_wrong_secret_is_said_without_the_secret(tmp_path: Path) -> None:
    with playing(SUBJECT, tmp_path) as rig:
        rig.simulator.key = "another"
        answer = rig.provider.submit(rig.shot())

    assert not isinstance(answer, Accepted)
    assert "token service" in str(answer)
    assert KEY not in repr(answer)


def test_a_camera_that_is_to_stand_still_is_locked_down(rig: Rig) -> None:
    plan = plan_shot("static shot of a harbour, locked off", duration_seconds=Fraction(5))
    rig.accepted(rig.shot(plan=plan.to_json()))

    (job,) = rig.simulator.jobs.everything()
    assert job.body["videoSettings"] == {"cameraMotion": "camera locked down"}
