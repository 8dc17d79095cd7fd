"""Adobe Firefly Video as a stranger meets it."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fakes.conduct import Conduct
from tests.fakes.faults import Fault, Kind
from tests.fakes.firefly import Firefly
from tests.fakes.samples import PNG

SCOPE = "openid,AdobeID,session,additional_info,read_organizations,firefly_api,ff_apis"
SHOT = {"prompt": "rain", "sizes": [{"width": 960, "height": 540}]}


@pytest.fixture
def firefly() -> Iterator[Firefly]:
    with Firefly(Conduct(seconds=30, requests_per_minute=1000)) as fake:
        fake.clock.run(speed=0)
        yield fake


@pytest.fixture
def client(firefly: Firefly) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {token(firefly)}", "x-api-key": firefly.client_id}
    with httpx.Client(base_url=firefly.url, headers=headers, trust_env=False) as client:
        yield client


def asked(firefly: Firefly, **more: str) -> httpx.Response:
    form = {
        "grant_type": "client_credentials",
        "client_id": firefly.client_id,
        "client_secret": firefly.key,
        "scope": SCOPE,
    }
    return httpx.post(f"{firefly.ims_url}/ims/token/v3", data={**form, **more})


def token(firefly: Firefly) -> str:
    return str(asked(firefly).json()["access_token"])


def test_a_job_is_followed_by_the_address_it_was_given(firefly: Firefly, client: httpx.Client) -> None:
    made = client.post("/v3/videos/generate", json={**SHOT, "seeds": [7]})
    job = made.json()
    states = [client.get(job["statusUrl"]).json()]
    for _ in range(2):
        firefly.clock.advance(16)
        states.append(client.get(job["statusUrl"]).json())

    assert made.status_code == 202
    assert [each["status"] for each in states] == ["pending", "running", "succeeded"]
    assert states[1]["progress"] == 53
    assert states[2]["result"]["outputs"][0]["seed"] == 7
    assert states[2]["result"]["size"] == {"width": 960, "height": 540}
    assert client.get(f"/v3/status/{job['jobId']}").status_code == 404


def test_a_job_is_cancelled_while_it_runs_and_not_after(firefly: Firefly, client: httpx.Client) -> None:
    job, late = (client.post("/v3/videos/generate", json=SHOT).json() for _ in range(2))
    cancelled = client.put(job["cancelUrl"])
    status = client.get(job["statusUrl"])
    firefly.clock.advance(31)

    assert cancelled.status_code == 200
    assert (status.status_code, status.json()["error_code"]) == (499, "cancelled_error")
    assert client.put(late["cancelUrl"]).json()["error_code"] == "job_cancel_failed"
    assert [each["billed"] for each in firefly.books().jobs] == [False, True]


def test_a_token_lasts_a_day(firefly: Firefly, client: httpx.Client) -> None:
    job = client.post("/v3/videos/generate", json=SHOT).json()
    firefly.clock.advance(86_400)

    assert client.get(job["statusUrl"]).status_code == 401


def test_a_token_needs_the_right_secret_and_scopes(firefly: Firefly, client: httpx.Client) -> None:
    assert asked(firefly, client_secret="no").json()["error"] == "invalid_client"
    assert asked(firefly, scope="openid").json()["error"] == "invalid_scope"
    assert client.post("/v3/videos/generate", json=SHOT, headers={"x-api-key": "no"}).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {},
        {**SHOT, "duration": 5},
        {**SHOT, "sizes": [{"width": 1000, "height": 500}]},
        {**SHOT, "seeds": [1, 2]},
        {**SHOT, "videoSettings": {"cameraMotion": "pan left"}},
        {**SHOT, "image": {"conditions": [{"source": {"url": "https://s3.amazonaws.com/a"}}]}},
        {
            **SHOT,
            "image": {
                "conditions": [{"source": {"url": "https://example.com/a"}, "placement": {"position": 0}}]
            },
        },
    ],
)
def test_what_it_does_not_take_is_refused(
    firefly: Firefly, client: httpx.Client, body: dict[str, Any]
) -> None:
    answer = client.post("/v3/videos/generate", json=body)

    assert (answer.status_code, answer.json()["error_code"]) in (
        (400, "validation_error"),
        (400, "bad_request"),
    )
    assert firefly.books().accepted == 0


def test_a_picture_is_uploaded_and_named_by_its_id(client: httpx.Client) -> None:
    data, kind = PNG, {"Content-Type": "image/png"}
    upload = client.post("/v2/storage/image", content=data, headers=kind).json()["images"][0]["id"]
    source = {"source": {"uploadId": upload}, "placement": {"position": 0}}
    shot = {**SHOT, "image": {"conditions": [source]}}

    assert client.post("/v3/videos/generate", json=shot).status_code == 202
    assert client.post("/v2/storage/image", content=b"x", headers=kind).status_code == 422
    wrong = {"Content-Type": "video/mp4"}
    assert client.post("/v2/storage/image", content=data, headers=wrong).status_code == 415


def test_an_organisation_gets_four_requests_a_minute() -> None:
    with Firefly(Conduct(seconds=30)) as firefly:
        firefly.clock.run(speed=0)
        headers = {"Authorization": f"Bearer {token(firefly)}", "x-api-key": firefly.client_id}
        with httpx.Client(base_url=firefly.url, headers=headers) as client:
            answers = [client.post("/v3/videos/generate", json=SHOT) for _ in range(5)]

    assert [each.status_code for each in answers] == [202] * 4 + [429]
    assert answers[4].json()["error_code"] == "backpressure_limited"
    assert int(answers[4].headers["retry-after"]) > 0


def test_a_job_may_be_stopped_by_moderation_or_run_out_of_time(
    firefly: Firefly, client: httpx.Client
) -> None:
    firefly.faults.add(Fault(kind=Kind.MODERATED, nth=(1,)), Fault(kind=Kind.FAILED, nth=(2,), status=410))
    moderated, timed_out = (client.post("/v3/videos/generate", json=SHOT).json() for _ in range(2))
    firefly.clock.advance(31)

    assert client.get(moderated["statusUrl"]).json()["error_code"] == "output_media_unsafe"
    assert client.get(timed_out["statusUrl"]).json()["error_code"] == "job_timeout"
