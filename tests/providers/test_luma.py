"""Luma Agents: what is asked for in its own terms, and what it makes of it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from plugin_backend.domain.brief import DynamicRange, Kind, Operation, Resolution, Source
from tests.fakes.conduct import Conduct
from tests.fakes.faults import Door, Fault
from tests.fakes.faults import Kind as FaultKind
from tests.providers.contract import KEY, SUBJECTS, Rig, playing
from tests.providers.inputs import film, keyframes, renamed
from worker.providers.luma import Luma
from worker.providers.messages import Answer
from worker.providers.protocol import Accepted, Broken, Continued, Refused
from worker.providers.remote import Patience

LUMA = next(subject for subject in SUBJECTS if subject.name == "luma")
EDIT = Source(operation=Operation.EDIT, asset_id="ast_film")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Its clock runs fast, so that uploads are read at once."""
    conduct = Conduct(key=KEY, picture_scale=0.2, speed=20, seconds=200)
    with playing(LUMA, tmp_path, conduct=conduct) as opened:
        yield opened


def _body(rig: Rig) -> Mapping[str, Any]:
    """What the last paid call said."""
    paid = [
        each
        for each in rig.simulator.requests
        if each.method == "POST" and each.path.endswith("/generations")
    ]
    return paid[-1].json()


def test_a_text_is_asked_for_at_its_size_and_length(rig: Rig) -> None:
    shot = rig.shot(aspect_ratio="9:16", resolution=Resolution.P540, duration_seconds=10)

    rig.accepted(shot)

    assert _body(rig) == {
        "model": "ray-3.2",
        "prompt": "slow dolly in through a misty forest",
        "user_id": shot.owner_id,
        "type": "video",
        "aspect_ratio": "9:16",
        "video": {"resolution": "540p", "duration": "10s"},
    }


def test_first_and_last_frame_travel_inside_the_call(rig: Rig) -> None:
    rig.accepted(rig.shot(**keyframes(rig.storage, 0, 5)))

    video = _body(rig)["video"]
    assert video["start_frame"].keys() == video["end_frame"].keys() == {"data", "media_type"}
    assert video["start_frame"]["media_type"] == "image/jpeg"
    assert video["start_frame"]["data"] != video["end_frame"]["data"]
    assert rig.simulator.seen[Door.UPLOAD] == 0


def test_frames_of_a_long_shot_are_pinned_to_the_grid_of_24(rig: Rig) -> None:
    rig.accepted(rig.shot(duration_seconds=10, **keyframes(rig.storage, 0, 2.5, 10)))

    video = _body(rig)["video"]
    assert video["keyframe_indexes"] == [0, 60, 240]
    assert len(video["keyframes"]) == 3
    assert "start_frame" not in video


def test_many_frames_are_uploaded_first_and_each_but_once(rig: Rig) -> None:
    given = keyframes(rig.storage, *(number / 24 for number in range(64)), padding=400_000)

    rig.accepted(rig.shot(**given))
    rig.accepted(rig.shot(**given))

    video = _body(rig)["video"]
    assert video["keyframe_indexes"] == list(range(64))
    assert all(each.keys() == {"file_id"} for each in video["keyframes"])
    uploads = [each for each in rig.simulator.requests if each.method == "POST" and each.path == "/v1/files"]
    assert len(uploads) == 64


def test_two_keyframes_on_one_frame_are_refused_before_anything_is_asked(rig: Rig) -> None:
    answer = rig.provider.submit(rig.shot(**keyframes(rig.storage, 1, 1.01)))

    assert isinstance(answer, Refused)
    assert (answer.slug, answer.retryable) == ("invalid-input", False)
    assert rig.simulator.seen[Door.SUBMIT] == 0


def test_a_loop_may_open_on_a_frame(rig: Rig) -> None:
    rig.accepted(rig.shot(loop=True, **keyframes(rig.storage, 0)))

    video = _body(rig)["video"]
    assert video["loop"] is True
    assert "start_frame" in video


