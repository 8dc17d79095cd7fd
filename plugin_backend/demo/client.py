"""A small client of our own API, as a pipeline would write one."""

import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Self

import httpx

_UNFINISHED: Final = {"queued", "planned", "generating", "evaluating", "paused", "conforming"}


class ProblemError(Exception):
    """The service said no, in its own words."""


class Client:
    """Speaks JSON to one service with one key."""

    def __init__(self, url: str, key: str) -> None:
        self._http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """Read a resource."""
        return _read(self._http.get(path, params=query))

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Create or change one; the key makes sending it again harmless."""
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        return _read(self._http.post(path, json=body, headers=headers))

    def follow(self, path: str, seen: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """Look at a resource until it is finished, asking only for what has changed."""
        etag, found = "", {"state": "queued"}
        while found["state"] in _UNFINISHED:
            answer = self._http.get(path, headers={"If-None-Match": etag} if etag else {})
            if answer.status_code != httpx.codes.NOT_MODIFIED:
                found, etag = _read(answer), answer.headers.get("ETag", "")
                seen(found)
            if found["state"] in _UNFINISHED:
                time.sleep(0.2)
        return found

    def download(self, url: str, path: Path) -> None:
        """A file by its signed address, which needs no key."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with httpx.stream("GET", url, timeout=60, trust_env=False) as answer, path.open("wb") as file:
            answer.raise_for_status()
            for chunk in answer.iter_bytes():
                file.write(chunk)

    def pages(self, url: str) -> Iterator[dict[str, Any]]:
        """Every item of a list, page by page."""
        cursor: str | None = ""
        while cursor is not None:
            page = self.get(url, limit="100", **({"cursor": cursor} if cursor else {}))
            yield from page["items"]
            cursor = page["next_cursor"]


def _read(answer: httpx.Response) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    if answer.is_error:
        fields = "".join(f"\n  {each['pointer']}: {each['detail']}" for each in body.get("errors", ()))
        raise ProblemError(f"{body['title']} ({answer.status_code}): {body['detail']}{fields}")
    return body
