"""A generation accepted in one statement: its key, place, units and hold, and every row it starts with.

One round trip instead of nine, so the locks on a person's rows last a moment and many requests of one person
do not queue for each other. Each part draws on the one before it, which fixes the order of the locks (key,
users, draft days, their account, their month of the pool, the pool's account) and lets nothing happen after
a part that does not fit.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from plugin_backend.db.driver import fetch_one
from plugin_backend.db.keys import CLAIM, KeyClaim, values_of
from plugin_backend.db.rows import GenerationRow, TakeRow
from plugin_backend.domain import ledger
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.money.purses import month_of
from plugin_backend.domain.work import Lane

_NO_CAP = 2**62
"""More than any account has."""

_ACCEPT = f"""
    WITH claimed AS ({CLAIM}), keyed AS (
        SELECT 1 WHERE CAST(%(key)s AS text) IS NULL UNION ALL SELECT 1 FROM claimed
    ), entered AS (
        UPDATE users SET unfinished = users.unfinished + 1
        FROM plans, accounts, workspaces, keyed
        WHERE users.id = %(owner_id)s AND plans.id = users.plan_id
          AND workspaces.id = %(workspace_id)s AND workspaces.id = users.workspace_id
          AND users.removed_at IS NULL AND users.frozen_at IS NULL AND workspaces.frozen_at IS NULL
          AND accounts.owner_kind = 'user' AND accounts.owner_id = users.id
          AND users.unfinished < plans.max_unfinished
        RETURNING users.id, accounts.id AS account_id,
            coalesce(users.draft_limit_override, plans.drafts_per_day) AS draft_limit,
            workspaces.spend_from, coalesce(users.pool_cap, workspaces.member_cap, {_NO_CAP}) AS pool_cap
    ), drafted AS (
        INSERT INTO draft_days (owner_id, day, workspace_id, used)
        SELECT id, CAST(%(draft_day)s AS date), %(workspace_id)s, CAST(%(draft_units)s AS integer)
        FROM entered
        WHERE %(draft_units)s > 0 AND %(draft_units)s <= draft_limit
        ON CONFLICT (owner_id, day) DO UPDATE SET used = draft_days.used + excluded.used
            WHERE draft_days.used + excluded.used <= (SELECT draft_limit FROM entered)
        RETURNING owner_id
    ), allowed AS (
        SELECT * FROM entered WHERE %(draft_units)s = 0 OR EXISTS (SELECT FROM drafted)
    ), own AS (
        UPDATE accounts SET available = available + %(available_delta)s, held = held + %(held_delta)s
        FROM allowed
        WHERE accounts.id = allowed.account_id AND spend_from <> 'pool'
          AND %(held_delta)s > 0 AND available + %(available_delta)s >= 0
        RETURNING accounts.id, available, held
    ), pooling AS (
        SELECT id, pool_cap FROM allowed
        WHERE %(held_delta)s > 0 AND spend_from <> 'personal' AND NOT EXISTS (SELECT FROM own)
    ), capped AS (
        INSERT INTO pool_months AS taken (owner_id, workspace_id, month, held, spent)
        SELECT id, %(workspace_id)s, CAST(%(pool_month)s AS date), CAST(%(held_delta)s AS bigint), 0
        FROM pooling WHERE %(held_delta)s <= pool_cap
        ON CONFLICT (owner_id, workspace_id, month) DO UPDATE SET held = taken.held + excluded.held
            WHERE taken.held + taken.spent + excluded.held <= (SELECT pool_cap FROM pooling)
        RETURNING owner_id
    ), pooled AS (
        UPDATE accounts SET available = available + %(available_delta)s, held = held + %(held_delta)s
        FROM capped
        WHERE accounts.owner_kind = 'workspace' AND accounts.owner_id = %(workspace_id)s
          AND available + %(available_delta)s >= 0
        RETURNING accounts.id, available, held
    ), held AS (
        SELECT id, available, held FROM own UNION ALL SELECT id, available, held FROM pooled
    ), paid AS (
        SELECT coalesce((SELECT id FROM held), account_id) AS account_id
        FROM allowed WHERE %(held_delta)s = 0 OR EXISTS (SELECT FROM held)
    ), made AS (
        INSERT INTO generations (id, workspace_id, owner_id, account_id, project_id, kind, state, label,
            model, provider, request, takes_wanted, max_iterations, credits_per_take, credits_quoted,
            credits_held, draft_units, draft_day, from_take_id, retried_from, expected_seconds,
            routing, promotion, batch_id, terms, expected_bytes, created_at, updated_at)
        SELECT %(id)s, %(workspace_id)s, %(owner_id)s, account_id, %(project_id)s, %(kind)s, %(state)s,
            %(label)s, %(model)s, %(provider)s, CAST(%(request)s AS jsonb), %(takes_wanted)s,
            %(max_iterations)s, %(credits_per_take)s, %(credits_quoted)s, %(credits_held)s,
            %(draft_units)s, CAST(%(draft_day)s AS date), %(from_take_id)s, %(retried_from)s,
            %(expected_seconds)s, CAST(%(routing)s AS jsonb), CAST(%(promotion)s AS jsonb), %(batch_id)s,
            CAST(%(terms)s AS jsonb), %(expected_bytes)s, %(created_at)s, %(created_at)s
        FROM paid
        RETURNING id
    ), entry AS (
        INSERT INTO ledger_entries (id, account_id, kind, available_delta, held_delta,
            available_after, held_after, generation_id, at)
        SELECT %(entry_id)s, id, 'hold', %(available_delta)s, %(held_delta)s, available, held,
            %(id)s, %(created_at)s
        FROM held
    ), started AS (
        INSERT INTO takes (id, workspace_id, owner_id, generation_id, number, seed, created_at, updated_at)
        SELECT take.id, %(workspace_id)s, %(owner_id)s, made.id, take.number, take.seed,
            %(created_at)s, %(created_at)s
        FROM made, unnest(CAST(%(take_ids)s AS text[]), CAST(%(seeds)s AS bigint[]))
            WITH ORDINALITY AS take(id, seed, number)
    ), due AS (
        INSERT INTO work (subject_id, lane, workspace_id, owner_id, next_at, created_at)
        SELECT id, %(lane)s, %(workspace_id)s, %(owner_id)s, %(created_at)s, %(created_at)s FROM made
    ), told AS (
        INSERT INTO events (workspace_id, owner_id, type, subject_id, data, at)
        SELECT %(workspace_id)s, %(owner_id)s, 'generation.queued', id, '{{}}', %(created_at)s FROM made
    )
    SELECT coalesce((SELECT account_id FROM paid), account_id), EXISTS (SELECT FROM allowed) AS drafts_fit,
        EXISTS (SELECT FROM made) AS is_accepted,
        EXISTS (SELECT FROM alert_rules WHERE workspace_id = %(workspace_id)s
            AND rules @> '[{{"action": "freeze"}}]') AS is_watched
    FROM entered
    """  # noqa: S608 - only constants go in


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What came of it; unless it is accepted, the transaction must be rolled back."""

    account_id: str
    drafts_fit: bool
    is_accepted: bool
    is_watched: bool
    """Whether a rule of the workspace's freezes somebody at a threshold."""


