"""Generations asked for together stay together; what was finished lately is found quickly."""

from alembic import op

revision = "0004"
down_revision = "0003"

_UP = """
ALTER TABLE generations ADD COLUMN batch_id TEXT;
CREATE INDEX ix_generations_batch_id ON generations (batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX ix_generations_ready ON generations (finished_at) WHERE state = 'ready';
"""
_DOWN = """
DROP INDEX ix_generations_ready;
DROP INDEX ix_generations_batch_id;
ALTER TABLE generations DROP COLUMN batch_id;
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(_UP)  # the driver runs many statements in one go


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(_DOWN)
