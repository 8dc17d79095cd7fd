"""A real server that speaks S3 over HTTP, with a bucket for each test."""

import uuid
from collections.abc import Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer

from plugin_backend.files.location import S3Account

ACCOUNT = {"access_key_id": "AKIDEXAMPLE", "secret_access_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def account(s3_endpoint: str) -> S3Account:
    return S3Account(**ACCOUNT, region="eu-west-1", endpoint=s3_endpoint)


@pytest.fixture
def bucket_url(s3_endpoint: str) -> str:
    name = f"media-{uuid.uuid4().hex[:12]}"
    client = boto3.client(
        "s3",
        endpoint_url=s3_endpoint,
        region_name="eu-west-1",
        aws_access_key_id=ACCOUNT["access_key_id"],
        aws_secret_access_key=ACCOUNT["secret_access_key"],
    )
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    client.close()
    return f"s3://{name}/studio/one"
