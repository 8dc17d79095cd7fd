"""One export at a time is packed for anybody; approvals that stand are found by themselves."""

from alembic import op

revision = "0025"
down_revision = "0024"

_STANDING = "ix_take_approvals_standing"

# Those of one person beside the newest end here: what packs them sees it, and leaves them.
_UP = """
LOCK TABLE exports IN SHARE ROW EXCLUSIVE MODE;
UPDATE exports SET state = 'failed', finished_at = now(),
    failure = '{"slug": "conflict", "detail": "Another one was asked for.", "retryable": true}'
WHERE state = 'building' AND id NOT IN (
    SELECT max(id) FROM exports WHERE state = 'building' GROUP BY owner_id
);
CREATE UNIQUE INDEX uq_exports_building ON exports (owner_id) WHERE state = 'building';
"""
_DOWN = f"""
DROP INDEX uq_exports_building;
DROP INDEX {_STANDING};
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")  # what is done concurrently waits long, and nobody waits for it
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_STANDING}")
        op.execute(
            f"CREATE INDEX CONCURRENTLY {_STANDING} ON take_approvals (workspace_id, status)"
            " WHERE ended_at IS NULL"
        )
        op.execute("SET lock_timeout = '300ms'")
    op.get_bind().connection.cursor().execute(_UP)  # the driver runs many statements in one go


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(_DOWN)
