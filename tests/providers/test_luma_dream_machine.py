"""Luma Dream Machine: what is asked for in its own terms, and how an attempt is found again."""

import threading
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from plugin_backend.domain.annotations import Annotation, AnnotationTool
from plugin_backend.domain.brief import Kind, Operation, Resolution, Source
from plugin_backend.domain.catalogue import Catalogue
from plugin_backend.domain.direction.plan import plan_shot
from plugin_backend.domain.making.additions import Addition
from tests.fakes.conduct import Conduct
from tests.fakes.faults import Door, Fault
from tests.fakes.faults import Kind as FaultKind
from tests.providers.contract import KEY, SUBJECTS, Rig, account, playing
from tests.providers.inputs import film, keyframes
from worker.providers.luma_dream_machine import LumaDreamMachine
from worker.providers.messages import Answer
from worker.providers.protocol import Broken, Continued, Found, InDoubt, Refused
from worker.providers.registry import open_adapter
from worker.providers.remote import RemoteProvider

DREAM_MACHINE = next(subject for subject in SUBJECTS if subject.name == "luma-dream-machine")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with playing(DREAM_MACHINE, tmp_path) as opened:
        yield opened


def _paid(rig: Rig) -> tuple[str, Mapping[str, Any]]:
    """Where the last paid call went and what it said."""
    last = [request for request in rig.simulator.requests if request.method == "POST"][-1]
    return last.path.removeprefix("/dream-machine/v1"), last.json()


def _plan(words: str) -> dict[str, Any]:
    return plan_shot(words, duration_seconds=Fraction(5)).to_json()


def test_a_text_is_asked_for_with_an_address_that_carries_the_token(rig: Rig) -> None:
    shot = rig.shot(resolution=Resolution.P720, duration_seconds=9, loop=True)

    rig.accepted(shot)

    assert _paid(rig) == (
        "/generations/video",
        {
            "generation_type": "video",
            "model": "ray-flash-2",
            "prompt": "slow dolly in through a misty forest",
            "aspect_ratio": "16:9",
            "duration": "9s",
            "resolution": "720p",
            "loop": True,
            "callback_url": f"http://127.0.0.1:9/v1/hooks/luma-dream-machine/{shot.token}",
        },
    )


def test_its_largest_picture_is_called_4k(rig: Rig) -> None:
    rig.accepted(rig.shot(kind=Kind.MASTER, resolution=Resolution.P2160))

    assert _paid(rig)[1]["resolution"] == "4k"


def test_frames_are_signed_links_to_the_renditions(rig: Rig) -> None:
    rig.accepted(rig.shot(**keyframes(rig.storage, 0, 5)))

    base = "https://plugin-backend.example.com/files/assets"
    assert _paid(rig)[1]["keyframes"] == {
        "frame0": {"type": "image", "url": f"{base}/ast_0000/rendition.jpg?signature=s1gn3d"},
        "frame1": {"type": "image", "url": f"{base}/ast_0001/rendition.jpg?signature=s1gn3d"},
    }


@pytest.mark.parametrize(
    ("words", "concept"),
    [
        ("orbit left around a red bottle", "orbit_left"),
        ("slow dolly in through a misty forest", "push_in"),
        ("a harbour at dawn", None),
        ("pan left, then crane up over a forest", None),
    ],
)
def test_one_camera_move_of_the_plan_is_a_concept_that_it_lists(
    rig: Rig, words: str, concept: str | None
) -> None:
    rig.accepted(rig.shot(prompt=words, plan=_plan(words)))

    found = _paid(rig)[1].get("concepts")
    assert found == (None if concept is None else [{"key": concept}])


def test_concepts_are_listed_once_for_many_shots(rig: Rig) -> None:
    for _ in range(3):
        rig.accepted(rig.shot(plan=_plan("slow dolly in through a misty forest")))

    assert rig.simulator.seen[Door.OTHER] == 1


def test_a_list_of_concepts_that_does_not_come_costs_the_shot_nothing_but_the_concept(rig: Rig) -> None:
    rig.simulator.faults.add(Fault(kind=FaultKind.ERROR, on=Door.OTHER))

    rig.accepted(rig.shot(plan=_plan("slow dolly in through a misty forest")))

    assert "concepts" not in _paid(rig)[1]


def test_a_shot_goes_on_from_its_own_generation(rig: Rig) -> None:
    ref = rig.accepted()
    rig.ended(ref)
    before = Continued(operation=Operation.EXTEND, provider_ref=ref)

    rig.finished(rig.shot(source=Source(operation=Operation.EXTEND, take_id="t"), continued=before))

    assert _paid(rig)[1]["keyframes"] == {"frame0": {"type": "generation", "id": ref}}


