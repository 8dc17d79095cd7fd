"""Usage: read from the sums and what is not in them yet, folded into them, compared with the rows it is of.

The database counts every change of a generation, a take or an attempt as a row of its own (`usage_changes`),
in the transaction of the change. The clock folds those rows into sums, by person, shot and day and for the
whole service. A reader adds both up in one statement, so the answer is exact whenever the clock last came.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from plugin_backend.db.rows import mapping_of
from plugin_backend.domain.usage import UsageFilter, UsageGroup, UsageRow

_KEYS: Final = ("day", "workspace_id", "owner_id", "project_id", "label", "model", "kind")
_TOTAL_KEYS: Final = ("day", "model", "kind")
_FIGURES: Final = (
    "generations",
    "ready",
    "failed",
    "cancelled",
    "draft_units",
    "credits_held",
    "credits_settled",
    "credits_released",
    "takes_stored",
    "spend_cents",
    "exposure_cents",
)
_COLUMN_OF: Final = {
    UsageGroup.DAY: "day",
    UsageGroup.USER: "owner_id",
    UsageGroup.PROJECT: "project_id",
    UsageGroup.SHOT: "label",
    UsageGroup.MODEL: "model",
    UsageGroup.TIER: "kind",
}
_FOLDING: Final = 7_305_113  # any number, the same for everybody who moves counts into the sums

_listed: Final = ", ".join
_OF_GENERATION: Final = (
    "(g.created_at AT TIME ZONE 'UTC')::date AS day, g.workspace_id, g.owner_id,"
    " coalesce(g.project_id, '') AS project_id, coalesce(g.label, '') AS label, g.model, g.kind"
)

# The straight sum: every row once, from the tables that usage is of.
_COUNTED: Final = f"""
    SELECT {_OF_GENERATION}, 1 AS generations, (state = 'ready')::int AS ready,
        (state = 'failed')::int AS failed,
        (state = 'cancelled')::int AS cancelled, coalesce(draft_units_used, draft_units) AS draft_units,
        CASE WHEN finished_at IS NULL THEN credits_held ELSE 0 END AS credits_held,
        coalesce(credits_settled, 0) AS credits_settled,
        CASE WHEN finished_at IS NULL THEN 0 ELSE credits_held - credits_settled END AS credits_released,
        0 AS takes_stored, 0 AS spend_cents, 0 AS exposure_cents
    FROM generations g
    UNION ALL
    SELECT {_OF_GENERATION}, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0
    FROM takes t JOIN generations g ON g.id = t.generation_id WHERE t.state = 'stored'
    UNION ALL
    SELECT {_OF_GENERATION}, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        CASE WHEN a.billed AND a.provider <> 'animatic' THEN a.credits_at_risk ELSE 0 END,
        CASE WHEN a.exposed AND a.settled_at IS NULL THEN a.credits_at_risk ELSE 0 END
    FROM attempts a JOIN takes t ON t.id = a.take_id JOIN generations g ON g.id = t.generation_id
    WHERE (a.billed AND a.provider <> 'animatic') OR (a.exposed AND a.settled_at IS NULL)
"""
_NEGATED: Final = _listed(f"-{name}" for name in _FIGURES)
_SUMS: Final = _listed(f"sum({name})::bigint AS {name}" for name in _FIGURES)
_CORRECT: Final = text(
    f"INSERT INTO usage_changes ({_listed(_KEYS)}, {_listed(_FIGURES)})"
    f" SELECT {_listed(_KEYS)}, {_SUMS} FROM ({_COUNTED}"
    f" UNION ALL SELECT {_listed(_KEYS)}, {_NEGATED} FROM usage_days"
    f" UNION ALL SELECT {_listed(_KEYS)}, {_NEGATED} FROM usage_changes) counted"
    f" GROUP BY {_listed(_KEYS)} HAVING {' OR '.join(f'sum({name}) <> 0' for name in _FIGURES)}"
)
_ADDED: Final = _listed(f"{name} = summed.{name} + EXCLUDED.{name}" for name in _FIGURES)
_FOLD: Final = text(
    "WITH taken AS (DELETE FROM usage_changes WHERE id IN"
    "   (SELECT id FROM usage_changes ORDER BY id LIMIT :most) RETURNING *),"
    f" days AS (INSERT INTO usage_days AS summed ({_listed(_KEYS)}, {_listed(_FIGURES)})"
    f"   SELECT {_listed(_KEYS)}, {_SUMS} FROM taken GROUP BY {_listed(_KEYS)}"
    f"   ON CONFLICT (workspace_id, day, owner_id, project_id, label, model, kind) DO UPDATE SET {_ADDED}),"
    f" totals AS (INSERT INTO usage_totals AS summed ({_listed(_TOTAL_KEYS)}, {_listed(_FIGURES)})"
    f"   SELECT {_listed(_TOTAL_KEYS)}, {_SUMS} FROM taken GROUP BY {_listed(_TOTAL_KEYS)}"
    f"   ON CONFLICT (day, model, kind) DO UPDATE SET {_ADDED})"
    " SELECT count(*) FROM taken"
)
_NOTHING: Final = " AND ".join(f"{name} = 0" for name in _FIGURES)
_FORGET: Final = text(f"DELETE FROM usage_days WHERE {_NOTHING}")
_FORGET_TOTALS: Final = text("DELETE FROM usage_totals")
_TOTALS: Final = text(
    f"INSERT INTO usage_totals ({_listed(_TOTAL_KEYS)}, {_listed(_FIGURES)})"
    f" SELECT {_listed(_TOTAL_KEYS)}, {_SUMS} FROM usage_days GROUP BY {_listed(_TOTAL_KEYS)}"
)

# Intents in doubt grow into exposures by time alone, so they are looked up as they stand: few at any time.
_IN_DOUBT: Final = f"""
    SELECT {_OF_GENERATION}, {_listed(f"0 AS {name}" for name in _FIGURES[:-1])},
        a.credits_at_risk AS exposure_cents
    FROM attempts a JOIN takes t ON t.id = a.take_id JOIN generations g ON g.id = t.generation_id
    WHERE a.settled_at IS NULL AND a.state = 'intent' AND a.created_at < :overdue
        AND a.provider <> 'animatic' AND a.billed IS DISTINCT FROM false
