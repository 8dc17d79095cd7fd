"""CometAPI's Luma route as a stranger meets it."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fakes.comet import CometApi
from tests.fakes.conduct import Conduct
from tests.fakes.faults import Fault, Kind

PATH = "/dream-machine/v1/generations"


@pytest.fixture
def comet() -> Iterator[CometApi]:
    with CometApi(Conduct(seconds=30)) as fake:
        fake.clock.run(speed=0)
        yield fake


@pytest.fixture
def client(comet: CometApi) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {comet.key}"}
    with httpx.Client(base_url=comet.url, headers=headers, trust_env=False) as client:
        yield client


def test_a_job_ends_with_a_video_of_its_own_shape(comet: CometApi, client: httpx.Client) -> None:
    job = client.post(PATH, json={"prompt": "rain"}).json()
    comet.clock.advance(31)
    done = client.get(f"{PATH}/{job['id']}").json()

    assert (job["state"], job["video"]) == ("pending", None)
    assert done["state"] == "completed"
    assert done["video"]["download_url"].startswith(comet.origin)
    assert "assets" not in done


def test_there_is_no_listing(client: httpx.Client) -> None:
    assert client.get(PATH).status_code == 405


@pytest.mark.parametrize(
    "body", [{}, {"prompt": "rain", "model": "ray-2"}, {"prompt": "rain", "duration": "5s"}]
)
def test_fields_it_does_not_have_are_refused_in_the_gateways_words(
    comet: CometApi, client: httpx.Client, body: dict[str, Any]
) -> None:
    answer = client.post(PATH, json=body)

    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "comet_api_error"
    assert comet.books().accepted == 0


def test_a_success_may_hold_nothing(comet: CometApi, client: httpx.Client) -> None:
    comet.faults.add(Fault(kind=Kind.EMPTY_SUCCESS))
    job = client.post(PATH, json={"prompt": "rain"}).json()
    comet.clock.advance(31)

    assert client.get(f"{PATH}/{job['id']}").json()["video"] is None
