"""What a person can spend, on the wire: their own account, and their part of the workspace's pool."""

from typing import Any

from marshmallow import Schema, fields

from plugin_backend.api.shapes import count, moment, text
from plugin_backend.api.times import rfc3339
from plugin_backend.domain.money.purses import Purse, SpendFrom


class OwnAccountSchema(Schema):
    available = count()
    held = count()


class PoolPartSchema(Schema):
    """`available` can be taken now; `taken` is held or spent of the month's `cap` (null: no limit)."""

    available = count()
    held = count()
    cap = count(nullable=True)
    taken = count()
    resets_at = moment()


class PurseSchema(Schema):
    spend_from = text(metadata={"enum": [each.value for each in SpendFrom]})
    personal = fields.Nested(OwnAccountSchema, required=True)
    pool = fields.Nested(PoolPartSchema, required=True)


def shown_purse(purse: Purse) -> dict[str, Any]:
    """Both accounts, and which of them is spent."""
    return {
        "spend_from": purse.spend_from.value,
        "personal": {"available": purse.own_available, "held": purse.own_held},
        "pool": shown_part(purse),
    }


def shown_part(purse: Purse) -> dict[str, Any]:
    """One member's part of the pool."""
    return {
        "available": purse.from_pool,
        "held": purse.pool_held,
        "cap": purse.cap,
        "taken": purse.taken,
        "resets_at": rfc3339(purse.resets_at),
    }
