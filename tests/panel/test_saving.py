"""How a file comes from a signed link to a host's disk: over real HTTP, with what goes wrong there."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.panel.adapters import Adapter, open_adapter, refusal
from tests.panel.storage import Storage

MIB = 1024 * 1024


@pytest.fixture
def premiere(page: Page, storage: Storage) -> Adapter:
    return open_adapter(page, storage, "uxp-premiere")


def test_a_large_file_comes_in_ranges_and_is_whole(premiere: Adapter) -> None:
    body = bytes(range(256)) * (36 * 1024)
    file = premiere.storage.keep("large.mov", body)

    path = premiere.save(file)

    assert path == "/Users/editor/Media/plugin-backend/SH010/large.mov"
    assert [asked for _, asked in premiere.storage.asked] == [
        "bytes=0-4194303",
        "bytes=4194304-8388607",
        "bytes=8388608-9437183",
    ]
    assert premiere.set("told") == [[4 * MIB, 9 * MIB], [8 * MIB, 9 * MIB], [9 * MIB, 9 * MIB]]
    digest = premiere.set(f"PB.sha256(fake.disk.get('{path}').buffer)")
    assert digest == file["sha256"]


def test_no_token_and_no_cookie_goes_to_the_storage(premiere: Adapter) -> None:
    premiere.save(premiere.storage.keep("a.mov", b"a" * 100))

    assert {"authorization", "cookie"} & set(premiere.storage.headers[0]) == set()


@pytest.mark.parametrize("wrong", ["cut", "503"])
def test_a_broken_download_goes_on_where_it_broke(premiere: Adapter, wrong: str) -> None:
    body = bytes(range(256)) * (24 * 1024)
    file = premiere.storage.keep("broken.mov", body)
    premiere.storage.breaks[:] = ["", wrong]

    path = premiere.save(file)

    assert premiere.set(f"PB.sha256(fake.disk.get('{path}').buffer)") == file["sha256"]
    assert [asked for _, asked in premiere.storage.asked] == [
        "bytes=0-4194303",
        "bytes=4194304-6291455",
        "bytes=4194304-6291455",
    ]


def test_a_storage_without_ranges_is_read_whole_even_after_a_break(premiere: Adapter) -> None:
    file = premiere.storage.keep("whole.mov", bytes(range(256)) * (24 * 1024))
    premiere.storage.no_ranges = True
    premiere.storage.breaks[:] = ["cut"]

    path = premiere.save(file)

    assert premiere.set(f"PB.sha256(fake.disk.get('{path}').buffer)") == file["sha256"]


def test_a_storage_that_forbids_ranges_is_read_whole(premiere: Adapter) -> None:
    file = premiere.storage.keep("forbidden.mov", bytes(range(256)) * (24 * 1024))
    premiere.storage.forbids_ranges = True

    path = premiere.save(file)

    assert premiere.set(f"PB.sha256(fake.disk.get('{path}').buffer)") == file["sha256"]
    assert premiere.storage.asked[-1] == ("forbidden.mov", None)


def test_a_link_that_is_no_longer_good_is_a_matter_of_the_network_at_once(premiere: Adapter) -> None:
    file = premiere.storage.keep("expired.mov", b"x" * 100)
    premiere.storage.breaks[:] = ["403"]

    assert refusal(lambda: premiere.save(file)) == "network"
    assert len(premiere.storage.asked) == 1


@pytest.mark.parametrize("change", [{"sha256": "0" * 64}, {"bytes": 99}, {"bytes": 101}])
def test_what_is_not_what_was_promised_is_thrown_away(premiere: Adapter, change: dict[str, Any]) -> None:
    file = premiere.storage.keep("wrong.mov", b"x" * 100)

    assert refusal(lambda: premiere.save(file | change)) == "checksum"
    assert premiere.set("[...fake.disk.keys()].filter((each) => each.includes('wrong'))") == []


def test_a_full_disk_is_said_and_leaves_nothing(premiere: Adapter) -> None:
    premiere.set("fake.faults.diskFull = true")

    assert refusal(lambda: premiere.save(premiere.storage.keep("full.mov", b"x" * 100))) == "disk"
    assert premiere.set("[...fake.disk.keys()].filter((each) => each.includes('full'))") == []


def test_a_file_that_is_there_and_the_same_is_not_fetched_again(premiere: Adapter) -> None:
    file = premiere.storage.keep("same.mov", b"same" * 100)
    first = premiere.save(file)

    assert premiere.save(file) == first
    assert len(premiere.storage.asked) == 1


def test_another_file_of_that_name_gets_a_name_of_its_own(premiere: Adapter) -> None:
    premiere.save(premiere.storage.keep("name.mov", b"one" * 100))

    path = premiere.save(premiere.storage.keep("name.mov", b"two" * 100))

    assert path.endswith("/name-2.mov")


def test_a_name_is_never_a_way_out_of_the_folder(premiere: Adapter) -> None:
    file = premiere.storage.keep("evil", b"x" * 10) | {"name": "../../evil:\u0000.mov"}

    path = premiere.save(file, folder="../../up/./x")

    assert path.startswith("/Users/editor/Media/")
    assert "/../" not in path


def test_a_download_that_gave_up_goes_on_with_what_has_arrived(premiere: Adapter) -> None:
    body = bytes(range(256)) * (24 * 1024)
    file = premiere.storage.keep("late.mov", body)
    premiere.storage.breaks[:] = ["", "403"]
    assert refusal(lambda: premiere.save(file)) == "network"
    fresh = premiere.storage.keep("fresh-link", body) | {"name": "late.mov"}
    premiere.storage.asked.clear()

    path = premiere.save(fresh)

    assert premiere.storage.asked == [("fresh-link", "bytes=4194304-6291455")]
    assert premiere.set(f"PB.sha256(fake.disk.get('{path}').buffer)") == file["sha256"]
    assert premiere.set("[...fake.disk.keys()].filter((each) => each.endsWith('.part'))") == []


def test_what_lies_there_from_before_is_not_gone_on_with(premiere: Adapter, page: Page) -> None:
    file = premiere.storage.keep("old.mov", bytes(range(256)) * (24 * 1024))
    premiere.save(file | {"name": "other.mov"})
    page.evaluate("fake.disk.set('/Users/editor/Media/plugin-backend/SH010/old.mov.part', new Uint8Array(9))")

    path = premiere.save(file)

    assert premiere.set(f"PB.sha256(fake.disk.get('{path}').buffer)") == file["sha256"]
