"""Somebody who joins anew goes on with what they were granted; what is under way has an expected size."""

from alembic import op

revision = "0027"
down_revision = "0026"

_INDEXES = {
    "ix_assets_uploading": "assets (owner_id) WHERE state = 'uploading'",
    "ix_deliveries_unfinished": "deliveries (owner_id) WHERE finished_at IS NULL",
}


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")  # what is done concurrently waits long, and nobody waits for it
        for name, place in _INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {place}")
        op.execute("SET lock_timeout = '300ms'")
    op.execute("ALTER TABLE plan_grants ALTER COLUMN entry_id DROP NOT NULL")
    op.execute("ALTER TABLE generations ADD COLUMN expected_bytes BIGINT CHECK (expected_bytes >= 0)")
    op.execute("ALTER TABLE deliveries ADD COLUMN expected_bytes BIGINT CHECK (expected_bytes >= 0)")


def downgrade() -> None:
    op.execute("ALTER TABLE deliveries DROP COLUMN expected_bytes")
    op.execute("ALTER TABLE generations DROP COLUMN expected_bytes")
    op.execute("DELETE FROM plan_grants WHERE entry_id IS NULL")
    op.execute("ALTER TABLE plan_grants ALTER COLUMN entry_id SET NOT NULL")
    for name in _INDEXES:
        op.execute(f"DROP INDEX {name}")
