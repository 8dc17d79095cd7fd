"""Files of a local storage behind signed links, and assets that come through them."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from plugin_backend.api.times import wall_clock
from plugin_backend.config import Settings
from plugin_backend.files.urls import UrlSigner
from plugin_backend.services.house import House
from tests.api.people import Person, problem

DATA = bytes(range(256)) * 4


@pytest.fixture
def link(house: House, roomy: Settings) -> str:
    house.storage.put_bytes("takes/one/proxy.mp4", DATA)
    signer = UrlSigner((roomy.secret_key,), base_url="")
    return signer.download("takes/one/proxy.mp4", now=wall_clock()).url


def test_a_link_opens_the_whole_file(client: FlaskClient, link: str) -> None:
    answer = client.get(link)
    assert (answer.status_code, answer.data) == (200, DATA)
    assert answer.content_type == "video/mp4"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Length"] == "1024"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get(link, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_page_is_shown_and_nothing_in_it_runs(client: FlaskClient, house: House, roomy: Settings) -> None:
    house.storage.put_bytes("deliveries/one/report.html", b"<script>alert(1)</script>")
    signer = UrlSigner((roomy.secret_key,), base_url="")
    answer = client.get(signer.download("deliveries/one/report.html", now=wall_clock()).url)
    policy = [part.strip() for part in answer.headers["Content-Security-Policy"].split(";")]
    assert answer.content_type == "text/html; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert {"sandbox", "default-src 'none'", "img-src data:", "style-src 'unsafe-inline'"} <= set(policy)
    assert not any(part.startswith(("script-src", "connect-src")) for part in policy)


def test_a_drawing_is_shown_as_a_page_is(client: FlaskClient, house: House, roomy: Settings) -> None:
    key = "takes/tak_1/direction/motion.svg"
    house.storage.put_bytes(key, b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    answer = client.get(UrlSigner((roomy.secret_key,), base_url="").download(key, now=wall_clock()).url)
    assert answer.content_type.startswith("image/svg+xml")
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_head_says_what_it_is_and_sends_nothing(client: FlaskClient, link: str) -> None:
    answer = client.head(link)
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == "1024"


@pytest.mark.parametrize(
    ("asked", "status", "expected", "said"),
    [
        ("bytes=0-9", 206, DATA[:10], "bytes 0-9/1024"),
        ("bytes=1000-", 206, DATA[1000:], "bytes 1000-1023/1024"),
        ("bytes=-24", 206, DATA[-24:], "bytes 1000-1023/1024"),
        ("bytes=1000-9999", 206, DATA[1000:], "bytes 1000-1023/1024"),
        ("bytes=5-1", 200, DATA, None),
        ("lines=1-2", 200, DATA, None),
        ("bytes=0-1,5-6", 200, DATA, None),
    ],
)
def test_a_range_is_honoured_where_there_is_one(
    client: FlaskClient, link: str, *, asked: str, status: int, expected: bytes, said: str | None
) -> None:
    answer = client.get(link, headers={"Range": asked})
    assert (answer.status_code, answer.data) == (status, expected)
    assert answer.headers.get("Content-Range") == said


def test_a_range_beyond_the_end_is_refused_with_the_size(client: FlaskClient, link: str) -> None:
    answer = client.get(link, headers={"Range": "bytes=1024-"})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == "bytes */1024"
    assert answer.get_json()["type"].endswith("/range-not-satisfiable")


def test_a_range_of_another_version_is_the_whole_file(client: FlaskClient, link: str) -> None:
    answer = client.get(link, headers={"Range": "bytes=0-9", "If-Range": '"older"'})
    assert answer.status_code == 200


def test_a_link_is_not_to_be_changed(client: FlaskClient, link: str, house: House) -> None:
    house.storage.put_bytes("takes/two/proxy.mp4", b"secret")
    for forged in (
        link.replace("one", "two"),
        link[:-1],
        link.partition("?")[0],
        f"{link}&expires=9999999999",
    ):
        answer = client.get(forged)
        if answer.status_code != 200:
            assert problem(answer) == "forbidden"
        assert b"secret" not in answer.data
    assert problem(client.put(link, data=b"x")) == "forbidden"


def test_a_link_ends(client: FlaskClient, roomy: Settings, house: House) -> None:
    house.storage.put_bytes("old.txt", b"x")
    signer = UrlSigner((roomy.secret_key,), base_url="")
    old = signer.download("old.txt", now=wall_clock() - timedelta(hours=3)).url
    assert (client.get(old).status_code, problem(client.get(old))) == (410, "gone")


def test_a_link_to_a_file_that_is_gone_is_not_found(client: FlaskClient, roomy: Settings) -> None:
    signer = UrlSigner((roomy.secret_key,), base_url="")
    assert problem(client.get(signer.download("none.txt", now=wall_clock()).url)) == "not-found"


def _described(data: bytes) -> dict[str, object]:
    digest = hashlib.sha256(data).hexdigest()
    return {"filename": "frame.png", "media_type": "image/png", "bytes": len(data), "sha256": digest}


def test_a_large_file_is_put_where_the_answer_says(
    editor: Person, client: FlaskClient, roomy: Settings
) -> None:
    data = b"\x89PNG" + b"x" * (3 << 20)  # larger than any JSON body may be
    made = editor.post("/v1/assets", _described(data))
    assert (made.status_code, made.json["state"]) == (202, "uploading")
    path = made.headers["Location"]
    assert problem(editor.post(f"{path}/complete")) == "conflict"
    upload = made.json["upload"]
    url = upload["url"].removeprefix(roomy.public_url)
    assert client.put(url, data=data, headers=upload["headers"]).status_code == 204
    assert editor.post(f"{path}/complete").json["state"] == "checking"
    assert editor.post(f"{path}/complete").json["state"] == "checking"
    assert editor.get(path).json["url"] is None


def test_an_upload_is_exactly_what_was_signed_for(
    editor: Person, client: FlaskClient, roomy: Settings
) -> None:
    upload = editor.post("/v1/assets", _described(b"12345")).json["upload"]
    url, headers = upload["url"].removeprefix(roomy.public_url), upload["headers"]
    assert problem(client.put(url, data=b"123456", headers=headers)) == "malformed"
    assert problem(client.put(url, data=b"12345", headers={"Content-Type": "text/html"})) == "malformed"
    assert (
        problem(client.put(url.replace("bytes=5", "bytes=6"), data=b"123456", headers=headers)) == "forbidden"
    )


def _sent(person: Person, *parts: tuple[str, str, bytes], headers: dict[str, str] | None = None) -> Any:
    """A form, spelt out: the test client's own leaves its temporary file open."""
    body = b"".join(
        f'--edge\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        "Content-Type: image/png\r\n\r\n".encode()
        + data
        + b"\r\n"
        for name, filename, data in parts
    )
    form = {"data": body + b"--edge--\r\n", "content_type": "multipart/form-data; boundary=edge"}
    return person.send("POST", "/v1/assets", headers=headers or {}, **form)


