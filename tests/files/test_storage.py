"""One contract for both kinds of storage; the bucket is a real server that speaks S3."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from plugin_backend.files.keys import InvalidKeyError, check_key, safe_name
from plugin_backend.files.location import Bucket, Folder, S3Account, StorageLocationError, parse_location
from plugin_backend.files.storage import Storage, StorageUnavailableError, open_storage


def test_bytes_come_back_as_they_went_in(storage: Storage) -> None:
    storage.put_bytes("takes/take_1/proxy.mp4", b"moving picture")
    assert storage.get_bytes("takes/take_1/proxy.mp4") == b"moving picture"


def test_an_empty_file_is_a_file(storage: Storage) -> None:
    storage.put_bytes("empty.txt", b"")
    storage.put_stream("streamed/empty.txt", [])
    assert storage.get_bytes("empty.txt") == b""
    assert storage.get_bytes("streamed/empty.txt") == b""
    assert list(storage.open_range("empty.txt", 0, 0)) == []


def test_a_large_file_goes_there_and_back_whole(storage: Storage, tmp_path: Path) -> None:
    data = random.Random(7).randbytes(21 << 20)  # several parts, the last one odd
    (tmp_path / "there.mov").write_bytes(data)
    storage.put_file("masters/there.mov", tmp_path / "there.mov")
    storage.get_file("masters/there.mov", tmp_path / "new" / "back.mov")
    assert (tmp_path / "new" / "back.mov").read_bytes() == data
    assert (tmp_path / "there.mov").exists()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["back.mov"]


def test_a_stream_is_kept_whole_however_it_is_cut(storage: Storage) -> None:
    storage.put_stream("stream.bin", (bytes([n % 251]) * 70_001 for n in range(150)))
    assert storage.get_bytes("stream.bin") == b"".join(bytes([n % 251]) * 70_001 for n in range(150))


def test_a_stream_that_breaks_keeps_the_old_file(storage: Storage) -> None:
    storage.put_bytes("clip.mov", b"old")

    def breaking() -> Iterator[bytes]:
        yield b"new" * 4_000_000
        raise ConnectionResetError("the source went away")

    with pytest.raises(ConnectionResetError):
        storage.put_stream("clip.mov", breaking())
    assert storage.get_bytes("clip.mov") == b"old"
    assert [file.key for file in storage.list("clip.mov")] in ([], ["clip.mov"])


def test_writing_a_key_twice_is_writing_it_once(storage: Storage) -> None:
    storage.put_bytes("takes/one/poster.jpg", b"first")
    storage.put_bytes("takes/one/poster.jpg", b"second")
    assert storage.get_bytes("takes/one/poster.jpg") == b"second"
    assert len(storage.list("takes")) == 1


def test_a_stretch_of_a_file_is_streamed(storage: Storage) -> None:
    data = random.Random(3).randbytes(5 << 20)
    storage.put_bytes("clip.mp4", data)
    assert b"".join(storage.open_range("clip.mp4", 1_000_003, 3_500_000)) == data[1_000_003:4_500_003]
    assert b"".join(storage.open_range("clip.mp4", 0, len(data))) == data
    assert b"".join(storage.open_range("clip.mp4", len(data) - 1, 1)) == data[-1:]


def test_what_is_known_of_a_file(storage: Storage) -> None:
    storage.put_bytes("frames/shot.0001.exr", b"12345")
    first = storage.head("frames/shot.0001.exr")
    assert (first.key, first.bytes, first.media_type) == ("frames/shot.0001.exr", 5, "image/x-exr")
    assert first.etag.startswith('"')
    assert first.etag.endswith('"')
    assert first.modified_at.tzinfo is not None
    storage.put_bytes("frames/shot.0001.exr", b"123456")
    assert storage.head("frames/shot.0001.exr").etag != first.etag


def test_missing_files_say_so(storage: Storage, tmp_path: Path) -> None:
    assert not storage.exists("nothing/here.mov")
    with pytest.raises(FileNotFoundError):
        storage.head("nothing/here.mov")
    with pytest.raises(FileNotFoundError):
        storage.get_bytes("nothing/here.mov")
    with pytest.raises(FileNotFoundError):
        storage.open_range("nothing/here.mov", 0, 10)
    with pytest.raises(FileNotFoundError):
        storage.open_range("nothing/here.mov", 0, 0)
    with pytest.raises(FileNotFoundError):
        storage.get_file("nothing/here.mov", tmp_path / "here.mov")
    assert not (tmp_path / "here.mov").exists()


def test_what_readers_open_is_the_file_itself_or_its_bytes(storage: Storage) -> None:
    storage.put_bytes("takes/one/f.exr", b"light")
    found = storage.readable("takes/one/f.exr")
    assert isinstance(found, Path) == storage.is_local
    assert (found.read_bytes() if isinstance(found, Path) else found) == b"light"
    for missing in ("takes/one/g.exr", "takes/one", "takes/one/f.exr/g"):
        with pytest.raises(FileNotFoundError):
            storage.readable(missing)
        with pytest.raises(FileNotFoundError):
            storage.get_bytes(missing)
    with pytest.raises(InvalidKeyError):
        storage.readable("takes/../one")


def test_a_list_is_sorted_and_keeps_to_its_folder(storage: Storage) -> None:
    for key in ("dlv_1/b.0002.exr", "dlv_1/b.0001.exr", "dlv_1/deep/c.json", "dlv_10/a.mov", "dlv_1.mov"):
        storage.put_bytes(key, key.encode())
    listed = storage.list("dlv_1")
    assert [file.key for file in listed] == ["dlv_1/b.0001.exr", "dlv_1/b.0002.exr", "dlv_1/deep/c.json"]
    assert [file.bytes for file in listed] == [len(file.key) for file in listed]
    assert storage.list("nowhere") == ()


def test_pages_of_a_folder_come_in_order_and_go_on_after_any_text(storage: Storage) -> None:
    keys = [f"takes/take_{name}/{frame}.exr" for name in "abc" for frame in range(3)]
    for key in (*reversed(keys), "deliveries/dlv_a/clip.mov"):
        storage.put_bytes(key, b"frame")

    first = storage.page("takes", limit=4)
    rest = storage.page("takes", after=first[-1].key, limit=40)

    assert [file.key for file in (*first, *rest)] == keys
    assert [file.key for file in storage.page("takes", after="takes/take_a0", limit=1)] == [keys[3]]
    assert storage.page("nothing") == ()
    assert storage.size("takes/take_a") == 15
    assert storage.folders() == ("deliveries", "takes")


def test_deleting_is_safe_to_repeat(storage: Storage) -> None:
    storage.put_bytes("a/one.txt", b"1")
    storage.put_bytes("a/two.txt", b"2")
    storage.delete(["a/missing.txt", "a/one.txt"])
    storage.delete(["a/one.txt"])
    storage.delete([])
    assert not storage.exists("a/one.txt")
    assert storage.exists("a/two.txt")


def test_a_folder_of_keys_goes_at_once(storage: Storage) -> None:
    for number in range(1_050):  # more than one S3 delete takes
        storage.put_bytes(f"gen_1/f.{number:04}.exr", b"x")
    storage.put_bytes("gen_10/f.0001.exr", b"x")
    kept = "gen_1/f.0007.exr"
    assert storage.delete_prefix("gen_1", sparing={kept}) == 1_049
    assert [file.key for file in storage.list("gen_1")] == [kept]
    assert storage.delete_prefix("gen_1") == 1
    assert storage.delete_prefix("gen_1") == 0
    assert storage.list("gen_1") == ()
    assert storage.exists("gen_10/f.0001.exr")


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "a/../b",
        "..",
        ".",
        "a//b",
        "a/",
        ".hidden",
        "a/.b",
        "a\\b",
        "a b",
        "a%2e",
        "é",
        "a\n",
        "a" * 513,
    ],
)
def test_what_is_no_key_reaches_no_store(storage: Storage, key: str) -> None:
    with pytest.raises(InvalidKeyError):
        storage.put_bytes(key, b"x")
    with pytest.raises(InvalidKeyError):
        storage.open_range(key, 0, 1)
    with pytest.raises(InvalidKeyError):
        storage.delete([key])
    with pytest.raises(InvalidKeyError):
        storage.delete_prefix(key)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "Straße 12 (final).mov", "", "...", "a" * 400 + ".png", "日本.mp4"]
)
def test_a_name_from_outside_becomes_one_segment(name: str) -> None:
    segment = safe_name(name)
    assert check_key(segment) == segment
    assert "/" not in segment


def test_a_name_keeps_its_ending() -> None:
    assert safe_name("a" * 400 + ".png").endswith(".png")
    assert safe_name("My Shot 010.mov") == "My-Shot-010.mov"


def test_storage_that_works_passes_its_check(storage: Storage) -> None:
    storage.check()


def test_a_folder_that_went_away_fails_its_check(tmp_path: Path) -> None:
    storage = open_storage(f"file://{tmp_path}/media")
    (tmp_path / "media").rmdir()
    with pytest.raises(StorageUnavailableError):
        storage.check()


def test_a_bucket_that_is_not_there_fails_its_check(account: S3Account) -> None:
    with pytest.raises(StorageUnavailableError, match="NoSuchBucket"):
        open_storage("s3://nobodys-bucket/x", account=account).check()


def test_a_store_that_does_not_answer_fails_its_check_soon(account: S3Account) -> None:
    nobody = replace(account, endpoint="http://127.0.0.1:9")  # the discard port: refused at once
    started = time.monotonic()
    with pytest.raises(StorageUnavailableError):
        open_storage("s3://media/x", account=nobody).check()
    assert time.monotonic() - started < 10


def test_a_folder_is_made_where_the_url_says(tmp_path: Path) -> None:
    open_storage(f"file://{tmp_path}/my%20media/deep").put_bytes("a.txt", b"x")
    assert (tmp_path / "my media" / "deep" / "a.txt").read_bytes() == b"x"


def test_where_a_bucket_lies_is_read_from_its_url() -> None:
    account = S3Account(access_key_id="id", secret_access_key="secret", endpoint="http://elsewhere:1")
    bucket = parse_location(
        "s3://reel/a/b/?endpoint=http://127.0.0.1:9000/&region=eu-north-1", account=account
    )
    assert isinstance(bucket, Bucket)
    assert (bucket.name, bucket.prefix, bucket.region) == ("reel", "a/b", "eu-north-1")
    assert bucket.origin + bucket.path("k.mov") == "http://127.0.0.1:9000/reel/a/b/k.mov"


def test_amazons_own_buckets_are_named_by_host_where_a_certificate_allows() -> None:
    account = S3Account(access_key_id="id", secret_access_key="secret")
    plain = parse_location("s3://reel", account=account)
    dotted = parse_location("s3://my.reel/x?region=eu-west-3", account=account)
    assert isinstance(plain, Bucket)
    assert isinstance(dotted, Bucket)
    assert plain.origin + plain.path("k") == "https://reel.s3.us-east-1.amazonaws.com/k"
    assert dotted.origin + dotted.path("k") == "https://s3.eu-west-3.amazonaws.com/my.reel/x/k"


def test_a_folder_url_is_a_folder(tmp_path: Path) -> None:
    assert parse_location(f"file://{tmp_path}") == Folder(tmp_path)


@pytest.mark.parametrize(
    "url", ["", "/srv/x", "file://", "file:///", "file://host/x", "s3://", "gs://x/y", "s3:/x"]
)
def test_a_url_that_names_no_storage_is_refused(url: str) -> None:
    account = S3Account(access_key_id="id", secret_access_key="secret")
    with pytest.raises(StorageLocationError):
        parse_location(url, account=account)


def test_a_bucket_without_a_key_is_refused_and_the_key_stays_hidden() -> None:
    with pytest.raises(StorageLocationError, match="secret access key"):
        parse_location("s3://reel/x")
    assert "hush" not in repr(S3Account(access_key_id="id", secret_access_key="hush"))


_FULL = """
import resource, sys
from pathlib import Path
from plugin_backend.files.storage import StorageFullError, open_storage
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
storage = open_storage(sys.argv[1])
storage.put_bytes("takes/small.bin", b"small")
for put, source in ((storage.put_bytes, bytes(3 << 20)), (storage.put_file, Path(sys.argv[2]))):
    try:
        put("takes/small.bin", source)
    except StorageFullError as error:
        print(error.strerror)
"""


def test_a_folder_without_room_says_so_and_keeps_what_it_had(tmp_path: Path) -> None:
    folder, large = tmp_path / "store", tmp_path / "large.bin"
    large.write_bytes(bytes(3 << 20))
    said = subprocess.run(  # a process of its own: there is no way back from such a limit
        [sys.executable, "-c", _FULL, folder.as_uri(), large], capture_output=True, text=True, check=True
    )
    assert said.stdout.splitlines() == ["File too large", "File too large"]
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["small.bin"]
    assert open_storage(folder.as_uri()).get_bytes("takes/small.bin") == b"small"
