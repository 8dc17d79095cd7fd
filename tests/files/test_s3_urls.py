"""Links to a bucket: signed as botocore signs (our oracle), and opened by a real server that speaks S3."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from plugin_backend.files.keys import InvalidKeyError
from plugin_backend.files.links import open_links
from plugin_backend.files.location import Bucket, S3Account, parse_location
from plugin_backend.files.s3_urls import S3Presigner
from plugin_backend.files.storage import Storage

NOW = datetime(2026, 11, 21, 9, 41, 7, tzinfo=UTC)
KEY = "takes/take_1/proxy.mp4"


def signed_by_botocore(
    bucket: Bucket, method: str, key: str, *, expires: int, headers: dict[str, str]
) -> str:
    request = AWSRequest(method=method, url=bucket.origin + bucket.path(key), headers=headers)
    credentials = Credentials(bucket.account.access_key_id, bucket.account.secret_access_key)
    S3SigV4QueryAuth(credentials, "s3", bucket.region, expires=expires).add_auth(request)
    return str(request.url)


@pytest.mark.parametrize(
    "url", ["s3://reel/studio/one", "s3://my.reel?region=eu-west-3", "s3://r?endpoint=http://h:9000"]
)
@pytest.mark.parametrize(
    ("method", "headers"), [("GET", {}), ("PUT", {"content-length": "12", "content-type": "image/png"})]
)
def test_a_signature_is_the_one_botocore_makes(url: str, method: str, headers: dict[str, str]) -> None:
    account = S3Account(access_key_id="AKIDEXAMPLE", secret_access_key="a/b+c=d")
    bucket = parse_location(url, account=account)
    assert isinstance(bucket, Bucket)
    theirs = urlsplit(signed_by_botocore(bucket, method, KEY, expires=7200, headers=headers))
    stamp = parse_qs(theirs.query)["X-Amz-Date"][0]
    signed_at = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    ours = urlsplit(
        S3Presigner(bucket).presign(
            method, KEY, signed_at=signed_at, lifetime=timedelta(hours=2), headers=headers
        )
    )
    assert (ours.scheme, ours.netloc, ours.path) == (theirs.scheme, theirs.netloc, theirs.path)
    assert parse_qs(ours.query) == parse_qs(theirs.query)


def test_what_the_store_is_to_answer_with_is_signed_too(bucket: Bucket) -> None:
    answer = {"response-content-disposition": 'attachment; filename="a.xml"', "response-content-type": "x/y"}
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in answer.items())
    request = AWSRequest(method="GET", url=f"{bucket.origin}{bucket.path(KEY)}?{query}", headers={})
    credentials = Credentials(bucket.account.access_key_id, bucket.account.secret_access_key)
    S3SigV4QueryAuth(credentials, "s3", bucket.region, expires=7200).add_auth(request)
    theirs = parse_qs(urlsplit(str(request.url)).query)
    signed_at = datetime.strptime(theirs["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    ours = S3Presigner(bucket).presign(
        "GET", KEY, signed_at=signed_at, lifetime=timedelta(hours=2), answer=answer
    )
    assert parse_qs(urlsplit(ours).query) == theirs


@pytest.mark.parametrize(
    ("name", "kind", "how"),
    [
        ("proxy.mp4", "video/mp4", "inline"),
        ("report.html", "text/html; charset=utf-8", "attachment"),
        ("motion.svg", "image/svg+xml", "attachment"),
        ("report.json", "application/json", "attachment"),
    ],
)
def test_the_store_says_what_a_browser_is_to_do_with_a_file(
    bucket: Bucket, bucket_storage: Storage, name: str, kind: str, how: str
) -> None:
    bucket_storage.put_bytes(f"deliveries/one/{name}", b"<script>alert(1)</script>", content_type="text/html")
    link = S3Presigner(bucket).download(f"deliveries/one/{name}", now=datetime.now(UTC))  # noqa: TID251 - as above
    answer = httpx.get(link.url, trust_env=False)
    assert answer.headers["content-type"] == kind
    assert answer.headers["content-disposition"] == f'{how}; filename="{name}"'


def test_a_link_is_the_same_all_hour_and_lives_two_hours_from_its_start(bucket: Bucket) -> None:
    signer, hour = S3Presigner(bucket), NOW.replace(minute=0, second=0)
    link = signer.download(KEY, now=hour)
    assert link == signer.download(KEY, now=hour + timedelta(minutes=59, seconds=59))
    assert link != signer.download(KEY, now=hour + timedelta(hours=1))
    assert link.expires_at == hour + timedelta(hours=2)
    assert parse_qs(urlsplit(link.url).query)["X-Amz-Expires"] == ["7200"]


def test_the_store_opens_a_download_link_with_range(bucket: Bucket, bucket_storage: Storage) -> None:
    bucket_storage.put_bytes(KEY, b"0123456789")
    link = S3Presigner(bucket).download(KEY, now=datetime.now(UTC))  # noqa: TID251 - the server's own clock
    whole = httpx.get(link.url)
    assert (whole.status_code, whole.content) == (200, b"0123456789")
    assert whole.headers["content-type"] == "video/mp4"
    part = httpx.get(link.url, headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")


def test_the_store_takes_an_upload_link(bucket: Bucket, bucket_storage: Storage) -> None:
    now = datetime.now(UTC)  # noqa: TID251 - the server's own clock
    link = S3Presigner(bucket).upload("assets/a.png", size=5, content_type="image/png", now=now)
    answer = httpx.request(link.method, link.url, content=b"hello", headers=dict(link.headers))
    assert answer.status_code == 200
    assert bucket_storage.get_bytes("assets/a.png") == b"hello"


def test_size_and_type_are_part_of_an_upload_signature(bucket: Bucket) -> None:
    signer = S3Presigner(bucket)
    link = signer.upload("a.png", size=5, content_type="image/png", now=NOW)
    query = parse_qs(urlsplit(link.url).query)
    assert query["X-Amz-SignedHeaders"] == ["content-length;content-type;host"]
    others = (
        signer.upload("a.png", size=6, content_type="image/png", now=NOW),
        signer.upload("a.png", size=5, content_type="image/jpeg", now=NOW),
        signer.upload("b.png", size=5, content_type="image/png", now=NOW),
    )
    for other in others:
        assert parse_qs(urlsplit(other.url).query)["X-Amz-Signature"] != query["X-Amz-Signature"]


def test_what_is_no_key_is_never_signed(bucket: Bucket) -> None:
    with pytest.raises(InvalidKeyError):
        S3Presigner(bucket).download("../other/secret", now=NOW)


def test_a_buckets_files_are_read_through_our_link_and_written_straight(
    bucket_url: str, account: S3Account
) -> None:
    links = open_links(bucket_url, base_url="https://studio.example", secrets=["s" * 32], account=account)
    assert links.download(KEY, now=NOW).url.startswith("https://studio.example/files/")
    upload = links.upload(KEY, size=5, content_type="image/png", now=NOW)
    assert upload.url.startswith(f"{account.endpoint}/media-")
