"""Reading and writing endpoints for webhooks, and the feed as their outbox."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, insert, select, text, update

from plugin_backend.db.journal import Owned
from plugin_backend.db.rows import columns_of, read_row
from plugin_backend.db.tables import users, webhooks
from plugin_backend.domain.callers import Role
from plugin_backend.domain.webhooks.webhooks import Covers

_HOOKS: Final = webhooks.c
_ADMINISTER: Final = (Role.OWNER, Role.ADMIN)

# As for a reader of the feed: below the oldest transaction still running nothing can appear any more.
_BEHIND: Final = text(
    """
    SELECT w.id FROM webhooks w
    WHERE w.deleted_at IS NULL AND (w.disabled_at IS NULL OR w.disabled_at > :held_since)
      AND EXISTS (
          SELECT FROM events e
          WHERE e.workspace_id = w.workspace_id AND (e.xact, e.id) > (w.after_xact, w.after_id)
            AND e.xact < pg_snapshot_xmin(pg_current_snapshot())
      )
    ORDER BY w.after_xact, w.id LIMIT :limit
    """
)
# Of what was read only what is asked for leaves the database, and the last of it: up to there it was read.
_NEXT: Final = text(
    """
    WITH next AS (
        SELECT e.*, row_number() OVER (ORDER BY e.xact DESC, e.id DESC) = 1 AS is_last
        FROM (
            SELECT e.* FROM events e JOIN webhooks w ON w.id = :id AND e.workspace_id = w.workspace_id
            WHERE (e.xact, e.id) > (w.after_xact, w.after_id)
              AND e.xact < pg_snapshot_xmin(pg_current_snapshot())
            ORDER BY e.xact, e.id LIMIT :limit
        ) e
    )
    SELECT n.id, CAST(n.xact AS text) AS place, n.owner_id, n.type, n.subject_id, n.data, n.at
    FROM next n
    WHERE n.is_last OR (
        (n.type = ANY(:patterns) OR split_part(n.type, '.', 1) || '.*' = ANY(:patterns))
        AND (CAST(:owner_id AS text) IS NULL OR n.owner_id = :owner_id)
    )
    ORDER BY n.xact, n.id
    """
)
_READ_TO: Final = text(
    "UPDATE webhooks SET after_xact = CAST(:xact AS xid8), after_id = :after WHERE id = :id"
)
_FROM_NOW: Final = text(
    "UPDATE webhooks SET after_xact = pg_snapshot_xmin(pg_current_snapshot()), after_id = 0 WHERE id = :id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRow:
    """One endpoint; its address may hold a secret of its owner's."""

    id: str
    workspace_id: str
    owner_id: str
    url: str = field(repr=False)
    description: str | None
    events: list[str]
    covers: str
    secret_generation: int
    previous_until: datetime | None
    disabled_at: datetime | None
    disabled_why: str | None
    last_success_at: datetime | None
    last_failure_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int

    @property
    def owned(self) -> Owned:
        """Whose it is."""
        return Owned(self.workspace_id, self.owner_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """One event as the feed has it, with its place there."""

    id: int
    place: str
    owner_id: str
    type: str
    subject_id: str
    data: Mapping[str, Any]
    at: datetime


def find_webhook(
    connection: Connection, webhook_id: str, *, lock: bool = False, skip_locked: bool = False
) -> WebhookRow | None:
    """One endpoint that was not deleted, perhaps locked: where `skip_locked`, by nobody else."""
    statement = _live().where(_HOOKS.id == webhook_id)
    if lock:
        statement = statement.with_for_update(skip_locked=skip_locked)
    row = connection.execute(statement).one_or_none()
    return None if row is None else read_row(WebhookRow, row)


def list_webhooks(
    connection: Connection, *, workspace_id: str, owner_id: str | None, before: str | None, limit: int
) -> tuple[WebhookRow, ...]:
    """A workspace's endpoints, or one person's there, newest first."""
    statement = _live().where(_HOOKS.workspace_id == workspace_id)
    if owner_id is not None:
        statement = statement.where(_HOOKS.owner_id == owner_id)
    if before is not None:
        statement = statement.where(_HOOKS.id < before)
    found = connection.execute(statement.order_by(_HOOKS.id.desc()).limit(limit))
    return tuple(read_row(WebhookRow, row) for row in found)


def insert_webhook(connection: Connection, values: Mapping[str, Any]) -> None:
    """A new endpoint, which hears of what is committed from now on."""
    place = {"after_xact": text("pg_snapshot_xmin(pg_current_snapshot())"), "after_id": 0}
    connection.execute(insert(webhooks).values({**values, **place}))


def change_webhook(connection: Connection, webhook_id: str, **values: Any) -> None:
    """Change an endpoint, and with it what a reader sees."""
    statement = update(webhooks).where(_HOOKS.id == webhook_id)
    connection.execute(statement.values(version=_HOOKS.version + 1, **values))


def note_answer(connection: Connection, webhook_id: str, column: str, *, now: datetime) -> None:
    """When it last accepted a message (`last_success_at`), or did not."""
    connection.execute(update(webhooks).where(_HOOKS.id == webhook_id).values({column: now}))


def may_hear(connection: Connection, row: WebhookRow) -> bool:
    """Whether its owner may still see what it hears of: they are there, and administer what they cover."""
    person = select(users.c.id).where(
        users.c.id == row.owner_id, users.c.workspace_id == row.workspace_id, users.c.disabled_at.is_(None)
    )
    if row.covers == Covers.WORKSPACE:
        person = person.where(users.c.role.in_(_ADMINISTER) | users.c.is_operator)
    return connection.execute(person).one_or_none() is not None


def behind(connection: Connection, *, held_since: datetime, limit: int) -> Sequence[str]:
    """Endpoints for which the feed holds what they were not given yet, those furthest behind first."""
    found = connection.execute(_BEHIND, {"held_since": held_since, "limit": limit})
    return [row.id for row in found]


def next_events(connection: Connection, hook: WebhookRow, *, limit: int) -> Sequence[FeedRow]:
    """What an endpoint asked for of what follows in the feed, and the last of it all, asked for or not."""
    owner_id = hook.owner_id if hook.covers == Covers.OWN else None
    values = {"id": hook.id, "limit": limit, "patterns": hook.events, "owner_id": owner_id}
    found = connection.execute(_NEXT, values)
    return [read_row(FeedRow, row) for row in found]


def read_to(connection: Connection, webhook_id: str, last: FeedRow) -> None:
    """Remember how far the feed was read."""
    connection.execute(_READ_TO, {"id": webhook_id, "xact": last.place, "after": last.id})


def read_from_now(connection: Connection, webhook_id: str) -> None:
    """Leave out what was not read so far."""
    connection.execute(_FROM_NOW, {"id": webhook_id})


def _live() -> Select[Any]:
    return select(*columns_of(webhooks, WebhookRow)).where(_HOOKS.deleted_at.is_(None))
