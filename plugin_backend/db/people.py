"""Reading and changing who there is: users with their workspace, plan and account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg.rows import class_row
from sqlalchemy import Connection, Engine, Row, Select, and_, func, insert, select, update

from plugin_backend.db import pools
from plugin_backend.db.allowances import ALLOWANCE, ALLOWED_FROM
from plugin_backend.db.driver import glance
from plugin_backend.db.rows import mapping_of
from plugin_backend.db.tables import accounts, draft_days, erasures, plans, users, workspaces
from plugin_backend.db.words import in_address
from plugin_backend.domain.callers import Role
from plugin_backend.domain.money.purses import Purse
from plugin_backend.domain.quota import DraftWindow

_KEY_HOLDER = f"""
    SELECT k.id AS key_id, k.secret_hash, k.scopes,
           CAST(extract(epoch FROM k.expires_at - clock_timestamp()) AS float) AS expires_in_seconds,
           u.id AS user_id, u.workspace_id, u.role, u.is_operator, w.default_model, {ALLOWANCE}
    FROM api_keys k JOIN users u ON u.id = k.owner_id JOIN workspaces w ON w.id = u.workspace_id
         {ALLOWED_FROM}
    WHERE k.id = %(key_id)s AND k.revoked_at IS NULL AND u.disabled_at IS NULL
      AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())
    """  # noqa: S608 - only constants go in


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyHolder:
    """A live key and the person who holds it: all that a caller is made of."""

    key_id: str
    secret_hash: str
    scopes: Sequence[str]
    expires_in_seconds: float | None
    user_id: str
    workspace_id: str
    role: str
    is_operator: bool
    default_model: str
    plan: Mapping[str, Any]
    policy: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A person with their workspace, plan, quota and credits, read in one moment."""

    id: str
    email: str
    role: Role
    is_operator: bool
    disabled_at: datetime | None
    disabled_by_operator: bool
    forgotten_at: datetime | None
    """Since when they are being forgotten, or are."""
    removed_at: datetime | None
    frozen_at: datetime | None
    frozen_by_operator: bool
    workspace_frozen_at: datetime | None
    created_at: datetime
    version: int
    workspace_id: str
    workspace_name: str
    default_model: str
    plan_id: str
    plan_label: str
    drafts_per_day: int
    draft_limit_override: int | None
    draft_limit_ceiling: int | None
    max_concurrent: int
    max_concurrent_override: int | None
    max_concurrent_ceiling: int | None
    max_unfinished: int
    running: int
    unfinished: int
    account_id: str
    available: int
    held: int
    purse: Purse
    """What they can really spend: of their own, of the workspace's pool, or of both."""
    day: date
    drafts_used: int

    @property
    def drafts(self) -> DraftWindow:
        """Today's draft units."""
        override = self.draft_limit_override
        return DraftWindow(self.day, self.drafts_per_day if override is None else override, self.drafts_used)

    @property
    def concurrency_limit(self) -> int:
        """How many generations may run at once."""
        return self.max_concurrent if self.max_concurrent_override is None else self.max_concurrent_override


def key_holder(engine: Engine, key_id: str) -> KeyHolder | None:
    """A live key of an enabled person; one indexed query on the path of every request."""
    return glance(engine, _KEY_HOLDER, {"key_id": key_id}, into=class_row(KeyHolder))


def find_standing(
    connection: Connection, user_id: str, *, day: date, workspace_id: str | None = None
) -> Standing | None:
    """One person as of a day; None outside the workspace (anywhere, when no workspace is given)."""
    statement = _standings(day).where(users.c.id == user_id)
    if workspace_id is not None:
        statement = statement.where(users.c.workspace_id == workspace_id)
    row = connection.execute(statement).one_or_none()
    return None if row is None else _standing(row, day)


def standing_of(connection: Connection, user_id: str, *, day: date) -> Standing:
    """The same of somebody who is known to be there: rows of people stay."""
    found = find_standing(connection, user_id, day=day)
    assert found is not None, f"{user_id} was read from a row"
    return found


