"""Administration of credits: passed on from one to another, and those that expire."""

from typing import Any

from marshmallow import Schema, fields, post_load

from plugin_backend.api.asked import house, idempotency, request_id
from plugin_backend.api.fields import Identifier, Strict, Whole, Words
from plugin_backend.api.me import LedgerEntrySchema, shown_entry
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import count, maybe_text, moment, text
from plugin_backend.api.times import rfc3339
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.services.money import expiring, transfers
from plugin_backend.services.money.expiring import Expiring
from plugin_backend.services.money.transfers import Transfer

admin_credits = Resource("Administration: credits", "Credits passed on, and credits that expire.")

_MOST = 10**12


class TransferSchema(Strict):
    """`from` and `to`: a person's id, or a workspace's for its pool."""

    source = Identifier(required=True, data_key="from")
    target = Identifier(required=True, data_key="to")
    amount = Whole(least=1, most=_MOST, required=True)
    reason = Words(least=1, most=500, required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Transfer:
        return Transfer(**data)


class TransferredSchema(Schema):
    source = fields.Nested(LedgerEntrySchema, required=True, data_key="from")
    target = fields.Nested(LedgerEntrySchema, required=True, data_key="to")


class ExpiringSchema(Schema):
    """A grant that ends: `left` can be spent, and is taken back at its end; what is `held` is not."""

    ledger_id = text()
    expires_at = moment()
    amount = count()
    left = count()
    held = count()
    spent = count()
    expired = count()


class ExpiringListSchema(Schema):
    items = fields.List(fields.Nested(ExpiringSchema), required=True)
    next_cursor = maybe_text()


@admin_credits.operation(
    "POST",
    "/v1/admin/credits/transfer",
    scope=Scope.ADMIN,
    status=201,
    body=TransferSchema,
    answer=TransferredSchema,
)
def transfer_credits(caller: Caller, body: Transfer) -> dict[str, Any]:
    """Pass credits on within a workspace (operators: anywhere); what expires or is held stays."""
    taken, given = transfers.transfer(
        house(), caller, body, idempotency=idempotency(caller), request_id=request_id()
    )
    return {"from": shown_entry(taken), "to": shown_entry(given)}


@admin_credits.operation(
    "GET", "/v1/admin/users/<user_id>/grants", scope=Scope.ADMIN, answer=ExpiringListSchema
)
def list_expiring(caller: Caller, *, user_id: str) -> dict[str, Any]:
    """Somebody's credits that expire, the soonest first."""
    return _shown(expiring.of_user(house(), caller, user_id))


@admin_credits.operation(
    "GET", "/v1/admin/workspaces/<workspace_id>/grants", scope=Scope.ADMIN, answer=ExpiringListSchema
)
def list_expiring_of_pool(caller: Caller, *, workspace_id: str) -> dict[str, Any]:
    """The credits of a workspace's pool that expire, the soonest first."""
    return _shown(expiring.of_pool(house(), caller, workspace_id))


@admin_credits.operation("GET", "/v1/me/grants", scope=Scope.READ, answer=ExpiringListSchema)
def list_my_expiring(caller: Caller) -> dict[str, Any]:
    """The caller's own credits that expire, the soonest first."""
    return _shown(expiring.mine(house(), caller))


def _shown(found: tuple[Expiring, ...]) -> dict[str, Any]:
    return {"items": [_item(each) for each in found], "next_cursor": None}


def _item(found: Expiring) -> dict[str, Any]:
    lot, share = found.lot, found.share
    return {
        "ledger_id": lot.entry_id,
        "expires_at": rfc3339(lot.expires_at),
        "amount": lot.amount,
        "left": share.free,
        "held": share.held,
        "spent": share.spent,
        "expired": share.expired,
    }
