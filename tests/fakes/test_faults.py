"""Everything a simulator can be told to do wrong, as it looks from outside."""

import time
from collections.abc import Iterator
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from tests.fakes.conduct import Conduct
from tests.fakes.faults import Door, Fault, Faults, Kind
from tests.fakes.luma_dream_machine import LumaDreamMachine

SHOT = {"model": "ray-2", "prompt": "rain on a tin roof", "resolution": "540p", "duration": "5s"}
TOKEN = "A" * 43


@pytest.fixture
def fake() -> Iterator[LumaDreamMachine]:
    with LumaDreamMachine(Conduct(seconds=30, picture_scale=0.1)) as fake:
        fake.clock.run(speed=0)
        yield fake


@pytest.fixture
def client(fake: LumaDreamMachine) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {fake.key}"}
    with httpx.Client(base_url=fake.url, headers=headers, trust_env=False, timeout=60) as client:
        yield client


@pytest.fixture
def control(fake: LumaDreamMachine) -> Iterator[httpx.Client]:
    headers = {"X-Control-Token": "control"}
    with httpx.Client(base_url=fake.origin, headers=headers, trust_env=False) as client:
        yield client


def submit(client: httpx.Client, **more: Any) -> httpx.Response:
    return client.post("/generations/video", json={**SHOT, **more}, timeout=1)


def output(fake: LumaDreamMachine, client: httpx.Client) -> str:
    job = submit(client).json()["id"]
    fake.clock.advance(31)
    return str(client.get(f"/generations/{job}").json()["assets"]["video"])


def what_comes(url: str) -> bytes:
    """The bytes that arrive before the line breaks."""
    got = bytearray()
    with httpx.stream("GET", url, timeout=120) as answer, suppress(httpx.RemoteProtocolError):
        for chunk in answer.iter_raw():
            got += chunk
    return bytes(got)


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault(kind=Kind.REFUSE), 400),
        (Fault(kind=Kind.REFUSE, status=451), 451),
        (Fault(kind=Kind.ERROR), 500),
        (Fault(kind=Kind.ERROR, status=503), 503),
        (Fault(kind=Kind.TOO_MANY), 429),
    ],
)
def test_a_refusal_accepts_nothing(
    fake: LumaDreamMachine, client: httpx.Client, fault: Fault, status: int
) -> None:
    fake.faults.add(fault)
    answer = submit(client)

    assert answer.status_code == status
    assert "retry-after" not in answer.headers
    assert fake.books().accepted == 0


def test_429_may_say_when_to_come_back(fake: LumaDreamMachine, client: httpx.Client) -> None:
    fake.faults.add(Fault(kind=Kind.TOO_MANY, retry_after=7))

    assert submit(client).headers["retry-after"] == "7"


@pytest.mark.parametrize("accepts", [False, True])
@pytest.mark.parametrize("kind", [Kind.HANG, Kind.RESET, Kind.TRUNCATE])
def test_an_answer_that_never_comes_whole_leaves_the_books_only_to_know(
    fake: LumaDreamMachine,
    client: httpx.Client,
    kind: Kind,
    accepts: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    fake.faults.add(Fault(kind=kind, accepts=accepts))

    with pytest.raises(httpx.TransportError):
        submit(client)
    assert fake.books().accepted == int(accepts)


def test_an_error_after_accepting_leaves_a_job_behind(fake: LumaDreamMachine, client: httpx.Client) -> None:
    fake.faults.add(Fault(kind=Kind.ERROR, status=502, accepts=True))

    assert submit(client).status_code == 502
    assert len(client.get("/generations").json()["generations"]) == 1


def test_a_page_of_html_comes_with_200(fake: LumaDreamMachine, client: httpx.Client) -> None:
    fake.faults.add(Fault(kind=Kind.HTML))
    answer = submit(client)

    assert (answer.status_code, answer.text[:15]) == (200, "<!DOCTYPE html>")


def test_a_body_has_more_bytes_than_it_says(fake: LumaDreamMachine, client: httpx.Client) -> None:
    fake.faults.add(Fault(kind=Kind.WRONG_LENGTH, accepts=True))

    with pytest.raises((httpx.RemoteProtocolError, ValueError)):
        submit(client).json()


def test_an_answer_drips(fake: LumaDreamMachine, client: httpx.Client) -> None:
    fake.faults.add(Fault(kind=Kind.DRIP, on=Door.OTHER, seconds=0.05))
    begun = time.monotonic()

    assert client.get("/ping").json() == {"message": "pong"}
    assert time.monotonic() - begun > 0.2


def test_an_answer_of_ten_gigabytes_is_begun_at_once(fake: LumaDreamMachine, client: httpx.Client) -> None:
    fake.faults.add(Fault(kind=Kind.HUGE, on=Door.OTHER))

    with client.stream("GET", "/ping") as answer:
        first = next(answer.iter_bytes(1 << 20))
    assert int(answer.headers["content-length"]) == 10_000_000_000
    assert len(first) == 1 << 20


def test_one_post_makes_two_jobs(fake: LumaDreamMachine, client: httpx.Client) -> None:
    fake.faults.add(Fault(kind=Kind.DUPLICATE, nth=(1,)))
    submit(client, callback_url=f"http://127.0.0.1:9/{TOKEN}")
    submit(client)

    assert fake.books().accepted == 3
    assert fake.books().billed_twice() == [TOKEN]


def test_a_state_nobody_documented_passes(fake: LumaDreamMachine, client: httpx.Client) -> None:
    fake.faults.add(Fault(kind=Kind.UNKNOWN_STATE))
    job = submit(client).json()
    fake.clock.advance(31)

    assert job["state"] not in ("queued", "dreaming", "completed", "failed")
    assert client.get(f"/generations/{job['id']}").json()["state"] == "completed"


def test_moderation_comes_late_or_as_an_empty_success(fake: LumaDreamMachine, client: httpx.Client) -> None:
    fake.faults.add(Fault(kind=Kind.MODERATED, nth=(1,)), Fault(kind=Kind.EMPTY_SUCCESS, nth=(2,)))
    late, empty = submit(client).json(), submit(client).json()
    fake.clock.advance(31)

    assert client.get(f"/generations/{late['id']}").json()["failure_reason"] == "Advanced moderation failed"
    assert client.get(f"/generations/{empty['id']}").json()["assets"]["video"] is None


def test_a_job_may_never_end(fake: LumaDreamMachine, client: httpx.Client) -> None:
    fake.faults.add(Fault(kind=Kind.STUCK))
    job = submit(client).json()
    fake.clock.advance(1e6)

    assert client.get(f"/generations/{job['id']}").json()["state"] == "dreaming"


def test_a_download_is_cut_short_and_goes_on_with_a_range(
    fake: LumaDreamMachine, client: httpx.Client
) -> None:
    url = output(fake, client)
    whole = httpx.get(url, timeout=120).content
    fake.faults.add(Fault(kind=Kind.TRUNCATE, on=Door.DOWNLOAD, most=1))
    got = what_comes(url)
    rest = httpx.get(url, headers={"Range": f"bytes={len(got)}-"})

    assert 0 < len(got) < len(whole)
    assert got + rest.content == whole


@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [
        (Kind.EXPIRED, 403, "application/xml"),
        (Kind.WRONG_TYPE, 200, "text/plain"),
        (Kind.HTML, 200, "text/html; charset=utf-8"),
        (Kind.REDIRECT, 302, "http://169.254.169.254/latest/meta-data/"),
    ],
)
def test_a_download_is_not_what_it_should_be(
    fake: LumaDreamMachine, client: httpx.Client, kind: Kind, status: int, said: str
) -> None:
    url = output(fake, client)
    fake.faults.add(Fault(kind=kind, on=Door.DOWNLOAD))
    answer = httpx.get(url, timeout=120)

    assert answer.status_code == status
    assert answer.headers.get("location", answer.headers["content-type"]) == said