def test_hdr_with_exr_brings_a_movie_and_an_archive(rig: Rig) -> None:
    shot = rig.shot(kind=Kind.MASTER, resolution=Resolution.P720, dynamic_range=DynamicRange.HDR, exr=True)

    fetched = rig.fetched(rig.finished(shot))

    assert _body(rig)["video"] == {"resolution": "720p", "hdr": True, "exr_export": True, "duration": "5s"}
    assert [(file["role"], file["media_type"]) for file in fetched["files"]] == [
        ("movie", "video/mp4"),
        ("exr", "application/zip"),
    ]
    assert fetched["files"][1]["key"].endswith("/original/1.zip")


def test_a_shot_goes_on_from_its_own_generation(rig: Rig) -> None:
    ref = rig.accepted()
    rig.ended(ref)
    before = Continued(operation=Operation.EXTEND, provider_ref=ref)

    rig.accepted(rig.shot(source=Source(operation=Operation.EXTEND, take_id="take_1"), continued=before))

    body = _body(rig)
    assert body["video"] == {"resolution": "360p", "duration": "5s", "start_frame": {"generation_id": ref}}
    assert body["type"] == "video"


def test_a_strangers_film_cannot_be_gone_on_from(rig: Rig) -> None:
    foreign = film(rig.fetched(rig.finished()))
    shot = rig.shot(
        source=Source(operation=Operation.EXTEND, asset_id="ast_film"),
        continued=Continued(operation=Operation.EXTEND, file=foreign),
    )

    answer = rig.provider.submit(shot)

    assert isinstance(answer, Refused)
    assert answer.slug == "invalid-input"
    assert rig.taken_on == 1


@pytest.mark.parametrize(
    ("operation", "kind"), [(Operation.EDIT, "video_edit"), (Operation.REFRAME, "video_reframe")]
)
def test_a_film_of_ours_is_uploaded_and_worked_on(rig: Rig, operation: Operation, kind: str) -> None:
    ours = renamed(rig.storage, film(rig.fetched(rig.finished())), "assets/ast_film/clean.mp4")
    shot = rig.shot(
        source=Source(operation=operation, asset_id="ast_film"),
        continued=Continued(operation=operation, file=ours),
    )

    rig.finished(shot)

    body = _body(rig)
    assert body["type"] == kind
    assert body["source"].keys() == {"file_id"}
    assert "duration" not in body["video"]


def test_its_own_film_is_worked_on_by_its_id(rig: Rig) -> None:
    ref = rig.accepted()
    rig.ended(ref)

    rig.accepted(rig.shot(source=EDIT, continued=Continued(operation=Operation.EDIT, provider_ref=ref)))

    body = _body(rig)
    assert body["source"] == {"generation_id": ref}
    assert body["video"]["edit"] == {"auto_controls": True}


def test_a_large_film_is_put_where_it_says(rig: Rig) -> None:
    ours = film(rig.fetched(rig.finished()))
    rig.storage.put_bytes("assets/ast_film/clean.mp4", rig.storage.get_bytes(ours.key) + bytes(9 << 20))
    large = Continued(operation=Operation.EDIT, file=renamed(rig.storage, ours, "assets/x/clean.mp4"))
    rig.storage.put_bytes("assets/x/clean.mp4", rig.storage.get_bytes("assets/ast_film/clean.mp4"))

    rig.accepted(rig.shot(source=EDIT, continued=large))

    (put,) = [request for request in rig.simulator.requests if request.method == "PUT"]
    assert "authorization" not in put.headers
    assert int(put.headers["content-length"]) == rig.storage.head("assets/x/clean.mp4").bytes