def accept(
    connection: Connection,
    row: GenerationRow,
    taken: Sequence[TakeRow],
    *,
    lane: Lane,
    expected_bytes: int | None = None,
    terms: str | None = None,
    claim: KeyClaim | None = None,
) -> Acceptance | None:
    """Write a generation and all it starts with; None when its owner has too many, or has used the key."""
    credits = row.credits_held
    movement = ledger.hold(credits) if credits else None
    values = {
        **{name: getattr(row, name) for name in _TAKEN_FROM_ROW},
        **values_of(claim),
        "kind": row.kind.value,  # plain texts: the driver asks an enumeration for its members every time
        "state": row.state.value,
        "request": json.dumps(row.request),
        "routing": json.dumps(row.routing) if row.routing else None,
        "promotion": json.dumps(row.promotion) if row.promotion else None,
        "available_delta": movement.available_delta if movement else 0,
        "held_delta": movement.held_delta if movement else 0,
        "entry_id": new_id(Prefix.LEDGER_ENTRY, at=row.created_at),
        "take_ids": [take.id for take in taken],
        "seeds": [take.seed for take in taken],
        "lane": lane.value,
        "terms": terms,
        "expected_bytes": expected_bytes,
        "pool_month": month_of(row.created_at),
    }
    found = fetch_one(connection, _ACCEPT, values)
    return None if found is None else Acceptance(*found)


_TAKEN_FROM_ROW = (
    *("id", "workspace_id", "owner_id", "project_id", "label", "model", "provider"),
    *("takes_wanted", "max_iterations", "credits_per_take", "credits_quoted", "credits_held"),
    *("draft_units", "draft_day", "from_take_id", "retried_from", "batch_id"),
    *("expected_seconds", "created_at"),
)