def test_an_output_may_be_said_to_lie_on_our_own_network(
    fake: LumaDreamMachine, client: httpx.Client
) -> None:
    fake.faults.add(Fault(kind=Kind.FOREIGN_OUTPUT, location="http://10.0.0.7/a.mp4"))

    assert output(fake, client) == "http://10.0.0.7/a.mp4"


def test_a_wrong_clock_shows_in_the_date_and_in_expiries(
    fake: LumaDreamMachine, client: httpx.Client
) -> None:
    fake.clock.skew = 7200
    url = output(fake, client)
    date = parsedate_to_datetime(httpx.head(url, timeout=120).headers["date"]).timestamp()

    assert 7000 < date - time.time() < 7400
    assert int(url.partition("Expires=")[2].partition("&")[0]) > fake.clock.now() + 10_000


def test_an_outage_refuses_connections_and_ends(
    fake: LumaDreamMachine, client: httpx.Client, control: httpx.Client
) -> None:
    assert control.post("/_control/outage", json={"seconds": 0.5}).status_code == 200
    seen: set[str] = set()
    deadline = time.monotonic() + 30
    while seen != {"down", "up again"} and time.monotonic() < deadline:
        try:
            client.get("/ping")
            if "down" in seen:
                seen.add("up again")
        except httpx.TransportError:
            seen.add("down")

    assert seen == {"down", "up again"}
    assert fake.url == str(client.base_url).rstrip("/")


def test_a_simulator_is_unreachable_for_the_length_of_a_block(
    fake: LumaDreamMachine, client: httpx.Client
) -> None:
    job = submit(client).json()["id"]
    with fake.unreachable(), pytest.raises(httpx.ConnectError):
        submit(client)

    assert client.get(f"/generations/{job}").status_code == 200


def test_faults_are_scripted_over_http_with_a_token(
    fake: LumaDreamMachine, client: httpx.Client, control: httpx.Client
) -> None:
    rule = {"kind": "error", "nth": [2], "status": 503, "accepts": True}
    assert httpx.post(f"{fake.origin}/_control/faults", json=rule).status_code == 401
    assert control.post("/_control/faults", json={"kind": "nonsense"}).status_code == 400
    assert control.post("/_control/faults", json={"faults": [rule]}).status_code == 200
    statuses = [submit(client).status_code for _ in range(3)]
    standing = control.get("/_control/faults").json()["faults"]
    books = control.get("/_control/books").json()
    control.request("DELETE", "/_control/faults")

    assert statuses == [201, 503, 201]
    assert [(each["kind"], each["seen"], each["struck"]) for each in standing] == [("error", 3, 1)]
    assert (books["accepted"], books["billed_usd"]) == (3, 1.2)
    assert books["jobs"][0]["prompt"] == SHOT["prompt"]
    assert control.get("/_control/faults").json()["faults"] == []
    assert control.get("/_control/requests").json()["seen"] == {"submit": 3}


def test_the_clock_is_moved_over_http(client: httpx.Client, control: httpx.Client) -> None:
    job = submit(client).json()["id"]
    control.post("/_control/clock", json={"advance": 31})

    assert client.get(f"/generations/{job}").json()["state"] == "completed"


def test_the_same_seed_strikes_the_same_requests() -> None:
    def struck(seed: int) -> list[bool]:
        faults = Faults(seed=seed)
        faults.add(Fault(kind=Kind.ERROR, probability=0.2))
        return [faults.strike(Door.SUBMIT) is not None for _ in range(200)]

    assert struck(1) == struck(1) != struck(2)
    assert 20 < sum(struck(1)) < 60
