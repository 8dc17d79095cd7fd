"""What is said to a provider and what it says: calls, answers, and the two ways of getting none."""

import json
import re
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Final

import anyio
import httpx

from plugin_backend.logs import redacted

MAX_ANSWER_BYTES: Final = 1 << 20
_MOST_WORDS: Final = 300
_MOST_SECONDS: Final = 3600.0
_REASONS: Final = ("message", "msg", "detail", "error", "reason", "failure_reason", "title", "errors", "data")
_MASK: Final = "[redacted]"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")

Hide = Callable[[str], str]


class HttpError(Exception):
    """No usable answer; the text is a sentence without any key, address or body in it."""


class NotSentError(HttpError):
    """It certainly never left: no connection, no name, no TLS, or an address that is not asked."""


class NoAnswerError(HttpError):
    """It left, or part of it did, and what came back says nothing: it may have been heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One part of a multipart form."""

    filename: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A body that is read while it is sent; `chunks` begins it anew each time."""

    length: int
    media_type: str
    chunks: Callable[[], Iterator[bytes]] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. `url` is a path below the provider's address, or a whole address that it named."""

    method: str
    url: str
    json: Mapping[str, Any] | None = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    query: Mapping[str, str | int] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, Attachment] | None = None
    body: Stream | None = None
    signed: bool | None = None
    """Whether our credential goes along; None: only to the provider's own address."""

    def request(self, url: str, *, headers: Mapping[str, str]) -> httpx.Request:
        """The request as httpx sends it."""
        ours = {"Accept": "application/json", "Accept-Encoding": "identity", **headers}
        content: AsyncIterator[bytes] | None = None
        if self.body is not None:
            content = _read(self.body)
            ours |= {"Content-Type": self.body.media_type, "Content-Length": str(self.body.length)}
        files = {
            name: (part.filename, part.content, part.media_type) for name, part in (self.files or {}).items()
        }
        return httpx.Request(
            self.method,
            url,
            params=dict(self.query) or None,
            headers=ours,
            json=self.json,
            data=self.form,
            files=files or None,
            content=content,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: any status, its body read as JSON where it is."""

    status: int
    data: Any = field(default=None, repr=False)
    """The JSON as it came; None where there was none."""
    text: str = ""
    """What a body that is no JSON says, cleaned and short."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """By lower-case name."""
    request_id: str | None = None
    hide: Hide = field(default=redacted, repr=False, compare=False)

    @property
    def is_ok(self) -> bool:
        """Whether it is a success."""
        return 200 <= self.status < 300

    @property
    def body(self) -> Mapping[str, Any]:
        """The JSON object; empty where it is none."""
        return self.data if isinstance(self.data, Mapping) else {}

    @property
    def retry_after_seconds(self) -> float | None:
        """How long it asks us to wait; a date is read against the answer's own, so clocks do not matter."""
        milliseconds = self.headers.get("retry-after-ms", "")
        if milliseconds.isdigit():
            return min(int(milliseconds) / 1000, _MOST_SECONDS)
        given = self.headers.get("retry-after", "").strip()
        if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", given):
            return min(float(given), _MOST_SECONDS)
        try:
            until = parsedate_to_datetime(given) - parsedate_to_datetime(self.headers["date"])
        except (KeyError, TypeError, ValueError):
            return None
        return min(max(0.0, until.total_seconds()), _MOST_SECONDS)

    @property
    def reason(self) -> str:
        """What it says in a shape that nobody documented: one vendor's errors come in several."""
        return self.text or self.words(spoken(self.data) or None)

    def words(self, said: Any) -> str:
        """What a provider said, fit for a person, a log and the database: one short line without our keys."""
        return worded(said, hide=self.hide)


def spoken(data: Any) -> str:
    """The sentences in any JSON: those under the usual names, from the outside in."""
    if isinstance(data, str):
        return data
    if isinstance(data, list):
        return "; ".join(filter(None, map(spoken, data)))
    if not isinstance(data, Mapping):
        return ""
    return next(filter(None, (spoken(data.get(name)) for name in _REASONS)), "")


def worded(said: Any, *, hide: Hide) -> str:
    """A short, single line of whatever was said."""
    if said is None:
        return ""
    text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False, default=str)
    line = " ".join(_CONTROL.sub(" ", hide(text)).split())
    return line if len(line) <= _MOST_WORDS else line[: _MOST_WORDS - 1] + "…"


def redactor(secrets: Sequence[str]) -> Hide:
    """Cuts these secrets, and anything that begins as they do, out of a text."""
    begun = [
        re.escape(secret[:12]) + r"\S*" if len(secret) >= 16 else re.escape(secret)
        for secret in secrets
        if secret
    ]
    pattern = re.compile("|".join(begun)) if begun else None

    def hide(text: str) -> str:
        return redacted(pattern.sub(_MASK, text) if pattern else text)

    return hide


def answer_of(response: httpx.Response, body: bytes, *, hide: Hide) -> Answer:
    """Read a response; NoAnswerError when a success cannot be read, for then it says nothing."""
    is_ok = 200 <= response.status_code < 300
    content = _inflated(response, body)
    data, text = None, ""
    if content.strip():
        data = _json(content)
        is_page = "html" in response.headers.get("content-type", "").lower() or content.lstrip()[:1] == b"<"
        if data is None and is_ok:
            raise NoAnswerError(
                f"It answered with {'a web page' if is_page else 'something else'}, not JSON."
            )
        text = "" if is_page or data is not None else worded(content.decode("utf-8", "replace"), hide=hide)
    return Answer(
        status=response.status_code,
        data=data,
        text=text,
        headers={name.lower(): value for name, value in response.headers.items()},
        request_id=worded(response.headers.get("x-request-id"), hide=hide)[:200] or None,
        hide=hide,
    )


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _inflated(response: httpx.Response, body: bytes) -> bytes:
    """We ask for plain bytes; one that compresses all the same is read as far as an answer goes."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        return body
    try:
        content = zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(body, MAX_ANSWER_BYTES + 1)
    except zlib.error:
        raise NoAnswerError("It answered in an encoding that nobody asked for.") from None
    if len(content) > MAX_ANSWER_BYTES:
        raise NoAnswerError("It answered with more than an answer may have.")
    return content


async def _read(body: Stream) -> AsyncIterator[bytes]:
    """Storage is read on another thread, a chunk at a time."""
    chunks = body.chunks()
    while (chunk := await anyio.to_thread.run_sync(lambda: next(chunks, None))) is not None:
        yield chunk
