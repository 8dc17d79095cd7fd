"""What is stored: the caller's own, a person's, and everybody's within an administrator's reach."""

from typing import Any

from marshmallow import Schema, fields

from plugin_backend.api.asked import house
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import count, text
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.services.keeping import storage_room
from plugin_backend.services.keeping.storage_room import StorageUse

storage = Resource("Storage", "How much is stored, of what, and how much may be.")


class KeptSchema(Schema):
    takes = count()
    deliveries = count()
    assets = count()
    exports = count()


class UseSchema(Schema):
    id = text()
    kind = text(metadata={"enum": ["take", "delivery", "asset", "export"]})
    bytes = count()


class StorageSchema(Schema):
    bytes = count()
    limit_bytes = count(nullable=True)
    remaining_bytes = count(nullable=True)
    by_kind = fields.Nested(KeptSchema, required=True)
    largest = fields.List(fields.Nested(UseSchema), required=True)


class AllStorageSchema(Schema):
    bytes = count()
    by_kind = fields.Nested(KeptSchema, required=True)


@storage.operation("GET", "/v1/me/storage", scope=Scope.READ, answer=StorageSchema)
def show_my_storage(caller: Caller) -> dict[str, Any]:
    """What the caller has in storage, what the plan allows, and what takes up most of it."""
    return _shown(storage_room.mine(house(), caller))


@storage.operation("GET", "/v1/admin/users/<user_id>/storage", scope=Scope.ADMIN, answer=StorageSchema)
def show_storage_of_user(caller: Caller, *, user_id: str) -> dict[str, Any]:
    """What a person has in storage."""
    return _shown(storage_room.of_user(house(), caller, user_id))


@storage.operation("GET", "/v1/admin/storage", scope=Scope.ADMIN, answer=AllStorageSchema)
def show_all_storage(caller: Caller) -> dict[str, Any]:
    """What the workspace has in storage; for operators, everybody."""
    found = storage_room.of_everybody(house(), caller)
    return {"bytes": found.bytes, "by_kind": _by_kind(found)}


def _shown(found: StorageUse) -> dict[str, Any]:
    return {
        "bytes": found.bytes,
        "limit_bytes": found.limit,
        "remaining_bytes": found.remaining,
        "by_kind": _by_kind(found),
        "largest": [{"id": use.subject_id, "kind": use.kind, "bytes": use.bytes} for use in found.largest],
    }


def _by_kind(found: StorageUse) -> dict[str, int]:
    return {kind.folder: size for kind, size in found.by_kind.items()}
