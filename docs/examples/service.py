"""The service as these examples speak to it: JSON, one key, every POST safe to send again.

SERVICE_URL=https://plugin-backend.example.com SERVICE_KEY=pbk_... python ...
"""

import hashlib
import os
import time
import uuid
from pathlib import Path
from typing import Any, Self

import httpx

UNFINISHED = {"queued", "planned", "generating", "evaluating", "paused", "conforming"}
MOST_TRIES = 5


class Refused(Exception):  # noqa: N818 - it reads as what happened
    """The service said no, in its own words."""


class Service:
    """A few methods are all it takes."""

    def __init__(self, url: str, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=30)

    @classmethod
    def from_environ(cls) -> Self:
        """The one that SERVICE_URL and SERVICE_KEY name."""
        return cls(os.environ["SERVICE_URL"], os.environ["SERVICE_KEY"])

    def get(self, path: str, **query: Any) -> Any:
        """Read something."""
        return self._sent("GET", path, params=query).json()

    def post(self, path: str, body: Any) -> Any:
        """Ask for something; the key makes sending it again harmless."""
        return self._sent("POST", path, json=body, headers={"Idempotency-Key": str(uuid.uuid4())}).json()

    def patch(self, path: str, body: Any) -> Any:
        """Change something."""
        return self._sent("PATCH", path, json=body).json()

    def table(self, path: str, **query: Any) -> str:
        """The same as CSV, where there is one."""
        return self._sent("GET", path, params=query, headers={"Accept": "text/csv"}).text

    def wait(self, path: str) -> Any:
        """Look until it has ended: when the service says, and only for what has changed."""
        etag = ""
        while True:
            answer = self._sent("GET", path, headers={"If-None-Match": etag} if etag else {})
            if answer.status_code == httpx.codes.OK:
                found, etag = answer.json(), answer.headers.get("ETag", "")
                if found.get("finished", found.get("state") not in UNFINISHED):
                    return found
            time.sleep(float(answer.headers.get("Retry-After", "1")))

    def _sent(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request, again after a while where the service has no room or the network breaks."""
        for number in range(1, MOST_TRIES + 1):
            try:
                answer = self._http.request(method, path, **options)
            except httpx.TransportError:
                if number == MOST_TRIES:
                    raise
                time.sleep(number)
                continue
            if answer.status_code in (429, 503) and number < MOST_TRIES:
                time.sleep(min(float(answer.headers.get("Retry-After", "1")), 60))
                continue
            if answer.is_error:
                raise Refused(_said(answer))
            return answer
        raise AssertionError("the last try has returned or raised")


def download(file: dict[str, Any], folder: Path) -> Path:
    """A delivered file by its signed address, which needs no key; checked against what was promised."""
    path = folder / file["name"]
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with httpx.stream("GET", file["url"], timeout=60) as answer, path.open("wb") as target:
        answer.raise_for_status()
        for chunk in answer.iter_bytes():
            digest.update(chunk)
            target.write(chunk)
    if digest.hexdigest() != file["sha256"]:
        path.unlink()
        raise Refused(f"{file['name']} did not come as it was sent.")
    return path


def _said(answer: httpx.Response) -> str:
    problem = answer.json()
    told = [f"{each['pointer']}: {each['detail']}" for each in problem.get("errors", ())]
    return "\n".join([f"{problem['title']}: {problem['detail']}", *told])
