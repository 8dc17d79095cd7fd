"""Verification: whether a file's Content Credentials hold, and what they say."""

import tempfile
from pathlib import Path
from typing import Any, Final

from flask import request
from marshmallow import Schema, fields
from werkzeug.datastructures import FileStorage

from plugin_backend.api.asked import furniture, settings
from plugin_backend.api.reading import JSON_LIMIT
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import maybe_text, text
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.errors import FieldProblem, UnsupportedMediaError, ValidationFailedError
from plugin_backend.files.keys import safe_name
from plugin_backend.services.verification import SignerStanding, Verdict
from plugin_backend.signing import roots_of

verifying = Resource("Verification", "Whether a file's Content Credentials hold.")

VERIFIED_BYTES: Final = 64 << 20
_PARTS: Final = frozenset({"file", "sidecar"})


class VerifiedFileSchema(Schema):
    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})
    sidecar = fields.Raw(metadata={"type": "string", "format": "binary"})


class SignedBySchema(Schema):
    name = maybe_text()
    organisation = maybe_text()
    algorithm = maybe_text()
    at = maybe_text()


class VerificationSchema(Schema):
    name = text()
    verdict = text(metadata={"enum": [each.value for each in Verdict]})
    intact = fields.Boolean(required=True)
    good = fields.Boolean(required=True)
    found = maybe_text()
    signer = fields.String(
        required=True, allow_none=True, metadata={"enum": [*(each.value for each in SignerStanding), None]}
    )
    signed_by = fields.Nested(SignedBySchema, required=True, allow_none=True)
    source_type = maybe_text()
    generation = fields.Dict(required=True, allow_none=True)
    chain = fields.List(fields.Dict(), required=True)
    frame = fields.Dict(required=True, allow_none=True)
    failures = fields.List(fields.Dict(), required=True)
    problem = maybe_text()
    summary = fields.List(fields.String(), required=True)


_BODY = {
    "requestBody": {
        "required": True,
        "content": {"multipart/form-data": {"schema": VerifiedFileSchema}},
    }
}


@verifying.operation("POST", "/v1/verify", scope=Scope.READ, answer=VerificationSchema, doc=_BODY)
def verify_file(caller: Caller) -> dict[str, Any]:
    """Send a file of up to 64 MB, with its sidecar if it has one: is it intact, and whose is it?"""
    del caller  # whoever may read may ask; the answer is about the file alone
    parts = _received()
    roots = roots_of(settings().believed_credentials())
    with tempfile.TemporaryDirectory(prefix="verify-") as kept:
        folder = Path(kept)
        paths = {part: folder / part for part in parts}
        for part, file in parts.items():
            file.save(paths[part])
        name = safe_name(parts["file"].filename or "file")
        found = furniture().verifying.verify(
            paths["file"], name=name, sidecar=paths.get("sidecar"), roots=roots
        )
    return found.to_json()


def _received() -> dict[str, FileStorage]:
    """The parts of the body; its limit is that of both files, with room for what is around them."""
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaError("Send multipart/form-data with a part named `file`.")
    request.max_content_length = VERIFIED_BYTES + JSON_LIMIT
    parts = request.files.to_dict()
    if "file" not in parts or not set(parts) <= _PARTS:
        raise ValidationFailedError(
            [FieldProblem("/file", "Send a part named `file`, and perhaps `sidecar`.")]
        )
    return parts
