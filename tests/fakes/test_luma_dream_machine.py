"""Luma's Dream Machine API as a stranger meets it."""

import io
from collections.abc import Iterator
from typing import Any

import av
import httpx
import pytest

from tests.fakes.conduct import Conduct
from tests.fakes.faults import Door, Fault, Kind
from tests.fakes.listening import Listener, listening
from tests.fakes.luma_dream_machine import LumaDreamMachine

SHOT = {"model": "ray-2", "prompt": "rain on a tin roof", "resolution": "540p", "duration": "5s"}
TOKEN = "t" * 43


@pytest.fixture
def luma() -> Iterator[LumaDreamMachine]:
    with LumaDreamMachine(Conduct(seconds=30)) as fake:
        fake.clock.run(speed=0)
        yield fake


@pytest.fixture
def client(luma: LumaDreamMachine) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {luma.key}"}
    with httpx.Client(base_url=luma.url, headers=headers, trust_env=False, timeout=120) as client:
        yield client


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as found:
        yield found


def made(luma: LumaDreamMachine, client: httpx.Client, path: str = "/generations/video", **body: Any) -> str:
    answer = client.post(path, json=body or SHOT)
    assert answer.status_code == 201, answer.text
    luma.clock.advance(31)
    return str(answer.json()["id"])


def test_a_job_is_queued_then_dreaming_then_completed(luma: LumaDreamMachine, client: httpx.Client) -> None:
    job = client.post("/generations", json=SHOT).json()
    states = [job["state"]]
    for _ in range(2):
        luma.clock.advance(16)
        states.append(client.get(f"/generations/{job['id']}").json()["state"])

    assert states == ["queued", "dreaming", "completed"]
    assert job["request"]["prompt"] == SHOT["prompt"]
    assert job["assets"] is None


def test_the_listing_shows_what_was_asked_newest_first(luma: LumaDreamMachine, client: httpx.Client) -> None:
    ids = [made(luma, client, **SHOT, callback_url=f"http://127.0.0.1:9/{n}") for n in range(3)]
    first = client.get("/generations", params={"limit": 2}).json()
    rest = client.get("/generations", params={"limit": 2, "offset": 2}).json()

    assert [each["id"] for each in first["generations"] + rest["generations"]] == ids[::-1]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    assert first["generations"][0]["request"]["callback_url"] == "http://127.0.0.1:9/2"


def test_a_deleted_job_is_gone_and_billed_all_the_same(luma: LumaDreamMachine, client: httpx.Client) -> None:
    job = made(luma, client)

    assert client.delete(f"/generations/{job}").status_code == 204
    assert client.get(f"/generations/{job}").status_code == 404
    assert client.get("/generations").json()["generations"] == []
    assert luma.books().billed_usd == 0.40


@pytest.mark.parametrize(
    "body",
    [
        {"prompt": "x"},
        {**SHOT, "model": "ray-3"},
        {**SHOT, "duration": "10s"},
        {**SHOT, "resolution": "2160p"},
        {**SHOT, "seed": 7},
        {**SHOT, "hdr": True},
        {"model": "ray-2"},
        {**SHOT, "concepts": [{"key": "somersault"}]},
        {**SHOT, "keyframes": {"frame0": {"type": "image"}}},
        {**SHOT, "keyframes": {"frame0": {"type": "generation", "id": "nobody"}}},
    ],
)
def test_what_it_does_not_take_is_refused(
    luma: LumaDreamMachine, client: httpx.Client, body: dict[str, Any]
) -> None:
    answer = client.post("/generations/video", json=body)

    assert answer.status_code in (400, 404, 422)
    assert answer.json()["detail"]
    assert luma.books().accepted == 0


