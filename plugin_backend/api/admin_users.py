"""Administration of people: users, their quota, their credits."""

from typing import Any

from marshmallow import Schema, fields

from plugin_backend.api.answers import Answer
from plugin_backend.api.asked import house, idempotency, request_id
from plugin_backend.api.fields import Changes, Choice, Flag, Identifier, Moment, Strict, Whole, Words
from plugin_backend.api.me import (
    BalanceSchema,
    ConcurrencySchema,
    DraftQuotaSchema,
    FrozenSchema,
    LedgerEntrySchema,
    PlanSchema,
    WorkspaceSchema,
    shown_entry,
    shown_ledger,
    shown_person,
)
from plugin_backend.api.paging import PageQuery, before, before_number, one_more, page, page_of
from plugin_backend.api.purses import PurseSchema
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import count, moment, text
from plugin_backend.api.tables import TableAnswer
from plugin_backend.api.times import rfc3339
from plugin_backend.db.people import Standing
from plugin_backend.domain.callers import Caller, Role, Scope
from plugin_backend.domain.money.plan_limits import DEFAULT_PLAN
from plugin_backend.services import accounts, credits, quotas
from plugin_backend.services.accounts import NewUser, UserChanges

admin_users = Resource("Administration: people", "Users, quotas and credits, within the caller's reach.")

_MOST_CREDITS = 10**12
_MOST_DRAFTS = 10**6


class NewUserSchema(Strict):
    email = Words(least=3, most=254, required=True)
    role = Choice(Role, load_default=Role.EDITOR)
    plan = Words(least=1, most=64, load_default=DEFAULT_PLAN)
    workspace_id = Identifier(metadata={"description": "For operators: whose workspace they join."})


class UserChangesSchema(Strict):
    role = Choice(Role)
    plan = Words(least=1, most=64)
    disabled = Flag()


class UserQuery(PageQuery):
    q = Words(most=200, metadata={"description": "Part of the e-mail address."})


class UserSchema(Schema):
    id = text()
    email = text()
    role = text()
    is_operator = fields.Boolean(required=True)
    disabled = fields.Boolean(required=True)
    created_at = moment()
    workspace = fields.Nested(WorkspaceSchema, required=True)
    plan = fields.Nested(PlanSchema, required=True)
    draft_quota = fields.Nested(DraftQuotaSchema, required=True)
    credits = fields.Nested(BalanceSchema, required=True)
    purse = fields.Nested(PurseSchema, required=True)
    concurrency = fields.Nested(ConcurrencySchema, required=True)
    frozen = fields.Nested(FrozenSchema, required=True, allow_none=True)


class QuotaDraftSchema(Schema):
    limit_per_day = count()
    override = count(nullable=True)
    used = count()
    remaining = count()
    resets_at = moment()


class QuotaConcurrencySchema(Schema):
    limit = count()
    override = count(nullable=True)
    used = count()


class QuotaSchema(Schema):
    plan = fields.Nested(PlanSchema, required=True)
    draft = fields.Nested(QuotaDraftSchema, required=True)
    credits = fields.Nested(BalanceSchema, required=True)
    concurrency = fields.Nested(QuotaConcurrencySchema, required=True)


class QuotaLimitsSchema(Changes):
    draft_limit_per_day = Whole(least=0, most=_MOST_DRAFTS, allow_none=True)
    max_concurrent = Whole(least=1, most=1_000, allow_none=True)


class QuotaChangeSchema(QuotaLimitsSchema):
    reason = Words(most=500, allow_none=True)


class CreditChangeSchema(Strict):
    amount = Whole(least=-_MOST_CREDITS, most=_MOST_CREDITS, required=True)
    reason = Words(least=1, most=500, required=True)
    expires_at = Moment(metadata={"description": "What is left of the grant then is taken back."})


@admin_users.operation(
    "POST", "/v1/admin/users", scope=Scope.ADMIN, status=201, body=NewUserSchema, answer=UserSchema
)
def create_user(caller: Caller, body: dict[str, Any]) -> Answer:
    """Make a person: a workspace admin's joins theirs, an operator's gets a workspace unless one is named."""
    made = accounts.create_user(
        house(),
        actor=caller,
        user=NewUser(**body),
        idempotency=idempotency(caller),
        request_id=request_id(),
    )
    return Answer(shown_user(made), headers={"Location": f"/v1/admin/users/{made.id}"})