"""


def add_up(
    connection: Connection,
    groups: Sequence[UsageGroup],
    chosen: UsageFilter,
    *,
    overdue: datetime,
    limit: int,
) -> tuple[UsageRow, tuple[UsageRow, ...]]:
    """All of it in one row, and by group, the latest or dearest first: one more than `limit` at most."""
    statement, values = _asked(groups, chosen, with_total=True)
    found = connection.execute(statement, {**values, "overdue": overdue, "limit": limit + 2}).all()
    total, *rows = (_row(row, groups) for row in found)
    return total, tuple(rows)


def each(
    connection: Connection, groups: Sequence[UsageGroup], chosen: UsageFilter, *, overdue: datetime
) -> Iterator[UsageRow]:
    """Every group, as they come from the database: however many, few are in memory."""
    statement, values = _asked(groups, chosen, with_total=False)
    streaming = connection.execution_options(yield_per=500)
    for row in streaming.execute(statement, {**values, "overdue": overdue, "limit": None}):
        yield _row(row, groups)


def fold(connection: Connection, *, most: int) -> int:
    """Move up to so many counts into the sums; returns how many there were, 0 while somebody else does it."""
    asked = text("SELECT pg_try_advisory_xact_lock(:folding)")
    if not connection.execute(asked, {"folding": _FOLDING}).scalar_one():
        return 0
    folded: int = connection.execute(_FOLD, {"most": most}).scalar_one()
    if folded:
        connection.execute(_FORGET)
    return folded


def allow_time(connection: Connection) -> None:
    """For the rest of the transaction a statement may take as long as reading everything takes."""
    connection.execute(text("SET LOCAL statement_timeout = 0"))


def correct(connection: Connection) -> int:
    """Count what the sums lack, or count too much, by the straight sum; returns in how many keys.

    One statement sees one moment of all tables, so nobody need wait for it.
    """
    return connection.execute(_CORRECT).rowcount


def total_again(connection: Connection) -> None:
    """The whole service's sums from everybody's, while nobody folds."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:folding)"), {"folding": _FOLDING})
    connection.execute(_FORGET_TOTALS)
    connection.execute(_TOTALS)


def _asked(
    groups: Sequence[UsageGroup], chosen: UsageFilter, *, with_total: bool
) -> tuple[Any, dict[str, Any]]:
    keys = [_COLUMN_OF[group] for group in groups]
    conditions, values = _conditions(chosen)
    read = {*keys, "kind", *(condition.partition(" ")[0] for condition in conditions)}
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    sums = "usage_totals" if read <= set(_TOTAL_KEYS) else "usage_days"
    columns = _listed([*dict.fromkeys([*keys, "kind"]), *_FIGURES])
    counted = " UNION ALL ".join(
        f"SELECT {columns} FROM {table}{where}"
        for table in (sums, "usage_changes", f"({_IN_DOUBT}) in_doubt")
    )
    by = f"GROUPING SETS (({_listed(keys)}), ())" if with_total else _listed(keys)
    first, having = (
        (f"grouping({keys[0]}) DESC, ", f"grouping({keys[0]}) = 1 OR ") if with_total else ("", "")
    )
    dearest = "day DESC" if UsageGroup.DAY in groups else "credits_settled DESC, generations DESC"
    statement = (
        f"SELECT {_listed(keys)}, {_SHOWN} FROM ({counted}) used GROUP BY {by}"
        f" HAVING {having}sum(generations) <> 0 ORDER BY {first}{dearest}, {_listed(keys)} LIMIT :limit"
    )
    return text(statement), values


_SHOWN: Final = _listed(
    [
        *(f"coalesce(sum({name}), 0)::bigint AS {name}" for name in _FIGURES),
        *(
            f"coalesce(sum({figure}) FILTER (WHERE kind = '{kind}'), 0)::bigint AS {name}"
            for name, figure, kind in (
                ("drafts", "generations", "draft"),
                ("masters", "generations", "master"),
                ("drafts_ready", "ready", "draft"),
                ("masters_ready", "ready", "master"),
            )
        ),
    ]
)


def _conditions(chosen: UsageFilter) -> tuple[list[str], dict[str, Any]]:
    wanted = {
        "workspace_id": chosen.workspace_id,
        "owner_id": chosen.owner_id,
        "project_id": chosen.project_id,
        "label": chosen.label,
        "model": chosen.model,
        "kind": chosen.kind,
    }
    values = {name: value for name, value in wanted.items() if value is not None}
    # Days are spelt out: a plan for any days would not know how few these are.
    days = {"day >=": chosen.start, "day <=": chosen.end}
    spelt = [f"{compared} DATE '{day.isoformat()}'" for compared, day in days.items() if day is not None]
    return [*(f"{name} = :{name}" for name in values), *spelt], values


def _row(row: Row[Any], groups: Sequence[UsageGroup]) -> UsageRow:
    values = dict(mapping_of(row))
    keys = [values.pop(column) for column in [_COLUMN_OF[group] for group in groups]]
    return UsageRow(keys=tuple(str(key) if key else None for key in keys), **values)
