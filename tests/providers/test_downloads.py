"""Downloads against servers of every manner, into a folder and into a bucket."""

import hashlib
import re
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from plugin_backend.files.storage import Storage, open_storage
from plugin_backend.outbound import Guard, Origin
from tests.buckets import account, bucket_url, s3_endpoint
from tests.providers.scripted import Talk, saying, scripted
from worker.providers.downloads import DownloadBrokenError, fetch
from worker.providers.protocol import ExpiredError, FetchRefusedError

__all__ = ["account", "bucket_url", "s3_endpoint"]

MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00" + bytes(range(256)) * 800
ZIP = b"PK\x03\x04" + bytes(5000)
EXR = b"\x76\x2f\x31\x01" + bytes(5000)


class GoneError(Exception):
    """The lease is lost."""


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "folder":
        return open_storage((tmp_path / "storage").as_uri())
    return open_storage(request.getfixturevalue("bucket_url"), account=request.getfixturevalue("account"))


@pytest.fixture
def folder(tmp_path: Path) -> Storage:
    return open_storage((tmp_path / "storage").as_uri())


def _fetch(storage: Storage, *files: Mapping[str, Any], alive: Any = lambda: None) -> Any:
    origins = frozenset(Origin.of(file["url"]) for file in files)
    outputs = {"files": list(files)}
    return fetch(outputs, take_id="take_1", storage=storage, guard=Guard(trusted=origins), alive=alive)[
        "files"
    ]


def _movie(url: str, **more: Any) -> dict[str, Any]:
    return {"role": "movie", "media_type": "video/mp4", "url": f"{url}/take.mp4", **more}


def _begun(head: bytes) -> int:
    asked = re.search(rb"(?i)range: bytes=(\d+)-", head)
    return int(asked[1]) if asked else 0


def _breaking(data: bytes, *, every: int, ranges: bool = True) -> Talk:
    """Sends so many bytes at a time and breaks off; goes on where it is asked to, if it can."""

    def talk(connection: socket.socket, head: bytes) -> None:
        first = _begun(head) if ranges else 0
        rest = data[first:]
        status, content_range = ("206 Partial Content", "") if first else ("200 OK", "")
        if first:
            content_range = f"Content-Range: bytes {first}-{len(data) - 1}/{len(data)}\r\n"
        start = (
            f"HTTP/1.1 {status}\r\nContent-Length: {len(rest)}\r\n{content_range}Connection: close\r\n\r\n"
        )
        talks.append(first)
        connection.sendall(start.encode() + rest[: every if ranges else every * len(talks)])

    talks: list[int] = []
    return talk


def test_a_file_comes_into_a_folder_or_a_bucket(storage: Storage) -> None:
    with scripted(saying(MP4)) as server:
        (file,) = _fetch(storage, _movie(server.url))

    assert storage.get_bytes(file["key"]) == MP4
    assert file == {
        "role": "movie",
        "media_type": "video/mp4",
        "key": "takes/take_1/original/0.mp4",
        "bytes": len(MP4),
        "sha256": hashlib.sha256(MP4).hexdigest(),
        "name": "take.mp4",
        "part": 0,
    }


def test_a_file_that_breaks_off_again_and_again_comes_whole(storage: Storage) -> None:
    with scripted(_breaking(MP4, every=50_000)) as server:
        (file,) = _fetch(storage, _movie(server.url))

        assert [_begun(head) for head in server.heads] == [0, 50_000, 100_000, 150_000, 200_000]
    assert storage.get_bytes(file["key"]) == MP4


def test_a_server_without_ranges_is_read_past_what_we_have(folder: Storage) -> None:
    with scripted(_breaking(MP4, every=80_000, ranges=False)) as server:
        (file,) = _fetch(folder, _movie(server.url))

    assert folder.get_bytes(file["key"]) == MP4


def test_a_file_that_changed_meanwhile_is_not_patched_together(folder: Storage) -> None:
    answers = [MP4[:100_000], MP4.replace(b"\x07", b"\x08")]

    def talk(connection: socket.socket, _head: bytes) -> None:
        sent = answers.pop(0)
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(MP4)}\r\n\r\n".encode() + sent)

    with scripted(talk) as server, pytest.raises(FetchRefusedError, match="changed"):
        _fetch(folder, _movie(server.url))

    assert folder.list("takes") == ()


@pytest.mark.slow
def test_a_range_of_something_else_is_not_taken_for_the_rest(folder: Storage) -> None:
    def talk(connection: socket.socket, head: bytes) -> None:
        if not _begun(head):
            connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(MP4)}\r\n\r\n".encode() + MP4[:9000])
            return
        saying(MP4[:10], status="206 Partial", headers="Content-Range: bytes 0-9/205000\r\n")(
            connection, head
        )

    with scripted(talk) as server, pytest.raises(DownloadBrokenError):
        _fetch(folder, _movie(server.url))