@admin_users.operation(
    "GET", "/v1/admin/users", scope=Scope.ADMIN, query=UserQuery, answer=page_of(UserSchema)
)
def list_users(caller: Caller, query: dict[str, Any]) -> dict[str, Any]:
    """People within reach, newest first."""
    rows = accounts.list_users(
        house(), caller, email=query.get("q"), before=before(query), limit=one_more(query)
    )
    return page(rows, limit=query["limit"], shown=shown_user, place=lambda row: row.id)


@admin_users.operation("GET", "/v1/admin/users/<user_id>", scope=Scope.ADMIN, answer=UserSchema)
def show_user(caller: Caller, *, user_id: str) -> dict[str, Any]:
    """One person."""
    return shown_user(accounts.find_user(house(), caller, user_id))


@admin_users.operation(
    "PATCH", "/v1/admin/users/<user_id>", scope=Scope.ADMIN, body=UserChangesSchema, answer=UserSchema
)
def change_user(caller: Caller, body: dict[str, Any], *, user_id: str) -> dict[str, Any]:
    """Change a person's role, plan or access."""
    changed = accounts.update_user(house(), caller, user_id, UserChanges(**body), request_id=request_id())
    return shown_user(changed)


@admin_users.operation("GET", "/v1/admin/users/<user_id>/quota", scope=Scope.ADMIN, answer=QuotaSchema)
def show_quota(caller: Caller, *, user_id: str) -> dict[str, Any]:
    """What a person may use, by plan and by override, and what they have used."""
    return _quota(accounts.find_user(house(), caller, user_id))


@admin_users.operation(
    "PATCH",
    "/v1/admin/users/<user_id>/quota",
    scope=Scope.ADMIN,
    body=QuotaChangeSchema,
    answer=QuotaSchema,
)
def change_quota(caller: Caller, body: dict[str, Any], *, user_id: str) -> dict[str, Any]:
    """Override the plan's limits; null goes back to the plan."""
    reason = body.pop("reason", None)
    changed = quotas.override(
        house(), actor=caller, user_id=user_id, limits=body, reason=reason, request_id=request_id()
    )
    return _quota(changed)


@admin_users.operation(
    "POST",
    "/v1/admin/users/<user_id>/credits",
    scope=Scope.ADMIN,
    status=201,
    body=CreditChangeSchema,
    answer=LedgerEntrySchema,
)
def change_credits(caller: Caller, body: dict[str, Any], *, user_id: str) -> dict[str, Any]:
    """Grant credits, or take some away: never more than are available."""
    entry = credits.change(
        house(),
        actor=caller,
        user_id=user_id,
        **body,
        idempotency=idempotency(caller),
        request_id=request_id(),
    )
    return shown_entry(entry)


@admin_users.operation(
    "GET",
    "/v1/admin/users/<user_id>/ledger",
    scope=Scope.ADMIN,
    query=PageQuery,
    answer=page_of(LedgerEntrySchema),
)
def list_ledger(caller: Caller, query: dict[str, Any], *, user_id: str) -> dict[str, Any] | TableAnswer:
    """A person's ledger, newest first; CSV with `Accept: text/csv`."""
    entries = credits.ledger_of(house(), caller, user_id, before=before_number(query), limit=one_more(query))
    return shown_ledger(entries, limit=query["limit"])


def shown_user(standing: Standing) -> dict[str, Any]:
    """Somebody as an administrator sees them."""
    return {
        **shown_person(standing),
        "disabled": standing.disabled_at is not None,
        "created_at": rfc3339(standing.created_at),
    }


def _quota(standing: Standing) -> dict[str, Any]:
    person = shown_person(standing)
    drafts = person["draft_quota"]
    return {
        "plan": person["plan"],
        "draft": {
            "limit_per_day": drafts["limit"],
            "override": standing.draft_limit_override,
            "used": drafts["used"],
            "remaining": drafts["remaining"],
            "resets_at": drafts["resets_at"],
        },
        "credits": person["credits"],
        "concurrency": {**person["concurrency"], "override": standing.max_concurrent_override},
    }
