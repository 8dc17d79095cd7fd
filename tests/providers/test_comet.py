"""CometAPI's own ways: no model, no length, no size; frames by address; states that no page names."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from plugin_backend.domain.brief import Keyframe
from tests.fakes.faults import Fault
from tests.fakes.faults import Kind as FaultKind
from tests.providers.contract import SUBJECTS, Rig, playing
from tests.providers.inputs import picture
from worker.providers.comet import Comet
from worker.providers.http import Answer
from worker.providers.protocol import Broken, Running

SUBJECT = next(each for each in SUBJECTS if each.name == "comet")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with playing(SUBJECT, tmp_path) as made:
        yield made


def test_only_what_the_route_takes_is_sent(rig: Rig) -> None:
    frames = (Keyframe("ast_1"), Keyframe("ast_1", Fraction(5)))
    rig.accepted(
        rig.shot(keyframes=frames, inputs={"ast_1": picture(rig.storage, "ast_1")}, aspect_ratio="21:9")
    )

    (job,) = rig.simulator.jobs.everything()
    assert job.body.keys() == {"prompt", "aspect_ratio", "keyframes", "callback_url"}
    assert job.body["aspect_ratio"] == "21:9"
    assert {frame["type"] for frame in job.body["keyframes"].values()} == {"image"}
    assert all("rendition.jpg?signature=" in frame["url"] for frame in job.body["keyframes"].values())


def test_a_loop_is_asked_for_by_name(rig: Rig) -> None:
    rig.accepted(rig.shot(loop=True))

    (job,) = rig.simulator.jobs.everything()
    assert job.body["loop"] is True


def test_a_state_nobody_names_is_still_running(rig: Rig) -> None:
    rig.simulator.faults.add(Fault(kind=FaultKind.UNKNOWN_STATE))

    assert isinstance(rig.look(rig.accepted()), Running)


def test_a_picture_that_could_not_be_fetched_is_not_called_moderated() -> None:
    body = {"state": "failed", "failure_reason": "400: failed to moderate image"}

    end = Comet().progress("x", Answer(status=200, data=body))

    assert isinstance(end, Broken)
    assert (end.slug, end.retryable) == ("provider-failed", True)


def test_the_address_for_downloads_is_preferred() -> None:
    body = {
        "state": "completed",
        "video": {"url": "https://a.example/1.mp4", "download_url": "https://b.example/1.mp4"},
    }

    progress = Comet().progress("x", Answer(status=200, data=body))

    assert "https://b.example/1.mp4" in str(progress)
