"""Who uses the service, speaking plain HTTP as their own programs would."""

import time
from pathlib import Path
from typing import Any, Final

import httpx

UNFINISHED: Final = frozenset(
    {"queued", "planned", "generating", "evaluating", "paused", "conforming", "uploading", "checking"}
)
PROMPT: Final = "a lighthouse in the rain at night, slow push in"


class Person:
    """Somebody with a token."""

    def __init__(self, http: httpx.Client, key: str, *, id: str = "") -> None:  # noqa: A002 - the contract's word
        self.id = id
        self._http = http
        self.key = key

    def send(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """Any request; `body` is sent as JSON."""
        if body is not None:
            options["json"] = body
        headers = {"Authorization": f"Bearer {self.key}", **options.pop("headers", {})}
        return self._http.request(method, path, headers=headers, **options)

    def ok(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """The JSON of a request that must succeed."""
        answer = self.send(method, path, body, **options)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def get(self, path: str, **options: Any) -> Any:
        """The JSON of a resource."""
        return self.ok("GET", path, **options)

    def draft(self, *, takes: int = 1, brief: dict[str, Any] | None = None, **members: Any) -> Any:
        """Ask for a small draft."""
        return self.ok("POST", "/v1/generations", a_draft(takes=takes, brief=brief, **members))

    def until_done(self, path: str, *, seconds: float = 120) -> Any:
        """Look at a resource until it is finished."""
        deadline = time.monotonic() + seconds
        while (found := self.get(path))["state"] in UNFINISHED:
            assert time.monotonic() < deadline, f"{path} is still {found['state']}: {found}"
            time.sleep(0.1)
        return found

    def generation(self, identifier: str, *, seconds: float = 120) -> Any:
        """A generation, once it has ended."""
        return self.until_done(f"/v1/generations/{identifier}", seconds=seconds)

    def ready_draft(self, **wanted: Any) -> Any:
        """A draft that is done."""
        found = self.generation(self.draft(**wanted)["id"])
        assert found["state"] == "ready", found
        return found

    def delivery(self, take_id: str, *, seconds: float = 120, **wanted: Any) -> Any:
        """A delivery that is done."""
        asked = self.ok("POST", f"/v1/takes/{take_id}/deliveries", wanted)
        found = self.until_done(f"/v1/deliveries/{asked['id']}", seconds=seconds)
        assert found["state"] == "ready", found
        return found

    def upload(self, name: str, data: bytes, *, media_type: str = "image/png") -> Any:
        """An asset, once it was checked."""
        files = {"file": (name, data, media_type)}
        asked = self.ok("POST", "/v1/assets", files=files)
        return self.until_done(f"/v1/assets/{asked['id']}")

    def receipt(self, generation_id: str) -> Any:
        """What a generation cost."""
        return self.get(f"/v1/generations/{generation_id}/receipt")

    def purse(self) -> tuple[int, int, int]:
        """Credits available, credits held, draft units used today."""
        me = self.get("/v1/me")
        return me["credits"]["available"], me["credits"]["held"], me["draft_quota"]["used"]


def a_draft(*, takes: int = 1, brief: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    """The request of a small draft."""
    small = {"prompt": PROMPT, "duration_seconds": 1, "resolution": "360p", "seed": 7}
    return {"kind": "draft", "brief": {**small, **(brief or {})}, "takes": takes, **members}


def fetch(url: str, path: Path) -> Path:
    """A file by its signed link, which needs no key."""
    answer = httpx.get(url, timeout=60, trust_env=False)
    assert answer.is_success, answer.text
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(answer.content)
    return path


def slug(answer: httpx.Response) -> str:
    """Which problem an answer is; it must be one, whole."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    assert all(problem[name] for name in ("title", "detail", "instance"))
    return str(problem["type"].rpartition("/")[2])