def test_a_small_file_comes_with_the_request(editor: Person) -> None:
    answer = _sent(editor, ("file", "frame.png", b"\x89PNG" + b"x" * (2 << 20)))
    assert (answer.status_code, answer.json["state"], answer.json["filename"]) == (
        202,
        "checking",
        "frame.png",
    )
    assert [each["id"] for each in editor.get("/v1/assets").json["items"]] == [answer.json["id"]]
    waiting = {"keyframes": [{"asset_id": answer.json["id"]}]}
    refused = editor.post("/v1/generations", {"kind": "draft", "brief": {"prompt": "x", **waiting}})
    assert (refused.status_code, problem(refused)) == (409, "asset-not-ready")
    assert editor.delete(answer.headers["Location"]).status_code == 204
    assert problem(editor.get(answer.headers["Location"])) == "not-found"


@pytest.mark.parametrize(
    ("parts", "slug"),
    [
        ((), "validation"),
        ((("file", "empty.png", b""),), "validation"),
        ((("other", "a.png", b"x"),), "validation"),
        ((("file", "a.png", b"x"), ("second", "b.png", b"x")), "validation"),
        ((("file", "big.png", b"x" * ((10 << 20) + 1)),), "payload-too-large"),
        ((("file", "huge.png", b"x" * (13 << 20)),), "payload-too-large"),
    ],
)
def test_a_form_has_one_file_of_a_fitting_size(
    editor: Person, parts: tuple[tuple[str, str, bytes], ...], slug: str
) -> None:
    assert problem(_sent(editor, *parts)) == slug
    assert editor.get("/v1/assets").json["items"] == []


def test_a_described_file_is_checked(editor: Person) -> None:
    for change in (
        {"bytes": 0},
        {"sha256": "x"},
        {"media_type": "png"},
        {"filename": ""},
        {"state": "ready"},
    ):
        assert problem(editor.post("/v1/assets", _described(b"x") | change)) == "validation"
    huge = _described(b"x") | {"bytes": 10**12}
    assert problem(editor.post("/v1/assets", huge)) == "payload-too-large"


def test_the_same_file_sent_again_with_its_key_is_the_same_asset(editor: Person) -> None:
    key = {"Idempotency-Key": "frame-1"}
    first = _sent(editor, ("file", "frame.png", b"\x89PNG"), headers=key)
    again = _sent(editor, ("file", "frame.png", b"\x89PNG"), headers=key)
    assert again.json["id"] == first.json["id"]
    assert again.headers["Idempotency-Replayed"] == "true"
    other = _sent(editor, ("file", "frame.png", b"\x89PNG2"), headers=key)
    assert problem(other) == "idempotency-key-reused"
    assert len(editor.get("/v1/assets").json["items"]) == 1


def test_the_same_description_with_its_key_leads_to_the_same_place(editor: Person) -> None:
    key = {"Idempotency-Key": "frame-2"}
    first, again = (editor.post("/v1/assets", _described(b"12345"), headers=key) for _ in range(2))
    assert again.json["id"] == first.json["id"]
    assert again.json["upload"]["url"].partition("?")[0] == first.json["upload"]["url"].partition("?")[0]
