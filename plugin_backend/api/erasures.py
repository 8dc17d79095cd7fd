"""Forgetting a person: asked for by themselves or an administrator, followed to its receipt."""

from typing import Any

from marshmallow import Schema, fields

from plugin_backend.api.answers import LOOK_AGAIN_SECONDS, Answer
from plugin_backend.api.asked import house, idempotency, request_id
from plugin_backend.api.browser.tries import admit_try
from plugin_backend.api.fields import Strict, Words
from plugin_backend.api.resource import PUBLIC, Resource
from plugin_backend.api.shapes import count, moment, text
from plugin_backend.api.times import rfc3339, rfc3339_or_none
from plugin_backend.auth import changes
from plugin_backend.db.erasures import ErasureRow
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.errors import NotFoundError
from plugin_backend.domain.keeping import ErasureStep
from plugin_backend.services.keeping import erasing

erasures = Resource("Erasure", "Leaving for good: everything of a person goes, the books stay whole.")


class LeavingSchema(Strict):
    confirm = Words(
        least=3, most=254, required=True, metadata={"description": "Your own e-mail address, once more."}
    )
    password = Words(
        least=1,
        most=800,
        required=True,
        metadata={"format": "password", "description": "Your own: a key alone ends nobody."},
    )


class ErasureReasonSchema(Strict):
    reason = Words(
        least=1,
        most=500,
        required=True,
        metadata={"description": "Why. Its words are forgotten with the person."},
    )


class RemovedSchema(Schema):
    generations = count()
    assets = count()
    exports = count()
    cancelled = count()
    rows = count()
    credits = count()
    files = count()
    provider_copies = count()


class ErasureSchema(Schema):
    """`kept_by_providers`: what they made and did not delete, or cannot be asked to."""

    id = text()
    step = text(metadata={"enum": [step.value for step in ErasureStep]})
    asked_at = moment()
    finished_at = moment(nullable=True)
    removed = fields.Nested(RemovedSchema, required=True)
    kept_by_providers = count()


@erasures.operation(
    "DELETE", "/v1/me", scope=Scope.READ, status=202, body=LeavingSchema, answer=ErasureSchema
)
def erase_me(caller: Caller, body: dict[str, Any]) -> Answer:
    """Forget the caller: signed out at once, then media, words, credits. The answer's id is the receipt.

    Asked for with an API key and the password, never with a panel's token; people do it in their browser, at
    `/account`, as does who signs in elsewhere and has no password here.
    A workspace's only owner first makes somebody else its owner, or removes the others from it.
    """
    row = erasing.erase_me(house(), caller, **body, admit=admit_try, request_id=request_id())
    changes.announce()
    return _answer(row)


@erasures.operation(
    "POST",
    "/v1/admin/users/<user_id>/delete",
    scope=Scope.ADMIN,
    status=202,
    body=ErasureReasonSchema,
    answer=ErasureSchema,
)
def erase_user(caller: Caller, body: dict[str, Any], *, user_id: str) -> Answer:
    """Forget a person, as they could themselves; asked again, it is the same erasure."""
    row = erasing.erase_user(
        house(), caller, user_id, **body, idempotency=idempotency(caller), request_id=request_id()
    )
    changes.announce()
    return _answer(row)


@erasures.operation("GET", "/v1/erasures/<erasure_id>", scope=PUBLIC, answer=ErasureSchema)
def show_erasure(*, erasure_id: str) -> dict[str, Any]:
    """The receipt: who was forgotten can sign in no more, so its id opens it, and it names nobody."""
    if "\0" in erasure_id:
        raise NotFoundError("erasure")  # the database has no such text
    return _shown(erasing.receipt(house(), erasure_id))


def _answer(row: ErasureRow) -> Answer:
    headers = {"Location": f"/v1/erasures/{row.id}", "Retry-After": LOOK_AGAIN_SECONDS}
    return Answer(_shown(row), headers=headers)


def _shown(row: ErasureRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "step": row.step,
        "asked_at": rfc3339(row.created_at),
        "finished_at": rfc3339_or_none(row.finished_at),
        "kept_by_providers": row.done.get("kept_by_providers", 0),
        "removed": {name: row.done.get(name, 0) for name in RemovedSchema().fields},
    }
