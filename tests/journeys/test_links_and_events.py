"""Signed links as a player uses them, and the event feed as a panel reads it."""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from plugin_backend.embedded.folder import DataFolder
from plugin_backend.files.urls import UrlSigner
from tests.databases import until_told
from tests.journeys.conftest import Newcomer
from tests.journeys.people import Person, slug
from tests.journeys.stack import Stack


@pytest.fixture(scope="module")
def link(editor: Person) -> str:
    url: str = editor.ready_draft()["takes"][0]["proxy"]["url"]
    return url


@pytest.fixture(scope="module")
def content(link: str) -> bytes:
    return httpx.get(link, trust_env=False).content


def _get(link: str, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.get(link, headers=names, trust_env=False)


def test_a_player_asks_for_ranges(link: str, content: bytes) -> None:
    size = len(content)
    for asked, first, last in (
        ("bytes=0-99", 0, 99),
        ("bytes=100-", 100, size - 1),
        ("bytes=-50", size - 50, size - 1),
        (f"bytes=10-{size * 2}", 10, size - 1),
    ):
        part = _get(link, Range=asked)
        assert part.status_code == 206
        assert part.headers["Content-Range"] == f"bytes {first}-{last}/{size}"
        assert part.headers["Content-Length"] == str(last - first + 1)
        assert part.content == content[first : last + 1]


def test_head_says_what_get_would(link: str, content: bytes) -> None:
    head = httpx.head(link, trust_env=False)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(content))
    assert head.headers["Content-Type"] == "video/mp4"
    assert head.headers["Accept-Ranges"] == "bytes"
    assert head.headers["ETag"]


def test_if_range_guards_against_a_changed_file(link: str, content: bytes) -> None:
    etag = httpx.head(link, trust_env=False).headers["ETag"]

    assert _get(link, Range="bytes=0-9", If_Range=etag).status_code == 206
    for other in ('"another"', "Sat, 01 Jan 2000 00:00:00 GMT"):
        whole = _get(link, Range="bytes=0-9", If_Range=other)
        assert (whole.status_code, whole.content) == (200, content)
    assert _get(link, If_None_Match=etag).status_code == 304


def test_a_range_beyond_the_end_is_refused_and_nonsense_means_the_whole(link: str, content: bytes) -> None:
    beyond = _get(link, Range=f"bytes={len(content)}-")
    assert (beyond.status_code, slug(beyond)) == (416, "range-not-satisfiable")
    assert beyond.headers["Content-Range"] == f"bytes */{len(content)}"
    for nonsense in ("bytes=9-1", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6"):
        whole = _get(link, Range=nonsense)
        assert (whole.status_code, whole.content) == (200, content)


def test_a_link_that_was_changed_opens_nothing(stack: Stack, link: str) -> None:
    address, _, query = link.partition("?")
    expires = query.partition("expires=")[2].partition("&")[0]
    for forged in (
        address,
        link.replace("proxy.mp4", "poster.jpg"),
        link.replace(f"expires={expires}", f"expires={int(expires) + 3600}"),
        link[:-3] + ("abc" if link[-3:] != "abc" else "xyz"),
        f"{stack.url}/files/../secrets.json?{query}",
        f"{stack.url}/files/..%2f..%2fsecrets.json?{query}",
    ):
        refused = httpx.get(forged, trust_env=False)
        assert refused.status_code in (403, 404), forged
        assert slug(refused) in ("forbidden", "not-found")


def test_an_expired_link_is_gone(stack: Stack, link: str) -> None:
    key = link.partition("/files/")[2].partition("?")[0]
    secrets = DataFolder(stack.data).kept("secrets.json", dict)
    signer = UrlSigner([secrets["SECRET_KEY"]], base_url=stack.url)

    old = signer.download(key, now=datetime.now(UTC) - timedelta(hours=3))  # noqa: TID251 - the test's own clock

    refused = httpx.get(old.url, trust_env=False)
    assert (refused.status_code, slug(refused)) == (410, "gone")


def test_links_stay_the_same_so_that_answers_can_be_cached(editor: Person, link: str) -> None:
    take_id = link.partition("/takes/")[2].partition("/")[0]
    pages = [editor.get("/v1/generations")["items"] for _ in range(2)]
    shown = [
        take["proxy"]["url"]
        for items in pages
        for item in items
        for take in item["takes"]
        if take["id"] == take_id
    ]

    assert shown == [link, link]


@pytest.mark.slow
def test_a_reader_that_waits_hears_everything_once_and_in_order(newcomer: Newcomer) -> None:
    editor = newcomer()
    heard: list[Any] = []
    finished = threading.Event()

    def listen() -> None:
        cursor = "0"
        while not finished.is_set():
            after = {} if cursor == "0" else {"after": cursor}
            page = editor.get("/v1/events", params={"wait": "5", "limit": "3", **after})
            heard.extend(page["items"])
            cursor = page["next_cursor"]
            if any(event["type"] == "generation.cancelled" for event in page["items"]):
                return

    panel = threading.Thread(target=listen)
    panel.start()
    try:
        done = [editor.draft()["id"] for _ in range(2)]
        for identifier in done:
            editor.generation(identifier)
        last = editor.draft(brief={"duration_seconds": 5}, takes=4)["id"]
        editor.ok("POST", f"/v1/generations/{last}/cancel")
        editor.generation(last)
        panel.join(timeout=60)
        assert not panel.is_alive()
    finally:
        finished.set()
        panel.join()

    whole: list[Any] = []
    page = editor.get("/v1/events")
    while page["items"]:
        whole += page["items"]
        page = editor.get("/v1/events", params={"after": page["next_cursor"]})
    ids = [event["id"] for event in heard]
    assert ids == [event["id"] for event in whole][: len(ids)]
    assert len(set(ids)) == len(ids)
    for identifier in done:
        mine = [event["type"] for event in heard if event["subject_id"] == identifier]
        assert mine[0] == "generation.queued"
        assert mine[-1] == "generation.ready"


@pytest.mark.slow
def test_a_long_poll_answers_when_something_happens_not_before(stack: Stack, newcomer: Newcomer) -> None:
    editor = newcomer()
    until_told(stack.running()["DATABASE_URL"])
    place = editor.get("/v1/events", params={"after": "now"})["next_cursor"]
    began = time.monotonic()
    silent = editor.get("/v1/events", params={"after": place, "wait": "2"})
    waited = time.monotonic() - began
    assert (silent["items"], silent["next_cursor"]) == ([], place)
    assert waited >= 1.9

    threading.Timer(0.5, editor.draft).start()
    began = time.monotonic()
    page = editor.get("/v1/events", params={"after": place, "wait": "20"})

    assert page["items"][0]["type"] == "generation.queued"
    assert time.monotonic() - began < 10


def test_a_stream_says_the_same(newcomer: Newcomer) -> None:
    editor = newcomer()
    draft = editor.ready_draft()
    said: list[str] = []

    headers = {"Authorization": f"Bearer {editor.key}", "Accept": "text/event-stream"}
    url = draft["takes"][0]["proxy"]["url"].partition("/files/")[0]
    with httpx.stream("GET", f"{url}/v1/events", headers=headers, timeout=60, trust_env=False) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            if line.startswith("event: "):
                said.append(line.removeprefix("event: "))
            if said and said[-1] == "generation.ready":
                break

    assert said == [event["type"] for event in editor.get("/v1/events")["items"]][: len(said)]