@pytest.mark.slow
def test_a_failure_leaves_nothing_behind_and_the_next_run_goes_on_after_what_came(storage: Storage) -> None:
    is_busy = True

    def talk(connection: socket.socket, head: bytes) -> None:
        busy = is_busy and b"/second" in head
        (saying(b"", status="503 Busy") if busy else saying(MP4))(connection, head)

    with scripted(talk) as server:
        wanted = [_movie(server.url), {"role": "movie", "url": f"{server.url}/second"}]
        with pytest.raises(DownloadBrokenError):
            _fetch(storage, *wanted)
        assert {file.key.rpartition("/")[2] for file in storage.list("takes")} == {"0.mp4", "0.json"}
        is_busy = False
        before = len(server.heads)

        (_, second) = _fetch(storage, *wanted)

        assert len(server.heads) == before + 1
    assert storage.get_bytes(second["key"]) == MP4


def test_losing_the_lease_ends_it_as_it_is(storage: Storage) -> None:
    def gone() -> None:
        raise GoneError

    with scripted(saying(MP4)) as server, pytest.raises(GoneError):
        _fetch(storage, _movie(server.url), alive=gone)

    assert storage.list("takes") == ()


@pytest.mark.parametrize("status", ["400 Bad", "401 No", "403 Forbidden", "404 Gone", "410 Gone"])
def test_an_address_that_serves_no_more_is_expired(folder: Storage, status: str) -> None:
    talk = saying(b"<Error>", status=status)
    with scripted(talk) as server, pytest.raises(ExpiredError):
        _fetch(folder, _movie(server.url))


@pytest.mark.parametrize(
    ("body", "seen", "passing"),
    [
        (b"<html>" + bytes(600), "web page", True),
        (b'{"error": 1}', "JSON", True),
        (b"\x89PNG" + bytes(600), "picture", False),
        (bytes(600), "something else", False),
        (b"PK", "something else", False),
    ],
)
def test_what_is_no_movie_is_refused_by_its_first_bytes(
    folder: Storage, body: bytes, seen: str, *, passing: bool
) -> None:
    talk = saying(body, headers="Content-Type: video/mp4\r\n")
    with scripted(talk) as server, pytest.raises(FetchRefusedError, match=seen) as refused:
        _fetch(folder, _movie(server.url))

    assert (refused.value.slug, refused.value.passing) == ("provider-failed", passing)


def test_an_empty_file_may_come_another_time(folder: Storage) -> None:
    with scripted(saying(b"")) as server, pytest.raises(DownloadBrokenError, match="empty"):
        _fetch(folder, _movie(server.url))


def test_five_gigabytes_of_movie_are_refused_at_their_announcement(folder: Storage) -> None:
    def talk(connection: socket.socket, _head: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5368709120\r\n\r\n" + MP4)

    with scripted(talk) as server, pytest.raises(FetchRefusedError, match="over 4 GiB"):
        _fetch(folder, _movie(server.url))


def test_files_keep_their_order_their_part_and_the_role_their_bytes_have(folder: Storage) -> None:
    bodies = {"/a": MP4, "/b": ZIP, "/c": EXR, "/d": b"RIFF\x00\x00\x00\x00WAVEfmt " + bytes(600)}

    def talk(connection: socket.socket, head: bytes) -> None:
        saying(bodies[head.split()[1].decode()])(connection, head)

    with scripted(talk) as server:
        asked = [("movie", "/a"), ("movie", "/b"), ("exr", "/c"), ("audio", "/d"), ("poster", "/e")]
        wanted = [{"role": role, "url": server.url + path, "part": 3} for role, path in asked]
        files = _fetch(folder, *wanted)

    assert [(file["role"], file["key"].rpartition("/")[2], file["part"]) for file in files] == [
        ("movie", "0.mp4", 3),
        ("exr", "1.zip", 3),
        ("exr", "2.exr", 3),
        ("audio", "3.wav", 3),
    ]


@pytest.mark.parametrize("files", [[], [{"role": "poster", "url": "https://x/a.jpg"}]])
def test_outputs_without_a_file_are_refused(folder: Storage, files: list[dict[str, Any]]) -> None:
    with pytest.raises(FetchRefusedError):
        _fetch(folder, *files)


def test_names_from_outside_become_plain_ones(folder: Storage) -> None:
    with scripted(saying(MP4)) as server:
        file = {"role": "movie", "url": f"{server.url}/x/..%2f..%2fetc%00/pass%20wd;rm.mp4?Signature=s"}
        (found,) = _fetch(folder, file)

    assert re.fullmatch(r"[A-Za-z0-9._-]+", found["name"])
    assert "Signature" not in str(folder.get_bytes("takes/take_1/original/0.json"))