@pytest.mark.slow
def test_a_clip_is_upscaled_once_it_is_finished(luma: LumaDreamMachine, client: httpx.Client) -> None:
    early = client.post("/generations/video", json=SHOT).json()["id"]
    assert client.post(f"/generations/{early}/upscale", json={"resolution": "720p"}).status_code == 400

    luma.clock.advance(31)
    larger = made(luma, client, f"/generations/{early}/upscale", resolution="720p")
    video = client.get(f"/generations/{larger}").json()
    assert video["request"]["generation_type"] == "upscale_video"
    assert client.post(f"/generations/{larger}/upscale", json={"resolution": "540p"}).status_code == 400
    with av.open(io.BytesIO(httpx.get(video["assets"]["video"], timeout=240).content), "r") as movie:
        assert (movie.streams.video[0].width, movie.streams.video[0].height) == (1280, 720)


@pytest.mark.slow
def test_sound_is_added_to_a_finished_clip(luma: LumaDreamMachine, client: httpx.Client) -> None:
    clip = made(luma, client)
    sounding = made(luma, client, f"/generations/{clip}/audio", prompt="rain")
    url = client.get(f"/generations/{sounding}").json()["assets"]["video"]

    with av.open(io.BytesIO(httpx.get(url, timeout=240).content), "r") as movie:
        assert len(movie.streams.audio) == 1


@pytest.mark.slow
def test_a_reframed_clip_is_as_long_as_its_source(luma: LumaDreamMachine, client: httpx.Client) -> None:
    first = client.get(f"/generations/{made(luma, client)}").json()["assets"]["video"]
    asked = {"generation_type": "reframe_video", "model": "ray-2", "aspect_ratio": "1:1"}
    reframed = made(luma, client, "/generations/video/reframe", **asked, media={"url": first})
    url = client.get(f"/generations/{reframed}").json()["assets"]["video"]

    with av.open(io.BytesIO(httpx.get(url, timeout=240).content), "r") as movie:
        stream = movie.streams.video[0]
        assert (stream.width, stream.height, stream.frames) == (720, 720, 120)


def test_an_input_it_cannot_read_fails_later_in_the_words_of_moderation(
    luma: LumaDreamMachine, client: httpx.Client
) -> None:
    frame = {"type": "image", "url": "http://127.0.0.1:9/a.jpg"}
    job = made(luma, client, **SHOT, keyframes={"frame0": frame})
    shown = client.get(f"/generations/{job}").json()

    assert (shown["state"], shown["failure_reason"]) == ("failed", "400: failed to moderate image")


def test_it_calls_back_when_dreaming_and_when_completed(
    luma: LumaDreamMachine, client: httpx.Client, listener: Listener
) -> None:
    callback = f"{listener.url}/hooks/{TOKEN}"
    client.post("/generations/video", json={**SHOT, "callback_url": callback})
    luma.clock.advance(4)
    listener.wait_for(1)
    luma.clock.advance(30)
    letters = listener.wait_for(2)

    assert [each.json()["state"] for each in letters] == ["dreaming", "completed"]
    assert luma.books().jobs[0]["token"] == TOKEN


def test_a_callback_that_is_not_answered_with_200_is_tried_three_times_more(
    luma: LumaDreamMachine, client: httpx.Client, listener: Listener
) -> None:
    listener.status = 503
    client.post("/generations/video", json={**SHOT, "callback_url": listener.url})
    luma.clock.advance(4)

    assert len(listener.wait_for(4)) == 4


def test_a_storm_of_callbacks_and_a_forged_one(
    luma: LumaDreamMachine, client: httpx.Client, listener: Listener
) -> None:
    luma.faults.add(
        Fault(kind=Kind.FORGED, on=Door.CALLBACK, nth=(1,)),
        Fault(kind=Kind.STORM, on=Door.CALLBACK, nth=(2,), times=5),
    )
    client.post("/generations/video", json={**SHOT, "callback_url": listener.url})
    luma.clock.advance(4)
    forged, real = listener.wait_for(2)
    luma.clock.advance(30)

    assert (forged.json()["state"], real.json()["state"]) == ("completed", "dreaming")
    assert len(listener.wait_for(7)) == 7


def test_the_balance_is_told_in_cents(client: httpx.Client) -> None:
    assert client.get("/credits").json()["credit_balance"] > 0
    assert client.get("/ping").json() == {"message": "pong"}
    assert "push_in" in client.get("/generations/concepts/list").json()