def test_a_master_is_an_edit_as_near_to_its_draft_as_can_be(rig: Rig) -> None:
    ref = rig.accepted()
    rig.ended(ref)
    promotion = {"method": "edit-source", "draft_take_id": "take_1", "draft_ref": ref, "frames": {}}

    rig.accepted(rig.shot(kind=Kind.MASTER, resolution=Resolution.P1080, promotion=promotion))

    body = _body(rig)
    assert (body["type"], body["source"]) == ("video_edit", {"generation_id": ref})
    assert body["video"] == {"resolution": "1080p", "edit": {"strength": "adhere_1"}}


def test_a_master_may_be_made_through_the_frames_of_its_draft(rig: Rig) -> None:
    first, last = keyframes(rig.storage, 0, 5)["inputs"].values()
    frames = {"first": first.rendition, "last": last.rendition}
    promotion = {"method": "keyframes", "draft_take_id": "take_1", "draft_ref": None, "frames": frames}

    rig.accepted(rig.shot(kind=Kind.MASTER, resolution=Resolution.P1080, promotion=promotion))

    assert _body(rig)["video"]["keyframe_indexes"] == [0, 120]


def test_an_input_that_it_still_reads_is_waited_for_and_uploaded_no_second_time(tmp_path: Path) -> None:
    conduct = Conduct(key=KEY, picture_scale=0.2, speed=0)
    patience = Patience(submit=2.0, poll=2.0, reading=0.5)
    with playing(LUMA, tmp_path, conduct=conduct, patience=patience) as rig:
        given = keyframes(rig.storage, 0, 5, padding=7 << 20)
        shot = rig.shot(**given)

        waiting = rig.provider.submit(shot)

        assert isinstance(waiting, Refused)
        assert (waiting.retryable, waiting.is_outage, rig.taken_on) == (True, False, 0)

        rig.simulator.clock.advance(5)
        assert isinstance(rig.provider.submit(shot), Accepted)
        uploads = [
            each for each in rig.simulator.requests if (each.method, each.path) == ("POST", "/v1/files")
        ]
        assert len(uploads) == 2


def test_an_upload_that_fails_starts_nothing_and_may_be_tried_again(rig: Rig) -> None:
    rig.simulator.faults.add(Fault(kind=FaultKind.ERROR, on=Door.UPLOAD))

    answer = rig.provider.submit(rig.shot(**keyframes(rig.storage, 0, 5, padding=7 << 20)))

    assert isinstance(answer, Refused)
    assert (answer.retryable, answer.is_outage) == (True, True)
    assert rig.taken_on == 0


def test_what_it_refuses_says_which_field(rig: Rig) -> None:
    answer = rig.provider.submit(rig.shot(aspect_ratio="9:21"))

    assert isinstance(answer, Refused)
    assert answer.slug == "invalid-input"
    assert "aspect_ratio: Input should be" in answer.detail


@pytest.mark.parametrize(
    ("code", "slug", "retryable"),
    [
        ("content_moderated", "moderated", False),
        ("generation_failed", "provider-failed", True),
        ("budget_exhausted", "provider-failed", False),
        ("output_not_found", "provider-failed", True),
        ("image_too_large", "invalid-input", False),
        ("unsupported_format", "invalid-input", False),
        ("corrupt_input", "invalid-input", False),
        ("invalid_request", "invalid-input", False),
        ("rate_limited", "provider-failed", True),
        ("a_code_of_tomorrow", "provider-failed", True),
        (None, "provider-failed", True),
        (["odd"], "provider-failed", True),
    ],
)
def test_each_failure_code_is_one_of_our_slugs_with_its_own_words(
    code: object, slug: str, *, retryable: bool
) -> None:
    data = {"state": "failed", "failure_code": code, "failure_reason": "The sky is too blue."}

    ended = Luma().progress("ref", Answer(status=200, data=data, request_id="req_7"))

    assert isinstance(ended, Broken)
    assert (ended.slug, ended.retryable, ended.request_id) == (slug, retryable, "req_7")
    assert "The sky is too blue." in ended.detail
    assert ended.billed is None
