"""Luma Agents as a stranger meets it: bare HTTP, the documented words."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import av
import httpx
import pytest

from tests.fakes.conduct import Conduct
from tests.fakes.luma import LumaAgents
from tests.fakes.samples import PIXEL, PNG

SHOT = {"prompt": "rain on a tin roof", "model": "ray-3.2", "type": "video"}
IMAGE = {"data": PIXEL, "media_type": "image/png"}


@pytest.fixture
def luma() -> Iterator[LumaAgents]:
    with LumaAgents(Conduct(seconds=30)) as fake:
        fake.clock.run(speed=0)
        yield fake


@pytest.fixture
def client(luma: LumaAgents) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {luma.key}"}
    with httpx.Client(base_url=luma.url, headers=headers, trust_env=False, timeout=60) as client:
        yield client


def video(**options: Any) -> dict[str, Any]:
    return {**SHOT, "video": options}


def finished(luma: LumaAgents, client: httpx.Client, body: dict[str, Any]) -> dict[str, Any]:
    made = client.post("/generations", json=body)
    assert made.status_code == 201, made.text
    luma.clock.advance(31)
    return dict(client.get(f"/generations/{made.json()['id']}").json())


def test_a_job_is_queued_then_processing_then_completed(luma: LumaAgents, client: httpx.Client) -> None:
    made = client.post("/generations", json=SHOT, headers={"X-Request-Id": "mine"})
    states = []
    for _ in range(3):
        states.append(client.get(f"/generations/{made.json()['id']}").json()["state"])
        luma.clock.advance(16)

    assert made.status_code == 201
    assert made.headers["x-request-id"] == "mine"
    assert made.headers["x-api-version"] == "2026-04-01"
    assert int(made.headers["x-ratelimit-limit"]) > 0
    assert states == ["queued", "processing", "completed"]


def test_a_wrong_key_is_refused_in_the_words_of_the_api(luma: LumaAgents) -> None:
    answer = httpx.post(f"{luma.url}/generations", json=SHOT, headers={"Authorization": "Bearer no"})

    assert (answer.status_code, answer.json()) == (401, {"detail": "Invalid API key"})
    assert luma.books().accepted == 0


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_there_is_no_listing_and_no_deleting(client: httpx.Client, method: str) -> None:
    made = client.post("/generations", json=SHOT).json()["id"]
    path = "/generations" if method == "GET" else f"/generations/{made}"

    assert client.request(method, path).status_code == 405
    assert client.post(f"/generations/{made}/cancel").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"model": "ray-3.2", "type": "video"},
        {**SHOT, "callback_url": "https://example.com"},
        {**SHOT, "seed": 7},
        video(resolution="2160p"),
        video(duration=5),
        video(hdr=True, resolution="540p"),
        video(hdr=True, resolution="720p", duration="10s"),
        video(exr_export=True, resolution="720p"),
        video(loop=True, duration="10s"),
        video(loop=True, hdr=True, resolution="720p"),
        video(loop=True, end_frame=IMAGE),
        video(start_frame=IMAGE, duration="10s"),
        video(start_frame={"url": "https://example.com/a.png", "file_id": "x"}),
        video(start_frame={"data": PIXEL}),
        video(keyframes=[IMAGE], keyframe_indexes=[0], start_frame=IMAGE),
        video(keyframes=[IMAGE, IMAGE], keyframe_indexes=[0]),
        video(keyframes=[IMAGE, IMAGE], keyframe_indexes=[7, 7]),
        video(keyframes=[IMAGE], keyframe_indexes=[121]),
        video(keyframes=[IMAGE] * 65, keyframe_indexes=list(range(65))),
        {**SHOT, "type": "video_edit"},
        {**SHOT, "video": {"edit": {"strength": "adhere_1"}}},
    ],
)
def test_a_combination_it_does_not_make_is_refused_before_anything_is_billed(
    luma: LumaAgents, client: httpx.Client, body: dict[str, Any]
) -> None:
    answer = client.post("/generations", json=body)

    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert luma.books().accepted == 0


@pytest.mark.parametrize(
    ("options", "usd"),
    [
        ({"resolution": "360p"}, 0.06),
        ({"resolution": "540p", "duration": "10s"}, 0.45),
        ({"resolution": "1080p", "hdr": True}, 2.40),
        ({"resolution": "720p", "hdr": True, "exr_export": True}, 0.90),
        ({"keyframes": [IMAGE], "keyframe_indexes": [240], "duration": "10s"}, 0.90),
        ({"start_frame": IMAGE, "end_frame": IMAGE, "resolution": "720p"}, 0.30),
    ],
)
def test_the_books_hold_the_published_price(
    luma: LumaAgents, client: httpx.Client, options: dict[str, Any], usd: float
) -> None:
    assert client.post("/generations", json=video(**options)).status_code == 201
    assert luma.books().billed_usd == usd


@pytest.mark.slow
def test_the_result_is_a_movie_of_the_size_and_length_that_was_asked_for(
    luma: LumaAgents, client: httpx.Client
) -> None:
    shown = finished(luma, client, video(resolution="360p"))

    movie = av.open(io.BytesIO(httpx.get(shown["output"][0]["url"], timeout=120).content), "r")
    with movie:
        stream = movie.streams.video[0]
        assert (stream.width, stream.height, stream.frames) == (640, 360, 120)
        assert stream.average_rate == 24


@pytest.mark.slow
def test_an_exr_export_comes_beside_the_movie_as_a_zip_of_frames(
    luma: LumaAgents, client: httpx.Client
) -> None:
    shown = finished(luma, client, video(resolution="720p", hdr=True, exr_export=True))

    assert [each["type"] for each in shown["output"]] == ["video", "exr"]
    archive = zipfile.ZipFile(io.BytesIO(httpx.get(shown["output"][1]["url"], timeout=240).content))
    assert len(archive.namelist()) == 120
    assert archive.read(archive.namelist()[0]).startswith(b"v/1\x01")


def test_an_address_expires_and_asking_again_gives_a_fresh_one(
    luma: LumaAgents, client: httpx.Client
) -> None:
    shown = finished(luma, client, video(resolution="360p"))
    old = shown["output"][0]["url"]
    luma.clock.advance(3601)
    fresh = client.get(f"/generations/{shown['id']}").json()["output"][0]["url"]

    assert httpx.get(old).status_code == 403
    assert httpx.get(fresh.replace("Signature=", "Signature=0")).status_code == 403
    part = httpx.get(fresh, headers={"Range": "bytes=4-7"}, timeout=120)
    assert (part.status_code, part.content) == (206, b"ftyp")
    assert part.headers["content-range"].startswith("bytes 4-7/")


def test_a_shot_goes_on_from_a_finished_one_only(luma: LumaAgents, client: httpx.Client) -> None:
    first = client.post("/generations", json=SHOT).json()["id"]
    extension = video(start_frame={"generation_id": first})

    assert client.post("/generations", json=extension).status_code == 422
    luma.clock.advance(31)
    assert client.post("/generations", json=extension).status_code == 201
    hdr = video(start_frame={"generation_id": first}, hdr=True, resolution="720p")
    assert client.post("/generations", json=hdr).status_code == 422


def test_an_edit_is_as_long_as_its_source_and_billed_by_it(luma: LumaAgents, client: httpx.Client) -> None:
    first = finished(luma, client, video(resolution="360p", duration="10s"))["id"]
    edit = {**SHOT, "type": "video_edit", "source": {"generation_id": first}, "video": {"resolution": "360p"}}

    assert client.post("/generations", json=edit).status_code == 201
    assert luma.books().jobs[-1]["usd"] == 1.08


@pytest.mark.parametrize("inline", [True, False])
def test_a_file_is_uploaded_and_used_once_it_is_ready(
    luma: LumaAgents,
    client: httpx.Client,
    inline: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    data = PNG
    if inline:
        made = client.post("/files", files={"file": ("a.png", data, "image/png")}).json()
    else:
        made = client.post("/files", json={"mime_type": "image/png", "size_bytes": len(data)}).json()
        put = made["upload"]
        assert httpx.put(put["url"], content=data, headers=put["headers"]).status_code == 200
        assert client.post(f"/files/{made['id']}/complete").status_code == 200
    body = video(start_frame={"file_id": made["id"]})

    assert made["state"] == "pending"
    assert client.post("/generations", json=body).status_code == 422
    luma.clock.advance(2)
    assert client.get(f"/files/{made['id']}").json()["state"] == "ready"
    assert client.post("/generations", json=body).status_code == 201
    assert client.get("/files").json()["data"][0]["id"] == made["id"]
    assert client.delete(f"/files/{made['id']}").status_code == 204
    assert client.post("/generations", json=body).status_code == 422


def test_a_minute_takes_so_many_requests_and_no_more() -> None:
    with LumaAgents(Conduct(requests_per_minute=2, seconds=30)) as luma:
        luma.clock.run(speed=0)
        with httpx.Client(base_url=luma.url, headers={"Authorization": f"Bearer {luma.key}"}) as client:
            answers = [client.post("/generations", json=SHOT) for _ in range(3)]
            luma.clock.advance(61)
            later = client.post("/generations", json=SHOT)

    assert [each.status_code for each in answers] == [201, 201, 429]
    assert answers[2].json() == {"detail": "Rate limit exceeded"}
    assert int(answers[2].headers["retry-after"]) > 0
    assert later.status_code == 201


def test_so_many_jobs_run_at_once_and_no_more() -> None:
    with LumaAgents(Conduct(concurrency=2, seconds=30)) as luma:
        luma.clock.run(speed=0)
        with httpx.Client(base_url=luma.url, headers={"Authorization": f"Bearer {luma.key}"}) as client:
            answers = [client.post("/generations", json=SHOT) for _ in range(3)]
            luma.clock.advance(31)
            later = client.post("/generations", json=SHOT)

    assert [each.status_code for each in answers] == [201, 201, 429]
    assert answers[2].json() == {"detail": "Too many concurrent jobs"}
    assert later.status_code == 201


def test_an_account_without_money_or_suspended_is_told_so() -> None:
    for conduct, status in ((Conduct(balance_usd=0.1), 402), (Conduct(suspended=True), 403)):
        with LumaAgents(conduct) as luma:
            key = {"Authorization": f"Bearer {luma.key}"}
            assert httpx.post(f"{luma.url}/generations", json=SHOT, headers=key).status_code == status