def list_standings(
    connection: Connection,
    *,
    day: date,
    workspace_id: str | None,
    text_in_email: str | None,
    before: str | None,
    limit: int,
    with_removed: bool = True,
    ids: Sequence[str] | None = None,
    plan_id: str | None = None,
) -> tuple[Standing, ...]:
    """People of a workspace (of all, for an operator), newest first."""
    statement = _standings(day)
    if not with_removed:
        statement = statement.where(users.c.removed_at.is_(None))
    if workspace_id is not None:
        statement = statement.where(users.c.workspace_id == workspace_id)
    if text_in_email:
        statement = statement.where(in_address(text_in_email))
    if before is not None:
        statement = statement.where(users.c.id < before)
    if ids is not None:
        statement = statement.where(users.c.id.in_(ids))
    if plan_id is not None:
        statement = statement.where(users.c.plan_id == plan_id)
    found = connection.execute(statement.order_by(users.c.id.desc()).limit(limit))
    return tuple(_standing(row, day) for row in found)


def insert_user(connection: Connection, values: Mapping[str, Any]) -> None:
    """A new person."""
    connection.execute(insert(users).values(**values))


def find_by_emails(connection: Connection, emails: Sequence[str], *, day: date) -> dict[str, Standing]:
    """Whoever has one of these addresses, by it in lower case."""
    wanted = [email.lower() for email in emails]
    found = connection.execute(_standings(day).where(func.lower(users.c.email).in_(wanted)))
    return {row.email.lower(): _standing(row, day) for row in found}


def change_user(connection: Connection, user_id: str, values: Mapping[str, Any]) -> None:
    """Set columns of a person; the next ETag differs."""
    statement = update(users).where(users.c.id == user_id)
    connection.execute(statement.values(version=users.c.version + 1, **values))


def email_of(connection: Connection, user_id: str) -> str:
    """The address of a person who is known to be there."""
    found: str = connection.execute(select(users.c.email).where(users.c.id == user_id)).scalar_one()
    return found


def find_user_id(connection: Connection, email: str) -> str | None:
    """The person with an e-mail address, however it is capitalised."""
    found: str | None = connection.execute(
        select(users.c.id).where(func.lower(users.c.email) == email.lower())
    ).scalar_one_or_none()
    return found


def is_member(connection: Connection, email: str, *, workspace_id: str) -> bool:
    """Whether an address is a member's of this workspace, who was not removed."""
    theirs = (func.lower(users.c.email) == email.lower(), users.c.workspace_id == workspace_id)
    found = select(users.c.id).where(*theirs, users.c.removed_at.is_(None))
    return connection.execute(found).one_or_none() is not None


_STANDING: Sequence[Any] = (
    users.c.id,
    users.c.email,
    users.c.role,
    users.c.is_operator,
    users.c.disabled_at,
    users.c.disabled_by_operator,
    select(erasures.c.created_at).where(erasures.c.owner_id == users.c.id).label("forgotten_at"),
    users.c.removed_at,
    users.c.frozen_at,
    users.c.frozen_by_operator,
    workspaces.c.frozen_at.label("workspace_frozen_at"),
    users.c.created_at,
    users.c.version,
    users.c.workspace_id,
    workspaces.c.name.label("workspace_name"),
    workspaces.c.default_model,
    users.c.plan_id,
    plans.c.label.label("plan_label"),
    plans.c.drafts_per_day,
    users.c.draft_limit_override,
    users.c.draft_limit_ceiling,
    plans.c.max_concurrent,
    users.c.max_concurrent_override,
    users.c.max_concurrent_ceiling,
    plans.c.max_unfinished,
    users.c.running,
    users.c.unfinished,
    accounts.c.id.label("account_id"),
    accounts.c.available,
    accounts.c.held,
    func.coalesce(draft_days.c.used, 0).label("drafts_used"),
)


def _standings(day: date) -> Select[Any]:
    people = (
        select(*_STANDING)
        .join_from(users, workspaces, workspaces.c.id == users.c.workspace_id)
        .join(plans, plans.c.id == users.c.plan_id)
        .join(accounts, and_(accounts.c.owner_kind == "user", accounts.c.owner_id == users.c.id))
        .outerjoin(draft_days, and_(draft_days.c.owner_id == users.c.id, draft_days.c.day == day))
    )
    return pools.with_purse(people, day.replace(day=1))


def _standing(row: Row[Any, Any], day: date) -> Standing:
    purse, values = pools.purse_of(mapping_of(row), day.replace(day=1))
    return Standing(**{**values, "role": Role(values["role"]), "day": day, "purse": purse})
