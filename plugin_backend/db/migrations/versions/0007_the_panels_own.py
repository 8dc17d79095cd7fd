"""What panels keep: settings of each person, which takes were picked; and histories that page by them."""

from alembic import op

revision = "0007"
down_revision = "0006"

_UP = """
CREATE TABLE panel_settings (
    user_id TEXT NOT NULL,
    settings JSONB NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_panel_settings PRIMARY KEY (user_id),
    CONSTRAINT fk_panel_settings_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

ALTER TABLE takes ADD COLUMN picked_at TIMESTAMP WITH TIME ZONE;
CREATE INDEX ix_takes_picked ON takes (workspace_id, generation_id) WHERE picked_at IS NOT NULL;
CREATE INDEX ix_deliveries_applied ON deliveries (workspace_id, take_id) WHERE applied_at IS NOT NULL;
CREATE INDEX ix_generations_by_model ON generations (workspace_id, model, id);
"""
_DOWN = """
DROP INDEX ix_generations_by_model;
DROP INDEX ix_deliveries_applied;
DROP INDEX ix_takes_picked;
ALTER TABLE takes DROP COLUMN picked_at;
DROP TABLE panel_settings;
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(_UP)  # the driver runs many statements in one go


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(_DOWN)