def test_a_draft_becomes_its_master_by_being_upscaled(rig: Rig) -> None:
    ref = rig.accepted()
    rig.ended(ref)
    promotion = {"method": "upscale", "draft_take_id": "take_1", "draft_ref": ref, "frames": {}}
    shot = rig.shot(kind=Kind.MASTER, resolution=Resolution.P2160, promotion=promotion)

    fetched = rig.fetched(rig.finished(shot))

    path, body = _paid(rig)
    assert path == f"/generations/{ref}/upscale"
    assert (body["generation_type"], body["resolution"]) == ("upscale_video", "4k")
    assert shot.token in body["callback_url"]
    assert fetched["files"][0]["role"] == "movie"


@pytest.mark.parametrize(("addition", "path"), [(Addition.AUDIO, "audio"), (Addition.UPSCALE, "upscale")])
def test_what_is_added_to_a_part_is_a_call_of_its_own_that_is_found_again(
    rig: Rig, addition: Addition, path: str
) -> None:
    ref = rig.accepted()
    rig.ended(ref)
    before = Continued(operation=Operation.EDIT, provider_ref=ref)
    shot = rig.shot(resolution=Resolution.P1080, addition=addition, part=1, parts=2, continued=before)
    rig.simulator.faults.add(Fault(kind=FaultKind.RESET, accepts=True, most=1))

    assert isinstance(rig.provider.submit(shot), InDoubt)

    assert _paid(rig)[0] == f"/generations/{ref}/{path}"
    found = rig.provider.find(shot.token)
    assert isinstance(found, Found)
    assert found.provider_ref != ref
    assert rig.taken_on == 2


@pytest.mark.parametrize(("operation", "path"), [(Operation.EDIT, "modify"), (Operation.REFRAME, "reframe")])
def test_a_film_is_worked_on_by_its_address(rig: Rig, operation: Operation, path: str) -> None:
    ours = film(rig.fetched(rig.finished()))
    source = Source(operation=operation, asset_id="ast_film")

    rig.accepted(rig.shot(source=source, continued=Continued(operation=operation, file=ours)))

    found, body = _paid(rig)
    assert found == f"/generations/video/{path}"
    assert body["media"]["url"].startswith(f"https://plugin-backend.example.com/files/{ours.key}?")


@pytest.mark.parametrize(
    ("reason", "slug", "retryable"),
    [
        ("Advanced moderation failed", "moderated", False),
        ("400: failed to moderate image", "provider-failed", True),
        ("Generation failed", "provider-failed", True),
        (None, "provider-failed", True),
    ],
)
def test_a_picture_it_could_not_fetch_is_told_apart_from_one_it_would_not_show(
    reason: str | None, slug: str, *, retryable: bool
) -> None:
    data = {"id": "1", "state": "failed", "failure_reason": reason}

    ended = LumaDreamMachine().progress("1", Answer(status=200, data=data))

    assert isinstance(ended, Broken)
    assert (ended.slug, ended.retryable) == (slug, retryable)
    assert (reason or "Luma Dream Machine") in ended.detail


def test_without_a_mark_of_ours_nothing_is_asked(rig: Rig) -> None:
    upstream, http = open_adapter(rig.simulator.name, account(rig.simulator), Catalogue.load())
    provider = RemoteProvider(
        upstream, http, storage=rig.storage, links=str, callbacks=lambda _token: "", labels=str
    )

    answer = provider.submit(rig.shot())
    provider.close()

    assert isinstance(answer, Refused)
    assert rig.simulator.seen[Door.SUBMIT] == 0


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_it_fetches_the_frames_that_it_is_given(tmp_path: Path) -> None:
    conduct = Conduct(key=KEY, picture_scale=0.2)
    with (
        playing(DREAM_MACHINE, tmp_path, conduct=conduct) as rig,
        ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=tmp_path / "storage")) as server,
    ):
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        upstream, http = open_adapter(rig.simulator.name, account(rig.simulator), Catalogue.load())
        rig.provider.close()
        rig.provider = RemoteProvider(
            upstream,
            http,
            storage=rig.storage,
            links=lambda key: f"http://127.0.0.1:{server.server_port}/{key}",
            callbacks=lambda token: f"http://127.0.0.1:9/{token}",
            labels=str,
        )

        outputs = rig.finished(rig.shot(**keyframes(rig.storage, 0)))
        rig.provider.close()
        server.shutdown()

    assert outputs["files"]


def test_an_arrow_on_the_frame_is_a_concept_and_a_sentence(rig: Rig) -> None:
    pan = Annotation(tool=AnnotationTool.ARROW, points=((0.3, 0.5), (0.7, 0.5)), note="pan")
    rig.accepted(rig.shot(prompt="a harbour at dawn", plan=_plan("a harbour at dawn"), annotations=(pan,)))

    body = _paid(rig)[1]
    assert body["concepts"] == [{"key": "pan_right"}]
    assert body["prompt"] == "a harbour at dawn. The camera pans right (pan)."
