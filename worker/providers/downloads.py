"""Bringing what a provider made into our storage: streamed, resumed where it broke off, believed in nothing.

A file that came whole is noted beside itself, so that a step that is run again begins with the next one. A
download that failed is downloaded again; nothing here has anything made a second time.
"""

import hashlib
import json
import re
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any, Final

import httpx

from plugin_backend.files.keys import safe_name
from plugin_backend.files.storage import Storage
from plugin_backend.outbound import Guard, OutboundRefusedError
from worker.providers.arrivals import Arrival, arrival_of
from worker.providers.protocol import ExpiredError, FetchRefusedError

_ROLES: Final = ("movie", "exr", "audio")
_MOST_FILES: Final = 1024
_TIMES: Final = httpx.Timeout(10.0, connect=5.0)  # a silence longer than that is a break, and we resume
_LONGEST_SECONDS: Final = 3600.0
_BREAKS: Final = 4
"""How often a file may break off without one byte more in between."""
_HEAD_BYTES: Final = 512
_GONE: Final = frozenset({400, 401, 403, 404, 410})
_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")

Alive = Callable[[], None]


class DownloadBrokenError(Exception):
    """A file did not come whole this time; the step is run again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One file as `takes.fetched` lists it."""

    role: str
    media_type: str
    key: str
    bytes: int
    sha256: str
    name: str
    part: int = 0


def fetch(
    outputs: Mapping[str, Any], *, take_id: str, storage: Storage, guard: Guard, alive: Alive
) -> Mapping[str, Any]:
    """Every movie, frame archive and sound of the outputs, under the take's keys."""
    wanted = [file for file in outputs.get("files", ()) if file["role"] in _ROLES]
    if not 0 < len(wanted) <= _MOST_FILES:
        raise FetchRefusedError("provider-failed", f"The provider lists {len(wanted)} files for one take.")
    with guard.client(timeout=_TIMES) as client:
        files = [
            _noted(storage, f"takes/{take_id}/original", number)
            or _brought(
                client, file, storage=storage, folder=f"takes/{take_id}/original", number=number, alive=alive
            )
            for number, file in enumerate(wanted)
        ]
    return {"files": [asdict(file) for file in files]}


def _brought(
    client: httpx.Client, file: Mapping[str, Any], *, storage: Storage, folder: str, number: int, alive: Alive
) -> Fetched:
    download = _Download(client, file["url"], alive=alive)
    with closing(download.chunks()) as chunks:
        head = _head(chunks)
        arrival = arrival_of(head, role=file["role"])
        download.limit(arrival)
        key = f"{folder}/{number}{arrival.suffix}"
        storage.put_stream(key, chain([head], chunks), content_type=arrival.media_type)
    found = Fetched(
        role=arrival.role,
        media_type=arrival.media_type,
        key=key,
        bytes=download.got,
        sha256=download.digest.hexdigest(),
        name=safe_name(httpx.URL(file["url"]).path.rpartition("/")[2]),
        part=file.get("part", 0),
    )
    storage.put_bytes(f"{folder}/{number}.json", json.dumps(asdict(found)).encode())
    return found


def _noted(storage: Storage, folder: str, number: int) -> Fetched | None:
    """What an earlier run of this step brought."""
    try:
        note = json.loads(storage.get_bytes(f"{folder}/{number}.json"))
        return Fetched(**note) if storage.head(note["key"]).bytes == note["bytes"] else None
    except FileNotFoundError:
        return None


def _head(chunks: Iterator[bytes]) -> bytes:
    """Enough of a file to tell what it is."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= _HEAD_BYTES:
            break
    if not head:
        raise DownloadBrokenError("The provider's file is empty.")
    return head


class _Download:
    """One file as a stream that goes on where a connection broke off."""

    def __init__(self, client: httpx.Client, url: str, *, alive: Alive) -> None:
        self._client = client
        self._url = url
        self._alive = alive
        self._until = time.monotonic() + _LONGEST_SECONDS
        self._most: int | None = None
        self._total: int | None = None
        self._etag: str | None = None
        self.got = 0
        self.digest = hashlib.sha256()

    def limit(self, arrival: Arrival) -> None:
        """Refuse what is larger than such a file may be: now if its length is known, else once it is."""
        self._most = arrival.most_bytes
        self._check_size(max(self.got, self._total or 0))

    def chunks(self) -> Generator[bytes, None, None]:
        """The whole file, each byte once."""
        breaks = 0
        while True:
            before = self.got
            try:
                yield from self._rest()
            except (httpx.TransportError, DownloadBrokenError) as error:
                breaks = 0 if self.got > before else breaks + 1
                if breaks == _BREAKS:
                    raise DownloadBrokenError(
                        f"It broke off {breaks} times ({type(error).__name__})."
                    ) from None
                self._pause(breaks)
            else:
                return

    def _rest(self) -> Iterator[bytes]:
        with self._opened() as response:
            again = self._to_skip(response)
            skipped = hashlib.sha256()
            for chunk in response.iter_raw():
                self._tick()
                if again:  # it begins anew: what we have is read past, if it is still the same
                    skipped.update(chunk[:again])
                    kept, again = chunk[again:], max(0, again - len(chunk))
                    if not again and skipped.digest() != self.digest.digest():
                        raise FetchRefusedError("provider-failed", "The provider's file changed meanwhile.")
                else:
                    kept = chunk
                self._take(kept)
                if kept:
                    yield kept
        if self._total is not None and self.got < self._total:
            raise DownloadBrokenError("It is shorter than it said.")

    @contextmanager
    def _opened(self) -> Iterator[httpx.Response]:
        headers = {"Accept-Encoding": "identity"}
        if self.got:
            headers["Range"] = f"bytes={self.got}-"
            headers |= {"If-Range": self._etag} if self._etag else {}
        try:
            with self._client.stream("GET", self._url, headers=headers) as response:
                yield response
        except OutboundRefusedError as refused:
            detail = f"The provider's file lies where nothing is fetched from. {refused}"
            raise FetchRefusedError("provider-failed", detail) from None
        except (httpx.TooManyRedirects, httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise FetchRefusedError("provider-failed", "The provider's file has no usable address.") from None

    def _to_skip(self, response: httpx.Response) -> int:
        """How many bytes of this answer we have already; errors for one that is no part of the file."""
        status = response.status_code
        if status in _GONE:
            raise ExpiredError(f"HTTP {status}")
        length = response.headers.get("content-length", "")
        if status == 200:
            self._total = int(length) if length.isdigit() else None
            etag = response.headers.get("etag", "")
            self._etag = etag if etag.startswith('"') else None
            self._check_size(self._total or 0)
            return self.got
        found = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
        if status == 206 and found and int(found[1]) == self.got:
            self._total = self._total if found[2] == "*" else int(found[2])
            return 0
        raise DownloadBrokenError(f"HTTP {status}")

    def _take(self, chunk: bytes) -> None:
        self.got += len(chunk)
        self.digest.update(chunk)
        self._check_size(self.got)

    def _check_size(self, size: int) -> None:
        if self._most is not None and size > self._most:
            raise FetchRefusedError("provider-failed", f"The provider's file is over {self._most >> 30} GiB.")

    def _tick(self) -> None:
        self._alive()
        if time.monotonic() > self._until:
            raise DownloadBrokenError("It takes longer than its address lives.")

    def _pause(self, breaks: int) -> None:
        self._tick()
        time.sleep(min(4.0, 0.2 * 2**breaks))
