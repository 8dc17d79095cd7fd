"""What signed links open: bytes of a local folder with Range, or the way on to the bucket that has them."""

from collections.abc import Iterator
from typing import Any, Final

from flask import Response, request

from plugin_backend.api.asked import furniture, house
from plugin_backend.api.problems import RANGE_NOT_SATISFIABLE
from plugin_backend.api.refusals import problem_response
from plugin_backend.api.resource import PUBLIC, Resource
from plugin_backend.api.times import wall_clock
from plugin_backend.domain.errors import MalformedError, NotFoundError
from plugin_backend.files.links import BucketLinks
from plugin_backend.files.media_types import disposition_of, is_page, media_type_of
from plugin_backend.files.range import ByteRange, RangeNotSatisfiableError, parse_range, range_applies
from plugin_backend.files.storage import StoredFile
from plugin_backend.files.urls import UrlSigner

files = Resource("Files", "What signed links open.")

_RANGES: Final[dict[str, Any]] = {
    "responses": {
        206: {"description": "The range asked for.", "content": {"*/*": {"schema": {"type": "string"}}}},
        304: {"description": "Not Modified"},
        307: {"description": "The way on to the bucket that has it."},
    }
}
_CACHED: Final = "private, max-age=3600"  # as long as the link stays the same
# A page of ours, but out of a user's storage: it is shown, and nothing in it runs, asks or leads anywhere.
# A bucket has no such policy to give, so pages are served here wherever they lie.
_PAGE_POLICY: Final = (
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@files.operation("GET", "/files/<path:key>", scope=PUBLIC, media_type="*/*", doc=_RANGES)
def read_file(*, key: str) -> Response:
    """A file, or the range of it that is asked for; HEAD says what it is."""
    links = _links()
    links.check_download(key, request.args, now=wall_clock())
    if isinstance(links, BucketLinks) and request.method == "GET" and not is_page(media_type_of(key)):
        onward = links.onward(key, now=wall_clock())
        return Response(status=307, headers={"Location": onward.url, "Cache-Control": _CACHED})
    found = _found(key)
    if request.if_none_match.contains_weak(found.etag.strip('"')):
        return Response(status=304, headers=_headers(found))
    try:
        return _part(found, _wanted(found))
    except RangeNotSatisfiableError as refused:
        headers = {"Accept-Ranges": "bytes", "Content-Range": refused.content_range}
        return problem_response(RANGE_NOT_SATISFIABLE, str(refused), headers=headers)


@files.operation("PUT", "/files/<path:key>", scope=PUBLIC, status=204)
def write_file(*, key: str) -> Response:
    """Take one upload, of exactly the size and type its link was signed for."""
    length = request.content_length
    _signer().check_upload(
        key, request.args, content_length=length, content_type=request.content_type, now=wall_clock()
    )
    request.max_content_length = length
    house().storage.put_stream(key, _exactly(length or 0), content_type=request.content_type)
    return Response(status=204)


def _links() -> UrlSigner | BucketLinks:
    links = furniture().links
    assert isinstance(links, UrlSigner | BucketLinks), "links are opened by `open_links`"
    return links


def _signer() -> UrlSigner:
    """Ours to write to: with a bucket, uploads go there and never come here."""
    links = _links()
    if not isinstance(links, UrlSigner):
        raise NotFoundError("file")
    return links


def _found(key: str) -> StoredFile:
    try:
        return house().storage.head(key)
    except FileNotFoundError as error:
        raise NotFoundError("file") from error


def _wanted(found: StoredFile) -> ByteRange | None:
    if request.method == "HEAD" or not range_applies(request.headers.get("If-Range"), etag=found.etag):
        return None
    return parse_range(request.headers.get("Range"), size=found.bytes)


def _part(found: StoredFile, wanted: ByteRange | None) -> Response:
    headers, start, length, status = _headers(found), 0, found.bytes, 200
    if wanted is not None:
        headers["Content-Range"] = wanted.content_range
        start, length, status = wanted.start, wanted.length, 206
    headers["Content-Length"] = str(length)
    body = iter(()) if request.method == "HEAD" else house().storage.open_range(found.key, start, length)
    return Response(body, status=status, headers=headers)


def _headers(found: StoredFile) -> dict[str, str]:
    policy = {"Content-Security-Policy": _PAGE_POLICY} if is_page(found.media_type) else {}
    return {
        **policy,
        "Content-Type": found.media_type,
        "Content-Disposition": disposition_of(found.key, pages=True),
        "Accept-Ranges": "bytes",
        "ETag": found.etag,
        "Cache-Control": _CACHED,
        "Cross-Origin-Resource-Policy": "cross-origin",
    }


def _exactly(length: int) -> Iterator[bytes]:
    """The body, in pieces; one that ends early is refused and leaves nothing."""
    left = length
    while left > 0:
        piece = request.stream.read(min(left, 1 << 18))
        if not piece:
            raise MalformedError(f"The body ended {left} bytes early.")
        left -= len(piece)
        yield piece
