"""The director: what each try was told, what was seen in each take, orders on the way, a workspace's weights."""

from alembic import op

revision = "0008"
down_revision = "0007"

_UP = """
ALTER TABLE generations ADD COLUMN standing_order JSONB;
ALTER TABLE generations ADD COLUMN paused_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE workspaces ADD COLUMN judging JSONB;

CREATE TABLE directions (
    generation_id TEXT NOT NULL,
    iteration INTEGER NOT NULL CHECK (iteration >= 0),
    plan JSONB NOT NULL,
    directives JSONB NOT NULL,
    stronger JSONB NOT NULL,
    steers JSONB NOT NULL,
    model TEXT,
    why TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_directions PRIMARY KEY (generation_id, iteration),
    CONSTRAINT fk_directions_generation_id FOREIGN KEY(generation_id) REFERENCES generations (id)
);

CREATE TABLE evaluations (
    id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    take_id TEXT NOT NULL,
    generation_id TEXT NOT NULL,
    evaluation JSONB,
    judgement JSONB,
    opinions JSONB,
    pictures JSONB,
    failure TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE,
    version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_evaluations PRIMARY KEY (id),
    CONSTRAINT measured_is_done CHECK (evaluation IS NULL OR done_at IS NOT NULL),
    CONSTRAINT fk_evaluations_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_evaluations_owner_id FOREIGN KEY(owner_id) REFERENCES users (id),
    CONSTRAINT uq_evaluations_take_id UNIQUE (take_id),
    CONSTRAINT fk_evaluations_take_id FOREIGN KEY(take_id) REFERENCES takes (id),
    CONSTRAINT fk_evaluations_generation_id FOREIGN KEY(generation_id) REFERENCES generations (id)
);
CREATE INDEX ix_evaluations_generation_id ON evaluations (generation_id);
CREATE INDEX ix_evaluations_open ON evaluations (generation_id) WHERE done_at IS NULL;
"""
_DOWN = """
DROP TABLE evaluations;
DROP TABLE directions;
ALTER TABLE workspaces DROP COLUMN judging;
ALTER TABLE generations DROP COLUMN paused_at;
ALTER TABLE generations DROP COLUMN standing_order;
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(_UP)  # the driver runs many statements in one go


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(_DOWN)
