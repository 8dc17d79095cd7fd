"""Luma's Files API: inline or presigned uploads, listed by cursor, deleted softly."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fakes.answers import Answer, Reply, as_json
from tests.fakes.clock import stamp
from tests.fakes.faults import Door
from tests.fakes.routes import Call, Route
from tests.fakes.uploads import parts_of

if TYPE_CHECKING:
    from tests.fakes.luma import LumaAgents

_MOST = 5 << 30
_INLINE = 32 << 20
_INGEST_SECONDS = 1.0
_PRESIGNED_SECONDS = 900.0


@dataclass(slots=True)
class Stored:
    """A file as the client sees it, and its bytes."""

    id: str
    mime_type: str
    size_bytes: int
    purpose: str
    created_at: float
    filename: str | None = None
    user_id: str | None = None
    body: bytes | None = None
    ready_at: float | None = None
    failure_reason: str | None = None
    deleted_at: float | None = None

    def state(self, now: float) -> str:
        """`pending` until the bytes came and were taken in."""
        if self.deleted_at is not None:
            return "deleted"
        if self.ready_at is None or now < self.ready_at:
            return "pending"
        return "failed" if self.failure_reason else "ready"

    def shown(self, now: float) -> dict[str, Any]:
        """The File object."""
        return {
            "id": self.id,
            "created_at": stamp(self.created_at),
            "mime_type": self.mime_type,
            "purpose": self.purpose,
            "size_bytes": self.size_bytes,
            "state": self.state(now),
            "deleted_at": stamp(self.deleted_at) if self.deleted_at else None,
            "expires_at": None,
            "failure_reason": self.failure_reason if self.state(now) == "failed" else None,
            "filename": self.filename,
            "user_id": self.user_id,
        }


class LumaFiles:
    """`/v1/files`, and the store that presigned uploads go to."""

    def __init__(self, luma: "LumaAgents") -> None:
        self._luma = luma
        self._files: dict[str, Stored] = {}

    def routes(self) -> Sequence[Route]:
        """Its paths."""
        return (
            Route("POST", "/v1/files", Door.UPLOAD, self._create),
            Route("GET", "/v1/files", Door.LIST, self._list),
            Route("GET", "/v1/files/{id}", Door.OTHER, self._read),
            Route("DELETE", "/v1/files/{id}", Door.OTHER, self._delete),
            Route("POST", "/v1/files/{id}/complete", Door.UPLOAD, self._complete),
            Route("PUT", "/_store/{id}", Door.UPLOAD, self._put, open=True),
        )

    def ready(self, file_id: str) -> Stored | None:
        """A file that a generation may use."""
        file = self._files.get(file_id)
        return file if file is not None and file.state(self._luma.clock.now()) == "ready" else None

    def _create(self, call: Call) -> Reply:
        request = call.request
        content_type = request.headers.get("content-type", "")
        if content_type.startswith("multipart/form-data"):
            return self._inline(content_type, request.body)
        try:
            asked = request.json()
        except ValueError:
            return self._luma.error(422, "The body is neither a form nor a JSON object.")
        size = asked.get("size_bytes")
        if not asked.get("mime_type") or not isinstance(size, int) or not 0 < size <= _MOST:
            return self._luma.error(422, "mime_type and size_bytes (up to 5 GiB) are required.")
        file = self._kept(str(asked["mime_type"]), size, asked.get("purpose"), asked.get("filename"))
        file.user_id = asked.get("user_id")
        return self._created(file, self._presigned(file, request.origin))

    def _inline(self, content_type: str, body: bytes) -> Answer:
        parts = parts_of(content_type, body)
        if "file" not in parts:
            return self._luma.error(422, "The form has no part named file.")
        part = parts["file"]
        if len(part.body) > _INLINE:
            return self._luma.error(413, "The file is too large to send inline; use a presigned upload.")
        mime_type = parts["mime_type"].body.decode() if "mime_type" in parts else part.media_type
        purpose = parts["purpose"].body.decode() if "purpose" in parts else None
        file = self._kept(mime_type or "application/octet-stream", len(part.body), purpose, part.filename)
        self._take_in(file, part.body)
        return self._created(file, None)

    def _created(self, file: Stored, upload: dict[str, Any] | None) -> Answer:
        shown = self._shown(file)
        content = {"id": file.id, "state": shown["state"], "file": shown, "upload": upload}
        return as_json(content, status=201)

    def _kept(self, mime_type: str, size: int, purpose: Any, filename: Any) -> Stored:
        file = Stored(
            self._luma.new_id(), mime_type, size, str(purpose or "input"), self._luma.clock.now(), filename
        )
        self._files[file.id] = file
        return file

    def _presigned(self, file: Stored, origin: str) -> dict[str, Any]:
        path = self._luma.links.sign(f"/_store/{file.id}", seconds=_PRESIGNED_SECONDS)
        return {
            "url": origin + path,
            "method": "PUT",
            "headers": {"Content-Type": file.mime_type},
            "expires_at": stamp(self._luma.clock.now() + _PRESIGNED_SECONDS),
        }

    def _put(self, call: Call) -> Reply:
        if (refused := self._luma.links.refusal(call.request)) is not None:
            return refused
        file = self._files[call.found["id"]]
        if call.request.headers.get("content-type") != file.mime_type:
            return self._luma.error(403, "The signed headers do not match.")
        file.body = call.request.body
        return Answer(200, b"", {"ETag": f'"{file.id}"'}, "application/xml")

    def _complete(self, call: Call) -> Reply:
        file = self._files.get(call.found["id"])
        if file is None or file.deleted_at is not None:
            return self._luma.error(404, "File not found")
        if file.body is None:
            return self._luma.error(409, "No bytes were uploaded yet.")
        self._take_in(file, file.body)
        return as_json(self._shown(file))

    def _take_in(self, file: Stored, body: bytes) -> None:
        file.body, file.ready_at = body, self._luma.clock.now() + _INGEST_SECONDS
        if len(body) != file.size_bytes:
            file.failure_reason = "The size differs from the one announced."

    def _list(self, call: Call) -> Reply:
        query, now = call.request.query, self._luma.clock.now()
        limit, cursor = query.get("limit", "25"), query.get("cursor")
        if not limit.isdigit() or not 1 <= int(limit) <= 100:
            return self._luma.error(422, "limit must be between 1 and 100")
        files = [file for file in reversed(self._files.values()) if _matches(file, query, now)]
        ids = [file.id for file in files]
        start = ids.index(cursor) + 1 if cursor in ids else 0
        page = files[start : start + int(limit)]
        more = start + len(page) < len(files)
        content = {"data": [file.shown(now) for file in page], "has_more": more}
        return as_json({**content, "next_cursor": page[-1].id if more else None})

    def _read(self, call: Call) -> Reply:
        file = self._files.get(call.found["id"])
        return as_json(self._shown(file)) if file else self._luma.error(404, "File not found")

    def _delete(self, call: Call) -> Reply:
        file = self._files.get(call.found["id"])
        if file is None:
            return self._luma.error(404, "File not found")
        file.deleted_at = self._luma.clock.now()
        return Answer(204)

    def _shown(self, file: Stored) -> dict[str, Any]:
        return file.shown(self._luma.clock.now())


def _matches(file: Stored, query: dict[str, str], now: float) -> bool:
    wanted = (query.get("state", file.state(now)), query.get("purpose", file.purpose))
    return (file.state(now), file.purpose) == wanted
