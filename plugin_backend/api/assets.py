"""Assets: pictures, movies and sound an editor supplies."""

import hashlib
from typing import Any

from flask import Response, request
from marshmallow import Schema, fields, validate

from plugin_backend.api.answers import LOOK_AGAIN_SECONDS, Answer, has, unchanged, versioned
from plugin_backend.api.asked import furniture, house, idempotency, renderer
from plugin_backend.api.fields import Flag, Strict, Whole, Words
from plugin_backend.api.paging import PageQuery, before, one_more, page, page_of
from plugin_backend.api.reading import JSON_LIMIT, loaded
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import AssetSchema
from plugin_backend.api.times import rfc3339, wall_clock
from plugin_backend.db.rows import AssetRow
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.errors import FieldProblem, ValidationFailedError
from plugin_backend.domain.lifecycle import AssetState
from plugin_backend.services import assets as service
from plugin_backend.services import freshness
from plugin_backend.services.assets import MULTIPART_BYTES, Upload, upload_key

assets = Resource("Assets", "Pictures, movies and sound an editor supplies.")

_LONGEST_NAME = 255
_UNFINISHED = (AssetState.UPLOADING, AssetState.CHECKING)


class UploadRequestSchema(Strict):
    filename = Words(least=1, most=_LONGEST_NAME, required=True)
    media_type = fields.String(
        required=True, validate=validate.Regexp(r"^[a-z]+/[a-z0-9.+-]{1,80}$", error="Write a media type.")
    )
    bytes = Whole(least=1, required=True)
    sha256 = fields.String(
        required=True, validate=validate.Regexp(r"^[0-9a-f]{64}$", error="Write 64 hexadecimal digits.")
    )
    rights_attested = Flag(metadata={"description": "That you hold the rights to use it."})


class MultipartSchema(Schema):
    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})
    rights_attested = fields.String(metadata={"enum": ["true", "false"]})


_UPLOAD_REQUEST = UploadRequestSchema()
_BODIES = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": UploadRequestSchema},
            "multipart/form-data": {"schema": MultipartSchema},
        },
    }
}


@assets.operation("POST", "/v1/assets", scope=Scope.GENERATE, status=202, answer=AssetSchema, doc=_BODIES)
def create_asset(caller: Caller) -> Answer:
    """Send a file of up to 10 MB, or the description of a larger one to learn where to PUT it."""
    if request.mimetype == "multipart/form-data":
        return _answer(_received(caller))
    wanted = Upload(**loaded(_UPLOAD_REQUEST))
    row = service.expect(house(), caller, wanted, idempotency=idempotency(caller))
    return _answer(row, upload=_where_to_put(row))


@assets.operation(
    "POST", "/v1/assets/<asset_id>/complete", scope=Scope.GENERATE, status=202, answer=AssetSchema
)
def complete_asset(caller: Caller, *, asset_id: str) -> Answer:
    """The file has been PUT: have it checked."""
    return _answer(service.complete(house(), caller, asset_id))


@assets.operation("GET", "/v1/assets", scope=Scope.READ, query=PageQuery, answer=page_of(AssetSchema))
def list_assets(caller: Caller, query: dict[str, Any]) -> dict[str, Any]:
    """The workspace's assets, newest first."""
    rows = service.find(house(), caller, before=before(query), limit=one_more(query))
    return page(rows, limit=query["limit"], shown=renderer().asset, place=lambda row: row.id)


@assets.operation("GET", "/v1/assets/<asset_id>", scope=Scope.READ, answer=AssetSchema)
def show_asset(caller: Caller, *, asset_id: str) -> Answer | Response:
    """One asset; `state` says whether it can be used."""
    fresh = freshness.of_asset(house(), caller, asset_id)
    etag = versioned(*fresh.version, now=wall_clock())
    if has(etag):
        return unchanged(etag, unfinished=fresh.unfinished)
    return _answer(service.get(house(), caller, asset_id), etag=etag)


@assets.operation("POST", "/v1/assets/<asset_id>/attest", scope=Scope.GENERATE, answer=AssetSchema)
def attest_asset(caller: Caller, *, asset_id: str) -> Answer:
    """Say that you hold the rights to an asset; who said so first, and when, is kept."""
    return _answer(service.attest(house(), caller, asset_id))


@assets.operation("DELETE", "/v1/assets/<asset_id>", scope=Scope.GENERATE, status=204)
def delete_asset(caller: Caller, *, asset_id: str) -> Answer:
    """Remove an asset and its files."""
    service.delete(house(), caller, asset_id)
    return Answer(None)


def _received(caller: Caller) -> AssetRow:
    """The one file of a multipart body; the body's limit is the file's, with room for what is around it."""
    request.max_content_length = MULTIPART_BYTES + JSON_LIMIT
    file = request.files.get("file")
    if file is None or len(list(request.files.items(multi=True))) != 1:
        raise ValidationFailedError([FieldProblem("/file", "Send one part, named `file`.")])
    data = file.read()
    digest = hashlib.sha256(data).hexdigest()
    upload = Upload(
        filename=_name_of(file.filename or "") or None,
        media_type=file.mimetype or None,
        bytes=len(data),
        sha256=digest,
        rights_attested=_attested(request.form.get("rights_attested")),
    )
    said = {"filename": upload.filename, "media_type": upload.media_type, "sha256": digest}
    if upload.rights_attested:
        said["rights_attested"] = "true"
    return service.receive(house(), caller, upload, data, idempotency=idempotency(caller, content=said))


def _name_of(path: str) -> str:
    """A file's name without the folders that some senders put before it, as long as a name may be."""
    return path.replace("\\", "/").rpartition("/")[2][-_LONGEST_NAME:]


def _attested(word: str | None) -> bool:
    if word not in (None, "true", "false"):
        raise ValidationFailedError([FieldProblem("/rights_attested", "Give true or false.")])
    return word == "true"


def _where_to_put(row: AssetRow) -> dict[str, Any] | None:
    if row.state is not AssetState.UPLOADING or row.bytes is None or row.media_type is None:
        return None
    link = furniture().links.upload(
        upload_key(row.id), size=row.bytes, content_type=row.media_type, now=wall_clock()
    )
    return {
        "method": link.method,
        "url": link.url,
        "headers": dict(link.headers),
        "expires_at": rfc3339(link.expires_at),
    }


def _answer(row: AssetRow, *, upload: dict[str, Any] | None = None, etag: str | None = None) -> Answer:
    headers = {"Location": f"/v1/assets/{row.id}"}
    if row.state in _UNFINISHED:
        headers["Retry-After"] = LOOK_AGAIN_SECONDS
    body = renderer().asset(row)
    return Answer({**body, "upload": upload} if upload else body, headers=headers, etag=etag)
