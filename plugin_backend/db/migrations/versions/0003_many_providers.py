"""Takes know their model and price, attempts what they risk, providers how they are."""

from alembic import op

revision = "0003"
down_revision = "0002"

_UP = """
ALTER TABLE generations ADD COLUMN routing JSONB;
ALTER TABLE generations ADD COLUMN promotion JSONB;

ALTER TABLE takes ADD COLUMN model TEXT;
ALTER TABLE takes ADD COLUMN provider TEXT;
ALTER TABLE takes ADD COLUMN credits INTEGER CHECK (credits >= 0);
ALTER TABLE takes ADD COLUMN choice INTEGER DEFAULT 0 NOT NULL CHECK (choice >= 0);
ALTER TABLE takes ADD COLUMN parts INTEGER DEFAULT 1 NOT NULL CHECK (parts >= 1);
ALTER TABLE takes ADD COLUMN fetched JSONB;

ALTER TABLE attempts ADD COLUMN model TEXT;
ALTER TABLE attempts ADD COLUMN credits_at_risk INTEGER DEFAULT 0 NOT NULL CHECK (credits_at_risk >= 0);
ALTER TABLE attempts ADD COLUMN billed BOOLEAN;
ALTER TABLE attempts ADD COLUMN slug TEXT;
ALTER TABLE attempts ADD COLUMN request_id TEXT;
ALTER TABLE attempts ADD COLUMN outputs JSONB;
ALTER TABLE attempts ADD COLUMN settled_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE attempts ADD COLUMN settled_note TEXT;

ALTER TABLE work ADD COLUMN topic TEXT;
CREATE INDEX ix_work_topic_next_at ON work (topic, next_at) WHERE lane = 'watch';

CREATE TABLE provider_health (
    provider TEXT NOT NULL,
    state TEXT DEFAULT 'closed' NOT NULL,
    failures INTEGER DEFAULT 0 NOT NULL CHECK (failures >= 0),
    opened_at TIMESTAMP WITH TIME ZONE,
    probe_at TIMESTAMP WITH TIME ZONE,
    paused_until TIMESTAMP WITH TIME ZONE,
    last_ok_at TIMESTAMP WITH TIME ZONE,
    last_error TEXT,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_provider_health PRIMARY KEY (provider),
    CONSTRAINT state_known CHECK (state IN ('closed','open','half-open')),
    CONSTRAINT open_has_probe CHECK (state = 'closed' OR probe_at IS NOT NULL)
);
"""
_DOWN = """
DROP TABLE provider_health;
DROP INDEX ix_work_topic_next_at;
ALTER TABLE work DROP COLUMN topic;
ALTER TABLE attempts DROP COLUMN settled_note, DROP COLUMN settled_at, DROP COLUMN outputs,
    DROP COLUMN request_id, DROP COLUMN slug, DROP COLUMN billed, DROP COLUMN credits_at_risk,
    DROP COLUMN model;
ALTER TABLE takes DROP COLUMN fetched, DROP COLUMN parts, DROP COLUMN choice, DROP COLUMN credits,
    DROP COLUMN provider, DROP COLUMN model;
ALTER TABLE generations DROP COLUMN promotion, DROP COLUMN routing;
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(_UP)  # the driver runs many statements in one go


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(_DOWN)
