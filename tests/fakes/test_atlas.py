"""Atlas Cloud as a stranger meets it."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.fakes.answers import Request
from tests.fakes.atlas import AtlasCloud
from tests.fakes.conduct import Conduct
from tests.fakes.faults import Door, Fault, Kind
from tests.fakes.listening import listening
from tests.fakes.samples import PNG

SHOT = {"model": "kwaivgi/kling-v3.0-std/text-to-video", "prompt": "rain", "duration": 5}


@pytest.fixture
def atlas() -> Iterator[AtlasCloud]:
    with AtlasCloud(Conduct(seconds=30)) as fake:
        fake.clock.run(speed=0)
        yield fake


@pytest.fixture
def client(atlas: AtlasCloud) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {atlas.key}"}
    with httpx.Client(base_url=atlas.url, headers=headers, trust_env=False, timeout=60) as client:
        yield client


def submitted(client: httpx.Client, **more: Any) -> str:
    answer = client.post("/model/generateVideo", json={**SHOT, **more})
    assert answer.json()["code"] == 200, answer.text
    return str(answer.json()["data"]["id"])


def prediction(client: httpx.Client, job: str) -> dict[str, Any]:
    return dict(client.get(f"/model/prediction/{job}").json()["data"])


def test_a_job_is_starting_then_processing_then_done(atlas: AtlasCloud, client: httpx.Client) -> None:
    job = submitted(client)
    states = [prediction(client, job)["status"]]
    for _ in range(2):
        atlas.clock.advance(16)
        states.append(prediction(client, job)["status"])

    assert states[:2] == ["starting", "processing"]
    assert states[2] in ("completed", "succeeded")
    assert len(prediction(client, job)["outputs"]) == 1
    assert atlas.books().billed_usd == 0.355


def test_a_fresh_job_may_not_be_found_for_a_while(atlas: AtlasCloud, client: httpx.Client) -> None:
    atlas.faults.add(Fault(kind=Kind.NOT_FOUND_YET, seconds=10))
    job = submitted(client)

    assert client.get(f"/model/prediction/{job}").status_code == 404
    atlas.clock.advance(11)
    assert prediction(client, job)["status"] == "processing"


def test_three_kinds_of_refusal_have_three_shapes(atlas: AtlasCloud, client: httpx.Client) -> None:
    atlas.faults.add(Fault(kind=Kind.MODERATED))
    job = submitted(client)
    atlas.clock.advance(31)
    late = client.get(f"/model/prediction/{job}")
    media = client.post("/model/generateVideo", json={"prompt": "rain"})
    billing = httpx.get(f"{atlas.origin}/public/v1/balance")

    assert (late.status_code, late.json()["data"]["status"], late.json()["data"]["error_code"]) == (
        200,
        "failed",
        1039,
    )
    assert (media.status_code, media.json()["msg"], media.json()["data"]) == (400, "model is required", None)
    assert billing.json()["error"]["code"] == "invalid_api_key"
    assert all(each.headers["x-request-id"] for each in (late, media, billing))


def test_a_wrong_path_is_answered_like_a_wrong_key(atlas: AtlasCloud, client: httpx.Client) -> None:
    wrong_key = httpx.post(f"{atlas.url}/model/generateVideo", json=SHOT)

    assert (wrong_key.status_code, client.get("/model/predictions").status_code) == (401, 401)
    assert client.get("/model/prediction/nobody/get").status_code == 401


@pytest.mark.parametrize(
    "more",
    [
        {"model": "openai/sora-2/text-to-video"},
        {"model": "kling"},
        {"duration": "5"},
        {"aspect": "16:9"},
        {"aspect_ratio": "21:9"},
        {"prompt": ""},
        {"webhook_url": "somewhere"},
        {"model": "kwaivgi/kling-v3.0-std/image-to-video"},
    ],
)
def test_fields_that_the_model_does_not_have_are_refused(
    atlas: AtlasCloud, client: httpx.Client, more: dict[str, Any]
) -> None:
    assert client.post("/model/generateVideo", json={**SHOT, **more}).status_code == 400
    assert atlas.books().accepted == 0


def test_the_list_of_models_needs_no_key_and_names_their_schemas(atlas: AtlasCloud) -> None:
    models = httpx.get(f"{atlas.url}/models").json()["data"]
    shown = {each["model"]: each for each in models if each["display_console"]}
    seedance = httpx.get(shown["bytedance/seedance-2.0/text-to-video"]["schema"]).json()

    assert "openai/sora-2/text-to-video" not in shown
    assert "ratio" in seedance["components"]["schemas"]["Input"]["properties"]


def test_a_picture_is_uploaded_and_used_by_its_address(atlas: AtlasCloud, client: httpx.Client) -> None:
    data = PNG
    upload = client.post("/model/uploadMedia", files={"file": ("a.png", data, "image/png")}).json()["data"]
    model = "kwaivgi/kling-v3.0-std/image-to-video"
    good = submitted(client, model=model, image=upload["download_url"])
    bad = submitted(client, model=model, image="http://127.0.0.1:9/a.png")
    atlas.clock.advance(31)

    assert upload["size"] == len(data)
    assert prediction(client, good)["outputs"]
    assert prediction(client, bad)["status"] == "failed"


def test_its_webhook_is_signed_and_a_forged_one_is_not(atlas: AtlasCloud, client: httpx.Client) -> None:
    atlas.faults.add(Fault(kind=Kind.FORGED, on=Door.CALLBACK))
    jwk = httpx.get(f"{atlas.url}/webhooks/jwks.json").json()["keys"][0]
    key = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(jwk["x"] + "="))
    with listening() as listener:
        job = submitted(client, webhook_url=f"{listener.url}/hook")
        atlas.clock.advance(31)
        forged, real = listener.wait_for(2)

    key.verify(*_signature(real))
    with pytest.raises(InvalidSignature):
        key.verify(*_signature(forged))
    assert real.headers["x-atlascloud-webhook-key-id"] == jwk["kid"]
    assert (real.json()["event_type"], real.json()["session_id"]) == ("video.task.terminal", job)


def _signature(request: Request) -> tuple[bytes, bytes]:
    signature = request.headers["x-atlascloud-webhook-signature-ed25519"]
    timestamp = request.headers["x-atlascloud-webhook-timestamp"]
    return base64.urlsafe_b64decode(signature + "=="), f"{timestamp}.".encode() + request.body
