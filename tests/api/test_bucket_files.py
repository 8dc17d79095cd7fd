"""Signed links where the files lie in a bucket: HEAD is answered here, GET is sent on."""

from dataclasses import replace

import httpx
import pytest
from flask.testing import FlaskClient

from plugin_backend.app import create_app
from plugin_backend.config import Settings
from plugin_backend.files.links import open_links
from plugin_backend.files.location import S3Account
from plugin_backend.files.storage import open_storage
from plugin_backend.services.house import House
from plugin_backend.services.opening import s3_account
from tests.api.people import problem

KEY = "takes/take_1/proxy.mp4"
PAGE = "deliveries/dlv_1/report.html"
MOVIE = bytes(range(256)) * 40


@pytest.fixture
def in_bucket(roomy: Settings, account: S3Account, bucket_url: str) -> Settings:
    return replace(
        roomy,
        storage_url=bucket_url,
        aws_access_key_id=account.access_key_id,
        aws_secret_access_key=account.secret_access_key,
        aws_region=account.region,
        aws_endpoint_url=account.endpoint,
    )


@pytest.fixture
def door(in_bucket: Settings, house: House) -> FlaskClient:
    storage = open_storage(in_bucket.storage_url, account=s3_account(in_bucket))
    storage.put_bytes(KEY, MOVIE)
    return create_app(in_bucket, replace(house, storage=storage)).test_client()


@pytest.fixture
def link(in_bucket: Settings, house: House) -> str:
    return link_to(KEY, in_bucket, house)


def link_to(key: str, in_bucket: Settings, house: House) -> str:
    with house.begin() as work:
        now = work.now
    links = open_links(
        in_bucket.storage_url,
        base_url="",
        secrets=[in_bucket.secret_key],
        account=s3_account(in_bucket),
    )
    return links.download(key, now=now).url


def test_a_head_is_answered_without_a_way_on(door: FlaskClient, link: str) -> None:
    answer = door.head(link)
    assert answer.status_code == 200
    assert answer.headers["Content-Length"] == str(len(MOVIE))
    assert answer.headers["Accept-Ranges"] == "bytes"


def test_a_get_leads_to_the_bucket_which_honours_the_range(door: FlaskClient, link: str) -> None:
    answer = door.get(link)
    assert answer.status_code == 307
    found = httpx.get(answer.headers["Location"], headers={"Range": "bytes=10-19"}, trust_env=False)
    assert found.status_code == 206
    assert found.content == MOVIE[10:20]


def test_a_changed_link_leads_nowhere(door: FlaskClient, link: str) -> None:
    assert problem(door.get(link.replace("proxy", "other"))) == "forbidden"


def test_a_page_is_served_here_with_a_policy_that_lets_nothing_in_it_run(
    in_bucket: Settings, house: House
) -> None:
    storage = open_storage(in_bucket.storage_url, account=s3_account(in_bucket))
    storage.put_bytes(PAGE, b"<script>alert(1)</script>")
    door = create_app(in_bucket, replace(house, storage=storage)).test_client()

    answer = door.get(link_to(PAGE, in_bucket, house))

    assert (answer.status_code, answer.data) == (200, b"<script>alert(1)</script>")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'inline; filename="report.html"'
    policy = [part.strip() for part in answer.headers["Content-Security-Policy"].split(";")]
    assert {"sandbox", "default-src 'none'"} <= set(policy)
