"""The indexes that a large service reads by, built beside the traffic; what was there before usage was counted.

Each part may run again: a runner that died leaves nothing that stops the next one.
"""

from alembic import op

revision = "0016"
down_revision = "0015"

_KEY = "day, workspace_id, owner_id, project_id, label, model, kind"
_SUMS = (
    "generations, ready, failed, cancelled, draft_units, credits_held, credits_settled, credits_released,"
    " takes_stored, spend_cents"
)
_OF_GENERATION = (
    "(g.created_at AT TIME ZONE 'UTC')::date, g.workspace_id, g.owner_id, coalesce(g.project_id, ''),"
    " coalesce(g.label, ''), g.model, g.kind"
)

_WORDS = (
    "to_tsvector('simple'::regconfig, regexp_replace("
    "coalesce(label, '') || ' ' || coalesce(request -> 'brief' ->> 'prompt', ''),"
    " '[!-/:-@\\[-`{-~]+', ' ', 'g'))"
)
_INDEXES = {
    "ix_attempts_exposed": "attempts (id) WHERE exposed",
    "ix_generations_created_at": "generations (created_at)",
    "ix_generations_workspace_id_project_id_id": "generations (workspace_id, project_id, id)",
    "ix_generations_words": f"generations USING gin ({_WORDS})",
}

_BACKFILL = f"""
INSERT INTO usage_changes ({_KEY}, {_SUMS})
SELECT {_KEY}, {", ".join(f"sum({name})::bigint" for name in _SUMS.split(", "))}
FROM (
    SELECT {_OF_GENERATION}, 1, (state = 'ready')::int, (state = 'failed')::int, (state = 'cancelled')::int,
        coalesce(draft_units_used, draft_units), CASE WHEN finished_at IS NULL THEN credits_held ELSE 0 END,
        coalesce(credits_settled, 0), CASE WHEN finished_at IS NULL THEN 0 ELSE credits_held - credits_settled END,
        0, 0
    FROM generations g
    UNION ALL
    SELECT {_OF_GENERATION}, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0
    FROM takes t JOIN generations g ON g.id = t.generation_id WHERE t.state = 'stored'
    UNION ALL
    SELECT {_OF_GENERATION}, 0, 0, 0, 0, 0, 0, 0, 0, 0, a.credits_at_risk
    FROM attempts a JOIN takes t ON t.id = a.take_id JOIN generations g ON g.id = t.generation_id
    WHERE a.billed AND a.provider <> 'animatic'
    UNION ALL
    SELECT {_KEY}, {", ".join(f"-{name}" for name in _SUMS.split(", "))} FROM usage_changes
) counted ({_KEY}, {_SUMS})
GROUP BY {_KEY};

UPDATE attempts a SET exposed = true FROM takes t
WHERE t.id = a.take_id AND a.state <> 'intent' AND NOT a.exposed AND attempt_is_exposed(a, t);
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")  # what is done concurrently waits long, and nobody waits for it
        for name, columns in _INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {columns}")
        op.execute("SET lock_timeout = '300ms'")
    op.get_bind().connection.cursor().execute(_BACKFILL)


def downgrade() -> None:
    for name in _INDEXES:
        op.execute(f"DROP INDEX {name}")
