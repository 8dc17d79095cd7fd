"""Credits that plans grant: each step up of a period is one row and one ledger entry, made once.

A row begins where the one before it in its period ended, and the key is where it begins: of two that
would grant the same, one finds the row there and does nothing.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, TextClause, text

from plugin_backend.domain.ids import Prefix, new_id

_PERSON: Final = """
    FROM users u JOIN plans p ON p.id = u.plan_id
    JOIN accounts a ON a.owner_kind = 'user' AND a.owner_id = u.id
    LEFT JOIN LATERAL (
        SELECT max(upto) AS upto FROM plan_grants WHERE account_id = a.id AND period = :period
    ) g ON true
"""
_GRANT: Final = """
    , numbered AS (
        SELECT due.*, row_number() OVER (ORDER BY account_id) AS n FROM due
    ), made AS (
        INSERT INTO plan_grants (account_id, period, above, upto, plan_id, entry_id, at)
        SELECT account_id, :period, above, upto, plan_id, ids.id, :now
        FROM numbered JOIN unnest(CAST(:entry_ids AS text[])) WITH ORDINALITY AS ids(id, n) USING (n)
        ON CONFLICT DO NOTHING
        RETURNING account_id, entry_id, upto - above AS credits
    ), moved AS (
        UPDATE accounts SET available = available + made.credits,
            topped_up_to = available + made.credits + held, top_up_id = made.entry_id FROM made
        WHERE accounts.id = made.account_id
        RETURNING accounts.id, available, held, made.entry_id, made.credits
    ), entered AS (
        INSERT INTO ledger_entries (id, account_id, kind, available_delta, held_delta,
                                    available_after, held_after, actor_id, reason, at)
        SELECT entry_id, id, 'grant', credits, 0, available, held, 'system', :reason, :now FROM moved
        RETURNING id, account_id
    )
    INSERT INTO events (workspace_id, owner_id, type, subject_id, data, at)
    SELECT workspace_id, owner_id, 'credits.granted', owner_id,
           jsonb_build_object('ledger_id', entered.id), :now
    FROM entered JOIN due USING (account_id)
    RETURNING data ->> 'ledger_id'
"""
_COLUMNS: Final = "a.id AS account_id, u.id AS owner_id, u.workspace_id, p.id AS plan_id"
_MONTHLY: Final = f"""
    WITH due AS (
        SELECT {_COLUMNS}, coalesce(g.upto, 0) AS above, p.credits_per_month AS upto
        {_PERSON}
        WHERE p.credits_per_month > 0 AND p.credits_per_month > coalesce(g.upto, 0)
          AND u.disabled_at IS NULL
"""
_OF_ONE: Final = text(f"{_MONTHLY} AND u.id = :user_id FOR UPDATE OF a) {_GRANT}")
_OF_MANY: Final = text(f"{_MONTHLY} ORDER BY a.id LIMIT :most FOR UPDATE OF a SKIP LOCKED) {_GRANT}")
_SIGN_UP: Final = text(
    f"""
    WITH due AS (
        SELECT {_COLUMNS}, 0 AS above, p.sign_up_credits AS upto
        {_PERSON}
        WHERE u.id = :user_id AND p.sign_up_credits > 0 AND g.upto IS NULL
        FOR UPDATE OF a
    ) {_GRANT}
    """
)

SIGN_UP: Final = "sign-up"

# What they were granted as whom they were before is a step that this account begins above; no entry made it.
_GO_ON: Final = text(
    """
    INSERT INTO plan_grants (account_id, period, above, upto, plan_id, at)
    SELECT mine.id, :period, 0, max(given.upto), u.plan_id, :now
    FROM users u JOIN accounts mine ON mine.owner_kind = 'user' AND mine.owner_id = u.id
    JOIN accounts theirs ON theirs.owner_kind = 'user' AND theirs.owner_id = ANY(:before)
    JOIN plan_grants given ON given.account_id = theirs.id AND given.period = :period
    WHERE u.id = :user_id GROUP BY mine.id, u.plan_id
    """
)
_DRAFTS_GO_ON: Final = text(
    """
    INSERT INTO draft_days (owner_id, day, workspace_id, used)
    SELECT u.id, :day, u.workspace_id, max(used) FROM users u
    JOIN draft_days ON draft_days.owner_id = ANY(:before) AND draft_days.day = :day
    WHERE u.id = :user_id GROUP BY u.id
    """
)


def go_on(
    connection: Connection, user_id: str, *, before: Collection[str], period: str, day: date, now: datetime
) -> None:
    """Somebody new is who these were: what those had of the period's credits and the day's drafts is had."""
    if before:
        whose = {"user_id": user_id, "before": sorted(before)}
        connection.execute(_GO_ON, {**whose, "period": period, "now": now})
        connection.execute(_DRAFTS_GO_ON, {**whose, "day": day})


def grant_month(
    connection: Connection, user_id: str, *, period: str, reason: str, now: datetime
) -> str | None:
    """What a person's plan still owes them of a period; the ledger entry, None when nothing."""
    values = {"period": period, "user_id": user_id, "reason": reason, "now": now}
    return _one(connection, _OF_ONE, values, now=now)


def grant_months(connection: Connection, *, period: str, reason: str, now: datetime, most: int) -> int:
    """The same of up to so many people whose accounts nobody holds; returns how many were granted."""
    entry_ids = [new_id(Prefix.LEDGER_ENTRY, at=now) for _ in range(most)]
    values = {"period": period, "reason": reason, "now": now, "most": most, "entry_ids": entry_ids}
    return len(connection.execute(_OF_MANY, values).all())


def grant_sign_up(connection: Connection, user_id: str, *, reason: str, now: datetime) -> str | None:
    """A person's first credits, once; the ledger entry, None when they had them or their plan has none."""
    values = {"period": SIGN_UP, "user_id": user_id, "reason": reason, "now": now}
    return _one(connection, _SIGN_UP, values, now=now)


def _one(
    connection: Connection, statement: TextClause, values: dict[str, object], *, now: datetime
) -> str | None:
    entry_ids = [new_id(Prefix.LEDGER_ENTRY, at=now)]
    found: str | None = connection.execute(statement, {**values, "entry_ids": entry_ids}).scalar_one_or_none()
    return found
