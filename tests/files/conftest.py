"""Both kinds of storage behind one fixture."""

from pathlib import Path

import pytest

from plugin_backend.files.location import Bucket, S3Account, parse_location
from plugin_backend.files.storage import Storage, open_storage
from tests.buckets import account, bucket_url, s3_endpoint

__all__ = ["account", "bucket_url", "s3_endpoint"]


@pytest.fixture
def bucket(bucket_url: str, account: S3Account) -> Bucket:
    location = parse_location(bucket_url, account=account)
    assert isinstance(location, Bucket)
    return location


@pytest.fixture
def bucket_storage(bucket_url: str, account: S3Account) -> Storage:
    return open_storage(bucket_url, account=account)


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "folder":
        return open_storage(f"file://{tmp_path}/media")
    found = request.getfixturevalue("bucket_storage")
    assert isinstance(found, Storage)
    return found
